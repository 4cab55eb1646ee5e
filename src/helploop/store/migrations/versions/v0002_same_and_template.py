"""The same conversation under another id, and lines that recur over many inquiries of one source."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the column and the tables."""
    op.add_column("inquiries", sa.Column("content_hash", sa.String(32), nullable=False, server_default=""))
    op.create_index("ix_inquiries_content_hash", "inquiries", ["content_hash"])
    op.create_table(
        "known_as",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("inquiry_id", sa.String(16), sa.ForeignKey("inquiries.id", ondelete="CASCADE"), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("raw_hash", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_known_as"),
    )
    op.create_index("ix_known_as_inquiry_id", "known_as", ["inquiry_id"])
    op.create_table(
        "template_lines",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("side", sa.String(8), nullable=False),
        sa.Column("line_hash", sa.String(16), nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("inquiries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("source", "side", "line_hash", name="pk_template_lines"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("template_lines", "known_as"):
        op.drop_table(table)
    op.drop_index("ix_inquiries_content_hash", "inquiries")
    op.drop_column("inquiries", "content_hash")
