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

Words = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by its code points, everywhere alike."""

Serial = BigInteger().with_variant(Integer, "sqlite")
"""Counts up by itself; SQLite does so only for a column that is plainly INTEGER."""

PENDING = text("state = 'PENDING'")
LIVE = text("live")
OPEN = text("outcome IS NULL")
SEARCHING = text("NOT found")
CORRECTING = text("corrects IS NOT NULL")
"""As partial indexes spell their conditions: they serve only queries that say the same."""

jobs = Table(
    "jobs",
    metadata,
    Column("tenant", Words, primary_key=True),
    Column("id", Words, primary_key=True),
    Column("type", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("pending", Integer, nullable=False),
    Column("success", Integer, nullable=False),
    Column("failure", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("request_id", Words),
    Column("request_hash", Words, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("found", Boolean, nullable=False),
    Column("reason", Words, nullable=False),
    Column("message", Words, nullable=False),
    UniqueConstraint("tenant", "request_id"),
    Index("ix_jobs_state", "tenant", "state", "id"),
    Index("ix_jobs_searching", "created", sqlite_where=SEARCHING, postgresql_where=SEARCHING),
)

job_orders = Table(
    "job_orders",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("tenant", Words, nullable=False),
    Column("job_id", Words, nullable=False),
    Column("order_id", Words, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("state", Words, nullable=False, server_default="PENDING"),
    Column("step", SmallInteger, nullable=False, server_default="1"),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("since", BigInteger),
    Column("due", BigInteger),
    Column("reason", Words, nullable=False, server_default=""),
    Column("message", Words, nullable=False, server_default=""),
    Column("retryable", Boolean, nullable=False, server_default=false()),
    Column("currency", Words),
    Column("net", Words),
    Column("tax", Words),
    Column("rounding", Words),
    Column("gross", Words),
    Column("touched", Boolean, nullable=False, server_default=false()),
    Column("captured", Words),
    Column("number", Words),
    Column("link", Words, nullable=False, server_default=""),
    Column("updated", BigInteger),
    Column("version", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("corrects", Words),
    Column("remark", Words),
    Column("refund", Boolean),
    ForeignKeyConstraint(["tenant", "job_id"], ["jobs.tenant", "jobs.id"]),
    UniqueConstraint("tenant", "job_id", "order_id"),
    Index("ix_job_orders_version", "tenant", "job_id", "version"),
    Index("ix_job_orders_corrects", "tenant", "corrects", "id", sqlite_where=CORRECTING, postgresql_where=CORRECTING),
    Index("ix_job_orders_due", "tenant", "due", "id", sqlite_where=PENDING, postgresql_where=PENDING),
)

failed_tries = Table(
    "failed_tries",
    metadata,
    Column("position", Serial, primary_key=True),
    Column("tenant", Words, nullable=False),
    Column("job_id", Words, nullable=False),
    Column("order_id", Words, nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    Column("message", Words, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("due", BigInteger),
    Index("ix_failed_tries_order", "tenant", "order_id", "position"),
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
    Column("tenant", Words, primary_key=True),
    Column("order_id", Words, primary_key=True),
    Column("job_id", Words, nullable=False),
    Column("claimed", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["tenant", "job_id", "order_id"], [f"job_orders.{c}" for c in ("tenant", "job_id", "order_id")]
    ),
)

captures = Table(
    "captures",
    metadata,
    Column("position", Serial, primary_key=True),
    Column("id", Words, nullable=False),
    Column("tenant", Words, nullable=False),
    Column("job_id", Words, nullable=False),
    Column("order_id", Words, nullable=False),
    Column("transaction_id", Words, nullable=False),
    Column("amount", Words, nullable=False),
    Column("currency", Words, nullable=False),
    Column("intended", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("outcome", Words),
    Column("capture_id", Words),
    Column("said_by", Words),
    Column("said", BigInteger),
    Column("ended", BigInteger),
    UniqueConstraint("tenant", "id"),
    Index("ix_captures_transaction", "tenant", "transaction_id", "position"),
    Index("ix_captures_order", "tenant", "order_id", "position"),
    Index("uq_captures_open", "tenant", "transaction_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
)

words = Table(
    "words",
    metadata,
    Column("position", Serial, primary_key=True),
    Column("tenant", Words, nullable=False),
    Column("capture", Words, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("capture_id", Words),
    Column("said_by", Words, nullable=False),
    Column("said", BigInteger, nullable=False),
    ForeignKeyConstraint(["tenant", "capture"], ["captures.tenant", "captures.id"]),
    Index("ix_words_capture", "tenant", "capture", "position"),
)
"""Every word of an operator on a capture, also those that another one corrected since."""

refunds = Table(
    "refunds",
    metadata,
    Column("position", Serial, primary_key=True),
    Column("id", Words, nullable=False),
    Column("tenant", Words, nullable=False),
    Column("job_id", Words, nullable=False),
    Column("order_id", Words, nullable=False),
    Column("transaction_id", Words, nullable=False),
    Column("capture", Words, nullable=False),
    Column("amount", Words, nullable=False),
    Column("currency", Words, nullable=False),
    Column("before", Words, nullable=False),
    Column("intended", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("outcome", Words),
    ForeignKeyConstraint(["tenant", "capture"], ["captures.tenant", "captures.id"]),
    UniqueConstraint("tenant", "id"),
    Index("ix_refunds_order", "tenant", "order_id", "position"),
    Index("ix_refunds_transaction", "tenant", "transaction_id", "position"),
    Index("uq_refunds_open", "tenant", "transaction_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
)

draws = Table(
    "draws",
    metadata,
    Column("position", Serial, primary_key=True),
    Column("id", Words, nullable=False),
    Column("tenant", Words, nullable=False),
    Column("series", Words, nullable=False),
    Column("order_id", Words, nullable=False),
    Column("job_id", Words, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("outcome", Words),
    Column("number", Words),
    UniqueConstraint("tenant", "id"),
    Index("ix_draws_order", "tenant", "order_id", "position"),
)

own_series = Table(
    "own_series",
    metadata,
    Column("tenant", Words, primary_key=True),
    Column("name", Words, primary_key=True),
    Column("next", BigInteger, nullable=False),
)
"""Series whose numbers this service allocates: the next number of each."""

documents = Table(
    "documents",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("tenant", Words, nullable=False),
    Column("number", Words, nullable=False),
    Column("series", Words, nullable=False),
    Column("type", Words, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("order_id", Words, nullable=False),
    Column("job_id", Words, nullable=False),
    Column("issue_date", Words, nullable=False),
    Column("currency", Words, nullable=False),
    Column("net", Words, nullable=False),
    Column("tax", Words, nullable=False),
    Column("rounding", Words, nullable=False),
    Column("gross", Words, nullable=False),
    Column("prepaid", Words, nullable=False),
    Column("due", Words, nullable=False),
    Column("buyer_name", Words, nullable=False),
    Column("recipient", Words, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("sha256", Words),
    Column("size", BigInteger),
    Column("mailed", BigInteger),
    Column("cancels", Words),
    Column("cancelled_by", Words),
    Column("replaced", Words, nullable=False, server_default=""),
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
    Column("tenant", Words, primary_key=True),
    Column("series", Words, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("number", Words, nullable=False),
    Column("content_hash", Words, nullable=False),
    Column("previous", Words, nullable=False),
    Column("hash", Words, nullable=False),
    ForeignKeyConstraint(["tenant", "number"], ["documents.tenant", "documents.number"]),
    UniqueConstraint("tenant", "number"),
)

mails = Table(
    "mails",
    metadata,
    Column("tenant", Words, primary_key=True),
    Column("id", Words, primary_key=True),
    Column("number", Words, nullable=False),
    Column("recipient", Words, nullable=False),
    Column("mailed", BigInteger, nullable=False),
    ForeignKeyConstraint(["tenant", "number"], ["documents.tenant", "documents.number"]),
    Index("ix_mails_document", "tenant", "number"),
)

leads = Table(
    "leads",
    metadata,
    Column("epoch", Serial, primary_key=True),
    Column("began", BigInteger, nullable=False),
)
"""Every process that ran the engine; the last one does."""

keys = Table(
    "keys",
    metadata,
    Column("name", Words, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)
