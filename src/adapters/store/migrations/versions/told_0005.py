"""Tries that failed, every word of an operator, and when a capture's outcome was known.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds two tables and a column. The words in force are copied; those that they replaced are lost already."""
    op.add_column("captures", sa.Column("ended", sa.BigInteger()))
    op.create_table(
        "failed_tries",
        sa.Column("position", SERIAL, nullable=False),
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("job_id", WORDS, nullable=False),
        sa.Column("order_id", WORDS, nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("message", WORDS, nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger()),
        sa.PrimaryKeyConstraint("position", name="pk_failed_tries"),
    )
    op.create_index("ix_failed_tries_order", "failed_tries", ["tenant", "order_id", "position"])
    op.create_table(
        "words",
        sa.Column("position", SERIAL, nullable=False),
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("capture", WORDS, nullable=False),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("capture_id", WORDS),
        sa.Column("said_by", WORDS, nullable=False),
        sa.Column("said", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant", "capture"], ["captures.tenant", "captures.id"], name="fk_words_captures"),
        sa.PrimaryKeyConstraint("position", name="pk_words"),
    )
    op.create_index("ix_words_capture", "words", ["tenant", "capture", "position"])
    op.execute(
        "INSERT INTO words (tenant, capture, outcome, capture_id, said_by, said) "
        "SELECT tenant, id, outcome, capture_id, said_by, said FROM captures WHERE said IS NOT NULL ORDER BY said"
    )
