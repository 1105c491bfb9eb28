"""An event of an admission is written inside its community alone, as every step is; a provider reads its own and adds none."""

from alembic import op

revision = "0043"
down_revision = "0041"

OURS = "community_id = nullif(current_setting('app.community_id', true), '')::uuid"
THEIRS = "provider_id = nullif(current_setting('app.provider_id', true), '')::uuid"


def upgrade() -> None:
    _written(OURS)


def downgrade() -> None:
    _written(f"{OURS} OR {THEIRS}")


def _written(rule: str) -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP POLICY scope_c ON admission_event")
    op.execute(f"CREATE POLICY scope_c ON admission_event FOR INSERT TO app_user, app_owner WITH CHECK ({rule})")
