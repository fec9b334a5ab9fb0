"""`python -m app.cli` is `invoicing`."""

from app.cli import main

main()
