"""Outreach, its targets and projects, what was mobilised; complaints; what communities tell each other about shops."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rights import DEMO, drop, secure

revision = "0018"
down_revision = "0017"

TENANT = (
    "prospect", "prospect_event", "prospect_tie", "prospect_list", "gap_target", "project", "mobilised", "charity",
    "complaint", "complaint_event",
)  # fmt: skip
PLATFORM = ("street_prospect", "provider_notice", "hearing")
APPEND_ONLY = ("prospect_event", "complaint_event")
SAMPLES = ("prospect", "project", "complaint")
PARENTS = (
    ("prospect_event", "prospect_id", "prospect"), ("prospect_tie", "prospect_id", "prospect"),
    ("complaint_event", "complaint_id", "complaint"),
)  # fmt: skip
KINDS = {
    "text": sa.Text(), "id": sa.Uuid(), "bytes": sa.LargeBinary(), "at": sa.DateTime(timezone=True), "day": sa.Date(),
    "int": sa.Integer(), "bool": sa.Boolean(), "money": sa.Numeric(12, 2),
}  # fmt: skip


def _columns(kind: str, names: str, *, null: bool = False) -> list[Any]:
    return [sa.Column(name, KINDS[kind], nullable=null) for name in names.split()]


def _tenant(name: str, *columns: Any) -> None:
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{name}"),
    )


def _check(table: str, name: str, rule: str) -> Any:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _prospects()
    _plans()
    _complaints()
    _shared()
    for name in ("weekdays", "courtyards"):
        empty = sa.text("'[]'::jsonb")
        op.add_column("admission", sa.Column(name, postgresql.JSONB(), nullable=False, server_default=empty))
    op.create_index("ix_listing_type", "listing", ["service_type", "provider_slug"])
    for table, column, parent in PARENTS:
        name = f"fk_{table}_tenant_id_{column}"
        op.create_foreign_key(name, table, parent, ["tenant_id", column], ["tenant_id", "id"])
    for table in SAMPLES:
        op.create_check_constraint(op.f(f"ck_{table}_demo"), table, DEMO)
    secure(*TENANT, append_only=APPEND_ONLY)
    for table in PLATFORM:
        op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO app_user')


def _prospects() -> None:
    _tenant(
        "prospect",
        *_columns("text", "number kind name folded trade uscc address"),
        *_columns("bytes", "contact phone", null=True),
        *_columns("text", "service_type state reason"),
        *_columns("day", "retry_on", null=True),
        *_columns("text", "source"),
        *_columns("id", "list_id target_id owner_id", null=True),
        *_columns("text", "owner_post"),
        *_columns("id", "provider_id", null=True),
        *_columns("at", "made_at"),
        *_columns("at", "spoken_at", null=True),
        *_columns("bool", "demo"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_prospect_tenant_id_number"),
        _check("prospect", "kind", "kind IN ('shop', 'unit', 'person')"),
        _check(
            "prospect", "state",
            "state IN ('prospect', 'visited', 'interested', 'explained', 'agreed', 'active', 'declined')",
        ),
    )  # fmt: skip
    op.create_index("ix_prospect_state", "prospect", ["tenant_id", "state", "retry_on"])
    op.create_index("ix_prospect_folded", "prospect", ["tenant_id", "folded"])
    op.create_index("ix_prospect_list", "prospect", ["tenant_id", "list_id"])
    _tenant(
        "prospect_event",
        *_columns("id", "prospect_id"),
        *_columns("at", "at"),
        *_columns("text", "kind state_from state_to reason"),
        *_columns("bytes", "note", null=True),
        *_columns("id", "actor_id", null=True),
        *_columns("text", "post"),
    )
    op.create_index("ix_prospect_event_prospect", "prospect_event", ["tenant_id", "prospect_id", "at"])
    _tenant(
        "prospect_tie",
        *_columns("id", "prospect_id"),
        *_columns("id", "other_id", null=True),
        *_columns("bytes", "who", null=True),
        *_columns("text", "how"),
        *_columns("at", "made_at"),
    )
    op.create_index("ix_prospect_tie_prospect", "prospect_tie", ["tenant_id", "prospect_id"])
    _tenant(
        "prospect_list",
        *_columns("text", "name"),
        *_columns("bytes", "digest"),
        *_columns("text", "state"),
        *_columns("int", "lines made"),
        *_columns("bytes", "found", null=True),
        *_columns("id", "by", null=True),
        *_columns("at", "at"),
        sa.UniqueConstraint("tenant_id", "digest", name="uq_prospect_list_tenant_id_digest"),
        _check("prospect_list", "state", "state IN ('draft', 'done', 'undone')"),
    )


def _plans() -> None:
    _tenant(
        "gap_target",
        *_columns("text", "item_slug service_type"),
        *_columns("id", "courtyard_id", null=True),
        *_columns("int", "wanted"),
        *_columns("day", "opened_on due_on"),
        *_columns("text", "owner_post"),
        *_columns("id", "provider_id", null=True),
        *_columns("text", "outcome"),
        *_columns("day", "closed_on", null=True),
        _check("gap_target", "outcome", "closed_on IS NULL OR outcome <> ''"),
    )
    op.create_index("ix_gap_target_open", "gap_target", ["tenant_id", "closed_on", "due_on"])
    _tenant(
        "project",
        *_columns("text", "number title item_slug"),
        *_columns("int", "needs"),
        *_columns("money", "budget"),
        *_columns("text", "funding"),
        *_columns("id", "provider_id", null=True),
        *_columns("day", "starts_on ends_on"),
        *_columns("text", "outputs state result"),
        *_columns("int", "stars", null=True),
        *_columns("at", "made_at"),
        *_columns("bool", "demo"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_project_tenant_id_number"),
        _check("project", "state", "state IN ('planned', 'running', 'done', 'dropped')"),
        _check("project", "days", "ends_on >= starts_on"),
    )
    _tenant(
        "mobilised",
        *_columns("text", "kind what"),
        *_columns("money", "quantity"),
        *_columns("text", "unit"),
        *_columns("bytes", "giver", null=True),
        *_columns("id", "provider_id", null=True),
        *_columns("day", "on_day"),
        *_columns("id", "by", null=True),
        *_columns("text", "post"),
        *_columns("at", "made_at"),
        *_columns("at", "struck_at", null=True),
        _check("mobilised", "kind", "kind IN ('discount', 'goods', 'service', 'hours')"),
        _check("mobilised", "quantity", "quantity > 0"),
    )
    op.create_index("ix_mobilised_day", "mobilised", ["tenant_id", "on_day"])
    _tenant(
        "charity",
        *_columns("text", "name uscc phone"),
        *_columns("at", "set_at"),
        *_columns("text", "set_post"),
        sa.UniqueConstraint("tenant_id", name="uq_charity_tenant_id"),
    )


def _complaints() -> None:
    _tenant(
        "complaint",
        *_columns("text", "number about"),
        *_columns("id", "provider_id staff_id", null=True),
        *_columns("text", "category channel"),
        *_columns("bytes", "complainant phone", null=True),
        *_columns("bytes", "words"),
        *_columns("day", "happened_on", null=True),
        *_columns("text", "state"),
        *_columns("id", "receiver_id", null=True),
        *_columns("text", "receiver_post"),
        *_columns("at", "received_at due_at"),
        *_columns("bytes", "question", null=True),
        *_columns("at", "hearing_due_at", null=True),
        *_columns("bytes", "reply", null=True),
        *_columns("at", "replied_at", null=True),
        *_columns("bool", "upheld", null=True),
        *_columns("bytes", "finding", null=True),
        *_columns("at", "decided_at", null=True),
        *_columns("bytes", "answer", null=True),
        *_columns("text", "answered_how"),
        *_columns("at", "answered_at", null=True),
        *_columns("int", "reopened"),
        *_columns("bool", "demo"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_complaint_tenant_id_number"),
        _check("complaint", "about", "about IN ('provider', 'volunteer', 'worker', 'unknown')"),
        _check("complaint", "channel", "channel IN ('phone', 'paper', 'link', 'page')"),
        _check("complaint", "state", "state IN ('received', 'hearing', 'decided', 'answered')"),
        _check("complaint", "receiver", "receiver_id IS NULL OR staff_id IS NULL OR receiver_id <> staff_id"),
    )
    op.create_index("ix_complaint_state", "complaint", ["tenant_id", "state", "due_at"])
    op.create_index("ix_complaint_staff", "complaint", ["tenant_id", "staff_id"])
    _tenant(
        "complaint_event",
        *_columns("id", "complaint_id"),
        *_columns("at", "at"),
        *_columns("text", "verb state_from state_to"),
        *_columns("id", "actor_id", null=True),
        *_columns("text", "post"),
    )
    op.create_index("ix_complaint_event_complaint", "complaint_event", ["tenant_id", "complaint_id", "at"])


def _shared() -> None:
    op.create_table(
        "street_prospect",
        *_columns("id", "id street_id community_id prospect_id"),
        *_columns("text", "name folded uscc"),
        *_columns("bytes", "place", null=True),
        *_columns("text", "state"),
        *_columns("day", "spoken_on", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_street_prospect"),
        sa.UniqueConstraint(
            "community_id", "prospect_id", name="uq_street_prospect_community_id_prospect_id"
        ),
    )  # fmt: skip
    for name, column in (("uscc", "uscc"), ("place", "place"), ("name", "folded")):
        op.create_index(f"ix_street_prospect_{name}", "street_prospect", ["street_id", column])
    op.create_table(
        "provider_notice",
        *_columns("id", "id provider_id community_id object_id"),
        *_columns("text", "kind category"),
        *_columns("at", "at"),
        *_columns("at", "withdrawn_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_provider_notice"),
        sa.UniqueConstraint("kind", "object_id", name="uq_provider_notice_kind_object_id"),
        _check("provider_notice", "kind", "kind IN ('complaint_upheld', 'stopped')"),
    )
    op.create_index("ix_provider_notice_provider", "provider_notice", ["provider_id", "at"])
    op.create_table(
        "hearing",
        *_columns("id", "id provider_id community_id"),
        *_columns("text", "category"),
        *_columns("day", "happened_on", null=True),
        *_columns("at", "asked_at due_at"),
        *_columns("at", "answered_at", null=True),
        *_columns("text", "outcome"),
        sa.PrimaryKeyConstraint("id", name="pk_hearing"),
    )
    op.create_index("ix_hearing_provider", "hearing", ["provider_id", "due_at"])
    for table, column, target in (
        ("street_prospect", "street_id", "street"), ("street_prospect", "community_id", "community"),
        ("provider_notice", "provider_id", "provider"), ("provider_notice", "community_id", "community"),
        ("hearing", "provider_id", "provider"), ("hearing", "community_id", "community"),
    ):  # fmt: skip
        op.create_foreign_key(f"fk_{table}_{column}_{target}", table, target, [column], ["id"])


def downgrade() -> None:
    op.drop_index("ix_listing_type", "listing")
    for name in ("weekdays", "courtyards"):
        op.drop_column("admission", name)
    drop(*PLATFORM, *TENANT)
