"""Messages with their delivery and inbox, how people want to be told, printed papers, wishes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.rights import DEMO, HERE, drop, secure

revision = "0020"
down_revision = "0019"

PLATFORM = ("message_try", "notify_preference", "address_health", "wish_claim")
TENANT = ("paper", "wish", "wish_event", "handover_note")
STATES = "('waiting', 'held', 'digest', 'sent', 'failed')"
WISH = "('submitted', 'published', 'claimed', 'delivered', 'thanked', 'need', 'declined', 'withdrawn')"
SHOWN = "('published', 'claimed', 'delivered', 'thanked')"
MOMENT = sa.DateTime(timezone=True)
COLUMNS = (
    ("scope_id", sa.Uuid()), ("account_id", sa.Uuid()), ("due_at", MOMENT), ("sent_at", MOMENT), ("read_at", MOMENT),
)  # fmt: skip


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _messages()
    _preferences()
    _papers()
    _handovers()
    _wishes()
    for table in PLATFORM:
        rights = "SELECT, INSERT, DELETE" if table == "message_try" else "SELECT, INSERT, UPDATE, DELETE"
        op.execute(f'GRANT {rights} ON "{table}" TO app_user')
    secure(*TENANT, append_only=("wish_event", "handover_note"))
    op.execute(
        "GRANT SELECT (tenant_id, id, public_text, state, published_at, delivered_at, thanks, thanked_at, demo) "
        "ON wish TO app_public"
    )
    op.execute(f"CREATE POLICY public_r ON wish FOR SELECT TO app_public USING ({HERE} AND state IN {SHOWN})")


def _messages() -> None:
    for name, kind in COLUMNS:
        op.add_column("message", sa.Column(name, kind, nullable=True))
    for name, default in (("state", "'sent'"), ("reason", "''")):
        op.add_column("message", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text(default)))
    for name in ("tries", "turn", "captured"):
        op.add_column("message", sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_check_constraint(op.f("ck_message_state"), "message", f"state IN {STATES}")
    mine = sa.text("account_id IS NOT NULL")
    unread = sa.text("account_id IS NOT NULL AND read_at IS NULL")
    op.create_index("ix_message_unread", "message", ["account_id"], postgresql_where=unread)
    op.create_index("ix_message_account", "message", ["account_id", "created_at"], postgresql_where=mine)
    op.create_index("ix_message_scope", "message", ["scope_id", "created_at"])
    op.create_table(
        "message_try",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message_try"),
        sa.CheckConstraint("outcome IN ('sent', 'down', 'bounced')", name=op.f("ck_message_try_outcome")),
    )
    op.create_index("ix_message_try_message", "message_try", ["message_id"])
    op.create_index("ix_message_try_at", "message_try", ["at"])


def _preferences() -> None:
    op.create_table(
        "notify_preference",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.Text(), nullable=False),
        sa.Column("quiet_to", sa.Text(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("wished", JSONB(), nullable=False),
        sa.Column("wechat", sa.LargeBinary(), nullable=True),
        sa.Column("wecom", sa.LargeBinary(), nullable=True),
        sa.Column("dingtalk", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notify_preference"),
        sa.UniqueConstraint("account_id", name="uq_notify_preference_account_id"),
        sa.CheckConstraint("language IN ('zh', 'en')", name=op.f("ck_notify_preference_language")),
    )
    op.create_table(
        "address_health",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("dead_at", MOMENT, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_address_health"),
        sa.UniqueConstraint("address_index", name="uq_address_health_address_index"),
    )


def _key() -> list[sa.Column]:
    return [
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _text(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _moments(*names: str) -> list[sa.Column]:
    return [sa.Column(name, MOMENT, nullable=True) for name in names]


def _papers() -> None:
    op.create_table(
        "paper",
        *_key(),
        *_text("kind", "subject", "state", "reason"),
        sa.Column("html_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_paper"),
        sa.CheckConstraint("state IN ('waiting', 'working', 'done', 'failed')", name=op.f("ck_paper_state")),
    )


def _handovers() -> None:
    op.create_table(
        "handover_note",
        *_key(),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        *_text("mark"),
        sa.Column("day", sa.Date(), nullable=False),
        *_text("actor", "verb"),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_handover_note"),
        sa.UniqueConstraint("tenant_id", "case_id", "mark", "day", name="uq_handover_note_tenant_id_case_id_mark_day"),
    )
    op.create_foreign_key(
        "fk_handover_note_tenant_id_case_id",
        "handover_note",
        "case_file",
        ["tenant_id", "case_id"],
        ["tenant_id", "id"],
    )


def _wishes() -> None:
    op.create_table(
        "wish",
        *_key(),
        *_text("number"),
        sa.Column("signal_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        *_text("public_text", "state", "reason", "claimer_kind", "claimer", "thanks"),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("claimer_id", sa.Uuid(), nullable=True),
        sa.Column("claimer_scope", sa.Uuid(), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=False),
        *_moments("due_at", "published_at", "claimed_at", "delivered_at", "thanked_at"),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_wish"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_wish_tenant_id_number"),
        sa.UniqueConstraint("tenant_id", "signal_id", name="uq_wish_tenant_id_signal_id"),
        sa.CheckConstraint(f"state IN {WISH}", name=op.f("ck_wish_state")),
        sa.CheckConstraint("(state = 'claimed') <= (claimer_id IS NOT NULL)", name=op.f("ck_wish_claimer")),
        sa.CheckConstraint(DEMO, name=op.f("ck_wish_demo")),
    )
    op.create_index("ix_wish_state", "wish", ["tenant_id", "state", "submitted_at"])
    op.create_table(
        "wish_event",
        *_key(),
        sa.Column("wish_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *_text("state_from", "state_to", "actor", "reason"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_wish_event"),
    )
    op.create_index("ix_wish_event_wish", "wish_event", ["tenant_id", "wish_id"])
    op.create_foreign_key(
        "fk_wish_event_tenant_id_wish_id", "wish_event", "wish", ["tenant_id", "wish_id"], ["tenant_id", "id"]
    )
    op.create_table(
        "wish_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wish_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        *_text("number", "public_text", "state", "thanks"),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wish_claim"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name="fk_wish_claim_community_id"),
        sa.CheckConstraint(
            "state IN ('claimed', 'delivered', 'thanked', 'expired', 'returned')", name=op.f("ck_wish_claim_state")
        ),
    )
    op.create_index("ix_wish_claim_account", "wish_claim", ["account_id", "state"])
    op.create_index(
        "uq_wish_claim_live", "wish_claim", ["wish_id"], unique=True, postgresql_where=sa.text("state = 'claimed'")
    )


def downgrade() -> None:
    drop(*TENANT, *PLATFORM)
    op.drop_constraint(op.f("ck_message_state"), "message")
    for name in ("ix_message_unread", "ix_message_account", "ix_message_scope"):
        op.drop_index(name, "message")
    for name, _kind in COLUMNS:
        op.drop_column("message", name)
    for name in ("state", "reason", "tries", "turn", "captured"):
        op.drop_column("message", name)
