"""Surveys: forms in versions, samples, answers; needs and groups that a community edits; the list of home visits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rights import DEMO, drop, secure

revision = "0007"
down_revision = "0006"

TABLES = (
    "catalogue_change", "survey_form", "survey", "survey_target", "survey_door", "survey_answer", "home_visit",
)  # fmt: skip
EDITED = ("need_category", "need_item", "special_group")
KEYS = (
    ("survey_target", "courtyard_id", "courtyard"),
    ("survey_target", "survey_id", "survey"),
    ("survey_door", "courtyard_id", "courtyard"),
    ("survey_door", "household_id", "household"),
    ("survey_door", "survey_id", "survey"),
    ("survey_answer", "courtyard_id", "courtyard"),
    ("survey_answer", "household_id", "household"),
    ("survey_answer", "survey_id", "survey"),
    ("home_visit", "case_id", "case_file"),
    ("home_visit", "courtyard_id", "courtyard"),
    ("home_visit", "household_id", "household"),
    ("home_visit", "visit_id", "visit"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in EDITED:
        op.add_column(table, sa.Column("colour", sa.Text(), nullable=False, server_default=""))
        op.add_column(table, sa.Column("icon", sa.Text(), nullable=False, server_default=""))
        op.add_column(table, sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
        op.add_column(table, sa.Column("merged_into", sa.Text(), nullable=True))
    op.create_table(
        "catalogue_change",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_catalogue_change"),
        sa.CheckConstraint("kind IN ('category', 'item', 'group')", name=op.f("ck_catalogue_change_kind")),
    )
    op.create_index("ix_catalogue_change_slug", "catalogue_change", ["tenant_id", "kind", "slug"])
    op.create_table(
        "survey_form",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("questions", postgresql.JSONB(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_survey_form"),
        sa.UniqueConstraint("tenant_id", "version", name="uq_survey_form_tenant_id_version"),
    )
    op.create_table(
        "survey",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needs_draft", sa.LargeBinary(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_survey"),
        sa.CheckConstraint("state IN ('draft', 'running', 'closed')", name=op.f("ck_survey_state")),
        sa.UniqueConstraint("tenant_id", "number", name="uq_survey_tenant_id_number"),
    )
    op.create_table(
        "survey_target",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("courtyard_id", sa.Uuid(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_survey_target"),
        sa.UniqueConstraint(
            "tenant_id", "survey_id", "courtyard_id", name="uq_survey_target_tenant_id_survey_id_courtyard_id"
        ),
    )
    op.create_table(
        "survey_door",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("courtyard_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_survey_door"),
        sa.CheckConstraint(
            "state IN ('waiting', 'reserve', 'answered', 'refused', 'unreached', 'not_lived_in')",
            name=op.f("ck_survey_door_state"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "survey_id", "household_id", name="uq_survey_door_tenant_id_survey_id_household_id"
        ),
    )
    op.create_index("ix_survey_door_yard", "survey_door", ["tenant_id", "survey_id", "courtyard_id", "seq"])
    op.create_table(
        "survey_answer",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("courtyard_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("other", sa.LargeBinary(), nullable=True),
        sa.Column("categories", postgresql.JSONB(), nullable=False),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_survey_answer"),
        sa.CheckConstraint("consent", name=op.f("ck_survey_answer_consent")),
        sa.CheckConstraint("how IN ('door', 'paper')", name=op.f("ck_survey_answer_how")),
        sa.UniqueConstraint("tenant_id", "client_key", name="uq_survey_answer_tenant_id_client_key"),
    )
    op.create_index("ix_survey_answer_survey", "survey_answer", ["tenant_id", "survey_id", "courtyard_id"])
    op.create_table(
        "home_visit",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("courtyard_id", sa.Uuid(), nullable=False),
        sa.Column("door", sa.LargeBinary(), nullable=True),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("dropped_as", sa.Text(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_home_visit"),
        sa.CheckConstraint("source IN ('survey', 'sweep')", name=op.f("ck_home_visit_source")),
        sa.CheckConstraint("state IN ('waiting', 'planned', 'done', 'dropped')", name=op.f("ck_home_visit_state")),
    )
    op.create_index("ix_home_visit_state", "home_visit", ["tenant_id", "state", "courtyard_id"])
    op.create_index("ix_home_visit_visit", "home_visit", ["tenant_id", "visit_id"])
    op.create_index(
        "uq_home_visit_live",
        "home_visit",
        ["tenant_id", "household_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'planned')"),
    )
    for table, column, target in KEYS:
        op.create_foreign_key(
            f"fk_{table}_tenant_id_{column}", table, target, ["tenant_id", column], ["tenant_id", "id"]
        )
    op.create_check_constraint(op.f("ck_survey_demo"), "survey", DEMO)
    secure(*TABLES, append_only=("catalogue_change", "survey_form"))


def downgrade() -> None:
    drop(*TABLES)
    for table in EDITED:
        for name in ("colour", "icon", "retired_at", "merged_into"):
            op.drop_column(table, name)
