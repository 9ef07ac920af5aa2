"""The day on which goods came into a store, where their lot was written down on another.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lot", sa.Column("stored_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("lot", "stored_on")
