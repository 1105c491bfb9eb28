"""What communities write for each other and for others gets policies: a row is written by its own place alone, and read
by whom it is for: shops of the pool in their street, hearings by the provider that is heard, promises by whoever made them.
"""

from alembic import op

revision = "0026"
down_revision = "0025"

OURS = "community_id = nullif(current_setting('app.community_id', true), '')::uuid"
STREET = "street_id = nullif(current_setting('app.pool_street', true), '')::uuid"
PROVIDER = "provider_id = nullif(current_setting('app.provider_id', true), '')::uuid"
ACCOUNT = "account_id = nullif(current_setting('app.account_id', true), '')::uuid"
DESK = "street_id = nullif(current_setting('app.street_id', true), '')::uuid"
EVERYBODY = "true"
"""A notice is told to all communities, a street's desks stand in every community of it: read by all, written by one."""
TABLES = {
    "street_prospect": (f"{OURS} OR {STREET}", OURS, True),
    "hearing": (f"{OURS} OR {PROVIDER}", OURS, False),
    "wish_claim": (f"{OURS} OR {ACCOUNT}", OURS, False),
    "provider_notice": (EVERYBODY, OURS, False),
    "street_desk": (EVERYBODY, DESK, False),
}
"""Table → who reads, who writes, whether rows may be taken out."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, (reads, writes, gone) in TABLES.items():
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        rules = [
            ("scope_r", "SELECT", f"USING ({reads})"),
            ("scope_c", "INSERT", f"WITH CHECK ({writes})"),
            ("scope_u", "UPDATE", f"USING ({writes}) WITH CHECK ({writes})"),
            *([("scope_d", "DELETE", f"USING ({writes})")] if gone else []),
        ]
        for name, act, rule in rules:
            op.execute(f'CREATE POLICY {name} ON "{table}" FOR {act} TO app_user, app_owner {rule}')


def downgrade() -> None:
    for table, (_reads, _writes, gone) in TABLES.items():
        for name in ("scope_r", "scope_c", "scope_u", *(["scope_d"] if gone else [])):
            op.execute(f'DROP POLICY {name} ON "{table}"')
        op.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
