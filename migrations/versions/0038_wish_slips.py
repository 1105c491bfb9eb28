"""A wish is a referral slip of kind wish, each claim on it a task: slips and tasks without a case, a person, a provider.

Wishes that stand get their slip, each of their claims its task with the steps that it took, and a bell of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"

WALLED = ("referral_request", "referral_task", "task_event", "wish", "wish_event", "wish_claim", "outbox")
"""Tables whose policies let their owner see one community at a time; the owner fills them for all at once."""
LIVE = "('draft', 'requested', 'accepted', 'in-progress', 'on-hold')"
CLAIMS = "'claimed', 'delivered', 'thanked', 'expired', 'returned'"
SLIP = (
    "CASE WHEN kind = 'wish' THEN num_nonnulls(case_id, need_id, person_id, seq) = 0 "
    "ELSE num_nonnulls(case_id, need_id, seq) = 3 END"
)
NOBODY = "case_id IS NOT NULL OR num_nonnulls(provider_id, service_id, household_id, person_id, consent_id) = 0"
EMPTY = (("referral_request", "case_id"), ("referral_request", "need_id"), ("referral_request", "seq"), ("referral_task", "case_id"))  # fmt: skip

_SLIPS = """
    INSERT INTO referral_request (tenant_id, id, kind, state, reason_code, urgency, wish, made_at)
    SELECT tenant_id, id, 'wish',
      CASE state WHEN 'submitted' THEN 'draft' WHEN 'published' THEN 'active' WHEN 'claimed' THEN 'active'
        WHEN 'delivered' THEN 'awaiting_confirmation' WHEN 'thanked' THEN 'completed' ELSE 'revoked' END,
      CASE state WHEN 'need' THEN 'became-need' WHEN 'declined' THEN 'not-public' WHEN 'withdrawn' THEN 'taken-down'
        ELSE '' END,
      'ordinary', '', submitted_at FROM wish
"""
_BEGUN = """
    INSERT INTO wish_event (tenant_id, id, wish_id, at, state_from, state_to, actor, reason)
    SELECT tenant_id, gen_random_uuid(), id, submitted_at, '', 'submitted', 'desk', '' FROM wish
"""
_TOLD = """
    CREATE TEMP TABLE told ON COMMIT DROP AS
    WITH steps AS (
      SELECT tenant_id, wish_id, at, state_to, lead(at) OVER ways AS ended_at, lead(state_to) OVER ways AS ended_as,
        lead(actor) OVER ways AS ended_by FROM wish_event WINDOW ways AS (PARTITION BY tenant_id, wish_id ORDER BY at, id)
    ), taken AS (
      SELECT *, row_number() OVER (PARTITION BY tenant_id, wish_id ORDER BY at) AS rank FROM steps
      WHERE state_to = 'claimed'
    ), claims AS (
      SELECT c.*, row_number() OVER (PARTITION BY c.wish_id ORDER BY c.claimed_at, c.id) AS rank FROM wish_claim c
    )
    SELECT w.tenant_id, c.id, c.wish_id, c.rank, c.claimed_at, c.due_at, w.demo, c.state AS claim, t.ended_at, t.ended_as,
      CASE WHEN c.state = 'claimed' THEN 'accepted'
        WHEN c.state IN ('delivered', 'thanked') OR t.ended_as = 'delivered' THEN 'completed' ELSE 'cancelled' END AS state,
      CASE t.ended_by WHEN 'claimer' THEN 'receiver' WHEN 'system' THEN 'system' WHEN 'desk' THEN 'sender'
        ELSE CASE c.state WHEN 'expired' THEN 'system' ELSE 'receiver' END END AS actor
    FROM claims c JOIN community k ON k.id = c.community_id
    JOIN wish w ON w.tenant_id = k.tenant_id AND w.id = c.wish_id
    LEFT JOIN taken t ON t.tenant_id = w.tenant_id AND t.wish_id = w.id AND t.rank = c.rank
"""
_WHY = """
    ALTER TABLE told ADD reason text NOT NULL DEFAULT ''
"""
_REASONS = """
    UPDATE told SET reason = CASE WHEN ended_as = 'withdrawn' THEN 'taken-down' WHEN claim = 'expired' THEN 'expired'
      ELSE 'returned' END WHERE state = 'cancelled'
"""
_TASKS = """
    INSERT INTO referral_task (tenant_id, id, request_id, service_type, state, reason_code, rank, due_at, ended_at, terms,
      demo)
    SELECT tenant_id, id, wish_id, '', state, reason, rank, CASE WHEN state = 'accepted' THEN due_at END,
      CASE WHEN state <> 'accepted' THEN coalesce(ended_at, claimed_at) END, '{}', demo FROM told
"""
_STEPS = """
    INSERT INTO task_event (tenant_id, id, task_id, at, state_from, state_to, actor, reason_code)
    SELECT t.tenant_id, gen_random_uuid(), t.id, t.claimed_at - s.before * interval '1 microsecond', s.left, s.taken,
      'receiver', ''
    FROM told t, (VALUES (2, '', 'draft'), (1, 'draft', 'requested'), (0, 'requested', 'accepted'))
      AS s("before", "left", taken)
    UNION ALL
    SELECT tenant_id, gen_random_uuid(), id, greatest(coalesce(ended_at, claimed_at), claimed_at + interval '1 microsecond'),
      'accepted', state, actor, reason FROM told WHERE state <> 'accepted'
"""
_HEADERS = """
    UPDATE wish_claim c SET state = 'withdrawn' FROM told t WHERE t.id = c.id AND t.reason = 'taken-down'
"""
_BELLS = """
    UPDATE outbox o SET payload = jsonb_build_object('task', t.id) FROM told t
    WHERE o.kind = 'wishes.expire' AND o.done_at IS NULL AND o.tenant_id = t.tenant_id
      AND o.payload ->> 'wish' = t.wish_id::text AND (o.payload ->> 'claims')::int = t.rank
"""
_SILENT = """
    UPDATE outbox SET done_at = now() WHERE kind = 'wishes.expire' AND done_at IS NULL AND payload ? 'wish'
"""
_BELLS_BACK = """
    UPDATE outbox o SET payload = jsonb_build_object('wish', t.request_id, 'claims', t.rank) FROM referral_task t
    WHERE o.kind = 'wishes.expire' AND o.done_at IS NULL AND o.tenant_id = t.tenant_id
      AND o.payload ->> 'task' = t.id::text AND t.case_id IS NULL
"""
_BACK = (
    "UPDATE wish_claim SET state = 'expired' WHERE state = 'withdrawn'",
    "DELETE FROM task_event e USING referral_task t WHERE t.tenant_id = e.tenant_id AND t.id = e.task_id "
    "AND t.case_id IS NULL",
    "DELETE FROM referral_task WHERE case_id IS NULL",
    "DELETE FROM referral_request WHERE kind = 'wish'",
    "DELETE FROM wish_event WHERE state_from = ''",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, column in EMPTY:
        op.alter_column(table, column, nullable=True)
    op.create_check_constraint(op.f("ck_referral_request_wish"), "referral_request", SLIP)
    op.create_check_constraint(op.f("ck_referral_task_nobody"), "referral_task", NOBODY)
    stands = ["tenant_id", "id", "case_id"]
    op.create_unique_constraint("uq_referral_request_stands", "referral_request", stands)
    op.create_foreign_key(
        "fk_referral_task_stands", "referral_task", "referral_request", ["tenant_id", "request_id", "case_id"], stands
    )
    op.create_index(
        "uq_referral_task_claim", "referral_task", ["tenant_id", "request_id"], unique=True,
        postgresql_where=sa.text(f"case_id IS NULL AND state IN {LIVE}"),
    )  # fmt: skip
    _claims(f"{CLAIMS}, 'withdrawn'")
    _filled(_SLIPS, _BEGUN, _TOLD, _WHY, _REASONS, _TASKS, _STEPS, _HEADERS, _BELLS, _SILENT)
    op.create_foreign_key("fk_wish_tenant_id_id", "wish", "referral_request", ["tenant_id", "id"], ["tenant_id", "id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint("fk_wish_tenant_id_id", "wish", type_="foreignkey")
    _filled(_BELLS_BACK, *_BACK)
    _claims(CLAIMS)
    op.drop_index("uq_referral_task_claim", "referral_task")
    op.drop_constraint("fk_referral_task_stands", "referral_task", type_="foreignkey")
    op.drop_constraint("uq_referral_request_stands", "referral_request", type_="unique")
    op.drop_constraint(op.f("ck_referral_task_nobody"), "referral_task", type_="check")
    op.drop_constraint(op.f("ck_referral_request_wish"), "referral_request", type_="check")
    for table, column in EMPTY:
        op.alter_column(table, column, nullable=False)


def _claims(states: str) -> None:
    name = op.f("ck_wish_claim_state")
    op.drop_constraint(name, "wish_claim", type_="check")
    op.create_check_constraint(name, "wish_claim", f"state IN ({states})")


def _filled(*statements: str) -> None:
    """Rows of every community at once: the policies bind the owner again before anybody else can look."""
    for table in WALLED:
        op.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
    for statement in statements:
        op.execute(statement)
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in WALLED:
        op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
