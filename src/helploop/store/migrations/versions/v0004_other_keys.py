"""The key by which a second system knows the customer of a joined conversation."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("known_as", sa.Column("customer_key", sa.String(16), nullable=False, server_default=""))
    op.create_index("ix_known_as_customer_key", "known_as", ["customer_key"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_known_as_customer_key", "known_as")
    op.drop_column("known_as", "customer_key")
