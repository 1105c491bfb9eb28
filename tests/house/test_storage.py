"""What the database itself says of its tables, keys, policies and roles."""

import re

import pytest
from sqlalchemy import text

from rongjiu.db import Base, OfTenant, db
from rongjiu.paths import MIGRATIONS

pytestmark = pytest.mark.usefixtures("inside")
NOT_OWNED = {"community", "link", "provider_inbox", "desk_inbox", "transfer_inbox"}
"""Platform tables that name a community without belonging to it; the design gives each its reason."""
POLICY_OF_ALL = "nullif(current_setting('app.tenant_id'"


def rows(sql: str) -> list[tuple]:
    return [tuple(row) for row in db.session.execute(text(sql))]


def tenant_tables() -> set[str]:
    found = rows(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped"
    )
    return {name for (name,) in found} - NOT_OWNED


def test_models_and_catalogue_agree_on_tenant_tables() -> None:
    mapped = {m.local_table.name for m in Base.registry.mappers if issubclass(m.class_, OfTenant)}
    assert tenant_tables() == mapped
    assert len(mapped) > 40


def test_every_tenant_table_forces_row_security_with_a_policy() -> None:
    found = rows(
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, "
        "(SELECT string_agg(pg_get_expr(p.polqual, p.polrelid), ' ') FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant_rw') "
        "FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
    )
    owned = tenant_tables()
    wrong = [
        name
        for name, on, forced, policy in found
        if name in owned and not (on and forced and "app.tenant_id" in (policy or ""))
    ]
    assert wrong == []


SCOPED = ("scope_id", "asker_scope", "other_scope", "made_by", "provider_id", "street_id", "community_id")
"""Columns that say whose a row of the platform is."""
SHARED = {
    "admission": "the market, its provider and its street read it; locked with the places of every offer, by any of them",
    "community": "read before anybody's place is known: the address leads to it",
    "declared_price": "of a provider, beside its service; read wherever offers are compared",
    "founding_draft": "of an account until a community stands; then of the street that answers",
    "invitation": "found by its token before anybody is known",
    "job_opening": "of an employer; read wherever a family looks for work",
    "link": "found by its token before anybody is known",
    "listing": "public; searched by GIN, which must not stand behind a policy; written by publish() alone",
    "listing_area": "public, as its listing",
    "membership": "read to find out which place somebody works at; written by the place above as well",
    "message": "the read that finds who is there counts what they have not read; one worker sends for every place; address and text are sealed",
    "on_call": "of a provider; read where any community looks for help at once",
    "open_record": "open data; searched by GIN, which must not stand behind a policy; written by publish() alone",
    "place_wait": "one line for all communities: everybody's turn counts the others; whoever frees a place serves the next",
    "provider": "public once active; changed by itself, its street, and the community that invited it",
    "provider_paper": "handed in by the provider, accepted by its street or the community that invited it",
    "provider_service": "the market reads it; the same verbs serve its provider and whoever registers one for it",
    "reservation": "counted over all communities in one statement; ended by the provider's no as well",
    "safety_drill": "of a provider; read where any community looks for help at once",
    "service_area": "the market reads it; written with its service",
    "vetting_event": "append-only; written by provider, street and community in turn, read by all three",
}
"""Shared by design, and why no policy can compare a row with one place; the doors alone guard them."""


def test_what_the_platform_keeps_for_one_place_has_policies_unless_it_is_shared() -> None:
    found = rows(
        "SELECT c.relname, bool_or(c.relrowsecurity AND c.relforcerowsecurity) FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped "
        f"WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname IN {SCOPED} GROUP BY 1"
    )
    owned = tenant_tables()
    assert {name for name, forced in found if name not in owned and not forced} == set(SHARED)


@pytest.mark.parametrize("table", ["known_person", "known_question", "import_mapping"])
def test_each_policy_of_the_platform_compares_a_row_with_a_setting(table: str) -> None:
    policies = rows(
        "SELECT polcmd::text, coalesce(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) "
        f"FROM pg_policy WHERE polrelid = '{table}'::regclass"
    )
    assert {command for command, _rule in policies} == {"r", "a", "d" if table == "known_person" else "w"}
    assert [rule for _command, rule in policies if "current_setting('app.community_id'" not in rule] == []


@pytest.mark.parametrize(
    ("table", "setting"),
    [("street_prospect", "community_id"), ("hearing", "community_id"), ("wish_claim", "community_id"),
     ("provider_notice", "community_id"), ("street_desk", "street_id"), ("provider_location", "provider_id"),
     ("provider_signature", "provider_id")],
)  # fmt: skip
def test_a_row_of_the_platform_is_written_by_its_own_place_alone(table: str, setting: str) -> None:
    policies = rows(
        "SELECT polcmd::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy "
        f"WHERE polrelid = '{table}'::regclass"
    )
    rule = f"({setting} = (NULLIF(current_setting('app.{setting}'::text, true), ''::text))::uuid)"
    assert {(command, using, check) for command, using, check in policies if command != "r"} == {
        ("a", None, rule), *([("w", rule, rule)] if table != "provider_signature" else []),
        *([("d", rule, None)] if table == "street_prospect" else []),
    }  # fmt: skip


def test_policies_hold_no_subquery() -> None:
    found = rows("SELECT polrelid::regclass::text, pg_get_expr(polqual, polrelid) FROM pg_policy")
    assert [name for name, expression in found if re.search(r"\bselect\b", expression or "", re.IGNORECASE)] == []


def test_keys_of_tenant_tables_are_led_by_tenant_id() -> None:
    found = rows(
        "SELECT t.relname, i.relname, a.attname FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid "
        "JOIN pg_class i ON i.oid = x.indexrelid LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0] "
        "WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace"
    )
    owned = tenant_tables()
    assert [(table, index) for table, index, first in found if table in owned and first != "tenant_id"] == []


def test_foreign_keys_between_tenant_tables_carry_tenant_id_on_both_sides() -> None:
    found = rows(
        "SELECT k.conname, s.relname, t.relname, "
        "(SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = ANY (k.conkey)), "
        "(SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = k.confrelid AND attnum = ANY (k.confkey)), k.confdeltype "
        "FROM pg_constraint k JOIN pg_class s ON s.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid WHERE k.contype = 'f'"
    )
    owned = tenant_tables()
    wrong = [
        name for name, source, target, here, there, _ in found
        if {source, target} <= owned and not ("tenant_id" in here and "tenant_id" in there)
    ]  # fmt: skip
    assert wrong == []
    assert [name for name, *_, action in found if action == b"n" or action == "n"] == [], "no ON DELETE SET NULL"
    assert [name for name, source, target, *_ in found if target in owned and source not in owned] == []


def test_no_view_trigger_or_definer_function() -> None:
    assert rows(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND (c.relkind = 'm' OR "
        "(c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)))"
    ) == []  # fmt: skip
    assert rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal") == []
    assert rows("SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace") == []


def test_app_roles_own_nothing_bypass_nothing_inherit_nothing() -> None:
    apps = "('app_user', 'app_relay', 'app_overseer', 'app_grantee', 'app_receiver', 'app_operator', 'app_public')"
    assert (
        rows(f"SELECT rolname FROM pg_roles WHERE rolname IN {apps} AND (rolsuper OR rolbypassrls OR rolinherit)") == []
    )
    assert (
        rows(f"SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname IN {apps}") == []
    )
    assert rows("SELECT rolname FROM pg_roles WHERE rolname = 'app_owner' AND (rolsuper OR rolbypassrls)") == []
    inherited = rows(
        "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member "
        "WHERE u.rolname = 'app_user' AND m.inherit_option"
    )
    assert inherited == []


@pytest.mark.parametrize(
    "table",
    [
        "audit", "platform_audit", "task_event", "case_event", "vetting_event", "pack_version", "register_change",
        "one_touch", "catalogue_change", "stop_try", "sweep_certificate", "desk_event",
        "policy_version", "line_confirmation", "parameter_line", "prospect_event", "complaint_event",
        "wish_event", "handover_note", "dispute_hand", "safety_drill", "admission_event",
    ],
)  # fmt: skip
def test_histories_are_append_only_for_the_app(table: str) -> None:
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        assert rows(f"SELECT has_table_privilege('app_user', '{table}', '{right}')") == [(False,)]


def test_the_public_role_reaches_no_column_of_a_person() -> None:
    labels = {
        (t.name, c.name): c.info["label"] for t in Base.metadata.tables.values() for c in t.columns
    }  # fmt: skip
    found = rows(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND has_column_privilege('app_public', c.oid, a.attnum, 'SELECT')"
    )
    assert found
    assert [pair for pair in found if labels.get(pair) in ("personal", "sensitive", "secret")] == []


def test_the_overseer_reaches_no_column_of_a_person() -> None:
    labels = {(t.name, c.name): c.info["label"] for t in Base.metadata.tables.values() for c in t.columns}
    found = rows(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND has_column_privilege('app_overseer', c.oid, a.attnum, 'SELECT')"
    )
    assert [pair for pair in found if labels.get(pair) in ("personal", "sensitive", "secret")] == []


def test_every_column_has_a_sensitivity_label() -> None:
    known = {"key", "open", "work", "personal", "sensitive", "secret"}
    wrong = [
        f"{t.name}.{c.name}"
        for t in Base.metadata.tables.values()
        for c in t.columns
        if c.info.get("label") not in known
    ]
    assert wrong == []


def test_migrations_hold_no_plain_data_change() -> None:
    for file in (MIGRATIONS / "versions").glob("*.py"):
        for statement in re.findall(r"op\.execute\(\s*f?[\"'](.*?)[\"']", file.read_text(), re.DOTALL):
            assert not re.match(r"\s*(INSERT|UPDATE|DELETE)\b", statement, re.IGNORECASE), (file.name, statement)


def test_the_end_of_a_chain_cannot_be_removed() -> None:
    for table in ("audit_head", "platform_audit_head"):
        assert rows(f"SELECT has_table_privilege('app_user', '{table}', 'DELETE')") == [(False,)]
