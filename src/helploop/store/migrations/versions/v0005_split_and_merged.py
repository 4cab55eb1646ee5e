"""Which questions of the round before a round split and merged."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("rounds", sa.Column("split", sa.Text, nullable=False, server_default="{}"))
    op.add_column("rounds", sa.Column("merged", sa.Text, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("rounds", "merged")
    op.drop_column("rounds", "split")
