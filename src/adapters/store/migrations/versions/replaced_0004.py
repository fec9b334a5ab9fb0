"""For which characters a document shows a replacement.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds a column."""
    op.add_column("documents", sa.Column("replaced", WORDS, server_default="", nullable=False))
