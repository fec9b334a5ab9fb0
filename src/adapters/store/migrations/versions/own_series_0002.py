"""Series whose numbers are our own, an operator's word on captures, and the captures of an order.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds a table, two columns and an index."""
    op.create_table(
        "own_series",
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_own_series"),
    )
    op.add_column("captures", sa.Column("said_by", WORDS))
    op.add_column("captures", sa.Column("said", sa.BigInteger()))
    op.create_index("ix_captures_order", "captures", ["tenant", "order_id", "position"])
