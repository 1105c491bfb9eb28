"""What a provider says of itself and what somebody claims as theirs gets policies: terms are signed and places kept by the
provider alone, a listing is claimed for oneself and decided in one's own name. All are read where offers are shown.
"""

from alembic import op

revision = "0034"
down_revision = "0033"

PROVIDER = "provider_id = nullif(current_setting('app.provider_id', true), '')::uuid"
ACCOUNT = "account_id = nullif(current_setting('app.account_id', true), '')::uuid"
DECIDER = "decided_by IS NOT DISTINCT FROM nullif(current_setting('app.account_id', true), '')::uuid"
TABLES = {
    "provider_signature": (("scope_c", "INSERT", f"WITH CHECK ({PROVIDER})"),),
    "provider_location": (
        ("scope_c", "INSERT", f"WITH CHECK ({PROVIDER})"),
        ("scope_u", "UPDATE", f"USING ({PROVIDER}) WITH CHECK ({PROVIDER})"),
    ),
    "provider_claim": (
        ("scope_c", "INSERT", f"WITH CHECK ({ACCOUNT})"),
        ("scope_u", "UPDATE", f"USING (true) WITH CHECK ({DECIDER})"),
    ),
}
"""Table → who writes; every row is read by all."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, rules in TABLES.items():
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        for name, act, rule in (("scope_r", "SELECT", "USING (true)"), *rules):
            op.execute(f'CREATE POLICY {name} ON "{table}" FOR {act} TO app_user, app_owner {rule}')


def downgrade() -> None:
    for table, rules in TABLES.items():
        for name in ("scope_r", *(name for name, _act, _rule in rules)):
            op.execute(f'DROP POLICY {name} ON "{table}"')
        op.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
