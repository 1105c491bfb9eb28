"""Publishing packs, and cloning one into a community."""

from typing import Any

import pytest
from sqlalchemy import func, select, text

from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.errors import Clash
from rongjiu.library import queries as library
from rongjiu.library.cloner import Cloner, Content, Part, in_order
from rongjiu.library.models import PackVersion
from rongjiu.library.packfiles import read_pack
from rongjiu.library.service import publish_base, publish_version
from tenants.catalogue.models import Department, NeedItem, Parameter, Policy, ServiceType, Timer
from tenants.founding import cloning
from tenants.founding.models import ChecklistItem
from tests import factories

pytestmark = pytest.mark.usefixtures("inside")


def _count(table: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_publishing_twice_is_one_version() -> None:
    first = publish_base().id
    assert publish_base().id == first
    assert _count(PackVersion) == 1


def test_a_published_version_never_changes() -> None:
    publish_base()
    pack = {**read_pack(), "glossary": {**read_pack()["glossary"], "note": "other"}}
    with pytest.raises(Clash):
        publish_version(pack)


def test_the_app_role_cannot_touch_a_published_version() -> None:
    publish_base()
    rights = db.session.scalar(text("SELECT has_table_privilege('app_user', 'pack_version', 'UPDATE,DELETE')"))
    assert rights is False


def test_clone_copies_the_whole_model_with_its_origin() -> None:
    community = factories.a_modelled_community(confirmed=False)
    with tenant_scope(factories.tenant(community)):
        found = {table: _count(table) for table in (Department, Policy, Parameter, NeedItem, ServiceType, Timer)}
        assert found == {Department: 13, Policy: 50, Parameter: 39, NeedItem: 12, ServiceType: 33, Timer: 133}
        assert set(db.session.scalars(select(Policy.pack))) == {"rongjiulianzhu-huangyan@1.0.0"}
        row = db.session.scalars(select(Parameter).where(Parameter.slug == "dibao_line_urban_month")).one()
        assert (row.value, row.must_review, row.confirmed_as) == (740, True, "")
        assert _count(ChecklistItem) == 10


def test_two_communities_do_not_see_each_others_model() -> None:
    first, second = factories.a_modelled_community(), factories.a_community()
    with tenant_scope(factories.tenant(second)):
        assert _count(Policy) == 0
    with tenant_scope(factories.tenant(first)):
        assert _count(Policy) == 50


def test_a_failing_part_takes_everything_back() -> None:
    def fail(_pack: Content, _origin: str, _tenant: Tenant) -> int:
        db.session.execute(text("SELECT 1 / 0"))
        return 0

    broken: Cloner = Part("broken", ("timer", "policy"), fail)
    community = factories.a_community()
    row = publish_base()
    pack = library.find(f"{row.slug}@{row.version}")
    with pytest.raises(Exception, match="division by zero"):
        cloning.clone(pack, factories.tenant(community), [*cloning.CLONERS, broken])
    with tenant_scope(factories.tenant(community)):
        assert _count(Department) == _count(Policy) == _count(Timer) == 0


def test_parts_stand_in_the_order_they_require() -> None:
    names = [part.name for part in in_order(cloning.CLONERS)]
    assert names.index("department") < names.index("policy")
    assert names.index("need_category") < names.index("need_item") < names.index("service_type")
    with pytest.raises(ValueError, match="unknown parts"):
        in_order([Part("a", ("b",), lambda *_: 0)])
    with pytest.raises(ValueError, match="require each other"):
        in_order([Part("a", ("b",), lambda *_: 0), Part("b", ("a",), lambda *_: 0)])
