"""The first tables: inquiries, search events, vectors, rounds, questions, members."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "inquiries",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("customer_key", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.Column("raw_hash", sa.String(32), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inquiries"),
    )
    op.create_index("ix_inquiries_customer_key", "inquiries", ["customer_key"])
    op.create_index("ix_inquiries_received_at", "inquiries", ["received_at"])
    op.create_table(
        "search_events",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("query_id", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_events"),
    )
    op.create_index("ix_search_events_at", "search_events", ["at"])
    op.create_table(
        "vectors",
        sa.Column("encoder_hash", sa.String(64), nullable=False),
        sa.Column("text_hash", sa.String(16), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("encoder_hash", "text_hash", name="pk_vectors"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rounds",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("id", sa.String(16), nullable=False, unique=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("encoder_hash", sa.String(64), nullable=False),
        sa.Column("settings_hash", sa.String(16), nullable=False),
        sa.Column("gone", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_rounds"),
    )
    op.create_table(
        "questions",
        sa.Column("round_id", sa.String(16), sa.ForeignKey("rounds.id", ondelete="CASCADE"), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("customers", sa.Integer, nullable=False),
        sa.Column("size", sa.Float, nullable=False),
        sa.Column("change", sa.String(16), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("round_id", "id", name="pk_questions"),
    )
    op.create_table(
        "members",
        sa.Column("round_id", sa.String(16), sa.ForeignKey("rounds.id", ondelete="CASCADE"), nullable=False),
        sa.Column("inquiry_id", sa.String(16), nullable=False),
        sa.Column("question_id", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("round_id", "inquiry_id", name="pk_members"),
    )


def downgrade() -> None:
    """Drop everything."""
    for table in ("members", "questions", "rounds", "vectors", "search_events", "inquiries"):
        op.drop_table(table)
