"""The thread of an inquiry as a column, so that a later part of a conversation finds the earlier one."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("inquiries", sa.Column("thread", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_inquiries_thread", "inquiries", ["thread"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_inquiries_thread", "inquiries")
    op.drop_column("inquiries", "thread")
