"""Accompanying: rounds that repeat, volunteers with teams, seats and pairs; outcomes by whom, and the audit sample."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.rights import drop, secure

revision = "0021"
down_revision = "0020"

TABLES = ("volunteer_team", "volunteer", "pairing", "visit_seat", "need_outcome", "audit_check")
TIME = sa.DateTime(timezone=True)


def _added() -> dict[str, tuple[sa.Column, ...]]:
    """What is added to tables that stand."""
    return {
        "service_plan": (
            sa.Column("hour", sa.Time(), nullable=True),
            sa.Column("holidays", sa.Text(), server_default=sa.text("'move'"), nullable=False),
            sa.Column("tasks", JSONB(), server_default=sa.text("'[]'"), nullable=False),
            sa.Column("two_person", sa.Boolean(), server_default=sa.false(), nullable=False),
            sa.Column("children", sa.Boolean(), server_default=sa.false(), nullable=False),
            sa.Column("dignity", sa.LargeBinary(), nullable=True),
            sa.Column("safety", sa.LargeBinary(), nullable=True),
            sa.Column("team_id", sa.Uuid(), nullable=True),
        ),
        "visit": (
            sa.Column("slot_on", sa.Date(), nullable=True),
            sa.Column("arrived_at", TIME, nullable=True),
            sa.Column("mood", sa.Text(), server_default=sa.text("''"), nullable=False),
        ),
        "saving_line": (sa.Column("amount_high", sa.Numeric(), nullable=True),),
        "outcome_note": (
            sa.Column("income_month", sa.Numeric(), nullable=True),
            sa.Column("unpriced", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        ),
    }


def _own(name: str, *columns: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{name}"),
    )


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def _maybe(name: str, kind: type | sa.types.TypeEngine = sa.Uuid) -> sa.Column:
    return sa.Column(name, kind, nullable=True)


def _sure(name: str, kind: type | sa.types.TypeEngine = sa.Uuid) -> sa.Column:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _own(
        "volunteer_team", _text("name"), _maybe("lead_id"), _text("insurance"), _maybe("insured_until", sa.Date),
        _sure("started_at", TIME), _maybe("ended_at", TIME),
    )  # fmt: skip
    _own(
        "volunteer", _maybe("team_id"), _maybe("account_id"), _sure("name", sa.LargeBinary), _text("called"),
        _sure("phone", sa.LargeBinary), _sure("phone_index", sa.LargeBinary), _text("state"), _text("kin"),
        _sure("applied_at", TIME), _maybe("pledged_at", TIME), _maybe("quiz_at", TIME), _sure("quiz_score", sa.Integer),
        _sure("quiz_tries", sa.Integer), _sure("checked", JSONB), _maybe("vetted_at", TIME),
        _maybe("vetted_by"), _text("vetted_post"), _maybe("vetted_until", sa.Date), _sure("children", sa.Boolean),
        _maybe("reason", sa.LargeBinary), _sure("drops", sa.Integer), _sure("no_shows", sa.Integer), _maybe("ended_at", TIME),
        sa.CheckConstraint(
            "state IN ('applied', 'invited', 'active', 'refused', 'ended')", name=op.f("ck_volunteer_state")
        ),
    )  # fmt: skip
    _own(
        "pairing", _sure("case_id"), _sure("volunteer_id"), _sure("from_on", sa.Date), _sure("kin_checked", sa.Boolean),
        _maybe("made_by"), _maybe("ended_at", TIME),
    )  # fmt: skip
    _own(
        "visit_seat", _sure("visit_id"), _sure("seq", sa.Integer), _maybe("volunteer_id"), _text("state"),
        _maybe("taken_at", TIME), _maybe("arrived_at", TIME), _sure("minutes", sa.Integer), _maybe("swap_to"),
        _maybe("approved_at", TIME), _maybe("approved_by"),
        sa.CheckConstraint(
            "state IN ('open', 'taken', 'came', 'no_show', 'closed')", name=op.f("ck_visit_seat_state")
        ),
    )  # fmt: skip
    _own(
        "need_outcome", _sure("case_id"), _sure("need_id"), _text("result"), _text("by"), _text("source"),
        _maybe("stars", sa.Integer), _maybe("words", sa.LargeBinary), _sure("at", TIME), _maybe("by_id"), _text("by_post"),
        sa.CheckConstraint(
            "result IN ('solved', 'partly', 'not_solved', 'unknown')", name=op.f("ck_need_outcome_result")
        ),
        sa.CheckConstraint("by IN ('resident', 'worker', 'audit')", name=op.f("ck_need_outcome_by")),
    )  # fmt: skip
    _own(
        "audit_check", _sure("case_id"), _sure("month", sa.Date), _text("seed"), _sure("rank", sa.Integer),
        _sure("percent", sa.Integer), _text("state"), _sure("drawn_at", TIME), _sure("due_at", TIME),
        _maybe("done_at", TIME), _maybe("done_by"), _text("done_post"), _maybe("words", sa.LargeBinary),
        sa.CheckConstraint("state IN ('open', 'agrees', 'differs')", name=op.f("ck_audit_check_state")),
    )  # fmt: skip
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_check_constraint(op.f("ck_service_plan_holidays"), "service_plan", "holidays IN ('keep', 'move', 'skip')")
    op.create_unique_constraint("uq_visit_slot", "visit", ["tenant_id", "plan_id", "slot_on"])
    op.create_index("uq_volunteer_phone", "volunteer", ["tenant_id", "phone_index"], unique=True)
    op.create_index("uq_volunteer_account", "volunteer", ["tenant_id", "account_id"], unique=True)
    op.create_index("ix_volunteer_state", "volunteer", ["tenant_id", "state"])
    op.create_index(
        "uq_pairing_open", "pairing", ["tenant_id", "case_id", "volunteer_id"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_index("ix_pairing_volunteer", "pairing", ["tenant_id", "volunteer_id"])
    op.create_unique_constraint("uq_visit_seat", "visit_seat", ["tenant_id", "visit_id", "seq"])
    op.create_index("ix_visit_seat_volunteer", "visit_seat", ["tenant_id", "volunteer_id", "state"])
    op.create_index("ix_need_outcome_need", "need_outcome", ["tenant_id", "need_id", "at"])
    op.create_unique_constraint("uq_audit_check_case", "audit_check", ["tenant_id", "month", "case_id"])
    op.create_index("ix_audit_check_state", "audit_check", ["tenant_id", "state", "due_at"])
    for table, other, column in (
        ("volunteer", "volunteer_team", "team_id"), ("pairing", "case_file", "case_id"),
        ("pairing", "volunteer", "volunteer_id"), ("visit_seat", "visit", "visit_id"),
        ("visit_seat", "volunteer", "volunteer_id"), ("need_outcome", "case_file", "case_id"),
        ("need_outcome", "need", "need_id"), ("audit_check", "case_file", "case_id"),
    ):  # fmt: skip
        op.create_foreign_key(
            f"fk_{table}_tenant_id_{column}", table, other, ["tenant_id", column], ["tenant_id", "id"]
        )
    secure(*TABLES)


def downgrade() -> None:
    drop(*TABLES)
    op.drop_constraint("uq_visit_slot", "visit")
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)
