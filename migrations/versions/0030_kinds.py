"""What each kind of provider needs: dispute files that one worker reads; numbers on call and safety drills; work that
fits whoever cares for somebody; licensed staff, a log of care and declared prices of medical providers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.rights import DEMO, HERE, drop, secure

revision = "0030"
down_revision = "0029"

MONEY = sa.Numeric(12, 2)
TIME = sa.DateTime(timezone=True)
HELD = " OR ".join(
    f"holder_id = nullif(current_setting('app.dispute_{who}', true), '')::uuid" for who in ("holder", "heir")
)
"""Entries of a dispute file show themselves while the transaction names their holder, or who takes them over."""
MEDICAL = ("care_staff", "care_visit", "declared_price")
OWN = "provider_id = nullif(current_setting('app.provider_id', true), '')::uuid"
"""What only the provider itself reads."""
DISPUTES = ("dispute_file", "dispute_entry", "dispute_hand")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _disputes()
    _on_call()
    _openings()
    _medical()


def _own(name: str, *columns: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{name}"),
    )


def _sure(name: str, kind: type | sa.types.TypeEngine = sa.Text) -> sa.Column:
    return sa.Column(name, kind, nullable=False)


def _maybe(name: str, kind: type | sa.types.TypeEngine = sa.Uuid) -> sa.Column:
    return sa.Column(name, kind, nullable=True)


def _disputes() -> None:
    _own(
        "dispute_file", _sure("number"), _sure("holder_id", sa.Uuid), _maybe("provider_id"), _sure("state"),
        _sure("opened_at", TIME), _maybe("due_at", TIME), _maybe("closed_at", TIME),
        sa.Column("demo", sa.Boolean(), nullable=False, server_default=sa.false()),
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_dispute_file_state"), "dispute_file", "state IN ('open', 'settled', 'unsettled', 'passed_on')"
    )
    op.create_check_constraint(op.f("ck_dispute_file_demo"), "dispute_file", DEMO)
    op.create_unique_constraint("uq_dispute_file_tenant_id_number", "dispute_file", ["tenant_id", "number"])
    op.create_index("ix_dispute_file_holder", "dispute_file", ["tenant_id", "holder_id"])
    _own(
        "dispute_entry", _sure("dispute_id", sa.Uuid), _sure("holder_id", sa.Uuid), _sure("kind"), _sure("at", TIME),
        _sure("by_id", sa.Uuid), _sure("title", sa.LargeBinary), _maybe("phone", sa.LargeBinary),
        _maybe("words", sa.LargeBinary), _maybe("file_id"),
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_dispute_entry_kind"), "dispute_entry", "kind IN ('party', 'matter', 'talk', 'paper', 'agreement')"
    )
    op.create_index("ix_dispute_entry_file", "dispute_entry", ["tenant_id", "dispute_id", "at"])
    _own(
        "dispute_hand", _sure("dispute_id", sa.Uuid), _sure("at", TIME), _sure("from_id", sa.Uuid),
        _sure("to_id", sa.Uuid), _maybe("by_id"), _sure("reason"),
    )  # fmt: skip
    op.create_index("ix_dispute_hand_file", "dispute_hand", ["tenant_id", "dispute_id"])
    for table in ("dispute_entry", "dispute_hand"):
        op.create_foreign_key(
            f"fk_{table}_tenant_id_dispute_id", table, "dispute_file", ["tenant_id", "dispute_id"], ["tenant_id", "id"]
        )
    secure("dispute_file", "dispute_hand", append_only=("dispute_hand",))
    op.execute("GRANT SELECT, INSERT ON dispute_entry TO app_user")
    op.execute("GRANT UPDATE (holder_id) ON dispute_entry TO app_user")
    op.execute("ALTER TABLE dispute_entry ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE dispute_entry FORCE ROW LEVEL SECURITY")
    rule = f"{HERE} AND ({HELD})"
    op.execute(f"CREATE POLICY tenant_rw ON dispute_entry TO app_user, app_owner USING ({rule}) WITH CHECK ({rule})")


def _on_call() -> None:
    op.create_table(
        "on_call", _sure("provider_id", sa.Uuid), _sure("phone", sa.LargeBinary), _sure("days", JSONB),
        _sure("since", sa.Time), _sure("until", sa.Time), _sure("modified_at", TIME),
        sa.PrimaryKeyConstraint("provider_id", name="pk_on_call"),
    )  # fmt: skip
    _shared(
        "safety_drill", _sure("provider_id", sa.Uuid), _sure("held_on", sa.Date), _sure("kind"),
        _sure("people", sa.Integer), _sure("minutes", sa.Integer), _sure("learnt"), _maybe("by_id"), _sure("at", TIME),
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_safety_drill_size"), "safety_drill", "people BETWEEN 1 AND 9999 AND minutes BETWEEN 1 AND 999"
    )
    op.create_index("ix_safety_drill_provider", "safety_drill", ["provider_id", "held_on"])
    for table in ("on_call", "safety_drill"):
        op.create_foreign_key(f"fk_{table}_provider_id", table, "provider", ["provider_id"], ["id"])
    op.execute("GRANT SELECT, INSERT, UPDATE ON on_call TO app_user")
    op.execute("GRANT SELECT, INSERT ON safety_drill TO app_user")


def _openings() -> None:
    _shared(
        "job_opening", _sure("provider_id", sa.Uuid), _sure("title"), _sure("hours_a_week", sa.Integer),
        _sure("days", JSONB), _maybe("since", sa.Time), _maybe("until", sa.Time), _maybe("metres", sa.Integer),
        _sure("pay_low", MONEY), _sure("pay_high", MONEY), _sure("pay_per"), _sure("fits_care", sa.Boolean),
        _sure("places", sa.Integer), _maybe("ends_on", sa.Date), _sure("state"), _sure("modified_at", TIME),
    )  # fmt: skip
    for name, rule in (
        ("state", "state IN ('open', 'closed')"), ("pay_per", "pay_per IN ('hour', 'day', 'month')"),
        ("pay", "pay_low > 0 AND pay_high >= pay_low"),
    ):  # fmt: skip
        op.create_check_constraint(op.f(f"ck_job_opening_{name}"), "job_opening", rule)
    op.create_index("ix_job_opening_provider", "job_opening", ["provider_id", "state"])
    op.create_foreign_key("fk_job_opening_provider_id", "job_opening", "provider", ["provider_id"], ["id"])
    op.execute("GRANT SELECT, INSERT, UPDATE ON job_opening TO app_user")
    for column in _wanted():
        op.add_column("carer", column)


def _wanted() -> tuple[sa.Column, ...]:
    """The hours in which a carer would work."""
    return (
        sa.Column("wanted_hours", sa.Integer(), nullable=True),
        sa.Column("wanted_days", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("wanted_since", sa.Time(), nullable=True),
        sa.Column("wanted_until", sa.Time(), nullable=True),
    )


def _medical() -> None:
    _shared(
        "care_staff", _sure("provider_id", sa.Uuid), _sure("name", sa.LargeBinary), _sure("post"),
        _sure("licence", sa.LargeBinary), _maybe("ends_on", sa.Date), _sure("state"), _sure("modified_at", TIME),
    )  # fmt: skip
    _shared(
        "care_visit", _sure("provider_id", sa.Uuid), _sure("task_id", sa.Uuid), _sure("community_id", sa.Uuid),
        _sure("titles", JSONB), _maybe("staff_id"), _sure("at", TIME), _sure("state"), _sure("acts", JSONB),
    )  # fmt: skip
    _shared(
        "declared_price", _sure("provider_id", sa.Uuid), _sure("item"), _sure("unit"), _sure("price", MONEY),
        _sure("declared_on", sa.Date), _sure("proof"), _sure("state"),
    )  # fmt: skip
    for table, name, rule in (
        ("care_staff", "state", "state IN ('active', 'left')"),
        ("care_visit", "state", "state IN ('planned', 'done', 'missed')"),
        ("declared_price", "price", "price >= 0"), ("declared_price", "state", "state IN ('valid', 'withdrawn')"),
    ):  # fmt: skip
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    op.create_index("ix_care_staff_provider", "care_staff", ["provider_id"])
    op.create_index("ix_care_visit_provider", "care_visit", ["provider_id", "at"])
    op.create_index("ix_declared_price_provider", "declared_price", ["provider_id", "state"])
    op.create_index(
        "uq_care_visit_planned", "care_visit", ["task_id"], unique=True, postgresql_where=sa.text("state = 'planned'")
    )
    for table in MEDICAL:
        op.create_foreign_key(f"fk_{table}_provider_id", table, "provider", ["provider_id"], ["id"])
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO app_user")
    op.create_foreign_key("fk_care_visit_community_id", "care_visit", "community", ["community_id"], ["id"])
    op.create_foreign_key("fk_care_visit_staff_id", "care_visit", "care_staff", ["staff_id"], ["id"])
    for table in MEDICAL[:2]:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_rw ON {table} TO app_user, app_owner USING ({OWN}) WITH CHECK ({OWN})")


def _shared(name: str, *columns: sa.Column) -> None:
    op.create_table(
        name, sa.Column("id", sa.Uuid(), nullable=False), *columns, sa.PrimaryKeyConstraint("id", name=f"pk_{name}")
    )


def downgrade() -> None:
    for column in _wanted():
        op.drop_column("carer", column.name)
    drop("on_call", "safety_drill", "job_opening", *MEDICAL)
    drop(*DISPUTES)
