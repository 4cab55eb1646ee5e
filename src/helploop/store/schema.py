"""The tables, as SQLAlchemy Core sees them. A change here needs a migration beside it (store/migrations/versions)."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})

# An inquiry's facts travel whole in `record` (JSON of domain.Inquiry); the columns beside it are what queries ask for.
inquiries = Table(
    "inquiries",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("customer_key", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("received_at", String(32), nullable=False),  # ISO 8601 UTC, "" when unknown
    Column("raw_hash", String(32), nullable=False),  # keyed, of the record as it came: the same again is a duplicate
    Column("content_hash", String(32), nullable=False, server_default=""),  # of the words: see known_as
    Column("thread", Text, nullable=False, server_default=""),  # the source's, ties parts of one conversation
    Column("record", Text, nullable=False),
    Index("ix_inquiries_customer_key", "customer_key"),
    Index("ix_inquiries_received_at", "received_at"),
    Index("ix_inquiries_content_hash", "content_hash"),
    Index("ix_inquiries_thread", "thread"),
)

# The same conversation under another id: exported from a second system, or under a second name. It counts once.
known_as = Table(
    "known_as",
    metadata,
    Column("id", String(16), primary_key=True),  # the id that this record would have had
    Column("inquiry_id", String(16), ForeignKey("inquiries.id", ondelete="CASCADE"), nullable=False),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("raw_hash", String(32), nullable=False),
    Column("customer_key", String(16), nullable=False, server_default=""),  # by which that system knows the customer
    Index("ix_known_as_inquiry_id", "inquiry_id"),
    Index("ix_known_as_customer_key", "customer_key"),
)

# Lines that recur over many inquiries of one source: forms, bots, disclaimers. Learned, and cut from what comes later.
template_lines = Table(
    "template_lines",
    metadata,
    Column("source", Text, primary_key=True),
    Column("side", String(8), primary_key=True),  # customer or agent
    Column("line_hash", String(16), primary_key=True),
    Column("line", Text, nullable=False),  # redacted
    Column("inquiries", Integer, nullable=False),  # how many had it when it was learned
)

search_events = Table(
    "search_events",
    metadata,
    Column("id", String(16), primary_key=True),  # hash of the record: the same event through two ways counts once
    Column("at", String(32), nullable=False),
    Column("event", String(16), nullable=False),
    Column("query_id", Text, nullable=False),
    Column("record", Text, nullable=False),
    Index("ix_search_events_at", "at"),
)

vectors = Table(
    "vectors",
    metadata,
    Column("encoder_hash", String(64), primary_key=True),
    Column("text_hash", String(16), primary_key=True),
    Column("vector", LargeBinary, nullable=False),  # float16, little-endian
    sqlite_with_rowid=False,
)

rounds = Table(
    "rounds",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(16), nullable=False, unique=True),
    Column("at", String(32), nullable=False),
    Column("encoder_hash", String(64), nullable=False),
    Column("settings_hash", String(16), nullable=False),
    Column("gone", Text, nullable=False),  # JSON list of question ids
    Column("split", Text, nullable=False, server_default="{}"),  # JSON: old question -> questions with its parts
    Column("merged", Text, nullable=False, server_default="{}"),  # JSON: question -> old questions that are in it
)

questions = Table(
    "questions",
    metadata,
    Column("round_id", String(16), ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(16), primary_key=True),
    Column("customers", Integer, nullable=False),
    Column("size", Float, nullable=False),
    Column("change", String(16), nullable=False),  # new, grown, shrunk, same: against the round before
    Column("record", Text, nullable=False),  # JSON of domain.Question without its members
)

members = Table(
    "members",
    metadata,
    Column("round_id", String(16), ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True),
    Column("inquiry_id", String(16), primary_key=True),
    Column("question_id", String(16), nullable=True),  # NULL: noise
    Column("reason", String(64), nullable=True),  # of noise, where only the round could tell it
)
