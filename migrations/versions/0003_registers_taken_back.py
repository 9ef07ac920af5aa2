"""Registers of goods that came back can be taken back.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recovery", sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("recovery", sa.Column("taken_back_by_id", sa.Uuid(), nullable=True))
    op.add_column("recovery", sa.Column("taken_back_by_name", sa.String(length=80), nullable=True))
    op.add_column("recovery", sa.Column("taken_back_because", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("recovery", "taken_back_because")
    op.drop_column("recovery", "taken_back_by_name")
    op.drop_column("recovery", "taken_back_by_id")
    op.drop_column("recovery", "taken_back_at")
