"""The house as first released, with every column that append-only rows can never be given later.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "anchor",
    "arrival_receipt",
    "asset_event",
    "asset_work",
    "discrepancy",
    "floor_release",
    "freeze_bypass",
    "incident_report",
    "incident_response",
    "journal_entry",
    "kit_content",
    "kit_work_line",
    "lot",
    "lot_status",
    "mission_step",
    "obligation_line",
    "obligation_settlement",
    "overdue_alert",
    "paper_print",
    "recovery_limit",
    "recovery_repair",
    "request_key",
    "rescue_task_mission",
    "road_report",
    "scrap_decision",
    "scrap_line",
    "stock_count_entry",
    "stock_count_hit",
    "stock_move",
    "take_over",
    "transfer_arrival",
    "transfer_arrival_line",
    "transfer_difference",
    "transfer_line",
    "upkeep_round",
    "upkeep_round_lot",
)


def make_append_only(table: str) -> None:
    """The database itself refuses to change history, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )


def drop_append_only(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP FUNCTION {table}_append_only()")


def upgrade() -> None:
    op.create_table(
        "anchor",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moves", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(40), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=100), nullable=False),
        sa.Column(
            "moved",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_anchor")),
    )
    op.create_table(
        "area",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("parent_code", sa.String(length=20), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("elevation_m", sa.Integer(), nullable=True),
        sa.Column("lat_e6", sa.Integer(), nullable=True),
        sa.Column("lon_e6", sa.Integer(), nullable=True),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_area")),
    )
    op.create_table(
        "chain_head",
        sa.Column("shard", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("anchored_seq", sa.BigInteger(), nullable=False),
        sa.Column("anchored_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("shard", name=op.f("pk_chain_head")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shard", sa.String(length=80), nullable=False),
        sa.Column("shard_seq", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("roles", sa.String(length=200), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("command", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("subject_number", sa.String(length=80), nullable=True),
        sa.Column(
            "detail",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "effects",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("request_key", sa.String(length=255), nullable=True),
        sa.Column("algorithm", sa.String(length=20), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal_entry")),
        sa.UniqueConstraint("shard", "shard_seq", name="uq_journal_entry_chain_link"),
    )
    with op.batch_alter_table("journal_entry", schema=None) as batch_op:
        batch_op.create_index("ix_journal_entry_actor", ["actor_id", "seq"], unique=False)
        batch_op.create_index("ix_journal_entry_subject_number", ["subject_number", "seq"], unique=False)

    op.create_table(
        "need_class",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_need_class")),
        sa.UniqueConstraint("rank", name=op.f("uq_need_class_rank")),
    )
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "scope", "period", name=op.f("pk_number_series")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("in_chain", sa.Boolean(), nullable=False),
        sa.Column("document_prefix", sa.String(length=20), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("contact", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("duty_phone", sa.String(length=40), nullable=False),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
        sa.UniqueConstraint("path", name=op.f("uq_organisation_path")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index("ix_organisation_parent_id", ["parent_id"], unique=False)

    op.create_table(
        "overdue_watch",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_overdue_watch")),
    )
    op.create_table(
        "parameter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("editable_by", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter")),
        sa.UniqueConstraint("key", "effective_from", name=op.f("uq_parameter_key_effective_from")),
    )
    op.create_table(
        "request_key",
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column(
            "answer",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "operation", "key", name=op.f("pk_request_key")),
    )
    op.create_table(
        "restored_copy",
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("backup_hash", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("restored_at", name=op.f("pk_restored_copy")),
    )
    op.create_table(
        "road_node",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("lat_e6", sa.Integer(), nullable=False),
        sa.Column("lon_e6", sa.Integer(), nullable=False),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_road_node")),
    )
    op.create_table(
        "threshold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_level", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=40), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threshold")),
        sa.UniqueConstraint("response_level", "criterion", name=op.f("uq_threshold_response_level_criterion")),
    )
    op.create_table(
        "vehicle_type",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("size_class", sa.Integer(), nullable=False),
        sa.Column("payload_g", sa.Integer(), nullable=False),
        sa.Column("volume_cm3", sa.BigInteger(), nullable=False),
        sa.Column("gross_mass_kg", sa.Integer(), nullable=False),
        sa.Column("speed_urban_kmh", sa.Integer(), nullable=False),
        sa.Column("speed_plain_kmh", sa.Integer(), nullable=False),
        sa.Column("speed_mountain_kmh", sa.Integer(), nullable=False),
        sa.Column("speed_snow_kmh", sa.Integer(), nullable=False),
        sa.Column("is_snow_capable", sa.Boolean(), nullable=False),
        sa.Column("height_cm", sa.Integer(), nullable=False),
        sa.Column("can_ford", sa.Boolean(), nullable=False),
        sa.Column("is_refrigerated", sa.Boolean(), nullable=False),
        sa.Column("is_heated", sa.Boolean(), nullable=False),
        sa.Column("tow_capacity_g", sa.Integer(), nullable=False),
        sa.Column("fixed_cost_fen", sa.Integer(), nullable=False),
        sa.Column("cost_per_km_fen", sa.Integer(), nullable=False),
        sa.Column("cost_per_hour_fen", sa.Integer(), nullable=False),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle_type")),
        sa.UniqueConstraint("code", name=op.f("uq_vehicle_type_code")),
    )
    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("post", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("one_time_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_app_user_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("username", name=op.f("uq_app_user_username")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("event_class", sa.String(40), nullable=False),
        sa.Column("hazard", sa.String(40), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("lat_e6", sa.Integer(), nullable=True),
        sa.Column("lon_e6", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("is_exercise", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("response_level", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_incident_area_code")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_incident_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("number", name=op.f("uq_incident_number")),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("pinyin", sa.String(length=300), nullable=False),
        sa.Column("initials", sa.String(length=60), nullable=False),
        sa.Column("spec", sa.String(length=80), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("gb_major", sa.String(40), nullable=False),
        sa.Column("gb_code", sa.String(length=7), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("need_class", sa.String(length=20), nullable=False),
        sa.Column(
            "hazard_tags",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("pack_quantity", sa.Integer(), nullable=False),
        sa.Column("pack_unit", sa.String(length=10), nullable=False),
        sa.Column("is_splittable", sa.Boolean(), nullable=False),
        sa.Column("unit_mass_g", sa.Integer(), nullable=False),
        sa.Column("unit_volume_cm3", sa.Integer(), nullable=False),
        sa.Column("shelf_life_days", sa.Integer(), nullable=True),
        sa.Column("service_life_months", sa.Integer(), nullable=True),
        sa.Column("storage_class", sa.String(40), nullable=False),
        sa.Column("is_recoverable", sa.Boolean(), nullable=False),
        sa.Column("is_halal", sa.Boolean(), nullable=False),
        sa.Column("load_group", sa.String(40), nullable=False),
        sa.Column("needs_warmth", sa.Boolean(), nullable=False),
        sa.Column("needs_refrigeration", sa.Boolean(), nullable=False),
        sa.Column("is_towed", sa.Boolean(), nullable=False),
        sa.Column("is_serial_tracked", sa.Boolean(), nullable=False),
        sa.Column("content_quantity", sa.Integer(), nullable=False),
        sa.Column("content_unit", sa.String(length=20), nullable=False),
        sa.Column("reference_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("standard", sa.String(length=40), nullable=False),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("first_moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("pack_quantity > 0", name=op.f("ck_item_pack_quantity")),
        sa.CheckConstraint("unit_mass_g > 0 AND unit_volume_cm3 > 0", name=op.f("ck_item_size")),
        sa.ForeignKeyConstraint(["need_class"], ["need_class.code"], name=op.f("fk_item_need_class")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("sku", name=op.f("uq_item_sku")),
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index("ix_item_initials", ["initials"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_number", sa.String(length=80), nullable=False),
        sa.Column(
            "params",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_name", sa.String(length=80), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_notice_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_organisation_id", ["organisation_id", "acknowledged_at"], unique=False)
        batch_op.create_index("ix_notice_subject_id", ["subject_id"], unique=False)

    op.create_table(
        "obligation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("basis_kind", sa.String(length=40), nullable=False),
        sa.Column("basis_id", sa.Uuid(), nullable=False),
        sa.Column("basis_number", sa.String(length=80), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("arose_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("creditor_id <> debtor_id", name=op.f("ck_obligation_two_bodies")),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_obligation_creditor_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["organisation.id"], name=op.f("fk_obligation_debtor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
        sa.UniqueConstraint("basis_kind", "basis_id", name=op.f("uq_obligation_basis_kind_basis_id")),
        sa.UniqueConstraint("number", name=op.f("uq_obligation_number")),
    )
    with op.batch_alter_table("obligation", schema=None) as batch_op:
        batch_op.create_index("ix_obligation_creditor_id", ["creditor_id"], unique=False)
        batch_op.create_index("ix_obligation_debtor_id", ["debtor_id"], unique=False)

    op.create_table(
        "reserve_scenario",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("probability_permille", sa.Integer(), nullable=False),
        sa.Column("hazard", sa.String(length=40), nullable=False),
        sa.Column("season", sa.String(40), nullable=False),
        sa.Column("within_hours", sa.Integer(), nullable=False),
        sa.Column(
            "persons",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "lost_site_codes",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "closed_road_codes",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_reserve_scenario_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserve_scenario")),
        sa.UniqueConstraint("organisation_id", "code", name=op.f("uq_reserve_scenario_organisation_id_code")),
    )
    op.create_table(
        "road",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("from_code", sa.String(length=40), nullable=False),
        sa.Column("to_code", sa.String(length=40), nullable=False),
        sa.Column("length_m", sa.Integer(), nullable=False),
        sa.Column("terrain", sa.String(40), nullable=False),
        sa.Column("is_two_way", sa.Boolean(), nullable=False),
        sa.Column("winter_factor_permille", sa.Integer(), nullable=False),
        sa.Column("is_snow_prone", sa.Boolean(), nullable=False),
        sa.Column("vehicle_class_max", sa.Integer(), nullable=False),
        sa.Column("bridge_limit_kg", sa.Integer(), nullable=True),
        sa.Column(
            "closed_months",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("height_limit_cm", sa.Integer(), nullable=True),
        sa.Column("is_ford", sa.Boolean(), nullable=False),
        sa.Column("is_towing_barred", sa.Boolean(), nullable=False),
        sa.Column("is_convoy_only", sa.Boolean(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["from_code"], ["road_node.code"], name=op.f("fk_road_from_code")),
        sa.ForeignKeyConstraint(["to_code"], ["road_node.code"], name=op.f("fk_road_to_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road")),
        sa.UniqueConstraint("code", name=op.f("uq_road_code")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("road_node", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=80), nullable=False),
        sa.Column("lat_e6", sa.Integer(), nullable=True),
        sa.Column("lon_e6", sa.Integer(), nullable=True),
        sa.Column("capacity_cm3", sa.BigInteger(), nullable=True),
        sa.Column("loading_bays", sa.Integer(), nullable=False),
        sa.Column("vehicle_class_max", sa.Integer(), nullable=False),
        sa.Column("is_heated", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("shelter_capacity", sa.Integer(), nullable=False),
        sa.Column("has_water", sa.Boolean(), nullable=False),
        sa.Column("has_power", sa.Boolean(), nullable=False),
        sa.Column("has_sewage", sa.Boolean(), nullable=False),
        sa.Column("has_toilets", sa.Boolean(), nullable=False),
        sa.Column("source_mark", sa.String(length=40), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_site_area_code")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_site_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_site_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_api_token_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_api_token_user_id_name")),
    )
    op.create_table(
        "arrival",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("fund_source", sa.String(length=40), nullable=False),
        sa.Column("source_document", sa.String(length=80), nullable=False),
        sa.Column("contact", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("is_exercise", sa.Boolean(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_by_id", sa.Uuid(), nullable=True),
        sa.Column("announced_by_name", sa.String(length=80), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_arrival_organisation_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_arrival_owner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_arrival_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("number", name=op.f("uq_arrival_number")),
    )
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.create_index("ix_arrival_site_id", ["site_id", "expected_on"], unique=False)

    op.create_table(
        "asset_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("every_months", sa.Integer(), nullable=True),
        sa.Column("every_hours", sa.Integer(), nullable=True),
        sa.Column("instructions", sa.String(length=400), nullable=False),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.CheckConstraint("every_months IS NOT NULL OR every_hours IS NOT NULL", name=op.f("ck_asset_plan_interval")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_asset_plan_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_plan")),
        sa.UniqueConstraint("item_id", "kind", "name", name=op.f("uq_asset_plan_item_id_kind_name")),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("confirm_minutes", sa.Integer(), nullable=False),
        sa.Column("lead_time_hours", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(40), nullable=False),
        sa.Column("supply_site_id", sa.Uuid(), nullable=True),
        sa.Column("contact", sa.String(length=40), nullable=False),
        sa.Column("duty_phone", sa.String(length=40), nullable=False),
        sa.Column("second_contact", sa.String(length=40), nullable=False),
        sa.Column("acceptance_days", sa.Integer(), nullable=False),
        sa.Column("late_penalty_permille", sa.Integer(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("terms", sa.String(length=2000), nullable=False),
        sa.Column("source_mark", sa.String(length=40), nullable=False),
        sa.Column("is_exercise", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_contract_buyer_id")),
        sa.ForeignKeyConstraint(["supplier_id"], ["organisation.id"], name=op.f("fk_contract_supplier_id")),
        sa.ForeignKeyConstraint(["supply_site_id"], ["site.id"], name=op.f("fk_contract_supply_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_number")),
    )
    op.create_table(
        "coordination_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("addressee_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("body", sa.String(length=2000), nullable=False),
        sa.Column("reply_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column(
            "oral",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["addressee_id"], ["organisation.id"], name=op.f("fk_coordination_letter_addressee_id")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_coordination_letter_incident_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_coordination_letter_organisation_id")
        ),
        sa.ForeignKeyConstraint(["sent_by_id"], ["app_user.id"], name=op.f("fk_coordination_letter_sent_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coordination_letter")),
        sa.UniqueConstraint("number", name=op.f("uq_coordination_letter_number")),
    )
    with op.batch_alter_table("coordination_letter", schema=None) as batch_op:
        batch_op.create_index("ix_coordination_letter_incident_id", ["incident_id"], unique=False)

    op.create_table(
        "deployment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column(
            "options",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "problem",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "answer",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "error",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_deployment_created_by_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_deployment_incident_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_deployment_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
        sa.UniqueConstraint("number", name=op.f("uq_deployment_number")),
    )
    with op.batch_alter_table("deployment", schema=None) as batch_op:
        batch_op.create_index("ix_deployment_incident_id", ["incident_id", "created_at"], unique=False)

    op.create_table(
        "duty_handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("outgoing_id", sa.Uuid(), nullable=False),
        sa.Column("outgoing_name", sa.String(length=80), nullable=False),
        sa.Column("incoming_id", sa.Uuid(), nullable=False),
        sa.Column("incoming_name", sa.String(length=80), nullable=False),
        sa.Column("open_matters", sa.String(length=1000), nullable=False),
        sa.Column("keys", sa.String(length=200), nullable=False),
        sa.Column("readings", sa.String(length=400), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taking_note", sa.String(length=400), nullable=False),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.CheckConstraint("outgoing_id <> incoming_id", name=op.f("ck_duty_handover_two_people")),
        sa.ForeignKeyConstraint(["incoming_id"], ["app_user.id"], name=op.f("fk_duty_handover_incoming_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_duty_handover_organisation_id")
        ),
        sa.ForeignKeyConstraint(["outgoing_id"], ["app_user.id"], name=op.f("fk_duty_handover_outgoing_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_duty_handover_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_handover")),
        sa.UniqueConstraint("number", name=op.f("uq_duty_handover_number")),
    )
    with op.batch_alter_table("duty_handover", schema=None) as batch_op:
        batch_op.create_index("ix_duty_handover_site_id", ["site_id", "offered_at"], unique=False)

    op.create_table(
        "floor_release",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_by_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_floor_release_incident_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_floor_release_item_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_floor_release_owner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_floor_release_site_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_floor_release")),
    )
    with op.batch_alter_table("floor_release", schema=None) as batch_op:
        batch_op.create_index("ix_floor_release_incident_id", ["incident_id"], unique=False)

    op.create_table(
        "import_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("user_name", sa.String(length=40), nullable=False),
        sa.Column("file", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_import_file_organisation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_import_file_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    with op.batch_alter_table("import_file", schema=None) as batch_op:
        batch_op.create_index("ix_import_file_sha256", ["sha256", "kind"], unique=False)

    op.create_table(
        "import_mapping",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("headers_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "mapped",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_import_mapping_organisation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_import_mapping_user_id")),
        sa.PrimaryKeyConstraint("organisation_id", "kind", "headers_hash", name=op.f("pk_import_mapping")),
    )
    op.create_table(
        "import_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("file", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("encoding", sa.String(length=20), nullable=False),
        sa.Column("sheet", sa.String(length=80), nullable=False),
        sa.Column("header_row", sa.Integer(), nullable=False),
        sa.Column(
            "look",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "mapped",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=True,
        ),
        sa.Column("preview", sa.LargeBinary(), nullable=True),
        sa.Column("preview_digest", sa.String(length=64), nullable=False),
        sa.Column(
            "result",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_import_session_organisation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_import_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_session")),
    )
    with op.batch_alter_table("import_session", schema=None) as batch_op:
        batch_op.create_index("ix_import_session_user_id", ["user_id", "state"], unique=False)

    op.create_table(
        "incident_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("season", sa.String(40), nullable=False),
        sa.Column("days_of_cover", sa.Integer(), nullable=False),
        sa.Column("is_forecast", sa.Boolean(), nullable=False),
        sa.Column("night_temperature_c", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("summary", sa.String(length=1000), nullable=False),
        sa.Column("measures", sa.String(length=1000), nullable=False),
        sa.Column(
            "areas",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by_id", sa.Uuid(), nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_report_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_report")),
        sa.UniqueConstraint("incident_id", "version", name=op.f("uq_incident_report_incident_id_version")),
    )
    op.create_table(
        "incident_response",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("measures", sa.String(length=1000), nullable=False),
        sa.Column("expected_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_on_forecast", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_response_incident_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_incident_response")),
    )
    with op.batch_alter_table("incident_response", schema=None) as batch_op:
        batch_op.create_index("ix_incident_response_incident_id", ["incident_id"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column(
            "payload",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "progress",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "result",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "error",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["app_user.id"], name=op.f("fk_job_actor_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_job_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name="uq_job_key"),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_state", ["state", "created_at"], unique=False)

    op.create_table(
        "kit_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kit_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kit_id <> part_id", name=op.f("ck_kit_part_two_items")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_kit_part_quantity")),
        sa.ForeignKeyConstraint(["kit_id"], ["item.id"], name=op.f("fk_kit_part_kit_id")),
        sa.ForeignKeyConstraint(["part_id"], ["item.id"], name=op.f("fk_kit_part_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_part")),
        sa.UniqueConstraint("kit_id", "part_id", name=op.f("uq_kit_part_kit_id_part_id")),
    )
    op.create_table(
        "kit_work",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("fund_source", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_kit_work_quantity")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_kit_work_item_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_kit_work_organisation_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_kit_work_owner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_kit_work_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_work")),
        sa.UniqueConstraint("number", name=op.f("uq_kit_work_number")),
    )
    with op.batch_alter_table("kit_work", schema=None) as batch_op:
        batch_op.create_index("ix_kit_work_site_id", ["site_id", "created_at"], unique=False)

    op.create_table(
        "late_permit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("earliest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by_name", sa.String(length=80), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=80), nullable=False),
        sa.Column("decision_note", sa.String(length=200), nullable=False),
        sa.Column("used_by_document_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_late_permit_organisation_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_late_permit_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_permit")),
        sa.UniqueConstraint("number", name=op.f("uq_late_permit_number")),
    )
    with op.batch_alter_table("late_permit", schema=None) as batch_op:
        batch_op.create_index("ix_late_permit_site_id", ["site_id", "state"], unique=False)

    op.create_table(
        "location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("shard", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=20), nullable=False),
        sa.Column("shelf", sa.String(length=20), nullable=False),
        sa.Column("bin", sa.String(length=20), nullable=False),
        sa.Column("capacity_cm3", sa.BigInteger(), nullable=True),
        sa.Column("storage_class", sa.String(40), nullable=True),
        sa.Column("is_receiving", sa.Boolean(), nullable=False),
        sa.Column("walk_rank", sa.Integer(), nullable=True),
        sa.Column("document_kind", sa.String(length=40), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind NOT IN ('storage', 'quarantine', 'team') OR site_id IS NOT NULL",
            name=op.f("ck_location_site_of_real_place"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_location_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
        sa.UniqueConstraint("code", name=op.f("uq_location_code")),
    )
    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.create_index("ix_location_document_id", ["document_id"], unique=False)
        batch_op.create_index("ix_location_site_id", ["site_id"], unique=False)

    op.create_table(
        "lot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("fund_source", sa.String(length=40), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("unit_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("manufacturer", sa.String(length=80), nullable=False),
        sa.Column("maker_batch", sa.String(length=40), nullable=False),
        sa.Column("restriction", sa.String(length=80), nullable=False),
        sa.Column("restricted_area", sa.String(length=20), nullable=False),
        sa.Column("parent_lot_id", sa.Uuid(), nullable=True),
        sa.Column("is_exercise", sa.Boolean(), nullable=False),
        sa.Column("document_kind", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("source_mark", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "expires_on IS NULL OR produced_on IS NULL OR expires_on >= produced_on",
            name=op.f("ck_lot_made_before_expiry"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_lot_item_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_lot_owner_id")),
        sa.ForeignKeyConstraint(["parent_lot_id"], ["lot.id"], name=op.f("fk_lot_parent_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("number", name=op.f("uq_lot_number")),
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index("ix_lot_expires_on", ["expires_on"], unique=False)
        batch_op.create_index("ix_lot_item_id", ["item_id", "expires_on", "number"], unique=False)
        batch_op.create_index("ix_lot_owner_id", ["owner_id"], unique=False)

    op.create_table(
        "need_norm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("season", sa.String(40), nullable=False),
        sa.Column("driver", sa.String(40), nullable=False),
        sa.Column("amount_numerator", sa.BigInteger(), nullable=False),
        sa.Column("amount_denominator", sa.BigInteger(), nullable=False),
        sa.Column("day_rule", sa.String(40), nullable=False),
        sa.Column(
            "hazards",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("elevation_min_m", sa.Integer(), nullable=True),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_need_norm_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_norm")),
        sa.UniqueConstraint("code", name=op.f("uq_need_norm_code")),
    )
    op.create_table(
        "obligation_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0 AND value_fen >= 0", name=op.f("ck_obligation_line_quantity")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_obligation_line_item_id")),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name=op.f("fk_obligation_line_obligation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation_line")),
        sa.UniqueConstraint("obligation_id", "item_id", name="uq_obligation_line_item"),
        sa.UniqueConstraint("obligation_id", "line_no", name=op.f("uq_obligation_line_obligation_id_line_no")),
    )
    op.create_table(
        "pack",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("contains", sa.Integer(), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=True),
        sa.Column("volume_cm3", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("contains > 1", name=op.f("ck_pack_contains")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_pack_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
        sa.UniqueConstraint("item_id", "unit", name=op.f("uq_pack_item_id_unit")),
    )
    op.create_table(
        "paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("addressee_id", sa.Uuid(), nullable=True),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column(
            "content",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("is_exercise", sa.Boolean(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", sa.Uuid(), nullable=True),
        sa.Column("issued_by_name", sa.String(length=80), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["addressee_id"], ["organisation.id"], name=op.f("fk_paper_addressee_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["app_user.id"], name=op.f("fk_paper_issued_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_paper_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("number", "version", name=op.f("uq_paper_number_version")),
    )
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.create_index("ix_paper_document_number", ["document_number"], unique=False)
        batch_op.create_index("ix_paper_incident_id", ["incident_id", "form"], unique=False)
        batch_op.create_index("ix_paper_issued_at", ["issued_at", "version", "number"], unique=False)
        batch_op.create_index("ix_paper_subject_id", ["subject_id"], unique=False)

    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column(
            "options",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "problem",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("problem_hash", sa.String(length=80), nullable=False),
        sa.Column(
            "heads",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "solution",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "verdict",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "summary",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "error",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_plan_created_by_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_plan_incident_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_plan_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("number", name=op.f("uq_plan_number")),
    )
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.create_index("ix_plan_created_at", ["created_at", "number"], unique=False)
        batch_op.create_index("ix_plan_incident_id", ["incident_id", "created_at"], unique=False)

    op.create_table(
        "purchase_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column(
            "prepared_by",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decision_note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_purchase_plan_created_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_purchase_plan_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_purchase_plan_organisation_id")
        ),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["app_user.id"], name=op.f("fk_purchase_plan_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_plan")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_plan_number")),
    )
    with op.batch_alter_table("purchase_plan", schema=None) as batch_op:
        batch_op.create_index("ix_purchase_plan_organisation_id", ["organisation_id", "year"], unique=False)

    op.create_table(
        "recall",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("manufacturer", sa.String(length=80), nullable=False),
        sa.Column("maker_batch", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("notice_number", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_by_name", sa.String(length=80), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_name", sa.String(length=80), nullable=False),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_recall_item_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_recall_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
        sa.UniqueConstraint("number", name=op.f("uq_recall_number")),
    )
    with op.batch_alter_table("recall", schema=None) as batch_op:
        batch_op.create_index("ix_recall_item_id", ["item_id"], unique=False)

    op.create_table(
        "recovery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("source_number", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("returned_by", sa.String(length=80), nullable=False),
        sa.Column("is_cleaned", sa.Boolean(), nullable=False),
        sa.Column("is_disinfected", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recovered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_recovery_organisation_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_recovery_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        sa.UniqueConstraint("number", name=op.f("uq_recovery_number")),
    )
    with op.batch_alter_table("recovery", schema=None) as batch_op:
        batch_op.create_index("ix_recovery_source_id", ["source_id"], unique=False)

    op.create_table(
        "recovery_limit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_recovery_limit_item_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_recovery_limit")),
    )
    with op.batch_alter_table("recovery_limit", schema=None) as batch_op:
        batch_op.create_index("ix_recovery_limit_item_id", ["item_id", "effective_from"], unique=False)

    op.create_table(
        "rescue_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("place_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column(
            "needs",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("equipment", sa.String(length=200), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrive_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("class_rank", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.CheckConstraint("persons >= 0 AND hours > 0", name=op.f("ck_rescue_task_figures")),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_rescue_task_created_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["app_user.id"], name=op.f("fk_rescue_task_ended_by_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_rescue_task_incident_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_rescue_task_organisation_id")),
        sa.ForeignKeyConstraint(
            ["place_organisation_id"], ["organisation.id"], name=op.f("fk_rescue_task_place_organisation_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_rescue_task_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescue_task")),
        sa.UniqueConstraint("incident_id", "code", name=op.f("uq_rescue_task_incident_id_code")),
    )
    op.create_table(
        "rescue_team",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("employment", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("base_site_id", sa.Uuid(), nullable=True),
        sa.Column("other_owners", sa.String(length=200), nullable=False),
        sa.Column("leader", sa.String(length=60), nullable=False),
        sa.Column("deputy", sa.String(length=60), nullable=False),
        sa.Column("duty_phone", sa.String(length=60), nullable=False),
        sa.Column("strength_authorised", sa.Integer(), nullable=False),
        sa.Column("strength_present", sa.Integer(), nullable=False),
        sa.Column(
            "capabilities",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("specialities", sa.String(length=400), nullable=False),
        sa.Column("equipment", sa.String(length=1000), nullable=False),
        sa.Column("vehicles", sa.String(length=400), nullable=False),
        sa.Column("ready_minutes", sa.Integer(), nullable=False),
        sa.Column("ready_minutes_off_hours", sa.Integer(), nullable=False),
        sa.Column("self_sufficient_hours", sa.Integer(), nullable=False),
        sa.Column("continuous_hours_max", sa.Integer(), nullable=False),
        sa.Column("usar_class", sa.String(40), nullable=False),
        sa.Column("works_at_night", sa.Boolean(), nullable=True),
        sa.Column("works_at_minus_30", sa.Boolean(), nullable=True),
        sa.Column("agreement", sa.String(length=200), nullable=False),
        sa.Column("agreement_valid_to", sa.Date(), nullable=True),
        sa.Column("insurer", sa.String(length=60), nullable=False),
        sa.Column("insurance_policy", sa.String(length=60), nullable=False),
        sa.Column("insurance_valid_to", sa.Date(), nullable=True),
        sa.Column("last_exercise_on", sa.Date(), nullable=True),
        sa.Column("assessment_score", sa.Integer(), nullable=True),
        sa.Column("assessed_on", sa.Date(), nullable=True),
        sa.Column("source_mark", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_rescue_team_area_code")),
        sa.ForeignKeyConstraint(["base_site_id"], ["site.id"], name=op.f("fk_rescue_team_base_site_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_rescue_team_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescue_team")),
        sa.UniqueConstraint("code", name=op.f("uq_rescue_team_code")),
    )
    op.create_table(
        "reserve_advice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column(
            "options",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "answer",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "error",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_reserve_advice_created_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_reserve_advice_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserve_advice")),
        sa.UniqueConstraint("number", name=op.f("uq_reserve_advice_number")),
    )
    with op.batch_alter_table("reserve_advice", schema=None) as batch_op:
        batch_op.create_index("ix_reserve_advice_organisation_id", ["organisation_id", "created_at"], unique=False)

    op.create_table(
        "reserve_norm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("quantity_per_thousand", sa.Integer(), nullable=False),
        sa.Column("floor_permille", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(40), nullable=True),
        sa.Column("fixed_quantity", sa.BigInteger(), nullable=False),
        sa.Column("summer_permille", sa.Integer(), nullable=False),
        sa.Column("winter_permille", sa.Integer(), nullable=False),
        sa.Column("source_mark", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_reserve_norm_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserve_norm")),
        sa.UniqueConstraint("code", name=op.f("uq_reserve_norm_code")),
        sa.UniqueConstraint("item_id", "level", name=op.f("uq_reserve_norm_item_id_level")),
    )
    op.create_table(
        "road_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("file", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("prefix", sa.String(length=10), nullable=False),
        sa.Column("detail", sa.String(40), nullable=False),
        sa.Column("snap", sa.String(40), nullable=False),
        sa.Column("snap_metres_max", sa.Integer(), nullable=False),
        sa.Column(
            "result",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_road_file_organisation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_road_file_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_file")),
    )
    with op.batch_alter_table("road_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_road_file_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "road_report",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("road_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("vehicle_class_max", sa.Integer(), nullable=True),
        sa.Column("snow_vehicles_only", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["reporter_id"], ["app_user.id"], name=op.f("fk_road_report_reporter_id")),
        sa.ForeignKeyConstraint(["road_id"], ["road.id"], name=op.f("fk_road_report_road_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_road_report")),
    )
    with op.batch_alter_table("road_report", schema=None) as batch_op:
        batch_op.create_index("ix_road_report_road_id", ["road_id", "seq"], unique=False)

    op.create_table(
        "role_held",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "event_classes",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=True,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("on_behalf_of_id", sa.Uuid(), nullable=True),
        sa.Column("granted_by_id", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_role_held_period")),
        sa.ForeignKeyConstraint(["granted_by_id"], ["app_user.id"], name=op.f("fk_role_held_granted_by_id")),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["app_user.id"], name=op.f("fk_role_held_on_behalf_of_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_role_held_organisation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_role_held_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_held")),
    )
    with op.batch_alter_table("role_held", schema=None) as batch_op:
        batch_op.create_index("ix_role_held_user_id", ["user_id"], unique=False)

    op.create_table(
        "scrap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("government_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("cause_number", sa.String(length=80), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by_id", sa.Uuid(), nullable=True),
        sa.Column("applied_by_name", sa.String(length=80), nullable=False),
        sa.Column("institution", sa.String(length=80), nullable=False),
        sa.Column("report_number", sa.String(length=80), nullable=False),
        sa.Column(
            "experts",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("conclusion", sa.String(length=400), nullable=False),
        sa.Column("appraised_on", sa.Date(), nullable=True),
        sa.Column("appraisal_by_id", sa.Uuid(), nullable=True),
        sa.Column("public_place", sa.String(length=120), nullable=False),
        sa.Column("public_from", sa.Date(), nullable=True),
        sa.Column("public_to", sa.Date(), nullable=True),
        sa.Column("method", sa.String(40), nullable=True),
        sa.Column("buyer", sa.String(length=80), nullable=False),
        sa.Column("agreement_number", sa.String(length=80), nullable=False),
        sa.Column("income_fen", sa.BigInteger(), nullable=False),
        sa.Column("witness", sa.String(length=80), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["government_id"], ["organisation.id"], name=op.f("fk_scrap_government_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_scrap_organisation_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_scrap_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scrap")),
        sa.UniqueConstraint("number", name=op.f("uq_scrap_number")),
    )
    with op.batch_alter_table("scrap", schema=None) as batch_op:
        batch_op.create_index("ix_scrap_state", ["state"], unique=False)

    op.create_table(
        "sign_in_record",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_sign_in_record_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_sign_in_record")),
    )
    op.create_table(
        "stock_count",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("is_frozen", sa.Boolean(), nullable=False),
        sa.Column("base_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "scope",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("counter_id", sa.Uuid(), nullable=True),
        sa.Column("counter_name", sa.String(length=40), nullable=False),
        sa.Column("witness_id", sa.Uuid(), nullable=True),
        sa.Column("witness_name", sa.String(length=40), nullable=False),
        sa.Column("witnessed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_by_name", sa.String(length=80), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_by_name", sa.String(length=80), nullable=False),
        sa.Column("share_permille", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=80), nullable=False),
        sa.Column("decision_note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["counter_id"], ["app_user.id"], name=op.f("fk_stock_count_counter_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_stock_count_created_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_stock_count_decided_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_stock_count_organisation_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_count_site_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["app_user.id"], name=op.f("fk_stock_count_submitted_by_id")),
        sa.ForeignKeyConstraint(["witness_id"], ["app_user.id"], name=op.f("fk_stock_count_witness_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
        sa.UniqueConstraint("number", name=op.f("uq_stock_count_number")),
    )
    with op.batch_alter_table("stock_count", schema=None) as batch_op:
        batch_op.create_index("ix_stock_count_site_id", ["site_id", "created_at"], unique=False)

    op.create_table(
        "stock_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("counterpart", sa.String(length=120), nullable=False),
        sa.Column(
            "details",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_stock_document_organisation_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_document_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_document")),
        sa.UniqueConstraint("number", name=op.f("uq_stock_document_number")),
    )
    with op.batch_alter_table("stock_document", schema=None) as batch_op:
        batch_op.create_index("ix_stock_document_created_at", ["created_at", "number"], unique=False)
        batch_op.create_index("ix_stock_document_incident_id", ["incident_id"], unique=False)
        batch_op.create_index("ix_stock_document_kind", ["kind", "created_at", "number"], unique=False)
        batch_op.create_index(
            "ix_stock_document_late",
            ["created_at", "number"],
            unique=False,
            sqlite_where=sa.text("is_late IS 1"),
            postgresql_where=sa.text("is_late IS true"),
        )
        batch_op.create_index("ix_stock_document_site_id", ["site_id", "created_at"], unique=False)

    op.create_table(
        "substitute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("substitute_id", sa.Uuid(), nullable=False),
        sa.Column("item_quantity", sa.Integer(), nullable=False),
        sa.Column("substitute_quantity", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_substitute_item_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["item.id"], name=op.f("fk_substitute_substitute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitute")),
        sa.UniqueConstraint("item_id", "substitute_id", name=op.f("uq_substitute_item_id_substitute_id")),
    )
    op.create_table(
        "supply_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("addressee_id", sa.Uuid(), nullable=False),
        sa.Column("urgency", sa.String(40), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("delivery_site_id", sa.Uuid(), nullable=False),
        sa.Column("receiver", sa.String(length=40), nullable=False),
        sa.Column("receiver_phone", sa.String(length=40), nullable=False),
        sa.Column("vehicle_class_max", sa.Integer(), nullable=False),
        sa.Column("road_note", sa.String(length=200), nullable=False),
        sa.Column("receives_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column(
            "own_stock_used",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("own_stock_note", sa.String(length=400), nullable=False),
        sa.Column("report_version", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_id", sa.Uuid(), nullable=True),
        sa.Column("review_note", sa.String(length=400), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["addressee_id"], ["organisation.id"], name=op.f("fk_supply_request_addressee_id")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_supply_request_area_code")),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_supply_request_created_by_id")),
        sa.ForeignKeyConstraint(["delivery_site_id"], ["site.id"], name=op.f("fk_supply_request_delivery_site_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_supply_request_incident_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_supply_request_organisation_id")
        ),
        sa.ForeignKeyConstraint(["reviewed_by_id"], ["app_user.id"], name=op.f("fk_supply_request_reviewed_by_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["app_user.id"], name=op.f("fk_supply_request_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_request")),
        sa.UniqueConstraint("number", name=op.f("uq_supply_request_number")),
    )
    with op.batch_alter_table("supply_request", schema=None) as batch_op:
        batch_op.create_index("ix_supply_request_created_at", ["created_at", "number"], unique=False)
        batch_op.create_index("ix_supply_request_incident_id", ["incident_id", "state"], unique=False)
        batch_op.create_index("ix_supply_request_state", ["state", "created_at", "number"], unique=False)

    op.create_table(
        "upkeep_interval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("interval_days", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_upkeep_interval_organisation_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_upkeep_interval_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upkeep_interval")),
        sa.UniqueConstraint("site_id", "kind", name=op.f("uq_upkeep_interval_site_id_kind")),
    )
    op.create_table(
        "upkeep_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("result", sa.String(40), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by_id", sa.Uuid(), nullable=True),
        sa.Column("done_by_name", sa.String(length=80), nullable=False),
        sa.Column("helpers", sa.String(length=200), nullable=False),
        sa.Column("readings", sa.String(length=200), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("sampling_group", sa.String(40), nullable=True),
        sa.Column("laboratory", sa.String(length=80), nullable=False),
        sa.Column("report_number", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["done_by_id"], ["app_user.id"], name=op.f("fk_upkeep_round_done_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_upkeep_round_organisation_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_upkeep_round_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upkeep_round")),
        sa.UniqueConstraint("number", name=op.f("uq_upkeep_round_number")),
    )
    with op.batch_alter_table("upkeep_round", schema=None) as batch_op:
        batch_op.create_index("ix_upkeep_round_site_id", ["site_id", "kind", "done_at"], unique=False)

    op.create_table(
        "user_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=False),
        sa.Column("client", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_session_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_session")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index("ix_user_session_user_id", ["user_id"], unique=False)

    op.create_table(
        "vehicle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plate", sa.String(length=12), nullable=False),
        sa.Column("type_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("base_site_id", sa.Uuid(), nullable=False),
        sa.Column("driver", sa.String(length=40), nullable=False),
        sa.Column("driver_phone", sa.String(length=40), nullable=False),
        sa.Column("second_driver", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("ready_minutes", sa.Integer(), nullable=False),
        sa.Column("contract_number", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["base_site_id"], ["site.id"], name=op.f("fk_vehicle_base_site_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_vehicle_organisation_id")),
        sa.ForeignKeyConstraint(["type_id"], ["vehicle_type.id"], name=op.f("fk_vehicle_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle")),
        sa.UniqueConstraint("plate", name=op.f("uq_vehicle_plate")),
    )
    with op.batch_alter_table("vehicle", schema=None) as batch_op:
        batch_op.create_index("ix_vehicle_base_site_id", ["base_site_id"], unique=False)

    op.create_table(
        "acceptance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("keeper_id", sa.Uuid(), nullable=True),
        sa.Column("keeper_name", sa.String(length=80), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=True),
        sa.Column("inspector_name", sa.String(length=80), nullable=False),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report_due_on", sa.Date(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_by_id", sa.Uuid(), nullable=True),
        sa.Column("reported_by_name", sa.String(length=80), nullable=False),
        sa.Column("reported_to", sa.String(length=80), nullable=False),
        sa.Column("report_number", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "inspector_id IS NULL OR keeper_id IS NULL OR inspector_id <> keeper_id",
            name=op.f("ck_acceptance_two_people"),
        ),
        sa.CheckConstraint(
            "reported_at IS NULL OR inspected_at IS NOT NULL", name=op.f("ck_acceptance_signed_before_reported")
        ),
        sa.ForeignKeyConstraint(["id"], ["stock_document.id"], name=op.f("fk_acceptance_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_acceptance_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
    )
    with op.batch_alter_table("acceptance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acceptance_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index("ix_acceptance_report_due_on", ["report_due_on"], unique=False)

    op.create_table(
        "arrival_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("arrival_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("manufacturer", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_arrival_line_quantity")),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrival.id"], name=op.f("fk_arrival_line_arrival_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_arrival_line_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival_line")),
        sa.UniqueConstraint("arrival_id", "line_no", name=op.f("uq_arrival_line_arrival_id_line_no")),
    )
    op.create_table(
        "arrival_load",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("arrival_id", sa.Uuid(), nullable=False),
        sa.Column("load_no", sa.Integer(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vehicle", sa.String(length=80), nullable=False),
        sa.Column("delivered_by", sa.String(length=80), nullable=False),
        sa.Column("is_seal_intact", sa.Boolean(), nullable=True),
        sa.Column("seal_number", sa.String(length=80), nullable=False),
        sa.Column("is_appearance_good", sa.Boolean(), nullable=False),
        sa.Column("matches_list", sa.Boolean(), nullable=False),
        sa.Column("finding", sa.String(length=400), nullable=False),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_name", sa.String(length=80), nullable=False),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrival.id"], name=op.f("fk_arrival_load_arrival_id")),
        sa.ForeignKeyConstraint(["document_id"], ["stock_document.id"], name=op.f("fk_arrival_load_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival_load")),
        sa.UniqueConstraint("arrival_id", "load_no", name=op.f("uq_arrival_load_arrival_id_load_no")),
    )
    op.create_table(
        "asset_loan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("received_by", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("approved_by", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("despite", sa.String(length=120), nullable=False),
        sa.Column("handed_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_out_by", sa.String(length=80), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["holder_id"], ["organisation.id"], name=op.f("fk_asset_loan_holder_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_asset_loan_organisation_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_asset_loan_site_id")),
        sa.ForeignKeyConstraint(["team_id"], ["rescue_team.id"], name=op.f("fk_asset_loan_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_loan")),
        sa.UniqueConstraint("number", name=op.f("uq_asset_loan_number")),
    )
    with op.batch_alter_table("asset_loan", schema=None) as batch_op:
        batch_op.create_index("ix_asset_loan_organisation_id", ["organisation_id", "handed_out_at"], unique=False)
        batch_op.create_index("ix_asset_loan_team_id", ["team_id"], unique=False)

    op.create_table(
        "call_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("is_fetched", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("cause_kind", sa.String(length=40), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("cause_number", sa.String(length=80), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("notice_method", sa.String(length=20), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_by_id", sa.Uuid(), nullable=True),
        sa.Column("confirm_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=80), nullable=False),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.Column(
            "oral",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_call_off_buyer_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_call_off_contract_id")),
        sa.ForeignKeyConstraint(["supplier_id"], ["organisation.id"], name=op.f("fk_call_off_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_off")),
        sa.UniqueConstraint("number", name=op.f("uq_call_off_number")),
    )
    with op.batch_alter_table("call_off", schema=None) as batch_op:
        batch_op.create_index("ix_call_off_contract_id", ["contract_id"], unique=False)
        batch_op.create_index("ix_call_off_incident_id", ["incident_id"], unique=False)

    op.create_table(
        "contract_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("vehicle_type_code", sa.String(length=40), nullable=False),
        sa.Column("spec", sa.String(length=80), nullable=False),
        sa.Column("guaranteed_quantity", sa.BigInteger(), nullable=False),
        sa.Column("called", sa.BigInteger(), nullable=False),
        sa.Column("minimum_order", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("price_cap_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "ramp",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.CheckConstraint("called >= 0 AND called <= guaranteed_quantity", name=op.f("ck_contract_line_called")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_line_contract_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_contract_line_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_line")),
        sa.UniqueConstraint("contract_id", "line_no", name=op.f("uq_contract_line_contract_id_line_no")),
    )
    op.create_table(
        "kit_content",
        sa.Column("kit_lot_id", sa.Uuid(), nullable=False),
        sa.Column("part_lot_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("kit_lot_id <> part_lot_id", name=op.f("ck_kit_content_two_lots")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_kit_content_quantity")),
        sa.ForeignKeyConstraint(["kit_lot_id"], ["lot.id"], name=op.f("fk_kit_content_kit_lot_id")),
        sa.ForeignKeyConstraint(["part_lot_id"], ["lot.id"], name=op.f("fk_kit_content_part_lot_id")),
        sa.PrimaryKeyConstraint("kit_lot_id", "part_lot_id", name=op.f("pk_kit_content")),
    )
    op.create_table(
        "kit_work_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kit_work_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_kit_work_line_quantity")),
        sa.ForeignKeyConstraint(["kit_work_id"], ["kit_work.id"], name=op.f("fk_kit_work_line_kit_work_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_kit_work_line_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_kit_work_line_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_work_line")),
        sa.UniqueConstraint("kit_work_id", "line_no", name=op.f("uq_kit_work_line_kit_work_id_line_no")),
    )
    op.create_table(
        "location_freeze",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("document_kind", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by_id", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_location_freeze_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location_freeze")),
    )
    with op.batch_alter_table("location_freeze", schema=None) as batch_op:
        batch_op.create_index("ix_location_freeze_document_id", ["document_id"], unique=False)
        batch_op.create_index("ix_location_freeze_location_id", ["location_id", "lifted_at"], unique=False)

    op.create_table(
        "lot_status",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("document_kind", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("after_seq", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_status_lot_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_lot_status")),
    )
    with op.batch_alter_table("lot_status", schema=None) as batch_op:
        batch_op.create_index("ix_lot_status_document_id", ["document_id"], unique=False)
        batch_op.create_index("ix_lot_status_lot_id", ["lot_id", "seq"], unique=False)

    op.create_table(
        "mission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("team_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("ordered_by_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("incident_number", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column(
            "details",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "oral",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_by_id", sa.Uuid(), nullable=False),
        sa.Column("paper_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paper_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ordered_by_organisation_id"], ["organisation.id"], name=op.f("fk_mission_ordered_by_organisation_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["rescue_team.id"], name=op.f("fk_mission_team_id")),
        sa.ForeignKeyConstraint(
            ["team_organisation_id"], ["organisation.id"], name=op.f("fk_mission_team_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mission")),
        sa.UniqueConstraint("number", name=op.f("uq_mission_number")),
    )
    with op.batch_alter_table("mission", schema=None) as batch_op:
        batch_op.create_index("ix_mission_incident_id", ["incident_id"], unique=False)
        batch_op.create_index("ix_mission_team_id", ["team_id"], unique=False)

    op.create_table(
        "obligation_settlement",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("document_kind", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("voucher", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=80), nullable=False),
        sa.CheckConstraint("(kind = 'money') = (document_id IS NULL)", name=op.f("ck_obligation_settlement_shown_by")),
        sa.CheckConstraint("quantity > 0 AND amount_fen >= 0", name=op.f("ck_obligation_settlement_quantity")),
        sa.ForeignKeyConstraint(["line_id"], ["obligation_line.id"], name=op.f("fk_obligation_settlement_line_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_obligation_settlement")),
    )
    with op.batch_alter_table("obligation_settlement", schema=None) as batch_op:
        batch_op.create_index("ix_obligation_settlement_document_id", ["document_id"], unique=False)
        batch_op.create_index("ix_obligation_settlement_line_id", ["line_id"], unique=False)

    op.create_table(
        "paper_print",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_by_id", sa.Uuid(), nullable=True),
        sa.Column("pdf_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_print_paper_id")),
        sa.ForeignKeyConstraint(["printed_by_id"], ["app_user.id"], name=op.f("fk_paper_print_printed_by_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_paper_print")),
    )
    with op.batch_alter_table("paper_print", schema=None) as batch_op:
        batch_op.create_index("ix_paper_print_paper_id", ["paper_id"], unique=False)

    op.create_table(
        "plan_advice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column(
            "options",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "offers",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "answer",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "error",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_plan_advice_created_by_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_advice_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_advice")),
    )
    with op.batch_alter_table("plan_advice", schema=None) as batch_op:
        batch_op.create_index("ix_plan_advice_plan_id", ["plan_id", "created_at"], unique=False)

    op.create_table(
        "plan_alternatives",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column(
            "options",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "error",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_plan_alternatives_created_by_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_alternatives_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_alternatives")),
    )
    with op.batch_alter_table("plan_alternatives", schema=None) as batch_op:
        batch_op.create_index("ix_plan_alternatives_plan_id", ["plan_id", "created_at"], unique=False)

    op.create_table(
        "plan_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_plan_part_owner_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_part_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_part")),
        sa.UniqueConstraint("plan_id", "owner_id", name=op.f("uq_plan_part_plan_id_owner_id")),
    )
    op.create_table(
        "plan_trip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("trip_no", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("departs_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returns_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("volume_cm3", sa.BigInteger(), nullable=False),
        sa.Column(
            "stops",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_trip_plan_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_plan_trip_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_trip")),
        sa.UniqueConstraint("plan_id", "trip_no", name=op.f("uq_plan_trip_plan_id_trip_no")),
    )
    op.create_table(
        "purchase_plan_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_plan_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("usable", sa.BigInteger(), nullable=False),
        sa.Column("expiring", sa.BigInteger(), nullable=False),
        sa.Column("contract", sa.BigInteger(), nullable=False),
        sa.Column("social", sa.BigInteger(), nullable=False),
        sa.Column("gap", sa.BigInteger(), nullable=False),
        sa.Column("drafted", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "quantity >= 0 AND drafted >= 0 AND gap >= 0", name=op.f("ck_purchase_plan_line_quantities")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_purchase_plan_line_item_id")),
        sa.ForeignKeyConstraint(
            ["purchase_plan_id"], ["purchase_plan.id"], name=op.f("fk_purchase_plan_line_purchase_plan_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_plan_line")),
        sa.UniqueConstraint("purchase_plan_id", "item_id", name=op.f("uq_purchase_plan_line_purchase_plan_id_item_id")),
    )
    op.create_table(
        "recovery_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recovery_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("due_kind", sa.String(40), nullable=False),
        sa.Column("due_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("condition", sa.String(40), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("repaired", sa.BigInteger(), nullable=False),
        sa.Column("condemned", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0 AND repaired >= 0 AND condemned >= 0", name=op.f("ck_recovery_line_quantity")),
        sa.CheckConstraint("repaired + condemned <= quantity", name=op.f("ck_recovery_line_mended")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_recovery_line_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_recovery_line_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_recovery_line_lot_id")),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.id"], name=op.f("fk_recovery_line_recovery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_line")),
        sa.UniqueConstraint("recovery_id", "line_no", name=op.f("uq_recovery_line_recovery_id_line_no")),
    )
    with op.batch_alter_table("recovery_line", schema=None) as batch_op:
        batch_op.create_index("ix_recovery_line_due_id", ["due_id"], unique=False)

    op.create_table(
        "release_instruction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("incident_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("load_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrive_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Uuid(), nullable=False),
        sa.Column("approved_by_name", sa.String(length=80), nullable=False),
        sa.Column(
            "oral",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("paper_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paper_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["app_user.id"], name=op.f("fk_release_instruction_approved_by_id")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_release_instruction_incident_id")),
        sa.ForeignKeyConstraint(
            ["incident_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_release_instruction_incident_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_release_instruction_owner_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_release_instruction_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_instruction")),
        sa.UniqueConstraint("number", name=op.f("uq_release_instruction_number")),
        sa.UniqueConstraint("plan_id", "owner_id", name=op.f("uq_release_instruction_plan_id_owner_id")),
    )
    with op.batch_alter_table("release_instruction", schema=None) as batch_op:
        batch_op.create_index("ix_release_instruction_approved_at", ["approved_at", "number"], unique=False)
        batch_op.create_index("ix_release_instruction_incident_id", ["incident_id"], unique=False)

    op.create_table(
        "reservation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_kind", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("fulfilled", sa.BigInteger(), nullable=False),
        sa.Column("released", sa.BigInteger(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND fulfilled >= 0 AND released >= 0 AND fulfilled + released <= quantity",
            name=op.f("ck_reservation_parts"),
        ),
        sa.CheckConstraint("taken >= 0 AND taken <= released", name=op.f("ck_reservation_taken")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_reservation_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_reservation_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
    )
    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.create_index("ix_reservation_balance", ["location_id", "lot_id"], unique=False)
        batch_op.create_index("ix_reservation_document_id", ["document_id"], unique=False)
        batch_op.create_index(
            "ix_reservation_expires_at",
            ["expires_at", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_reservation_given_back",
            ["closed_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NOT NULL AND released > taken"),
            postgresql_where=sa.text("closed_at IS NOT NULL AND released > taken"),
        )
        batch_op.create_index(
            "ix_reservation_taken",
            ["closed_at"],
            unique=False,
            sqlite_where=sa.text("taken > 0"),
            postgresql_where=sa.text("taken > 0"),
        )
        batch_op.create_index(
            "ix_reservation_used",
            ["closed_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NOT NULL AND fulfilled > 0"),
            postgresql_where=sa.text("closed_at IS NOT NULL AND fulfilled > 0"),
        )

    op.create_table(
        "rotation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("custodian_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.String(40), nullable=False),
        sa.Column("target", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_by_name", sa.String(length=80), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=80), nullable=False),
        sa.Column("decision_note", sa.String(length=200), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_name", sa.String(length=80), nullable=False),
        sa.Column("done_document", sa.String(length=80), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_rotation_quantity")),
        sa.ForeignKeyConstraint(["custodian_id"], ["organisation.id"], name=op.f("fk_rotation_custodian_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_rotation_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_rotation_lot_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_rotation_owner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_rotation_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation")),
        sa.UniqueConstraint("number", name=op.f("uq_rotation_number")),
    )
    with op.batch_alter_table("rotation", schema=None) as batch_op:
        batch_op.create_index("ix_rotation_lot_id", ["lot_id"], unique=False)
        batch_op.create_index("ix_rotation_state", ["state"], unique=False)

    op.create_table(
        "scrap_decision",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("scrap_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by_name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_scrap_decision_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_scrap_decision_organisation_id")
        ),
        sa.ForeignKeyConstraint(["scrap_id"], ["scrap.id"], name=op.f("fk_scrap_decision_scrap_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_scrap_decision")),
        sa.UniqueConstraint("scrap_id", "body", name=op.f("uq_scrap_decision_scrap_id_body")),
        sa.UniqueConstraint("scrap_id", "decided_by_id", name="uq_scrap_decision_person"),
        sa.UniqueConstraint("scrap_id", "organisation_id", name="uq_scrap_decision_organisation"),
    )
    op.create_table(
        "shipment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("incident_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("trip_no", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("planned_departure_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_return_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("departed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column(
            "stops",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("seal_number", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_shipment_incident_id")),
        sa.ForeignKeyConstraint(
            ["incident_organisation_id"], ["organisation.id"], name=op.f("fk_shipment_incident_organisation_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_shipment_plan_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_shipment_vehicle_id")),
        sa.ForeignKeyConstraint(
            ["vehicle_organisation_id"], ["organisation.id"], name=op.f("fk_shipment_vehicle_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("number", name=op.f("uq_shipment_number")),
        sa.UniqueConstraint("plan_id", "trip_no", name=op.f("uq_shipment_plan_id_trip_no")),
    )
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index("ix_shipment_incident_id", ["incident_id"], unique=False)
        batch_op.create_index("ix_shipment_planned_departure_at", ["planned_departure_at", "number"], unique=False)

    op.create_table(
        "stock_balance",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("custodian_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("lot_number", sa.String(length=40), nullable=False),
        sa.Column("good_until", sa.Date(), nullable=False),
        sa.Column("is_exercise", sa.Boolean(), nullable=False),
        sa.CheckConstraint("on_hand >= reserved", name=op.f("ck_stock_balance_on_hand")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_stock_balance_reserved")),
        sa.ForeignKeyConstraint(["custodian_id"], ["organisation.id"], name=op.f("fk_stock_balance_custodian_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_stock_balance_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_balance_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_stock_balance_lot_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_stock_balance_owner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_balance_site_id")),
        sa.PrimaryKeyConstraint("location_id", "lot_id", name=op.f("pk_stock_balance")),
    )
    with op.batch_alter_table("stock_balance", schema=None) as batch_op:
        batch_op.create_index(
            "ix_stock_balance_good_until",
            ["good_until", "is_exercise", "owner_id", "custodian_id"],
            unique=False,
            sqlite_where=sa.text("on_hand > 0"),
            postgresql_where=sa.text("on_hand > 0"),
        )
        batch_op.create_index("ix_stock_balance_item_id", ["item_id", "site_id"], unique=False)
        batch_op.create_index(
            "ix_stock_balance_listed",
            ["item_id", "good_until", "lot_number"],
            unique=False,
            sqlite_where=sa.text("on_hand > 0"),
            postgresql_where=sa.text("on_hand > 0"),
        )
        batch_op.create_index("ix_stock_balance_lot_id", ["lot_id"], unique=False)
        batch_op.create_index("ix_stock_balance_site_id", ["site_id"], unique=False)

    op.create_table(
        "stock_count_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("count_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("is_found", sa.Boolean(), nullable=False),
        sa.Column(
            "found",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("base_quantity", sa.BigInteger(), nullable=False),
        sa.Column("book", sa.BigInteger(), nullable=True),
        sa.Column("counted", sa.BigInteger(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_by_id", sa.Uuid(), nullable=True),
        sa.Column("counted_by_name", sa.String(length=80), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("needs_recount", sa.Boolean(), nullable=False),
        sa.Column("recounted", sa.BigInteger(), nullable=True),
        sa.Column("recounted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recounted_by_id", sa.Uuid(), nullable=True),
        sa.Column("recounted_by_name", sa.String(length=80), nullable=False),
        sa.Column("quality", sa.String(40), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("reason_note", sa.String(length=120), nullable=False),
        sa.Column("explained_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(counted IS NULL OR counted >= 0) AND (recounted IS NULL OR recounted >= 0)",
            name=op.f("ck_stock_count_line_figures"),
        ),
        sa.CheckConstraint(
            "base_quantity >= 0 AND (book IS NULL OR book >= 0)", name=op.f("ck_stock_count_line_books")
        ),
        sa.CheckConstraint(
            "recounted_by_id IS NULL OR counted_by_id IS NULL OR recounted_by_id <> counted_by_id",
            name=op.f("ck_stock_count_line_recounted_by_another"),
        ),
        sa.ForeignKeyConstraint(["count_id"], ["stock_count.id"], name=op.f("fk_stock_count_line_count_id")),
        sa.ForeignKeyConstraint(["counted_by_id"], ["app_user.id"], name=op.f("fk_stock_count_line_counted_by_id")),
        sa.ForeignKeyConstraint(["explained_by_id"], ["app_user.id"], name=op.f("fk_stock_count_line_explained_by_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_stock_count_line_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_count_line_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_stock_count_line_lot_id")),
        sa.ForeignKeyConstraint(["recounted_by_id"], ["app_user.id"], name=op.f("fk_stock_count_line_recounted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count_line")),
        sa.UniqueConstraint("count_id", "line_no", name=op.f("uq_stock_count_line_count_id_line_no")),
    )
    with op.batch_alter_table("stock_count_line", schema=None) as batch_op:
        batch_op.create_index("ix_stock_count_line_lot_id", ["lot_id"], unique=False)

    op.create_table(
        "stock_count_place",
        sa.Column("count_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["count_id"], ["stock_count.id"], name=op.f("fk_stock_count_place_count_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_count_place_location_id")),
        sa.PrimaryKeyConstraint("count_id", "location_id", name=op.f("pk_stock_count_place")),
    )
    with op.batch_alter_table("stock_count_place", schema=None) as batch_op:
        batch_op.create_index("ix_stock_count_place_location_id", ["location_id"], unique=False)

    op.create_table(
        "stock_document_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("actual", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column(
            "details",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "due >= 0 AND actual >= 0 AND rejected >= 0", name=op.f("ck_stock_document_line_quantities")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["stock_document.id"], name=op.f("fk_stock_document_line_document_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_stock_document_line_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_document_line_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_stock_document_line_lot_id")),
        sa.ForeignKeyConstraint(["target_id"], ["location.id"], name=op.f("fk_stock_document_line_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_document_line")),
        sa.UniqueConstraint("document_id", "line_no", name=op.f("uq_stock_document_line_document_id_line_no")),
    )
    op.create_table(
        "stock_move",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("document_kind", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("custodian_id", sa.Uuid(), nullable=True),
        sa.Column("fund_source", sa.String(length=40), nullable=False),
        sa.Column("parent_lot_id", sa.Uuid(), nullable=True),
        sa.Column("is_exercise", sa.Boolean(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("request_key", sa.String(length=255), nullable=True),
        sa.Column("shard", sa.String(length=80), nullable=False),
        sa.Column("shard_seq", sa.BigInteger(), nullable=False),
        sa.Column("algorithm", sa.String(length=20), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_move_quantity")),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_stock_move_two_places")),
        sa.ForeignKeyConstraint(["custodian_id"], ["organisation.id"], name=op.f("fk_stock_move_custodian_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_stock_move_item_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_stock_move_lot_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_stock_move_owner_id")),
        sa.ForeignKeyConstraint(["source_id"], ["location.id"], name=op.f("fk_stock_move_source_id")),
        sa.ForeignKeyConstraint(["target_id"], ["location.id"], name=op.f("fk_stock_move_target_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_stock_move")),
        sa.UniqueConstraint("posting_id", "line_no", name="uq_stock_move_posting"),
        sa.UniqueConstraint("shard", "shard_seq", name="uq_stock_move_chain_link"),
    )
    with op.batch_alter_table("stock_move", schema=None) as batch_op:
        batch_op.create_index("ix_stock_move_actor_name", ["actor_name", "seq"], unique=False)
        batch_op.create_index("ix_stock_move_document_id", ["document_id"], unique=False)
        batch_op.create_index(
            "ix_stock_move_incident_id",
            ["incident_id"],
            unique=False,
            sqlite_where=sa.text("incident_id IS NOT NULL"),
            postgresql_where=sa.text("incident_id IS NOT NULL"),
        )
        batch_op.create_index("ix_stock_move_item_id", ["item_id", "seq"], unique=False)
        batch_op.create_index("ix_stock_move_lot_id", ["lot_id", "seq"], unique=False)
        batch_op.create_index("ix_stock_move_occurred_at", ["occurred_at"], unique=False)
        batch_op.create_index("ix_stock_move_reason", ["reason", "seq"], unique=False)
        batch_op.create_index("ix_stock_move_recorded_at", ["recorded_at"], unique=False)
        batch_op.create_index("ix_stock_move_source_id", ["source_id", "seq"], unique=False)
        batch_op.create_index("ix_stock_move_target_id", ["target_id", "seq"], unique=False)
        batch_op.create_index(
            "uq_stock_move_reversal",
            ["reverses_id", "line_no"],
            unique=True,
            sqlite_where=sa.text("reverses_id IS NOT NULL"),
            postgresql_where=sa.text("reverses_id IS NOT NULL"),
        )

    op.create_table(
        "stock_total",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("is_exercise", sa.Boolean(), nullable=False),
        sa.Column("is_dated", sa.Boolean(), nullable=False),
        sa.Column("custodian_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("lots", sa.BigInteger(), nullable=False),
        sa.Column("holds", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["custodian_id"], ["organisation.id"], name=op.f("fk_stock_total_custodian_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_stock_total_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_total_location_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_stock_total_owner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_total_site_id")),
        sa.PrimaryKeyConstraint(
            "location_id", "item_id", "owner_id", "is_exercise", "is_dated", name=op.f("pk_stock_total")
        ),
    )
    with op.batch_alter_table("stock_total", schema=None) as batch_op:
        batch_op.create_index("ix_stock_total_item_id", ["item_id"], unique=False)

    op.create_table(
        "supply_request_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("computed_need", sa.BigInteger(), nullable=False),
        sa.Column("already_met", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("class_rank", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("protected_permille", sa.Integer(), nullable=False),
        sa.Column("minimum_fill", sa.BigInteger(), nullable=False),
        sa.Column("allows_substitutes", sa.Boolean(), nullable=False),
        sa.Column("latest_arrival_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("approved", sa.BigInteger(), nullable=False),
        sa.Column("loaded", sa.BigInteger(), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND accepted >= 0 AND approved >= 0 AND loaded >= 0 AND delivered >= 0",
            name=op.f("ck_supply_request_line_quantities"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_supply_request_line_item_id")),
        sa.ForeignKeyConstraint(["request_id"], ["supply_request.id"], name=op.f("fk_supply_request_line_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_request_line")),
        sa.UniqueConstraint("request_id", "line_no", name=op.f("uq_supply_request_line_request_id_line_no")),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("new_owner_id", sa.Uuid(), nullable=True),
        sa.Column("approver_id", sa.Uuid(), nullable=False),
        sa.Column("from_site_id", sa.Uuid(), nullable=False),
        sa.Column("from_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("to_site_id", sa.Uuid(), nullable=False),
        sa.Column("to_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("transit_id", sa.Uuid(), nullable=True),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("is_owed_back", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("settles_id", sa.Uuid(), nullable=True),
        sa.Column("send_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrive_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_by_name", sa.String(length=80), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=80), nullable=False),
        sa.Column("carrier", sa.String(length=120), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=True),
        sa.Column("vehicle", sa.String(length=60), nullable=False),
        sa.Column("driver", sa.String(length=60), nullable=False),
        sa.Column("driver_phone", sa.String(length=40), nullable=False),
        sa.Column("escort", sa.String(length=40), nullable=False),
        sa.Column("seal_number", sa.String(length=40), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receiver", sa.String(length=40), nullable=False),
        sa.Column("is_seal_intact", sa.Boolean(), nullable=True),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["app_user.id"], name=op.f("fk_transfer_approved_by_id")),
        sa.ForeignKeyConstraint(["approver_id"], ["organisation.id"], name=op.f("fk_transfer_approver_id")),
        sa.ForeignKeyConstraint(["carrier_id"], ["organisation.id"], name=op.f("fk_transfer_carrier_id")),
        sa.ForeignKeyConstraint(
            ["from_organisation_id"], ["organisation.id"], name=op.f("fk_transfer_from_organisation_id")
        ),
        sa.ForeignKeyConstraint(["from_site_id"], ["site.id"], name=op.f("fk_transfer_from_site_id")),
        sa.ForeignKeyConstraint(["new_owner_id"], ["organisation.id"], name=op.f("fk_transfer_new_owner_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_transfer_owner_id")),
        sa.ForeignKeyConstraint(["settles_id"], ["obligation.id"], name=op.f("fk_transfer_settles_id")),
        sa.ForeignKeyConstraint(
            ["to_organisation_id"], ["organisation.id"], name=op.f("fk_transfer_to_organisation_id")
        ),
        sa.ForeignKeyConstraint(["to_site_id"], ["site.id"], name=op.f("fk_transfer_to_site_id")),
        sa.ForeignKeyConstraint(["transit_id"], ["location.id"], name=op.f("fk_transfer_transit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("number", name=op.f("uq_transfer_number")),
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index("ix_transfer_incident_id", ["incident_id"], unique=False)
        batch_op.create_index("ix_transfer_state", ["state", "expected_at"], unique=False)

    op.create_table(
        "upkeep_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("description", sa.String(length=400), nullable=False),
        sa.Column("responsible", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_by_name", sa.String(length=80), nullable=False),
        sa.Column("closing_note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "closed_at IS NULL OR closing_note <> ''", name=op.f("ck_upkeep_finding_closed_with_a_word")
        ),
        sa.ForeignKeyConstraint(["closed_by_id"], ["app_user.id"], name=op.f("fk_upkeep_finding_closed_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_upkeep_finding_organisation_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["upkeep_round.id"], name=op.f("fk_upkeep_finding_round_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_upkeep_finding_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upkeep_finding")),
    )
    with op.batch_alter_table("upkeep_finding", schema=None) as batch_op:
        batch_op.create_index("ix_upkeep_finding_site_id", ["site_id", "closed_at"], unique=False)

    op.create_table(
        "upkeep_round_lot",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("sampled", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("sampled >= 0", name=op.f("ck_upkeep_round_lot_sampled")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_upkeep_round_lot_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_upkeep_round_lot_lot_id")),
        sa.ForeignKeyConstraint(["round_id"], ["upkeep_round.id"], name=op.f("fk_upkeep_round_lot_round_id")),
        sa.PrimaryKeyConstraint("round_id", "location_id", "lot_id", name=op.f("pk_upkeep_round_lot")),
    )
    with op.batch_alter_table("upkeep_round_lot", schema=None) as batch_op:
        batch_op.create_index("ix_upkeep_round_lot_lot_id", ["lot_id"], unique=False)

    op.create_table(
        "arrival_receipt",
        sa.Column("document_line_id", sa.Uuid(), nullable=False),
        sa.Column("arrival_line_id", sa.Uuid(), nullable=False),
        sa.Column("load_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["arrival_line_id"], ["arrival_line.id"], name=op.f("fk_arrival_receipt_arrival_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_line_id"], ["stock_document_line.id"], name=op.f("fk_arrival_receipt_document_line_id")
        ),
        sa.ForeignKeyConstraint(["load_id"], ["arrival_load.id"], name=op.f("fk_arrival_receipt_load_id")),
        sa.PrimaryKeyConstraint("document_line_id", name=op.f("pk_arrival_receipt")),
    )
    with op.batch_alter_table("arrival_receipt", schema=None) as batch_op:
        batch_op.create_index("ix_arrival_receipt_arrival_line_id", ["arrival_line_id"], unique=False)

    op.create_table(
        "asset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("serial_number", sa.String(length=60), nullable=False),
        sa.Column("maker_number", sa.String(length=60), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("custodian_id", sa.Uuid(), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("defect", sa.String(length=200), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("picked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picked_for", sa.String(length=80), nullable=False),
        sa.Column("meter_hours", sa.Integer(), nullable=False),
        sa.Column("in_service_on", sa.Date(), nullable=True),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("meter_hours >= 0", name=op.f("ck_asset_meter_hours")),
        sa.ForeignKeyConstraint(["custodian_id"], ["organisation.id"], name=op.f("fk_asset_custodian_id")),
        sa.ForeignKeyConstraint(["hold_id"], ["reservation.id"], name=op.f("fk_asset_hold_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["organisation.id"], name=op.f("fk_asset_holder_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_asset_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_asset_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_asset_lot_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_asset_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
        sa.UniqueConstraint("item_id", "serial_number", name=op.f("uq_asset_item_id_serial_number")),
        sa.UniqueConstraint("number", name=op.f("uq_asset_number")),
    )
    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.create_index("ix_asset_location_id", ["location_id"], unique=False)
        batch_op.create_index("ix_asset_lot_id", ["lot_id", "location_id"], unique=False)
        batch_op.create_index("ix_asset_serial_number", ["serial_number"], unique=False)

    op.create_table(
        "call_off_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_off_id", sa.Uuid(), nullable=False),
        sa.Column("contract_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("promised", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("serves", sa.BigInteger(), nullable=False),
        sa.Column("delivery_site_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_line_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "quantity > 0 AND serves > 0 AND promised >= 0 AND promised <= quantity AND received >= 0",
            name=op.f("ck_call_off_item_parts"),
        ),
        sa.ForeignKeyConstraint(["call_off_id"], ["call_off.id"], name=op.f("fk_call_off_item_call_off_id")),
        sa.ForeignKeyConstraint(
            ["contract_line_id"], ["contract_line.id"], name=op.f("fk_call_off_item_contract_line_id")
        ),
        sa.ForeignKeyConstraint(["delivery_site_id"], ["site.id"], name=op.f("fk_call_off_item_delivery_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_off_item")),
    )
    with op.batch_alter_table("call_off_item", schema=None) as batch_op:
        batch_op.create_index("ix_call_off_item_call_off_id", ["call_off_id"], unique=False)

    op.create_table(
        "consignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("instruction_id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=True),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("incident_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("custodian_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("origin_site_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_site_id", sa.Uuid(), nullable=False),
        sa.Column("transit_id", sa.Uuid(), nullable=False),
        sa.Column("call_off_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("load_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_arrival_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by_name", sa.String(length=80), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("departed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receiver", sa.String(length=40), nullable=False),
        sa.Column("receiver_position", sa.String(length=40), nullable=False),
        sa.Column("receiver_phone", sa.String(length=40), nullable=False),
        sa.Column("is_seal_intact", sa.Boolean(), nullable=True),
        sa.Column("rerouted_from_id", sa.Uuid(), nullable=True),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["call_off_id"], ["call_off.id"], name=op.f("fk_consignment_call_off_id")),
        sa.ForeignKeyConstraint(["custodian_id"], ["organisation.id"], name=op.f("fk_consignment_custodian_id")),
        sa.ForeignKeyConstraint(["delivery_site_id"], ["site.id"], name=op.f("fk_consignment_delivery_site_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_consignment_incident_id")),
        sa.ForeignKeyConstraint(
            ["incident_organisation_id"], ["organisation.id"], name=op.f("fk_consignment_incident_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["instruction_id"], ["release_instruction.id"], name=op.f("fk_consignment_instruction_id")
        ),
        sa.ForeignKeyConstraint(["origin_site_id"], ["site.id"], name=op.f("fk_consignment_origin_site_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_consignment_owner_id")),
        sa.ForeignKeyConstraint(
            ["receiver_organisation_id"], ["organisation.id"], name=op.f("fk_consignment_receiver_organisation_id")
        ),
        sa.ForeignKeyConstraint(["rerouted_from_id"], ["site.id"], name=op.f("fk_consignment_rerouted_from_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_consignment_shipment_id")),
        sa.ForeignKeyConstraint(["transit_id"], ["location.id"], name=op.f("fk_consignment_transit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consignment")),
        sa.UniqueConstraint("call_off_id", name=op.f("uq_consignment_call_off_id")),
        sa.UniqueConstraint("number", name=op.f("uq_consignment_number")),
    )
    with op.batch_alter_table("consignment", schema=None) as batch_op:
        batch_op.create_index("ix_consignment_incident_id", ["incident_id"], unique=False)
        batch_op.create_index("ix_consignment_instruction_id", ["instruction_id"], unique=False)
        batch_op.create_index("ix_consignment_planned_arrival_at", ["planned_arrival_at", "number"], unique=False)
        batch_op.create_index("ix_consignment_shipment_id", ["shipment_id"], unique=False)

    op.create_table(
        "deployment_duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("shift", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaves_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrive_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("persons > 0", name=op.f("ck_deployment_duty_persons")),
        sa.CheckConstraint("shift > 0 AND part > 0", name=op.f("ck_deployment_duty_shift")),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_deployment_duty_deployment_id")),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_deployment_duty_mission_id")),
        sa.ForeignKeyConstraint(["task_id"], ["rescue_task.id"], name=op.f("fk_deployment_duty_task_id")),
        sa.ForeignKeyConstraint(["team_id"], ["rescue_team.id"], name=op.f("fk_deployment_duty_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment_duty")),
        sa.UniqueConstraint("deployment_id", "row_no", name=op.f("uq_deployment_duty_deployment_id_row_no")),
    )
    with op.batch_alter_table("deployment_duty", schema=None) as batch_op:
        batch_op.create_index("ix_deployment_duty_task_id", ["task_id"], unique=False)

    op.create_table(
        "freeze_bypass",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("freeze_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("posting_number", sa.String(length=80), nullable=False),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("bypassed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bypassed_by_id", sa.Uuid(), nullable=True),
        sa.Column("bypassed_by_name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["freeze_id"], ["location_freeze.id"], name=op.f("fk_freeze_bypass_freeze_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freeze_bypass")),
        sa.UniqueConstraint("freeze_id", "posting_id", name=op.f("uq_freeze_bypass_freeze_id_posting_id")),
    )
    with op.batch_alter_table("freeze_bypass", schema=None) as batch_op:
        batch_op.create_index("ix_freeze_bypass_document_id", ["document_id"], unique=False)

    op.create_table(
        "mission_step",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_mission_step_mission_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_mission_step")),
    )
    with op.batch_alter_table("mission_step", schema=None) as batch_op:
        batch_op.create_index("ix_mission_step_mission_id", ["mission_id"], unique=False)

    op.create_table(
        "plan_gap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("request_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column(
            "reasons",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_gap_plan_id")),
        sa.ForeignKeyConstraint(
            ["request_line_id"], ["supply_request_line.id"], name=op.f("fk_plan_gap_request_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_gap")),
        sa.UniqueConstraint("plan_id", "request_line_id", name=op.f("uq_plan_gap_plan_id_request_line_id")),
    )
    op.create_table(
        "plan_insertions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("request_line_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column(
            "options",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "problem",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "since",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "offers",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "error",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_plan_insertions_created_by_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_insertions_plan_id")),
        sa.ForeignKeyConstraint(
            ["request_line_id"], ["supply_request_line.id"], name=op.f("fk_plan_insertions_request_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_insertions")),
    )
    with op.batch_alter_table("plan_insertions", schema=None) as batch_op:
        batch_op.create_index("ix_plan_insertions_plan_id", ["plan_id", "created_at"], unique=False)

    op.create_table(
        "plan_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.String(40), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("contract_line_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("request_line_id", sa.Uuid(), nullable=False),
        sa.Column("origin_site_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_site_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("serves", sa.BigInteger(), nullable=False),
        sa.Column("trip_no", sa.Integer(), nullable=True),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity > 0 AND serves > 0", name=op.f("ck_plan_line_quantities")),
        sa.ForeignKeyConstraint(["contract_line_id"], ["contract_line.id"], name=op.f("fk_plan_line_contract_line_id")),
        sa.ForeignKeyConstraint(["delivery_site_id"], ["site.id"], name=op.f("fk_plan_line_delivery_site_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_plan_line_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_plan_line_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_plan_line_lot_id")),
        sa.ForeignKeyConstraint(["origin_site_id"], ["site.id"], name=op.f("fk_plan_line_origin_site_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_plan_line_owner_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_line_plan_id")),
        sa.ForeignKeyConstraint(
            ["request_line_id"], ["supply_request_line.id"], name=op.f("fk_plan_line_request_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_line")),
        sa.UniqueConstraint("plan_id", "line_no", name=op.f("uq_plan_line_plan_id_line_no")),
    )
    with op.batch_alter_table("plan_line", schema=None) as batch_op:
        batch_op.create_index("ix_plan_line_request_line_id", ["request_line_id"], unique=False)

    op.create_table(
        "recovery_repair",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("repaired", sa.BigInteger(), nullable=False),
        sa.Column("condemned", sa.BigInteger(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("repaired_by", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "repaired >= 0 AND condemned >= 0 AND repaired + condemned > 0", name=op.f("ck_recovery_repair_quantity")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["recovery_line.id"], name=op.f("fk_recovery_repair_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_repair")),
    )
    with op.batch_alter_table("recovery_repair", schema=None) as batch_op:
        batch_op.create_index("ix_recovery_repair_line_id", ["line_id"], unique=False)

    op.create_table(
        "rescue_task_mission",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("relieves_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("relieved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["added_by_id"], ["app_user.id"], name=op.f("fk_rescue_task_mission_added_by_id")),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_rescue_task_mission_mission_id")),
        sa.ForeignKeyConstraint(["task_id"], ["rescue_task.id"], name=op.f("fk_rescue_task_mission_task_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_rescue_task_mission")),
        sa.UniqueConstraint(
            "task_id", "mission_id", "relieves_at", name=op.f("uq_rescue_task_mission_task_id_mission_id_relieves_at")
        ),
    )
    with op.batch_alter_table("rescue_task_mission", schema=None) as batch_op:
        batch_op.create_index("ix_rescue_task_mission_mission_id", ["mission_id"], unique=False)
        batch_op.create_index(
            "uq_rescue_task_mission_first",
            ["task_id", "mission_id"],
            unique=True,
            sqlite_where=sa.text("relieves_at IS NULL"),
            postgresql_where=sa.text("relieves_at IS NULL"),
        )

    op.create_table(
        "scrap_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scrap_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_scrap_line_quantity")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_scrap_line_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_scrap_line_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_scrap_line_lot_id")),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservation.id"], name=op.f("fk_scrap_line_reservation_id")),
        sa.ForeignKeyConstraint(["scrap_id"], ["scrap.id"], name=op.f("fk_scrap_line_scrap_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scrap_line")),
        sa.UniqueConstraint("scrap_id", "line_no", name=op.f("uq_scrap_line_scrap_id_line_no")),
    )
    with op.batch_alter_table("scrap_line", schema=None) as batch_op:
        batch_op.create_index("ix_scrap_line_lot_id", ["lot_id"], unique=False)

    op.create_table(
        "stock_count_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("is_recount", sa.Boolean(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=True),
        sa.Column("entered_by_name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["entered_by_id"], ["app_user.id"], name=op.f("fk_stock_count_entry_entered_by_id")),
        sa.ForeignKeyConstraint(["line_id"], ["stock_count_line.id"], name=op.f("fk_stock_count_entry_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count_entry")),
    )
    with op.batch_alter_table("stock_count_entry", schema=None) as batch_op:
        batch_op.create_index("ix_stock_count_entry_line_id", ["line_id"], unique=False)

    op.create_table(
        "stock_count_hit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("count_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("document_kind", sa.String(length=40), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("hit_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["count_id"], ["stock_count.id"], name=op.f("fk_stock_count_hit_count_id")),
        sa.ForeignKeyConstraint(["line_id"], ["stock_count_line.id"], name=op.f("fk_stock_count_hit_line_id")),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservation.id"], name=op.f("fk_stock_count_hit_reservation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count_hit")),
    )
    with op.batch_alter_table("stock_count_hit", schema=None) as batch_op:
        batch_op.create_index("ix_stock_count_hit_count_id", ["count_id"], unique=False)

    op.create_table(
        "take_over",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("loser_reservation_id", sa.Uuid(), nullable=False),
        sa.Column("loser_number", sa.String(length=80), nullable=False),
        sa.Column(
            "loser_rank",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("winner_reservation_id", sa.Uuid(), nullable=False),
        sa.Column("winner_line_id", sa.Uuid(), nullable=False),
        sa.Column("winner_number", sa.String(length=80), nullable=False),
        sa.Column(
            "winner_rank",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("ranked_by", sa.String(length=60), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by_id", sa.Uuid(), nullable=True),
        sa.Column("taken_by_name", sa.String(length=80), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_take_over_quantity")),
        sa.ForeignKeyConstraint(
            ["loser_reservation_id"], ["reservation.id"], name=op.f("fk_take_over_loser_reservation_id")
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_take_over_organisation_id")),
        sa.ForeignKeyConstraint(
            ["winner_line_id"], ["supply_request_line.id"], name=op.f("fk_take_over_winner_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["winner_reservation_id"], ["reservation.id"], name=op.f("fk_take_over_winner_reservation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_over")),
    )
    with op.batch_alter_table("take_over", schema=None) as batch_op:
        batch_op.create_index("ix_take_over_loser_id", ["loser_reservation_id"], unique=False)
        batch_op.create_index("ix_take_over_winner_id", ["winner_reservation_id"], unique=False)

    op.create_table(
        "transfer_arrival",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("arrival_no", sa.Integer(), nullable=False),
        sa.Column("receipt_number", sa.String(length=80), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receiver", sa.String(length=40), nullable=False),
        sa.Column("is_seal_intact", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(length=400), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["app_user.id"], name=op.f("fk_transfer_arrival_recorded_by_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_arrival_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_arrival")),
        sa.UniqueConstraint("transfer_id", "arrival_no", name=op.f("uq_transfer_arrival_transfer_id_arrival_no")),
    )
    op.create_table(
        "transfer_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("lot_number", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_transfer_line_quantity")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_transfer_line_item_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_line_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_line")),
        sa.UniqueConstraint("transfer_id", "line_no", name=op.f("uq_transfer_line_transfer_id_line_no")),
    )
    op.create_table(
        "transfer_lot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("loaded", sa.BigInteger(), nullable=False),
        sa.Column("good", sa.BigInteger(), nullable=False),
        sa.Column("damaged", sa.BigInteger(), nullable=False),
        sa.Column("short", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column("new_lot_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "good >= 0 AND damaged >= 0 AND short >= 0 AND returned >= 0 AND good + damaged + short + returned <= loaded",
            name=op.f("ck_transfer_lot_found"),
        ),
        sa.CheckConstraint("quantity > 0 AND loaded >= 0 AND loaded <= quantity", name=op.f("ck_transfer_lot_loaded")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_transfer_lot_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_transfer_lot_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_transfer_lot_lot_id")),
        sa.ForeignKeyConstraint(["new_lot_id"], ["lot.id"], name=op.f("fk_transfer_lot_new_lot_id")),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservation.id"], name=op.f("fk_transfer_lot_reservation_id")),
        sa.ForeignKeyConstraint(["target_id"], ["location.id"], name=op.f("fk_transfer_lot_target_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_lot_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_lot")),
        sa.UniqueConstraint("transfer_id", "line_no", name=op.f("uq_transfer_lot_transfer_id_line_no")),
    )
    op.create_table(
        "asset_event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=True),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("document_kind", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_asset_event_asset_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_asset_event_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_asset_event_lot_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_asset_event")),
    )
    with op.batch_alter_table("asset_event", schema=None) as batch_op:
        batch_op.create_index("ix_asset_event_asset_id", ["asset_id", "seq"], unique=False)
        batch_op.create_index("ix_asset_event_posting_id", ["posting_id"], unique=False)

    op.create_table(
        "asset_loan_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("from_location_id", sa.Uuid(), nullable=False),
        sa.Column("condition_out", sa.String(40), nullable=False),
        sa.Column("meter_out", sa.Integer(), nullable=False),
        sa.Column("handed_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_by", sa.String(length=40), nullable=False),
        sa.Column("taken_back_by", sa.String(length=80), nullable=False),
        sa.Column("condition_in", sa.String(40), nullable=True),
        sa.Column("defects", sa.String(length=200), nullable=False),
        sa.Column("meter_in", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_asset_loan_line_asset_id")),
        sa.ForeignKeyConstraint(
            ["from_location_id"], ["location.id"], name=op.f("fk_asset_loan_line_from_location_id")
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["asset_loan.id"], name=op.f("fk_asset_loan_line_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_loan_line")),
        sa.UniqueConstraint("loan_id", "line_no", name=op.f("uq_asset_loan_line_loan_id_line_no")),
    )
    with op.batch_alter_table("asset_loan_line", schema=None) as batch_op:
        batch_op.create_index("ix_asset_loan_line_asset_id", ["asset_id"], unique=False)

    op.create_table(
        "asset_work",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("done_by", sa.String(length=80), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("defect", sa.String(length=200), nullable=False),
        sa.Column("meter_hours", sa.Integer(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("certificate", sa.String(length=60), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("cost_fen >= 0", name=op.f("ck_asset_work_cost")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_asset_work_asset_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["asset_plan.id"], name=op.f("fk_asset_work_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_work")),
    )
    with op.batch_alter_table("asset_work", schema=None) as batch_op:
        batch_op.create_index("ix_asset_work_asset_id", ["asset_id", "done_on"], unique=False)

    op.create_table(
        "consignment_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consignment_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("plan_line_id", sa.Uuid(), nullable=False),
        sa.Column("request_line_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.Column("call_off_item_id", sa.Uuid(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("serves", sa.BigInteger(), nullable=False),
        sa.Column("shortened", sa.BigInteger(), nullable=False),
        sa.Column("turn_reason", sa.String(length=120), nullable=False),
        sa.Column("loaded", sa.BigInteger(), nullable=False),
        sa.Column("good", sa.BigInteger(), nullable=False),
        sa.Column("damaged", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("short", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "call_off_item_id IS NOT NULL OR (lot_id IS NOT NULL AND reservation_id IS NOT NULL)",
            name=op.f("ck_consignment_line_source"),
        ),
        sa.CheckConstraint(
            "good >= 0 AND damaged >= 0 AND refused >= 0 AND short >= 0 AND good + damaged + refused + short <= loaded",
            name=op.f("ck_consignment_line_found"),
        ),
        sa.CheckConstraint(
            "quantity > 0 AND shortened >= 0 AND shortened <= quantity AND loaded >= 0 AND loaded <= quantity - shortened",
            name=op.f("ck_consignment_line_loaded"),
        ),
        sa.ForeignKeyConstraint(
            ["call_off_item_id"], ["call_off_item.id"], name=op.f("fk_consignment_line_call_off_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["consignment_id"], ["consignment.id"], name=op.f("fk_consignment_line_consignment_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_consignment_line_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_consignment_line_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_consignment_line_lot_id")),
        sa.ForeignKeyConstraint(["plan_line_id"], ["plan_line.id"], name=op.f("fk_consignment_line_plan_line_id")),
        sa.ForeignKeyConstraint(
            ["request_line_id"], ["supply_request_line.id"], name=op.f("fk_consignment_line_request_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name=op.f("fk_consignment_line_reservation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consignment_line")),
        sa.UniqueConstraint("call_off_item_id", name=op.f("uq_consignment_line_call_off_item_id")),
        sa.UniqueConstraint("consignment_id", "line_no", name=op.f("uq_consignment_line_consignment_id_line_no")),
    )
    with op.batch_alter_table("consignment_line", schema=None) as batch_op:
        batch_op.create_index("ix_consignment_line_request_line_id", ["request_line_id"], unique=False)
        batch_op.create_index("ix_consignment_line_reservation_id", ["reservation_id"], unique=False)

    op.create_table(
        "overdue_alert",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("consignment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consignment_id"], ["consignment.id"], name=op.f("fk_overdue_alert_consignment_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_overdue_alert")),
        sa.UniqueConstraint("consignment_id", "kind", name=op.f("uq_overdue_alert_consignment_id_kind")),
    )
    op.create_table(
        "plan_variant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("alternatives_id", sa.Uuid(), nullable=True),
        sa.Column("insertions_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(40), nullable=False),
        sa.Column(
            "solution",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "verdict",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("adopted_as_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["adopted_as_id"], ["plan.id"], name=op.f("fk_plan_variant_adopted_as_id")),
        sa.ForeignKeyConstraint(
            ["alternatives_id"], ["plan_alternatives.id"], name=op.f("fk_plan_variant_alternatives_id")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_plan_variant_created_by_id")),
        sa.ForeignKeyConstraint(["insertions_id"], ["plan_insertions.id"], name=op.f("fk_plan_variant_insertions_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_variant_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_variant")),
    )
    with op.batch_alter_table("plan_variant", schema=None) as batch_op:
        batch_op.create_index("ix_plan_variant_plan_id", ["plan_id", "created_at"], unique=False)

    op.create_table(
        "transfer_arrival_line",
        sa.Column("arrival_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("good", sa.BigInteger(), nullable=False),
        sa.Column("damaged", sa.BigInteger(), nullable=False),
        sa.Column("short", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "good >= 0 AND damaged >= 0 AND short >= 0 AND good + damaged + short > 0",
            name=op.f("ck_transfer_arrival_line_transfer_arrival_found"),
        ),
        sa.ForeignKeyConstraint(
            ["arrival_id"], ["transfer_arrival.id"], name=op.f("fk_transfer_arrival_line_arrival_id")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["transfer_lot.id"], name=op.f("fk_transfer_arrival_line_line_id")),
        sa.ForeignKeyConstraint(["target_id"], ["location.id"], name=op.f("fk_transfer_arrival_line_target_id")),
        sa.PrimaryKeyConstraint("arrival_id", "line_id", name=op.f("pk_transfer_arrival_line")),
    )
    op.create_table(
        "transfer_difference",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("finding", sa.String(40), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=400), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["line_id"], ["transfer_lot.id"], name=op.f("fk_transfer_difference_line_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_difference_transfer_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_transfer_difference")),
    )
    with op.batch_alter_table("transfer_difference", schema=None) as batch_op:
        batch_op.create_index("ix_transfer_difference_transfer_id", ["transfer_id"], unique=False)

    op.create_table(
        "discrepancy",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("consignment_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=400), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["consignment_id"], ["consignment.id"], name=op.f("fk_discrepancy_consignment_id")),
        sa.ForeignKeyConstraint(["line_id"], ["consignment_line.id"], name=op.f("fk_discrepancy_line_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_discrepancy")),
    )
    with op.batch_alter_table("discrepancy", schema=None) as batch_op:
        batch_op.create_index("ix_discrepancy_consignment_id", ["consignment_id"], unique=False)

    for table in APPEND_ONLY:
        make_append_only(table)


def downgrade() -> None:
    for table in APPEND_ONLY:
        drop_append_only(table)
    with op.batch_alter_table("discrepancy", schema=None) as batch_op:
        batch_op.drop_index("ix_discrepancy_consignment_id")

    op.drop_table("discrepancy")
    with op.batch_alter_table("transfer_difference", schema=None) as batch_op:
        batch_op.drop_index("ix_transfer_difference_transfer_id")

    op.drop_table("transfer_difference")
    op.drop_table("transfer_arrival_line")
    with op.batch_alter_table("plan_variant", schema=None) as batch_op:
        batch_op.drop_index("ix_plan_variant_plan_id")

    op.drop_table("plan_variant")
    op.drop_table("overdue_alert")
    with op.batch_alter_table("consignment_line", schema=None) as batch_op:
        batch_op.drop_index("ix_consignment_line_reservation_id")
        batch_op.drop_index("ix_consignment_line_request_line_id")

    op.drop_table("consignment_line")
    with op.batch_alter_table("asset_work", schema=None) as batch_op:
        batch_op.drop_index("ix_asset_work_asset_id")

    op.drop_table("asset_work")
    with op.batch_alter_table("asset_loan_line", schema=None) as batch_op:
        batch_op.drop_index("ix_asset_loan_line_asset_id")

    op.drop_table("asset_loan_line")
    with op.batch_alter_table("asset_event", schema=None) as batch_op:
        batch_op.drop_index("ix_asset_event_posting_id")
        batch_op.drop_index("ix_asset_event_asset_id")

    op.drop_table("asset_event")
    op.drop_table("transfer_lot")
    op.drop_table("transfer_line")
    op.drop_table("transfer_arrival")
    with op.batch_alter_table("take_over", schema=None) as batch_op:
        batch_op.drop_index("ix_take_over_winner_id")
        batch_op.drop_index("ix_take_over_loser_id")

    op.drop_table("take_over")
    with op.batch_alter_table("stock_count_hit", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_count_hit_count_id")

    op.drop_table("stock_count_hit")
    with op.batch_alter_table("stock_count_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_count_entry_line_id")

    op.drop_table("stock_count_entry")
    with op.batch_alter_table("scrap_line", schema=None) as batch_op:
        batch_op.drop_index("ix_scrap_line_lot_id")

    op.drop_table("scrap_line")
    with op.batch_alter_table("rescue_task_mission", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_rescue_task_mission_first",
            sqlite_where=sa.text("relieves_at IS NULL"),
            postgresql_where=sa.text("relieves_at IS NULL"),
        )
        batch_op.drop_index("ix_rescue_task_mission_mission_id")

    op.drop_table("rescue_task_mission")
    with op.batch_alter_table("recovery_repair", schema=None) as batch_op:
        batch_op.drop_index("ix_recovery_repair_line_id")

    op.drop_table("recovery_repair")
    with op.batch_alter_table("plan_line", schema=None) as batch_op:
        batch_op.drop_index("ix_plan_line_request_line_id")

    op.drop_table("plan_line")
    with op.batch_alter_table("plan_insertions", schema=None) as batch_op:
        batch_op.drop_index("ix_plan_insertions_plan_id")

    op.drop_table("plan_insertions")
    op.drop_table("plan_gap")
    with op.batch_alter_table("mission_step", schema=None) as batch_op:
        batch_op.drop_index("ix_mission_step_mission_id")

    op.drop_table("mission_step")
    with op.batch_alter_table("freeze_bypass", schema=None) as batch_op:
        batch_op.drop_index("ix_freeze_bypass_document_id")

    op.drop_table("freeze_bypass")
    with op.batch_alter_table("deployment_duty", schema=None) as batch_op:
        batch_op.drop_index("ix_deployment_duty_task_id")

    op.drop_table("deployment_duty")
    with op.batch_alter_table("consignment", schema=None) as batch_op:
        batch_op.drop_index("ix_consignment_shipment_id")
        batch_op.drop_index("ix_consignment_planned_arrival_at")
        batch_op.drop_index("ix_consignment_instruction_id")
        batch_op.drop_index("ix_consignment_incident_id")

    op.drop_table("consignment")
    with op.batch_alter_table("call_off_item", schema=None) as batch_op:
        batch_op.drop_index("ix_call_off_item_call_off_id")

    op.drop_table("call_off_item")
    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.drop_index("ix_asset_serial_number")
        batch_op.drop_index("ix_asset_lot_id")
        batch_op.drop_index("ix_asset_location_id")

    op.drop_table("asset")
    with op.batch_alter_table("arrival_receipt", schema=None) as batch_op:
        batch_op.drop_index("ix_arrival_receipt_arrival_line_id")

    op.drop_table("arrival_receipt")
    with op.batch_alter_table("upkeep_round_lot", schema=None) as batch_op:
        batch_op.drop_index("ix_upkeep_round_lot_lot_id")

    op.drop_table("upkeep_round_lot")
    with op.batch_alter_table("upkeep_finding", schema=None) as batch_op:
        batch_op.drop_index("ix_upkeep_finding_site_id")

    op.drop_table("upkeep_finding")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_index("ix_transfer_state")
        batch_op.drop_index("ix_transfer_incident_id")

    op.drop_table("transfer")
    op.drop_table("supply_request_line")
    with op.batch_alter_table("stock_total", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_total_item_id")

    op.drop_table("stock_total")
    with op.batch_alter_table("stock_move", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_stock_move_reversal",
            sqlite_where=sa.text("reverses_id IS NOT NULL"),
            postgresql_where=sa.text("reverses_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_stock_move_target_id")
        batch_op.drop_index("ix_stock_move_source_id")
        batch_op.drop_index("ix_stock_move_recorded_at")
        batch_op.drop_index("ix_stock_move_reason")
        batch_op.drop_index("ix_stock_move_occurred_at")
        batch_op.drop_index("ix_stock_move_lot_id")
        batch_op.drop_index("ix_stock_move_item_id")
        batch_op.drop_index(
            "ix_stock_move_incident_id",
            sqlite_where=sa.text("incident_id IS NOT NULL"),
            postgresql_where=sa.text("incident_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_stock_move_document_id")
        batch_op.drop_index("ix_stock_move_actor_name")

    op.drop_table("stock_move")
    op.drop_table("stock_document_line")
    with op.batch_alter_table("stock_count_place", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_count_place_location_id")

    op.drop_table("stock_count_place")
    with op.batch_alter_table("stock_count_line", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_count_line_lot_id")

    op.drop_table("stock_count_line")
    with op.batch_alter_table("stock_balance", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_balance_site_id")
        batch_op.drop_index("ix_stock_balance_lot_id")
        batch_op.drop_index(
            "ix_stock_balance_listed", sqlite_where=sa.text("on_hand > 0"), postgresql_where=sa.text("on_hand > 0")
        )
        batch_op.drop_index("ix_stock_balance_item_id")
        batch_op.drop_index(
            "ix_stock_balance_good_until", sqlite_where=sa.text("on_hand > 0"), postgresql_where=sa.text("on_hand > 0")
        )

    op.drop_table("stock_balance")
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.drop_index("ix_shipment_planned_departure_at")
        batch_op.drop_index("ix_shipment_incident_id")

    op.drop_table("shipment")
    op.drop_table("scrap_decision")
    with op.batch_alter_table("rotation", schema=None) as batch_op:
        batch_op.drop_index("ix_rotation_state")
        batch_op.drop_index("ix_rotation_lot_id")

    op.drop_table("rotation")
    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_reservation_used",
            sqlite_where=sa.text("closed_at IS NOT NULL AND fulfilled > 0"),
            postgresql_where=sa.text("closed_at IS NOT NULL AND fulfilled > 0"),
        )
        batch_op.drop_index(
            "ix_reservation_taken", sqlite_where=sa.text("taken > 0"), postgresql_where=sa.text("taken > 0")
        )
        batch_op.drop_index(
            "ix_reservation_given_back",
            sqlite_where=sa.text("closed_at IS NOT NULL AND released > taken"),
            postgresql_where=sa.text("closed_at IS NOT NULL AND released > taken"),
        )
        batch_op.drop_index(
            "ix_reservation_expires_at",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index("ix_reservation_document_id")
        batch_op.drop_index("ix_reservation_balance")

    op.drop_table("reservation")
    with op.batch_alter_table("release_instruction", schema=None) as batch_op:
        batch_op.drop_index("ix_release_instruction_incident_id")
        batch_op.drop_index("ix_release_instruction_approved_at")

    op.drop_table("release_instruction")
    with op.batch_alter_table("recovery_line", schema=None) as batch_op:
        batch_op.drop_index("ix_recovery_line_due_id")

    op.drop_table("recovery_line")
    op.drop_table("purchase_plan_line")
    op.drop_table("plan_trip")
    op.drop_table("plan_part")
    with op.batch_alter_table("plan_alternatives", schema=None) as batch_op:
        batch_op.drop_index("ix_plan_alternatives_plan_id")

    op.drop_table("plan_alternatives")
    with op.batch_alter_table("plan_advice", schema=None) as batch_op:
        batch_op.drop_index("ix_plan_advice_plan_id")

    op.drop_table("plan_advice")
    with op.batch_alter_table("paper_print", schema=None) as batch_op:
        batch_op.drop_index("ix_paper_print_paper_id")

    op.drop_table("paper_print")
    with op.batch_alter_table("obligation_settlement", schema=None) as batch_op:
        batch_op.drop_index("ix_obligation_settlement_line_id")
        batch_op.drop_index("ix_obligation_settlement_document_id")

    op.drop_table("obligation_settlement")
    with op.batch_alter_table("mission", schema=None) as batch_op:
        batch_op.drop_index("ix_mission_team_id")
        batch_op.drop_index("ix_mission_incident_id")

    op.drop_table("mission")
    with op.batch_alter_table("lot_status", schema=None) as batch_op:
        batch_op.drop_index("ix_lot_status_lot_id")
        batch_op.drop_index("ix_lot_status_document_id")

    op.drop_table("lot_status")
    with op.batch_alter_table("location_freeze", schema=None) as batch_op:
        batch_op.drop_index("ix_location_freeze_location_id")
        batch_op.drop_index("ix_location_freeze_document_id")

    op.drop_table("location_freeze")
    op.drop_table("kit_work_line")
    op.drop_table("kit_content")
    op.drop_table("contract_line")
    with op.batch_alter_table("call_off", schema=None) as batch_op:
        batch_op.drop_index("ix_call_off_incident_id")
        batch_op.drop_index("ix_call_off_contract_id")

    op.drop_table("call_off")
    with op.batch_alter_table("asset_loan", schema=None) as batch_op:
        batch_op.drop_index("ix_asset_loan_team_id")
        batch_op.drop_index("ix_asset_loan_organisation_id")

    op.drop_table("asset_loan")
    op.drop_table("arrival_load")
    op.drop_table("arrival_line")
    with op.batch_alter_table("acceptance", schema=None) as batch_op:
        batch_op.drop_index("ix_acceptance_report_due_on")
        batch_op.drop_index(batch_op.f("ix_acceptance_organisation_id"))

    op.drop_table("acceptance")
    with op.batch_alter_table("vehicle", schema=None) as batch_op:
        batch_op.drop_index("ix_vehicle_base_site_id")

    op.drop_table("vehicle")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index("ix_user_session_user_id")

    op.drop_table("user_session")
    with op.batch_alter_table("upkeep_round", schema=None) as batch_op:
        batch_op.drop_index("ix_upkeep_round_site_id")

    op.drop_table("upkeep_round")
    op.drop_table("upkeep_interval")
    with op.batch_alter_table("supply_request", schema=None) as batch_op:
        batch_op.drop_index("ix_supply_request_state")
        batch_op.drop_index("ix_supply_request_incident_id")
        batch_op.drop_index("ix_supply_request_created_at")

    op.drop_table("supply_request")
    op.drop_table("substitute")
    with op.batch_alter_table("stock_document", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_document_site_id")
        batch_op.drop_index(
            "ix_stock_document_late", sqlite_where=sa.text("is_late IS 1"), postgresql_where=sa.text("is_late IS true")
        )
        batch_op.drop_index("ix_stock_document_kind")
        batch_op.drop_index("ix_stock_document_incident_id")
        batch_op.drop_index("ix_stock_document_created_at")

    op.drop_table("stock_document")
    with op.batch_alter_table("stock_count", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_count_site_id")

    op.drop_table("stock_count")
    op.drop_table("sign_in_record")
    with op.batch_alter_table("scrap", schema=None) as batch_op:
        batch_op.drop_index("ix_scrap_state")

    op.drop_table("scrap")
    with op.batch_alter_table("role_held", schema=None) as batch_op:
        batch_op.drop_index("ix_role_held_user_id")

    op.drop_table("role_held")
    with op.batch_alter_table("road_report", schema=None) as batch_op:
        batch_op.drop_index("ix_road_report_road_id")

    op.drop_table("road_report")
    with op.batch_alter_table("road_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_road_file_organisation_id"))

    op.drop_table("road_file")
    op.drop_table("reserve_norm")
    with op.batch_alter_table("reserve_advice", schema=None) as batch_op:
        batch_op.drop_index("ix_reserve_advice_organisation_id")

    op.drop_table("reserve_advice")
    op.drop_table("rescue_team")
    op.drop_table("rescue_task")
    with op.batch_alter_table("recovery_limit", schema=None) as batch_op:
        batch_op.drop_index("ix_recovery_limit_item_id")

    op.drop_table("recovery_limit")
    with op.batch_alter_table("recovery", schema=None) as batch_op:
        batch_op.drop_index("ix_recovery_source_id")

    op.drop_table("recovery")
    with op.batch_alter_table("recall", schema=None) as batch_op:
        batch_op.drop_index("ix_recall_item_id")

    op.drop_table("recall")
    with op.batch_alter_table("purchase_plan", schema=None) as batch_op:
        batch_op.drop_index("ix_purchase_plan_organisation_id")

    op.drop_table("purchase_plan")
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.drop_index("ix_plan_incident_id")
        batch_op.drop_index("ix_plan_created_at")

    op.drop_table("plan")
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.drop_index("ix_paper_subject_id")
        batch_op.drop_index("ix_paper_issued_at")
        batch_op.drop_index("ix_paper_incident_id")
        batch_op.drop_index("ix_paper_document_number")

    op.drop_table("paper")
    op.drop_table("pack")
    op.drop_table("obligation_line")
    op.drop_table("need_norm")
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.drop_index("ix_lot_owner_id")
        batch_op.drop_index("ix_lot_item_id")
        batch_op.drop_index("ix_lot_expires_on")

    op.drop_table("lot")
    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.drop_index("ix_location_site_id")
        batch_op.drop_index("ix_location_document_id")

    op.drop_table("location")
    with op.batch_alter_table("late_permit", schema=None) as batch_op:
        batch_op.drop_index("ix_late_permit_site_id")

    op.drop_table("late_permit")
    with op.batch_alter_table("kit_work", schema=None) as batch_op:
        batch_op.drop_index("ix_kit_work_site_id")

    op.drop_table("kit_work")
    op.drop_table("kit_part")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_state")

    op.drop_table("job")
    with op.batch_alter_table("incident_response", schema=None) as batch_op:
        batch_op.drop_index("ix_incident_response_incident_id")

    op.drop_table("incident_response")
    op.drop_table("incident_report")
    with op.batch_alter_table("import_session", schema=None) as batch_op:
        batch_op.drop_index("ix_import_session_user_id")

    op.drop_table("import_session")
    op.drop_table("import_mapping")
    with op.batch_alter_table("import_file", schema=None) as batch_op:
        batch_op.drop_index("ix_import_file_sha256")

    op.drop_table("import_file")
    with op.batch_alter_table("floor_release", schema=None) as batch_op:
        batch_op.drop_index("ix_floor_release_incident_id")

    op.drop_table("floor_release")
    with op.batch_alter_table("duty_handover", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_handover_site_id")

    op.drop_table("duty_handover")
    with op.batch_alter_table("deployment", schema=None) as batch_op:
        batch_op.drop_index("ix_deployment_incident_id")

    op.drop_table("deployment")
    with op.batch_alter_table("coordination_letter", schema=None) as batch_op:
        batch_op.drop_index("ix_coordination_letter_incident_id")

    op.drop_table("coordination_letter")
    op.drop_table("contract")
    op.drop_table("asset_plan")
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.drop_index("ix_arrival_site_id")

    op.drop_table("arrival")
    op.drop_table("api_token")
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_site_organisation_id"))

    op.drop_table("site")
    op.drop_table("road")
    op.drop_table("reserve_scenario")
    with op.batch_alter_table("obligation", schema=None) as batch_op:
        batch_op.drop_index("ix_obligation_debtor_id")
        batch_op.drop_index("ix_obligation_creditor_id")

    op.drop_table("obligation")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_subject_id")
        batch_op.drop_index("ix_notice_organisation_id")

    op.drop_table("notice")
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_index("ix_item_initials")

    op.drop_table("item")
    op.drop_table("incident")
    op.drop_table("app_user")
    op.drop_table("vehicle_type")
    op.drop_table("threshold")
    op.drop_table("road_node")
    op.drop_table("restored_copy")
    op.drop_table("request_key")
    op.drop_table("parameter")
    op.drop_table("overdue_watch")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index("ix_organisation_parent_id")

    op.drop_table("organisation")
    op.drop_table("number_series")
    op.drop_table("need_class")
    with op.batch_alter_table("journal_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_entry_subject_number")
        batch_op.drop_index("ix_journal_entry_actor")

    op.drop_table("journal_entry")
    op.drop_table("chain_head")
    op.drop_table("area")
    op.drop_table("anchor")
