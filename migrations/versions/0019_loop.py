"""The referral loop: plans with steps, closing, transfer to another community, checks after an offer ended, own working
days; offers only on a consent of that person for that receiver, and none live on one that was withdrawn."""

import sqlalchemy as sa
from alembic import op

from migrations.rights import HERE, drop, secure

revision = "0019"
down_revision = "0018"

TABLES = ("plan", "plan_step", "closing", "transfer", "referral_check", "calendar_day")
LIVE = "'requested', 'accepted', 'in-progress', 'on-hold'"
TO_US = "to_tenant = nullif(current_setting('app.tenant_id', true), '')::int"


def _key() -> list[sa.Column]:
    return [
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _text(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _id(name: str, *, empty: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=empty)


def _when(name: str, *, empty: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=empty)


def _decision() -> list[sa.Column]:
    return [
        _when("decided_at", empty=True), _id("decided_by", empty=True), *_text("decided_post"),
        sa.Column("alone", sa.Boolean(), nullable=False), *_text("note"),
    ]  # fmt: skip


def _within(*keys: tuple[str, str, str]) -> None:
    for table, column, to in keys:
        op.create_foreign_key(f"fk_{table}_tenant_id_{column}", table, to, ["tenant_id", column], ["tenant_id", "id"])


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _cases()
    _slips()
    _within(
        ("plan", "case_id", "case_file"), ("plan_step", "case_id", "case_file"), ("plan_step", "need_id", "need"),
        ("closing", "case_id", "case_file"), ("transfer", "case_id", "case_file"),
        ("referral_check", "task_id", "referral_task"),
    )  # fmt: skip
    secure(*TABLES)
    _inbox()
    op.add_column("step", sa.Column("level", sa.Integer(), nullable=False, server_default=sa.text("0")))
    _consents()


def _cases() -> None:
    op.create_table(
        "plan",
        *_key(), _id("case_id"), *_text("state"), _id("companion_id", empty=True), *_text("companion_post"),
        sa.Column("review_on", sa.Date(), nullable=False), _when("made_at"), _id("made_by", empty=True),
        *_text("made_post"), *_decision(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_plan"),
        sa.UniqueConstraint("tenant_id", "case_id", name="uq_plan_tenant_id_case_id"),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'sent_back')", name=op.f("ck_plan_state")),
    )  # fmt: skip
    op.create_table(
        "plan_step",
        *_key(), _id("case_id"), _id("need_id"), sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False), *_text("means", "payer"), _when("done_at", empty=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_plan_step"),
        sa.UniqueConstraint("tenant_id", "need_id", "seq", name="uq_plan_step_tenant_id_need_id_seq"),
    )  # fmt: skip
    op.create_table(
        "closing",
        *_key(), _id("case_id"), *_text("state", "reason"), _when("asked_at"), _id("asked_by", empty=True),
        *_text("asked_post"), *_decision(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_closing"),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'sent_back', 'taken_back')", name=op.f("ck_closing_state")
        ),
    )  # fmt: skip
    op.create_index(
        "uq_closing_open", "closing", ["tenant_id", "case_id"], unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )  # fmt: skip
    op.create_table(
        "calendar_day",
        *_key(), sa.Column("day", sa.Date(), nullable=False), sa.Column("works", sa.Boolean(), nullable=False),
        *_text("reason"), _when("set_at"), *_text("set_post"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_calendar_day"),
        sa.UniqueConstraint("tenant_id", "day", name="uq_calendar_day_tenant_id_day"),
    )  # fmt: skip


def _slips() -> None:
    op.create_table(
        "transfer",
        *_key(), _id("case_id"), _id("to_community"), *_text("to_name", "state", "reason"), _when("asked_at"),
        *_text("asked_post"), _when("due_at"), _when("answered_at", empty=True),
        *_text("answered_post", "answer", "new_number"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_transfer"),
        sa.CheckConstraint(
            "state IN ('in_progress', 'accepted', 'rejected', 'revoked')", name=op.f("ck_transfer_state")
        ),
    )  # fmt: skip
    op.create_index("ix_transfer_case", "transfer", ["tenant_id", "case_id"])
    op.create_index(
        "uq_transfer_open", "transfer", ["tenant_id", "case_id"], unique=True,
        postgresql_where=sa.text("state = 'in_progress'"),
    )  # fmt: skip
    op.create_table(
        "referral_check",
        *_key(), _id("task_id"), _id("provider_id"), *_text("kind"), _when("made_at"), _when("due_at"),
        _when("done_at", empty=True), *_text("done_post", "note"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_referral_check"),
        sa.CheckConstraint(
            "kind IN ('rule', 'area', 'words', 'silence', 'failure')", name=op.f("ck_referral_check_kind")
        ),
    )  # fmt: skip
    op.create_index("ix_referral_check_open", "referral_check", ["tenant_id", "done_at", "due_at"])


def _inbox() -> None:
    op.create_table(
        "transfer_inbox",
        _id("transfer_id"), sa.Column("tenant_id", sa.Integer(), nullable=False), _id("community_id"),
        sa.Column("to_tenant", sa.Integer(), nullable=False), _id("to_community"), *_text("number"),
        sa.Column("people", sa.Integer(), nullable=False), sa.Column("needs", sa.Integer(), nullable=False),
        *_text("urgency", "reason", "state"), _when("asked_at"), _when("due_at"),
        sa.PrimaryKeyConstraint("transfer_id", name="pk_transfer_inbox"),
    )  # fmt: skip
    op.create_index("ix_transfer_inbox_to", "transfer_inbox", ["to_tenant", "state"])
    op.create_index("ix_transfer_inbox_from", "transfer_inbox", ["tenant_id"])
    for column in ("community_id", "to_community"):
        name = op.f(f"fk_transfer_inbox_{column}_community")
        op.create_foreign_key(name, "transfer_inbox", "community", [column], ["id"])
    op.execute("GRANT SELECT, INSERT, UPDATE ON transfer_inbox TO app_user")
    op.execute("ALTER TABLE transfer_inbox ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE transfer_inbox FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY sender_rw ON transfer_inbox TO app_user, app_owner USING ({HERE}) WITH CHECK ({HERE})")
    op.execute(f"CREATE POLICY receiver_r ON transfer_inbox FOR SELECT TO app_user USING ({TO_US})")


def _consents() -> None:
    op.add_column(
        "consent", sa.Column("stands", sa.Boolean(), sa.Computed("withdrawn_at IS NULL", persisted=True), nullable=True)
    )
    live = f"CASE WHEN provider_id IS NOT NULL AND state IN ({LIVE}) THEN true END"
    op.add_column(
        "referral_task", sa.Column("needs_consent", sa.Boolean(), sa.Computed(live, persisted=True), nullable=True)
    )
    covers = ["tenant_id", "id", "case_id", "person_id", "provider_id"]
    op.create_unique_constraint("uq_consent_covers", "consent", covers)
    op.create_unique_constraint("uq_consent_stands", "consent", ["tenant_id", "id", "stands"])
    op.create_index("ix_referral_task_consent", "referral_task", ["tenant_id", "consent_id"])
    op.create_foreign_key(
        "fk_referral_task_covered", "referral_task", "consent",
        ["tenant_id", "consent_id", "case_id", "person_id", "provider_id"], covers,
    )  # fmt: skip
    op.create_foreign_key(
        "fk_referral_task_standing", "referral_task", "consent", ["tenant_id", "consent_id", "needs_consent"],
        ["tenant_id", "id", "stands"], deferrable=True, initially="DEFERRED",
    )  # fmt: skip
    _check("provider_id IS NULL OR state = 'draft' OR (consent_id IS NOT NULL AND person_id IS NOT NULL)")


def _check(rule: str) -> None:
    op.drop_constraint(op.f("ck_referral_task_consent"), "referral_task", type_="check")
    op.create_check_constraint(op.f("ck_referral_task_consent"), "referral_task", rule)


def downgrade() -> None:
    _check("provider_id IS NULL OR state = 'draft' OR consent_id IS NOT NULL")
    for name in ("fk_referral_task_standing", "fk_referral_task_covered"):
        op.drop_constraint(name, "referral_task", type_="foreignkey")
    op.drop_index("ix_referral_task_consent", "referral_task")
    for name in ("uq_consent_stands", "uq_consent_covers"):
        op.drop_constraint(name, "consent", type_="unique")
    op.drop_column("referral_task", "needs_consent")
    op.drop_column("consent", "stands")
    op.drop_column("step", "level")
    drop(*TABLES, "transfer_inbox")
