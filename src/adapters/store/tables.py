"""The tables. Unique keys carry the promises, so that no mistake of ours can break them.

Amounts are exact decimals as text; instants are microseconds since 1970 in UTC, so that they sort; documents are JSON
with the version of their format beside them. Every key begins with the tenant.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
    }
)

Serial = BigInteger().with_variant(Integer, "sqlite")
"""Counts up by itself; SQLite does so only for a column that is plainly INTEGER."""

PENDING = text("state = 'PENDING'")
LIVE = text("live")
OPEN = text("outcome IS NULL")
SEARCHING = text("NOT found")
"""As partial indexes spell their conditions: they serve only queries that say the same."""

jobs = Table(
    "jobs",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("pending", Integer, nullable=False),
    Column("success", Integer, nullable=False),
    Column("failure", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("request_id", Text),
    Column("request_hash", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("found", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message", Text, nullable=False),
    UniqueConstraint("tenant", "request_id"),
    Index("ix_jobs_state", "tenant", "state", "id"),
    Index("ix_jobs_searching", "created", sqlite_where=SEARCHING, postgresql_where=SEARCHING),
)

job_orders = Table(
    "job_orders",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("state", Text, nullable=False, server_default="PENDING"),
    Column("step", SmallInteger, nullable=False, server_default="1"),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("since", BigInteger),
    Column("due", BigInteger),
    Column("reason", Text, nullable=False, server_default=""),
    Column("message", Text, nullable=False, server_default=""),
    Column("retryable", Boolean, nullable=False, server_default=false()),
    Column("currency", Text),
    Column("net", Text),
    Column("tax", Text),
    Column("rounding", Text),
    Column("gross", Text),
    Column("touched", Boolean, nullable=False, server_default=false()),
    Column("captured", Text),
    Column("number", Text),
    Column("link", Text, nullable=False, server_default=""),
    Column("updated", BigInteger),
    Column("version", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
    ForeignKeyConstraint(["tenant", "job_id"], ["jobs.tenant", "jobs.id"]),
    UniqueConstraint("tenant", "job_id", "order_id"),
    Index("ix_job_orders_version", "tenant", "job_id", "version"),
    Index("ix_job_orders_due", "tenant", "due", "id", sqlite_where=PENDING, postgresql_where=PENDING),
)

drafts = Table(
    "drafts",
    metadata,
    Column("job_order", Serial, primary_key=True, autoincrement=False),
    Column("format", SmallInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(["job_order"], ["job_orders.id"]),
)

claims = Table(
    "claims",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("order_id", Text, primary_key=True),
    Column("job_id", Text, nullable=False),
    Column("claimed", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["tenant", "job_id", "order_id"], [f"job_orders.{c}" for c in ("tenant", "job_id", "order_id")]
    ),
)

captures = Table(
    "captures",
    metadata,
    Column("position", Serial, primary_key=True),
    Column("id", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("amount", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("intended", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("outcome", Text),
    Column("capture_id", Text),
    UniqueConstraint("tenant", "id"),
    Index("ix_captures_transaction", "tenant", "transaction_id", "position"),
    Index("uq_captures_open", "tenant", "transaction_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
)

draws = Table(
    "draws",
    metadata,
    Column("position", Serial, primary_key=True),
    Column("id", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("outcome", Text),
    Column("number", Text),
    UniqueConstraint("tenant", "id"),
    Index("ix_draws_order", "tenant", "order_id", "position"),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("issue_date", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("net", Text, nullable=False),
    Column("tax", Text, nullable=False),
    Column("rounding", Text, nullable=False),
    Column("gross", Text, nullable=False),
    Column("prepaid", Text, nullable=False),
    Column("due", Text, nullable=False),
    Column("buyer_name", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("sha256", Text),
    Column("size", BigInteger),
    Column("mailed", BigInteger),
    UniqueConstraint("tenant", "number"),
    Index("ix_documents_newest", "tenant", "id"),
    Index("ix_documents_order", "tenant", "order_id", "id"),
    Index("ix_documents_job", "tenant", "job_id", "id"),
    Index("uq_documents_live", "tenant", "order_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
)

contents = Table(
    "contents",
    metadata,
    Column("document", Serial, primary_key=True, autoincrement=False),
    Column("format", SmallInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(["document"], ["documents.id"]),
)

ledger = Table(
    "ledger",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("series", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("number", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    ForeignKeyConstraint(["tenant", "number"], ["documents.tenant", "documents.number"]),
    UniqueConstraint("tenant", "number"),
)

mails = Table(
    "mails",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("mailed", BigInteger, nullable=False),
    ForeignKeyConstraint(["tenant", "number"], ["documents.tenant", "documents.number"]),
    Index("ix_mails_document", "tenant", "number"),
)

keys = Table(
    "keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)
