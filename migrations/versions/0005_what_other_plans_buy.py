"""Lines of purchase plans say what plans of other years mean to buy.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("purchase_plan_line", sa.Column("planned", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("purchase_plan_line", "planned")
