"""What a family says at the door that it receives stands in the register of benefits, marked as told in a sweep; and a
word of thanks may be emptied with the other words of a case that has been over for so long."""

from alembic import op

revision = "0037"
down_revision = "0034"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _sources("'desk', 'acceptance', 'sweep'")
    op.execute("GRANT UPDATE (thanks) ON confirmation TO app_user")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (thanks) ON confirmation FROM app_user")
    _sources("'desk', 'acceptance'")


def _sources(names: str) -> None:
    name = op.f("ck_received_benefit_source")
    op.drop_constraint(name, "received_benefit")
    op.create_check_constraint(name, "received_benefit", f"source IN ({names})")
