"""Corrections: what they take back, credit notes and what they cancel, refunds.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("outcome IS NULL")
CORRECTING = sa.text("corrects IS NOT NULL")


def upgrade() -> None:
    """Adds a table, five columns and their indexes."""
    op.add_column("job_orders", sa.Column("corrects", WORDS))
    op.add_column("job_orders", sa.Column("remark", WORDS))
    op.add_column("job_orders", sa.Column("refund", sa.Boolean()))
    op.create_index(
        "ix_job_orders_corrects",
        "job_orders",
        ["tenant", "corrects", "id"],
        sqlite_where=CORRECTING,
        postgresql_where=CORRECTING,
    )
    op.add_column("documents", sa.Column("cancels", WORDS))
    op.add_column("documents", sa.Column("cancelled_by", WORDS))
    op.create_table(
        "refunds",
        sa.Column("position", SERIAL, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("job_id", WORDS, nullable=False),
        sa.Column("order_id", WORDS, nullable=False),
        sa.Column("transaction_id", WORDS, nullable=False),
        sa.Column("capture", WORDS, nullable=False),
        sa.Column("amount", WORDS, nullable=False),
        sa.Column("currency", WORDS, nullable=False),
        sa.Column("before", WORDS, nullable=False),
        sa.Column("intended", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("outcome", WORDS),
        sa.ForeignKeyConstraint(["tenant", "capture"], ["captures.tenant", "captures.id"], name="fk_refunds_captures"),
        sa.PrimaryKeyConstraint("position", name="pk_refunds"),
        sa.UniqueConstraint("tenant", "id", name="uq_refunds_tenant_id"),
    )
    op.create_index("ix_refunds_order", "refunds", ["tenant", "order_id", "position"])
    op.create_index("ix_refunds_transaction", "refunds", ["tenant", "transaction_id", "position"])
    op.create_index(
        "uq_refunds_open",
        "refunds",
        ["tenant", "transaction_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
