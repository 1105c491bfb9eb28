"""Something of each kind that waits to be looked at, for tests that try every address."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.tenancy import known
from tenants.residents import service as residents
from tenants.residents.models import Courtyard, Person, RegisterReview
from tenants.residents.service import Door, NewPerson
from tenants.reviews import elsewhere, merging, requests
from tests import factories

NUMBER = "610103194001011235"
WHY = "户口本上是这样写的"


def some(tenant: Tenant, person_id: UUID, asker: UUID | None = None) -> dict[str, Any]:
    """Ids by the names that addresses give them: a pair, a merge, a request, and a question from a community next
    door. The person gets NUMBER if there is none yet."""
    with tenant_scope(tenant), acting(Actor(asker or uuid4(), "assistance_clerk", "救助专干")):
        name, number = db.session.execute(select(Person.name, Person.id_number).where(Person.id == person_id)).one()
        yard = db.session.scalar(select(Courtyard.id).limit(1))
        assert yard is not None
        if not number:
            residents.amend_person(person_id, id_number=NUMBER)
        twin, more, third = residents.register(
            yard, Door("90", "1", "1"), [NewPerson(name, phone="13900000001"), NewPerson("孙甲"), NewPerson("孙乙")]
        ).person_ids
        one, other = sorted((person_id, twin))
        row = RegisterReview(
            id=uuid7(), kind="duplicate", one_id=one, other_id=other, reasons=["phone"], strength=1, made_at=db.func.now(),
        )  # fmt: skip
        kept = db.session.scalar(
            select(RegisterReview.id).where(RegisterReview.one_id == one, RegisterReview.other_id == other)
        )
        if kept is None:
            db.session.add(row)
            db.session.flush()
            kept = row.id
        merge = merging.merge_people(more, third, {})
        asked = requests.put(person_id, {"condition": "偏瘫", "name": name + "二"}, reason=WHY).request_id
    _next_door(number or NUMBER)
    with tenant_scope(tenant):
        ((question,), _) = known.asked_of_us()
    return {"review_id": kept, "merge_id": merge, "request_id": asked, "question_id": question.id}


def _next_door(number: str) -> None:
    other = factories.a_modelled_community()
    with tenant_scope(factories.tenant(other)):
        yard = Courtyard(id=uuid7(), slug="next-door", seq=1, name="隔壁新村", grid="")
        db.session.add(yard)
        db.session.flush()
        (person,) = residents.register(yard.id, Door("1"), [NewPerson("钱甲", id_number=number)]).person_ids
        with acting(Actor(uuid4(), "assistance_clerk", "救助专干")):
            elsewhere.ask(person, "本人说以前住在别处")
