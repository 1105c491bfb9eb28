"""What each kind of provider needs: dispute files that one worker reads; numbers on call and safety drills."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.rights import DEMO, HERE, drop, secure

revision = "0030"
down_revision = "0029"

TIME = sa.DateTime(timezone=True)
HELD = " OR ".join(
    f"holder_id = nullif(current_setting('app.dispute_{who}', true), '')::uuid" for who in ("holder", "heir")
)
"""Entries of a dispute file show themselves while the transaction names their holder, or who takes them over."""
DISPUTES = ("dispute_file", "dispute_entry", "dispute_hand")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _disputes()
    _on_call()


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


def _shared(name: str, *columns: sa.Column) -> None:
    op.create_table(
        name, sa.Column("id", sa.Uuid(), nullable=False), *columns, sa.PrimaryKeyConstraint("id", name=f"pk_{name}")
    )


def downgrade() -> None:
    drop("on_call", "safety_drill")
    drop(*DISPUTES)
