"""Invoices drawn by typst, as `invoice.typ` says; loaded by worker processes alone."""
