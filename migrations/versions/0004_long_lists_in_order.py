"""What grows with the years is read in the order of an index.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ORDERS = (
    ("transfer", "created_at"),
    ("scrap", "applied_at"),
    ("recovery", "recorded_at"),
    ("rotation", "proposed_at"),
    ("upkeep_round", "done_at"),
    ("duty_handover", "offered_at"),
    ("mission", "ordered_at"),
    ("call_off", "notified_at"),
    ("coordination_letter", "sent_at"),
)


def upgrade() -> None:
    for table, moment in ORDERS:
        op.create_index(f"ix_{table}_{moment}", table, [moment, "number"])


def downgrade() -> None:
    for table, moment in reversed(ORDERS):
        op.drop_index(f"ix_{table}_{moment}", table_name=table)
