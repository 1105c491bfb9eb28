"""Who is on duty for 急难; official desks and terms of appeal, the street's too; how a family wants to be told."""

import sqlalchemy as sa
from alembic import op

from migrations.rights import drop, secure

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "duty_shift",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_duty_shift"),
        sa.UniqueConstraint("tenant_id", "weekday", "shift", name="uq_duty_shift_tenant_id_weekday_shift"),
        sa.UniqueConstraint("tenant_id", "on_date", "shift", name="uq_duty_shift_tenant_id_on_date_shift"),
        sa.CheckConstraint("shift IN ('day', 'night')", name=op.f("ck_duty_shift_shift")),
        sa.CheckConstraint("(weekday IS NULL) <> (on_date IS NULL)", name=op.f("ck_duty_shift_when")),
    )
    secure("duty_shift")
    op.create_table(
        "street_desk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("department_slug", "policy_slug")),
        *_desk("phone", "contact", "url"),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_post", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_street_desk"),
        sa.UniqueConstraint(
            "street_id", "department_slug", "policy_slug", name="uq_street_desk_street_id_department_slug_policy_slug"
        ),
    )
    op.create_foreign_key("fk_street_desk_street_id", "street_desk", "street", ["street_id"], ["id"])
    op.execute("GRANT SELECT, INSERT, UPDATE ON street_desk TO app_user")
    for column in _desk():
        op.add_column("official_desk", column)
    op.add_column("household", sa.Column("told_by", sa.Text(), nullable=False, server_default=""))


def _desk(*names: str) -> list[sa.Column]:
    return [
        *(sa.Column(name, sa.Text(), nullable=False) for name in names),
        sa.Column("appeal_to", sa.Text(), nullable=False, server_default=""),
        sa.Column("appeal_days", sa.Integer(), nullable=True),
        sa.Column("appeal_source", sa.Text(), nullable=False, server_default=""),
    ]


def downgrade() -> None:
    op.drop_column("household", "told_by")
    for name in ("appeal_source", "appeal_days", "appeal_to"):
        op.drop_column("official_desk", name)
    drop("street_desk", "duty_shift")
