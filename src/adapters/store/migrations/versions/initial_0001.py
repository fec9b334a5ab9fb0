"""The first shape: jobs and their orders, captures, draws, documents and their ledger, mails.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "captures",
        sa.Column("position", SERIAL, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("job_id", WORDS, nullable=False),
        sa.Column("order_id", WORDS, nullable=False),
        sa.Column("transaction_id", WORDS, nullable=False),
        sa.Column("amount", WORDS, nullable=False),
        sa.Column("currency", WORDS, nullable=False),
        sa.Column("intended", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("outcome", WORDS, nullable=True),
        sa.Column("capture_id", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_captures"),
        sa.UniqueConstraint("tenant", "id", name="uq_captures_tenant_id"),
    )
    op.create_index("ix_captures_transaction", "captures", ["tenant", "transaction_id", "position"], unique=False)
    op.create_index(
        "uq_captures_open",
        "captures",
        ["tenant", "transaction_id"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "documents",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("number", WORDS, nullable=False),
        sa.Column("series", WORDS, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("order_id", WORDS, nullable=False),
        sa.Column("job_id", WORDS, nullable=False),
        sa.Column("issue_date", WORDS, nullable=False),
        sa.Column("currency", WORDS, nullable=False),
        sa.Column("net", WORDS, nullable=False),
        sa.Column("tax", WORDS, nullable=False),
        sa.Column("rounding", WORDS, nullable=False),
        sa.Column("gross", WORDS, nullable=False),
        sa.Column("prepaid", WORDS, nullable=False),
        sa.Column("due", WORDS, nullable=False),
        sa.Column("buyer_name", WORDS, nullable=False),
        sa.Column("recipient", WORDS, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("sha256", WORDS, nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("mailed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("tenant", "number", name="uq_documents_tenant_number"),
    )
    op.create_index("ix_documents_job", "documents", ["tenant", "job_id", "id"], unique=False)
    op.create_index("ix_documents_newest", "documents", ["tenant", "id"], unique=False)
    op.create_index("ix_documents_order", "documents", ["tenant", "order_id", "id"], unique=False)
    op.create_index(
        "uq_documents_live",
        "documents",
        ["tenant", "order_id"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "draws",
        sa.Column("position", SERIAL, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("series", WORDS, nullable=False),
        sa.Column("order_id", WORDS, nullable=False),
        sa.Column("job_id", WORDS, nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("outcome", WORDS, nullable=True),
        sa.Column("number", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_draws"),
        sa.UniqueConstraint("tenant", "id", name="uq_draws_tenant_id"),
    )
    op.create_index("ix_draws_order", "draws", ["tenant", "order_id", "position"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("success", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("request_id", WORDS, nullable=True),
        sa.Column("request_hash", WORDS, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("message", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_jobs"),
        sa.UniqueConstraint("tenant", "request_id", name="uq_jobs_tenant_request_id"),
    )
    op.create_index(
        "ix_jobs_searching",
        "jobs",
        ["created"],
        unique=False,
        sqlite_where=sa.text("NOT found"),
        postgresql_where=sa.text("NOT found"),
    )
    op.create_index("ix_jobs_state", "jobs", ["tenant", "state", "id"], unique=False)
    op.create_table(
        "keys",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_keys"),
    )
    op.create_table(
        "leads",
        sa.Column("epoch", SERIAL, nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name="pk_leads"),
    )
    op.create_table(
        "contents",
        sa.Column("document", SERIAL, autoincrement=False, nullable=False),
        sa.Column("format", sa.SmallInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name="fk_contents_documents"),
        sa.PrimaryKeyConstraint("document", name="pk_contents"),
    )
    op.create_table(
        "job_orders",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("job_id", WORDS, nullable=False),
        sa.Column("order_id", WORDS, nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", WORDS, server_default="PENDING", nullable=False),
        sa.Column("step", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("reason", WORDS, server_default="", nullable=False),
        sa.Column("message", WORDS, server_default="", nullable=False),
        sa.Column("retryable", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("currency", WORDS, nullable=True),
        sa.Column("net", WORDS, nullable=True),
        sa.Column("tax", WORDS, nullable=True),
        sa.Column("rounding", WORDS, nullable=True),
        sa.Column("gross", WORDS, nullable=True),
        sa.Column("touched", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("captured", WORDS, nullable=True),
        sa.Column("number", WORDS, nullable=True),
        sa.Column("link", WORDS, server_default="", nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["tenant", "job_id"], ["jobs.tenant", "jobs.id"], name="fk_job_orders_jobs"),
        sa.PrimaryKeyConstraint("id", name="pk_job_orders"),
        sa.UniqueConstraint("tenant", "job_id", "order_id", name="uq_job_orders_tenant_job_id_order_id"),
    )
    op.create_index(
        "ix_job_orders_due",
        "job_orders",
        ["tenant", "due", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'PENDING'"),
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.create_index("ix_job_orders_version", "job_orders", ["tenant", "job_id", "version"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("series", WORDS, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("number", WORDS, nullable=False),
        sa.Column("content_hash", WORDS, nullable=False),
        sa.Column("previous", WORDS, nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "number"], ["documents.tenant", "documents.number"], name="fk_ledger_documents"
        ),
        sa.PrimaryKeyConstraint("tenant", "series", "position", name="pk_ledger"),
        sa.UniqueConstraint("tenant", "number", name="uq_ledger_tenant_number"),
    )
    op.create_table(
        "mails",
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("number", WORDS, nullable=False),
        sa.Column("recipient", WORDS, nullable=False),
        sa.Column("mailed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "number"], ["documents.tenant", "documents.number"], name="fk_mails_documents"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_mails"),
    )
    op.create_index("ix_mails_document", "mails", ["tenant", "number"], unique=False)
    op.create_table(
        "claims",
        sa.Column("tenant", WORDS, nullable=False),
        sa.Column("order_id", WORDS, nullable=False),
        sa.Column("job_id", WORDS, nullable=False),
        sa.Column("claimed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "job_id", "order_id"],
            ["job_orders.tenant", "job_orders.job_id", "job_orders.order_id"],
            name="fk_claims_job_orders",
        ),
        sa.PrimaryKeyConstraint("tenant", "order_id", name="pk_claims"),
    )
    op.create_table(
        "drafts",
        sa.Column("job_order", SERIAL, autoincrement=False, nullable=False),
        sa.Column("format", sa.SmallInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_order"], ["job_orders.id"], name="fk_drafts_job_orders"),
        sa.PrimaryKeyConstraint("job_order", name="pk_drafts"),
    )
