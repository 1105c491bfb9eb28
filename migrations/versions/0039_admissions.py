"""An admission has its full life: who holds it until when, the days on which it begins and ends, and every step of it."""

import sqlalchemy as sa
from alembic import op

from migrations.rights import drop

revision = "0039"
down_revision = "0038"

TIME = sa.DateTime(timezone=True)
STATES = ("applied", "under_review", "approved", "active", "suspended", "expired", "denied", "withdrawn")
LIVE = ("applied", "under_review", "approved", "suspended")
MINE = (
    "community_id = nullif(current_setting('app.community_id', true), '')::uuid "
    "OR provider_id = nullif(current_setting('app.provider_id', true), '')::uuid"
)
"""An event is its community's and its provider's."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("admission", sa.Column("due_at", TIME, nullable=True))
    op.add_column("admission", sa.Column("holder", sa.Text(), nullable=False, server_default=""))
    for name in ("starts_on", "ends_on"):
        op.add_column("admission", sa.Column(name, sa.Date(), nullable=True))
    _renamed((("asked", "applied", "3 days"), ("stopped", "suspended", "30 days")))
    for name, rule in (
        ("state", f"state IN {STATES}"),
        ("due", f"(due_at IS NOT NULL) = (state IN {LIVE})"),
        ("begins", "state <> 'approved' OR starts_on IS NOT NULL"),
    ):
        op.create_check_constraint(op.f(f"ck_admission_{name}"), "admission", rule)
    op.execute("GRANT SELECT (ends_on) ON admission TO app_public")
    _events()


def _renamed(states: tuple[tuple[str, str, str], ...]) -> None:
    """Old states under their new names; who waits gets the usual time from now on, so that nothing is late at once."""
    for before, after, wait in states:
        due = f"now() + interval '{wait}'" if wait else "NULL"
        op.execute(f"""
            UPDATE admission SET state = '{after}', due_at = {due} WHERE state = '{before}'
        """)  # noqa: S608  constants of this file


def _events() -> None:
    op.create_table(
        "admission_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("admission_id", "provider_id", "community_id")),
        sa.Column("at", TIME, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("state_from", "state_to", "actor", "post")),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reason_code", "words")),
        sa.PrimaryKeyConstraint("id", name="pk_admission_event"),
    )
    op.create_index("ix_admission_event_of", "admission_event", ["admission_id", "id"])
    for column, table in (("admission_id", "admission"), ("provider_id", "provider"), ("community_id", "community")):
        op.create_foreign_key(f"fk_admission_event_{column}", "admission_event", table, [column], ["id"])
    op.execute("""
        INSERT INTO admission_event (id, admission_id, provider_id, community_id, at, state_from, state_to, actor, post,
          actor_id, reason_code, words)
        SELECT id, id, provider_id, community_id, changed_at, '', state, 'system', '', NULL, 'carried_over', reason FROM admission
    """)
    op.execute("GRANT SELECT, INSERT ON admission_event TO app_user")
    op.execute("ALTER TABLE admission_event ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE admission_event FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY scope_r ON admission_event FOR SELECT TO app_user, app_owner USING ({MINE})")
    op.execute(f"CREATE POLICY scope_c ON admission_event FOR INSERT TO app_user, app_owner WITH CHECK ({MINE})")


def downgrade() -> None:
    drop("admission_event")
    op.execute("REVOKE SELECT (ends_on) ON admission FROM app_public")
    for name in ("state", "due", "begins"):
        op.drop_constraint(op.f(f"ck_admission_{name}"), "admission")
    _renamed((
        ("applied", "asked", ""), ("under_review", "asked", ""), ("approved", "asked", ""), ("suspended", "stopped", ""),
        ("expired", "stopped", ""), ("denied", "stopped", ""), ("withdrawn", "stopped", ""),
    ))  # fmt: skip
    for name in ("ends_on", "starts_on", "holder", "due_at"):
        op.drop_column("admission", name)
