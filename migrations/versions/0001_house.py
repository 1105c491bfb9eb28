"""The first house: platform tables, tenant tables, keys last and named, then row-level security and grants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

TENANT_TABLES = (
    "audit",
    "audit_head",
    "checklist_item",
    "counter",
    "courtyard",
    "department",
    "form",
    "indicator",
    "live_session",
    "need_category",
    "need_item",
    "outbox",
    "parameter",
    "policy",
    "service_type",
    "special_group",
    "step",
    "tenant_file",
    "timer",
    "household",
    "signal",
    "case_file",
    "person",
    "carer",
    "case_event",
    "consent",
    "fact_sheet",
    "follow_up",
    "income_sheet",
    "need",
    "outcome_note",
    "saving_line",
    "screening",
    "confirmation",
    "contact_log",
    "determination",
    "goal",
    "match_run",
    "near_miss",
    "path_task",
    "referral_request",
    "referral_task",
    "service_plan",
    "task_event",
    "visit",
)
PLATFORM_TABLES = (
    "account",
    "district",
    "division",
    "invitation",
    "link",
    "login_wait",
    "message",
    "pack_version",
    "passcode",
    "platform_audit",
    "platform_audit_head",
    "platform_file",
    "platform_outbox",
    "retry",
    "membership",
    "street",
    "community",
    "login_session",
    "provider",
    "admission",
    "founding_draft",
    "provider_paper",
    "provider_service",
    "vetting_event",
    "capacity",
    "listing",
    "provider_inbox",
    "reservation",
    "service_area",
    "listing_area",
)
DEMO_TABLES = (
    "account",
    "courtyard",
    "district",
    "live_session",
    "household",
    "signal",
    "street",
    "case_file",
    "community",
    "person",
    "provider",
    "admission",
    "listing",
    "referral_task",
)

HERE = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::int"
VISIBLE = "tenant_id = ANY (string_to_array(nullif(current_setting('app.visible_tenants', true), ''), ',')::int[])"
PROVIDER = "provider_id = nullif(current_setting('app.provider_id', true), '')::uuid"
TASK = "nullif(current_setting('app.task_id', true), '')::uuid"
HOUSEHOLD = "nullif(current_setting('app.household_id', true), '')::uuid"
PERSONS = "ANY (string_to_array(nullif(current_setting('app.person_ids', true), ''), ',')::uuid[])"

APPEND_ONLY = ("audit", "platform_audit", "task_event", "vetting_event", "case_event", "pack_version", "confirmation")
"""The app role may add to these and read them; nobody but their owner may change or remove a row."""

HEADS = ("audit_head", "platform_audit_head")
"""Ends of the audit chains: they move on, they never go."""

PUBLIC = (
    "community", "street", "district", "department", "policy", "parameter", "need_category", "need_item",
    "special_group", "service_type", "indicator", "listing", "listing_area", "admission", "live_session", "courtyard",
)  # fmt: skip
"""What public pages may read: no table with a person in it."""

OVERSEER = ("community", "street", "district", "indicator", "step", "checklist_item", "parameter")
"""What the level above may read of its communities: numbers, next steps, set-up."""

COLUMNS = {
    "community": "(id, tenant_id, slug, name, code, street_id, state, mark, title, cloned_from, host, phone, address, "
    "desk_hours, icp, police_record, privacy_note, demo, created_at, live_at)",
    "admission": "(id, provider_id, community_id, state, demo)",
}
"""Of these the two roles above read some columns only: not who proved what to whom, not why somebody was stopped."""

HEADERS = "tenant_id, id, request_id, service_type, state, reason_code, offered_at, due_at, answered_at, ended_at"
"""Columns of a referral task that the level above may read: no household, person or consent."""

RECEIVER = {
    "referral_task": ("", f"id = {TASK} AND {PROVIDER}"),
    "referral_request": (
        "(tenant_id, id, person_id, kind, service_type, state, urgency, wish)",
        f"person_id = {PERSONS}",
    ),
    "consent": (
        "(tenant_id, id, person_id, given_by_id, guardian, scope, provider_id, fields, ends_at, withdrawn_at)",
        f"{PROVIDER} AND person_id = {PERSONS}",
    ),
    "household": ("(tenant_id, id, courtyard_id, building, unit, room)", f"id = {HOUSEHOLD}"),
    "courtyard": ("(tenant_id, id, name)", "true"),
    "person": (
        "(tenant_id, id, household_id, name, gender, birth_date, age_said, age_on, phone, condition)",
        f"id = {PERSONS}",
    ),
    "visit": ("(tenant_id, id, task_id, kind, planned_at, state, done_at)", f"task_id = {TASK}"),
    "service_plan": ("(tenant_id, id, task_id, rrule, from_on, ended_at)", f"task_id = {TASK}"),
}
"""What a provider that opens one referral may read, column by column; which of it is shown is the consent's."""

DEMO = "NOT demo OR coalesce(current_setting('app.demo', true), '') = 'on'"
"""Sample rows stand only in a database marked as a demo (each connection of a demo says so)."""

OUTBOX_HEADERS = "id, run_after, created_at, queued_at, attempts, done_at"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("persona", sa.Text(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("email_index", name="uq_account_email_index"),
        sa.UniqueConstraint("phone_index", name="uq_account_phone_index"),
    )
    op.create_table(
        "audit",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "seq", name="pk_audit"),
    )
    op.create_table(
        "audit_head",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_audit_head"),
    )
    op.create_table(
        "checklist_item",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_checklist_item"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_checklist_item_tenant_id_slug"),
    )
    op.create_table(
        "counter",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name="pk_counter"),
    )
    op.create_table(
        "courtyard",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_courtyard"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_courtyard_tenant_id_slug"),
    )
    op.create_table(
        "department",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_department"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_department_tenant_id_slug"),
    )
    op.create_table(
        "district",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_district"),
        sa.UniqueConstraint("slug", name="uq_district_slug"),
    )
    op.create_table(
        "division",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("street_code", sa.Text(), nullable=False),
        sa.Column("street_name", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_division"),
    )
    op.create_table(
        "form",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_form"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_form_tenant_id_slug"),
    )
    op.create_table(
        "indicator",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name="pk_indicator"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scope_kind", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("courtyards", postgresql.JSONB(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("token_hash", name="uq_invitation_token_hash"),
    )
    op.create_table(
        "link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("tenant_uid", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sa.UniqueConstraint("token_hash", name="uq_link_token_hash"),
    )
    op.create_table(
        "live_session",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("outdoor", sa.Boolean(), nullable=False),
        sa.Column("watching", sa.Integer(), nullable=True),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_live_session"),
        sa.UniqueConstraint("tenant_id", "seq", name="uq_live_session_tenant_id_seq"),
    )
    op.create_table(
        "login_wait",
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address_index", name="pk_login_wait"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("unique_key", name="uq_message_unique_key"),
    )
    op.create_table(
        "need_category",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_need_category"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_need_category_tenant_id_slug"),
    )
    op.create_table(
        "need_item",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category_slug", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_need_item"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_need_item_tenant_id_slug"),
    )
    op.create_table(
        "outbox",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_outbox"),
        sa.UniqueConstraint("tenant_id", "unique_key", name="uq_outbox_tenant_id_unique_key"),
    )
    op.create_table(
        "pack_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pack_version"),
        sa.UniqueConstraint("slug", "version", name="uq_pack_version_slug_version"),
    )
    op.create_table(
        "parameter",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.Numeric(14, 4), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("must_review", sa.Boolean(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_as", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_parameter"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_parameter_tenant_id_slug"),
    )
    op.create_table(
        "passcode",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passcode"),
    )
    op.create_table(
        "platform_audit",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_platform_audit"),
    )
    op.create_table(
        "platform_audit_head",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_platform_audit_head"),
    )
    op.create_table(
        "platform_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_platform_file"),
    )
    op.create_table(
        "platform_outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_platform_outbox"),
        sa.UniqueConstraint("unique_key", name="uq_platform_outbox_unique_key"),
    )
    op.create_table(
        "policy",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("department_slug", sa.Text(), nullable=False),
        sa.Column("help_class", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_policy"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_policy_tenant_id_slug"),
    )
    op.create_table(
        "retry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retry"),
    )
    op.create_table(
        "service_type",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_service_type"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_service_type_tenant_id_slug"),
    )
    op.create_table(
        "special_group",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_special_group"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_special_group_tenant_id_slug"),
    )
    op.create_table(
        "step",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("urgency", sa.Text(), server_default=sa.text("'ordinary'"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_step"),
    )
    op.create_table(
        "tenant_file",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_tenant_file"),
    )
    op.create_table(
        "timer",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_timer"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_timer_tenant_id_slug"),
    )
    op.create_table(
        "household",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("courtyard_id", sa.Uuid(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_household"),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("scope_kind", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("courtyards", postgresql.JSONB(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "scope_kind IN ('community', 'street', 'district', 'provider', 'platform')",
            name=op.f("ck_membership_scope"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    op.create_table(
        "signal",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("caller", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("courtyard_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("triaged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "became IN ('', 'need', 'wish', 'question', 'duplicate', 'no_action')", name=op.f("ck_signal_became")
        ),
        sa.CheckConstraint("state IN ('new', 'triaged', 'answered')", name=op.f("ck_signal_state")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_signal"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_signal_tenant_id_number"),
    )
    op.create_table(
        "street",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_street"),
        sa.UniqueConstraint("code", name="uq_street_code"),
        sa.UniqueConstraint("slug", name="uq_street_slug"),
    )
    op.create_table(
        "case_file",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("courtyard_id", sa.Uuid(), nullable=True),
        sa.Column("signal_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("worker_post", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("weight_reasons", postgresql.JSONB(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_case_file"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_case_file_tenant_id_number"),
    )
    op.create_table(
        "community",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), sa.Identity(start=1), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("street_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("cloned_from", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("desk_hours", sa.Text(), nullable=False),
        sa.Column("icp", sa.Text(), nullable=False),
        sa.Column("police_record", sa.Text(), nullable=False),
        sa.Column("privacy_note", sa.Text(), nullable=False),
        sa.Column("proof", postgresql.JSONB(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('preparing', 'submitted', 'live', 'suspended')", name=op.f("ck_community_state")),
        sa.PrimaryKeyConstraint("id", name="pk_community"),
        sa.UniqueConstraint("code", name="uq_community_code"),
        sa.UniqueConstraint("slug", name="uq_community_slug"),
        sa.UniqueConstraint("tenant_id", name="uq_community_tenant_id"),
    )
    op.create_table(
        "login_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_login_session"),
        sa.UniqueConstraint("token_hash", name="uq_login_session_token_hash"),
    )
    op.create_table(
        "person",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("age_said", sa.Integer(), nullable=True),
        sa.Column("age_on", sa.Date(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("id_index", sa.LargeBinary(), nullable=True),
        sa.Column("condition", sa.LargeBinary(), nullable=True),
        sa.Column("groups", postgresql.JSONB(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_person"),
    )
    op.create_table(
        "provider",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("street_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'applied', 'under_review', 'active', 'suspended', 'expired', 'denied', 'withdrawn')",
            name=op.f("ck_provider_state"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_provider"),
        sa.UniqueConstraint("slug", name="uq_provider_slug"),
    )
    op.create_table(
        "admission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("monthly_limit", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_admission"),
        sa.UniqueConstraint("provider_id", "community_id", name="uq_admission_provider_id_community_id"),
    )
    op.create_table(
        "carer",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("carer_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_carer"),
        sa.UniqueConstraint("tenant_id", "carer_id", "person_id", name="uq_carer_tenant_id_carer_id_person_id"),
    )
    op.create_table(
        "case_event",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("actor_post", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_case_event"),
    )
    op.create_table(
        "consent",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("given_by_id", sa.Uuid(), nullable=False),
        sa.Column("guardian", sa.Boolean(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("notice_version", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("how IN ('paper', 'voice', 'screen')", name=op.f("ck_consent_how")),
        sa.CheckConstraint(
            "scope <> 'share_with_provider' OR provider_id IS NOT NULL", name=op.f("ck_consent_receiver")
        ),
        sa.CheckConstraint(
            "scope IN ('survey_and_casework', 'share_with_provider', 'publish_story')", name=op.f("ck_consent_scope")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_consent"),
    )
    op.create_table(
        "fact_sheet",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_fact_sheet"),
        sa.UniqueConstraint("tenant_id", "case_id", "version", name="uq_fact_sheet_tenant_id_case_id_version"),
    )
    op.create_table(
        "follow_up",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_follow_up"),
        sa.UniqueConstraint("tenant_id", "case_id", "seq", name="uq_follow_up_tenant_id_case_id_seq"),
    )
    op.create_table(
        "founding_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("place_key", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_founding_draft"),
    )
    op.create_table(
        "income_sheet",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_income_sheet"),
        sa.UniqueConstraint("tenant_id", "case_id", "version", name="uq_income_sheet_tenant_id_case_id_version"),
    )
    op.create_table(
        "need",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("is_wish", sa.Boolean(), nullable=False),
        sa.Column("item_slug", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("result_code", sa.Text(), nullable=False),
        sa.Column("result_by", sa.Text(), nullable=False),
        sa.Column("result_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("result IN ('', 'solved', 'partly', 'not_solved', 'unknown')", name=op.f("ck_need_result")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_need"),
        sa.UniqueConstraint("tenant_id", "case_id", "seq", name="uq_need_tenant_id_case_id_seq"),
    )
    op.create_table(
        "outcome_note",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("new_income", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_outcome_note"),
        sa.UniqueConstraint("tenant_id", "case_id", name="uq_outcome_note_tenant_id_case_id"),
    )
    op.create_table(
        "provider_paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_provider_paper"),
    )
    op.create_table(
        "provider_service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("service_type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("price_class", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(12, 2), nullable=True),
        sa.Column("usual_price", sa.Numeric(12, 2), nullable=True),
        sa.Column("delivery_mode", sa.Text(), nullable=False),
        sa.Column("schedule", postgresql.JSONB(), nullable=False),
        sa.Column("places_a_month", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_provider_service"),
        sa.UniqueConstraint("provider_id", "service_type", name="uq_provider_service_provider_id_service_type"),
    )
    op.create_table(
        "saving_line",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("amount_month", sa.Numeric(12, 2), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_saving_line"),
    )
    op.create_table(
        "screening",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("rescreen_on", sa.Date(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_post", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_screening"),
        sa.UniqueConstraint("tenant_id", "case_id", "seq", name="uq_screening_tenant_id_case_id_seq"),
    )
    op.create_table(
        "vetting_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_from", sa.Text(), nullable=False),
        sa.Column("state_to", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vetting_event"),
    )
    op.create_table(
        "capacity",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "reserved >= 0 AND used >= 0 AND reserved + used <= maximum", name=op.f("ck_capacity_places")
        ),
        sa.PrimaryKeyConstraint("service_id", "period", name="pk_capacity"),
    )
    op.create_table(
        "confirmation",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_confirmation"),
    )
    op.create_table(
        "contact_log",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_contact_log"),
    )
    op.create_table(
        "determination",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("screening_id", sa.Uuid(), nullable=False),
        sa.Column("policy_slug", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("trace", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('eligible', 'near_miss', 'actionable', 'need_info', 'not_eligible', 'not_in_force')",
            name=op.f("ck_determination_verdict"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_determination"),
        sa.UniqueConstraint(
            "tenant_id",
            "screening_id",
            "policy_slug",
            "subject",
            name="uq_determination_tenant_id_screening_id_policy_slug_subject",
        ),
    )
    op.create_table(
        "goal",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_goal"),
        sa.UniqueConstraint("tenant_id", "need_id", name="uq_goal_tenant_id_need_id"),
    )
    op.create_table(
        "listing",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("provider_slug", sa.Text(), nullable=False),
        sa.Column("provider_name", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service_type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("price_class", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(12, 2), nullable=True),
        sa.Column("delivery_mode", sa.Text(), nullable=False),
        sa.Column("places_a_month", sa.Integer(), nullable=False),
        sa.Column("words", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("service_id", name="pk_listing"),
    )
    op.create_table(
        "match_run",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("candidates", postgresql.JSONB(), nullable=False),
        sa.Column("excluded", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_match_run"),
    )
    op.create_table(
        "near_miss",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("screening_id", sa.Uuid(), nullable=False),
        sa.Column("policy_slug", sa.Text(), nullable=False),
        sa.Column("look_again_on", sa.Date(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_near_miss"),
        sa.UniqueConstraint(
            "tenant_id", "screening_id", "policy_slug", name="uq_near_miss_tenant_id_screening_id_policy_slug"
        ),
    )
    op.create_table(
        "path_task",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("screening_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("policy_slugs", postgresql.JSONB(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_path_task"),
        sa.UniqueConstraint("tenant_id", "screening_id", "code", name="uq_path_task_tenant_id_screening_id_code"),
    )
    op.create_table(
        "provider_inbox",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("community_name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("task_id", name="pk_provider_inbox"),
    )
    op.create_table(
        "referral_request",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service_type", sa.Text(), nullable=True),
        sa.Column("policy_slug", sa.Text(), nullable=True),
        sa.Column("department_slug", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('department', 'provider', 'volunteer', 'wish')", name=op.f("ck_referral_request_kind")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'on-hold', 'awaiting_confirmation', 'completed', 'revoked', 'entered-in-error')",
            name=op.f("ck_referral_request_state"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_referral_request"),
        sa.UniqueConstraint("tenant_id", "case_id", "seq", name="uq_referral_request_tenant_id_case_id_seq"),
    )
    op.create_table(
        "reservation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('held', 'used', 'released')", name=op.f("ck_reservation_state")),
        sa.PrimaryKeyConstraint("id", name="pk_reservation"),
    )
    op.create_table(
        "service_area",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service_area"),
        sa.UniqueConstraint("service_id", "street_id", name="uq_service_area_service_id_street_id"),
    )
    op.create_table(
        "listing_area",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Uuid(), nullable=False),
        sa.Column("service_type", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("service_id", "street_id", name="pk_listing_area"),
    )
    op.create_table(
        "referral_task",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("service_type", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slot_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "provider_id IS NULL OR state = 'draft' OR consent_id IS NOT NULL", name=op.f("ck_referral_task_consent")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'requested', 'accepted', 'rejected', 'cancelled', 'in-progress', 'on-hold', 'failed', 'completed', 'entered-in-error')",
            name=op.f("ck_referral_task_state"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_referral_task"),
    )
    op.create_table(
        "service_plan",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service_type", sa.Text(), nullable=False),
        sa.Column("rrule", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_service_plan"),
    )
    op.create_table(
        "task_event",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_from", sa.Text(), nullable=False),
        sa.Column("state_to", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_task_event"),
    )
    op.create_table(
        "visit",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticked", postgresql.JSONB(), nullable=False),
        sa.Column("price", sa.Numeric(12, 2), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("file_ids", postgresql.JSONB(), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'done', 'missed', 'refused', 'cancelled')", name=op.f("ck_visit_state")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_visit"),
        sa.UniqueConstraint("tenant_id", "client_key", name="uq_visit_tenant_id_client_key"),
    )
    op.create_index("ix_division_initials", "division", ["initials"], unique=False)
    op.create_index("ix_division_pinyin", "division", ["pinyin"], unique=False)
    op.create_index("ix_division_street_code", "division", ["street_code"], unique=False)
    op.create_index("ix_invitation_scope", "invitation", ["scope_kind", "scope_id"], unique=False)
    op.create_index("ix_link_object", "link", ["object_id"], unique=False)
    op.create_index("ix_message_created_at", "message", ["created_at"], unique=False)
    op.create_index(
        "ix_outbox_open", "outbox", ["run_after"], unique=False, postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_index("ix_passcode_address_index", "passcode", ["address_index"], unique=False)
    op.create_index("ix_platform_file_owner_id", "platform_file", ["owner_id"], unique=False)
    op.create_index(
        "ix_platform_outbox_open",
        "platform_outbox",
        ["run_after"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index("ix_step_case", "step", ["tenant_id", "case_id"], unique=False)
    op.create_index("ix_step_due", "step", ["tenant_id", "due_at"], unique=False)
    op.create_index("ix_tenant_file_owner_id", "tenant_file", ["owner_id"], unique=False)
    op.create_index("ix_household_courtyard", "household", ["tenant_id", "courtyard_id"], unique=False)
    op.create_index("ix_membership_scope", "membership", ["scope_kind", "scope_id"], unique=False)
    op.create_index(
        "uq_membership_standing",
        "membership",
        ["account_id", "scope_kind", "scope_id", "role"],
        unique=True,
        postgresql_where=sa.text("ends_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_signal_state", "signal", ["tenant_id", "state", "received_at"], unique=False)
    op.create_index("ix_case_file_household", "case_file", ["tenant_id", "household_id"], unique=False)
    op.create_index("ix_case_file_opened", "case_file", ["tenant_id", "opened_at"], unique=False)
    op.create_index("ix_case_file_weight", "case_file", ["tenant_id", "weight", "id"], unique=False)
    op.create_index("ix_case_file_worker", "case_file", ["tenant_id", "worker_id"], unique=False)
    op.create_index("ix_community_street_id", "community", ["street_id"], unique=False)
    op.create_index("ix_login_session_account_id", "login_session", ["account_id"], unique=False)
    op.create_index("ix_person_household", "person", ["tenant_id", "household_id"], unique=False)
    op.create_index("ix_person_phone", "person", ["tenant_id", "phone_index"], unique=False)
    op.create_index("ix_person_pinyin", "person", ["tenant_id", "pinyin"], unique=False)
    op.create_index("uq_person_id_number", "person", ["tenant_id", "id_index"], unique=True)
    op.create_index("ix_provider_street_id", "provider", ["street_id"], unique=False)
    op.create_index(
        "uq_provider_uscc",
        "provider",
        ["uscc"],
        unique=True,
        postgresql_where=sa.text("uscc IS NOT NULL AND state <> 'denied'"),
    )
    op.create_index("ix_admission_community", "admission", ["community_id"], unique=False)
    op.create_index("ix_case_event_case", "case_event", ["tenant_id", "case_id", "at"], unique=False)
    op.create_index("ix_consent_case", "consent", ["tenant_id", "case_id"], unique=False)
    op.create_index("ix_founding_draft_account_id", "founding_draft", ["account_id"], unique=False)
    op.create_index("ix_founding_draft_place_key", "founding_draft", ["place_key"], unique=False)
    op.create_index("ix_provider_paper_provider_id", "provider_paper", ["provider_id"], unique=False)
    op.create_index("ix_vetting_event_provider_id", "vetting_event", ["provider_id"], unique=False)
    op.create_index("ix_listing_provider_id", "listing", ["provider_id"], unique=False)
    op.create_index("ix_listing_words", "listing", ["words"], unique=False, postgresql_using="gin")
    op.create_index("ix_near_miss_look", "near_miss", ["tenant_id", "look_again_on"], unique=False)
    op.create_index("ix_provider_inbox_open", "provider_inbox", ["provider_id", "state"], unique=False)
    op.create_index("ix_reservation_limit", "reservation", ["community_id", "period"], unique=False)
    op.create_index("ix_listing_area_find", "listing_area", ["street_id", "service_type"], unique=False)
    op.create_index("ix_referral_task_request", "referral_task", ["tenant_id", "request_id"], unique=False)
    op.create_index("ix_referral_task_state", "referral_task", ["tenant_id", "state", "due_at"], unique=False)
    op.create_index("ix_task_event_task", "task_event", ["tenant_id", "task_id"], unique=False)
    op.create_index("ix_visit_case", "visit", ["tenant_id", "case_id"], unique=False)
    op.create_index("ix_visit_planned", "visit", ["tenant_id", "state", "planned_at"], unique=False)
    op.create_foreign_key(
        "fk_household_tenant_id_courtyard_id",
        "household",
        "courtyard",
        ["tenant_id", "courtyard_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key("fk_membership_account_id", "membership", "account", ["account_id"], ["id"])
    op.create_foreign_key(
        "fk_signal_tenant_id_courtyard_id", "signal", "courtyard", ["tenant_id", "courtyard_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key("fk_street_district_id", "street", "district", ["district_id"], ["id"])
    op.create_foreign_key(
        "fk_case_file_tenant_id_courtyard_id",
        "case_file",
        "courtyard",
        ["tenant_id", "courtyard_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        "fk_case_file_tenant_id_household_id",
        "case_file",
        "household",
        ["tenant_id", "household_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        "fk_case_file_tenant_id_signal_id", "case_file", "signal", ["tenant_id", "signal_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key("fk_community_street_id", "community", "street", ["street_id"], ["id"])
    op.create_foreign_key("fk_login_session_account_id", "login_session", "account", ["account_id"], ["id"])
    op.create_foreign_key("fk_login_session_membership_id", "login_session", "membership", ["membership_id"], ["id"])
    op.create_foreign_key(
        "fk_person_tenant_id_household_id", "person", "household", ["tenant_id", "household_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key("fk_provider_street_id", "provider", "street", ["street_id"], ["id"])
    op.create_foreign_key("fk_admission_community_id", "admission", "community", ["community_id"], ["id"])
    op.create_foreign_key("fk_admission_provider_id", "admission", "provider", ["provider_id"], ["id"])
    op.create_foreign_key(
        "fk_carer_tenant_id_carer_id", "carer", "person", ["tenant_id", "carer_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_carer_tenant_id_person_id", "carer", "person", ["tenant_id", "person_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_case_event_tenant_id_case_id", "case_event", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_consent_tenant_id_case_id", "consent", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_consent_tenant_id_given_by_id", "consent", "person", ["tenant_id", "given_by_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_consent_tenant_id_person_id", "consent", "person", ["tenant_id", "person_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_fact_sheet_tenant_id_case_id", "fact_sheet", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_follow_up_tenant_id_case_id", "follow_up", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key("fk_founding_draft_account_id", "founding_draft", "account", ["account_id"], ["id"])
    op.create_foreign_key("fk_founding_draft_community_id", "founding_draft", "community", ["community_id"], ["id"])
    op.create_foreign_key(
        "fk_income_sheet_tenant_id_case_id", "income_sheet", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_need_tenant_id_case_id", "need", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_need_tenant_id_person_id", "need", "person", ["tenant_id", "person_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_outcome_note_tenant_id_case_id", "outcome_note", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key("fk_provider_paper_file_id", "provider_paper", "platform_file", ["file_id"], ["id"])
    op.create_foreign_key("fk_provider_paper_provider_id", "provider_paper", "provider", ["provider_id"], ["id"])
    op.create_foreign_key("fk_provider_service_provider_id", "provider_service", "provider", ["provider_id"], ["id"])
    op.create_foreign_key(
        "fk_saving_line_tenant_id_case_id", "saving_line", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_screening_tenant_id_case_id", "screening", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key("fk_vetting_event_provider_id", "vetting_event", "provider", ["provider_id"], ["id"])
    op.create_foreign_key("fk_capacity_service_id", "capacity", "provider_service", ["service_id"], ["id"])
    op.create_foreign_key(
        "fk_confirmation_tenant_id_case_id", "confirmation", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_confirmation_tenant_id_need_id", "confirmation", "need", ["tenant_id", "need_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_contact_log_tenant_id_case_id", "contact_log", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_contact_log_tenant_id_need_id", "contact_log", "need", ["tenant_id", "need_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_determination_tenant_id_screening_id",
        "determination",
        "screening",
        ["tenant_id", "screening_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        "fk_goal_tenant_id_case_id", "goal", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key("fk_goal_tenant_id_need_id", "goal", "need", ["tenant_id", "need_id"], ["tenant_id", "id"])
    op.create_foreign_key("fk_listing_provider_id", "listing", "provider", ["provider_id"], ["id"])
    op.create_foreign_key("fk_listing_service_id", "listing", "provider_service", ["service_id"], ["id"])
    op.create_foreign_key(
        "fk_match_run_tenant_id_need_id", "match_run", "need", ["tenant_id", "need_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_near_miss_tenant_id_case_id", "near_miss", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_near_miss_tenant_id_screening_id",
        "near_miss",
        "screening",
        ["tenant_id", "screening_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        "fk_path_task_tenant_id_case_id", "path_task", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_path_task_tenant_id_screening_id",
        "path_task",
        "screening",
        ["tenant_id", "screening_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key("fk_provider_inbox_community_id", "provider_inbox", "community", ["community_id"], ["id"])
    op.create_foreign_key("fk_provider_inbox_provider_id", "provider_inbox", "provider", ["provider_id"], ["id"])
    op.create_foreign_key("fk_provider_inbox_service_id", "provider_inbox", "provider_service", ["service_id"], ["id"])
    op.create_foreign_key(
        "fk_referral_request_tenant_id_case_id",
        "referral_request",
        "case_file",
        ["tenant_id", "case_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        "fk_referral_request_tenant_id_need_id",
        "referral_request",
        "need",
        ["tenant_id", "need_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        "fk_referral_request_tenant_id_person_id",
        "referral_request",
        "person",
        ["tenant_id", "person_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key("fk_reservation_community_id", "reservation", "community", ["community_id"], ["id"])
    op.create_foreign_key("fk_reservation_service_id", "reservation", "provider_service", ["service_id"], ["id"])
    op.create_foreign_key("fk_service_area_service_id", "service_area", "provider_service", ["service_id"], ["id"])
    op.create_foreign_key("fk_service_area_street_id", "service_area", "street", ["street_id"], ["id"])
    op.create_foreign_key(
        "fk_listing_area_service_id", "listing_area", "listing", ["service_id"], ["service_id"], ondelete="CASCADE"
    )
    op.create_foreign_key("fk_listing_area_street_id", "listing_area", "street", ["street_id"], ["id"])
    op.create_foreign_key(
        "fk_referral_task_tenant_id_case_id",
        "referral_task",
        "case_file",
        ["tenant_id", "case_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        "fk_referral_task_tenant_id_consent_id",
        "referral_task",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        "fk_referral_task_tenant_id_request_id",
        "referral_task",
        "referral_request",
        ["tenant_id", "request_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        "fk_service_plan_tenant_id_case_id", "service_plan", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_service_plan_tenant_id_task_id",
        "service_plan",
        "referral_task",
        ["tenant_id", "task_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        "fk_task_event_tenant_id_task_id", "task_event", "referral_task", ["tenant_id", "task_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_visit_tenant_id_case_id", "visit", "case_file", ["tenant_id", "case_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_visit_tenant_id_plan_id", "visit", "service_plan", ["tenant_id", "plan_id"], ["tenant_id", "id"]
    )
    op.create_foreign_key(
        "fk_visit_tenant_id_task_id", "visit", "referral_task", ["tenant_id", "task_id"], ["tenant_id", "id"]
    )
    _secure()


def downgrade() -> None:
    for table in (*TENANT_TABLES, *PLATFORM_TABLES):
        op.execute(f'DROP TABLE "{table}" CASCADE')


def _rights(table: str) -> str:
    if table in APPEND_ONLY:
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE" if table in HEADS else "SELECT, INSERT, UPDATE, DELETE"


def _secure() -> None:
    for table in DEMO_TABLES:
        op.create_check_constraint(op.f(f"ck_{table}_demo"), table, DEMO)
    for table in PLATFORM_TABLES:
        rights = _rights(table)
        op.execute(f'GRANT {rights} ON "{table}" TO app_user')
    for table in TENANT_TABLES:
        rights = _rights(table)
        op.execute(f'GRANT {rights} ON "{table}" TO app_user')
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        op.execute(f'CREATE POLICY tenant_rw ON "{table}" TO app_user, app_owner USING ({HERE}) WITH CHECK ({HERE})')
    for table in PUBLIC:
        op.execute(f'GRANT SELECT {COLUMNS.get(table, "")} ON "{table}" TO app_public')
        if table in TENANT_TABLES:
            op.execute(f'CREATE POLICY public_r ON "{table}" FOR SELECT TO app_public USING ({HERE})')
    for table in OVERSEER:
        op.execute(f'GRANT SELECT {COLUMNS.get(table, "")} ON "{table}" TO app_overseer')
        if table in TENANT_TABLES:
            op.execute(f'CREATE POLICY overseer_r ON "{table}" FOR SELECT TO app_overseer USING ({VISIBLE})')
    op.execute(f"GRANT SELECT ({HEADERS}) ON referral_task TO app_overseer")
    op.execute(f"CREATE POLICY overseer_r ON referral_task FOR SELECT TO app_overseer USING ({VISIBLE})")
    for table, (columns, rows) in RECEIVER.items():
        op.execute(f'GRANT SELECT {columns} ON "{table}" TO app_receiver')
        op.execute(f'CREATE POLICY receiver_r ON "{table}" FOR SELECT TO app_receiver USING ({HERE} AND {rows})')
    op.execute("ALTER TABLE provider_inbox ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE provider_inbox FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY sender_rw ON provider_inbox TO app_user, app_owner USING ({HERE}) WITH CHECK ({HERE})")
    op.execute(f"CREATE POLICY provider_r ON provider_inbox FOR SELECT TO app_user USING ({PROVIDER})")
    for table in ("outbox", "platform_outbox"):
        tenant = "tenant_id, " if table == "outbox" else ""
        op.execute(f"GRANT SELECT ({tenant}{OUTBOX_HEADERS}) ON {table} TO app_relay")
        op.execute(f"GRANT UPDATE (queued_at, attempts) ON {table} TO app_relay")
    op.execute("CREATE POLICY relay ON outbox TO app_relay USING (true) WITH CHECK (true)")
    op.execute("GRANT SELECT (id, tenant_id) ON community TO app_relay")
    op.execute("GRANT SELECT ON alembic_version TO app_user")
