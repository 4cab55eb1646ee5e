"""Why the round left an inquiry in no question."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the column; what older rounds left out has no reason kept."""
    op.add_column("members", sa.Column("reason", sa.String(64), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("members", "reason")
