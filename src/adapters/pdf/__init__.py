"""Invoices as PDF, drawn by worker processes: others use `workers.RenderPool`, which needs no PDF library itself."""
