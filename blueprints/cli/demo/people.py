"""The personas of the demo: posts, never real persons; random passwords for each data folder."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

import pyotp
from sqlalchemy import select

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.identity import service as identity
from rongjiu.identity.models import Account
from rongjiu.ids import uuid7
from rongjiu.tenancy import service as tenancy


@dataclass(frozen=True)
class Persona:
    """One sample person: what they are, where, and how a visitor of the demo logs in as them."""

    slug: str
    name: str
    role: str
    place_kind: str
    place: str
    start: str
    courtyards: tuple[str, ...] = ()


PERSONAS = (
    Persona("secretary", "社区书记(示例)", "secretary", "community", "huangyan", "/c/huangyan/desk/"),
    Persona("clerk", "救助专干(示例)", "assistance_clerk", "community", "huangyan", "/c/huangyan/desk/"),
    Persona("worker", "社区工作者(示例)", "community_worker", "community", "huangyan", "/c/huangyan/desk/"),
    Persona("grid", "网格员03(示例)", "grid_worker", "community", "huangyan", "/c/huangyan/grid/today", ("hy-03",)),
    Persona("live", "直播台(示例)", "live_desk", "community", "huangyan", "/c/huangyan/live/22/desk"),
    Persona("secretary-sanxuejie", "三学街书记(示例)", "secretary", "community", "sanxuejie", "/c/sanxuejie/desk/"),
    Persona("clerk-sanxuejie", "三学街专干(示例)", "assistance_clerk", "community", "sanxuejie", "/c/sanxuejie/desk/"),
    Persona("street", "张家村街道督导(示例)", "street_overseer", "street", "zhangjiacun", "/street/zhangjiacun/"),
    Persona(
        "vetting", "张家村街道审核(示例)", "street_vetting", "street", "zhangjiacun", "/street/zhangjiacun/vetting"
    ),
    Persona("street-baishulin", "柏树林街道督导(示例)", "street_overseer", "street", "baishulin", "/street/baishulin/"),
    Persona("district", "碑林区督导(示例)", "district_overseer", "district", "beilin", "/street/beilin/"),
    Persona("operator", "平台运营(示例)", "operator", "platform", "", "/operator/"),
    Persona("provider-chc", "卫生服务中心(示例)", "provider_owner", "provider", "yanqing-chc", "/provider/"),
    Persona("provider-academy", "书院(示例)", "provider_owner", "provider", "yanmo-academy", "/provider/"),
    Persona("provider-delivery", "配送站(示例)", "provider_owner", "provider", "yanqi-delivery", "/provider/"),
    Persona(
        "acceptance",
        "张家村一门受理(示例)",
        "street_acceptance",
        "street",
        "zhangjiacun",
        "/street/zhangjiacun/acceptance",
    ),  # fmt: skip
    Persona("volunteer", "志愿者(示例)", "volunteer", "community", "sanxuejie", "/c/sanxuejie/volunteer/"),
    Persona("lead", "志愿队长(示例)", "volunteer_lead", "community", "sanxuejie", "/c/sanxuejie/volunteer/roster"),
    Persona(
        "acceptance-baishulin",
        "柏树林一门受理(示例)",
        "street_acceptance",
        "street",
        "baishulin",
        "/street/baishulin/acceptance",
    ),  # fmt: skip
    Persona("provider-nursing", "护理医院(示例)", "provider_owner", "provider", "yankang-nursing", "/provider/"),
)


def make(places: dict[tuple[str, str], UUID | None], data: Path) -> None:
    """Make every persona's account and membership; logins go to `logins.json` in the data folder, 0600."""
    logins: dict[str, dict[str, str]] = {}
    for number, persona in enumerate(PERSONAS, 1):
        password, login = secrets.token_urlsafe(9), f"199000000{number:02d}"
        account = identity.create_account(persona.name, login, password, demo=True, persona=persona.slug)
        account.totp_secret = pyotp.random_base32()
        account.totp_confirmed_at = now()
        db.session.flush()
        scope_id = places[persona.place_kind, persona.place]
        tenancy.join(
            account.id,
            persona.place_kind,
            scope_id,
            persona.role,
            post=persona.name,
            courtyards=list(persona.courtyards),
        )
        logins[persona.slug] = {"login": login, "password": password}
    file = data / "logins.json"
    file.touch(0o600)
    file.write_text(json.dumps(logins, ensure_ascii=False, indent=1))


def other_grid_workers(community_id: UUID, grids: list[tuple[str, str]]) -> None:
    """A worker for each further courtyard, so that every courtyard has somebody; nobody logs in as these."""
    for slug, name in grids:
        account = Account(id=uuid7(), name=name, password_hash="-", created_at=now(), demo=True)  # noqa: S106  fits no password
        db.session.add(account)
        db.session.flush()
        tenancy.join(account.id, "community", community_id, "grid_worker", post=name, courtyards=[slug])


def listed(data: Path, names: dict[tuple[str, str], str]) -> list[dict[str, object]]:
    """The personas with login and password for the one who runs the demo."""
    logins = json.loads((data / "logins.json").read_text())
    found: list[dict[str, object]] = []
    for persona in PERSONAS:
        words = asdict(persona)
        found.append(
            {
                "slug": persona.slug, "name": persona.name, "roles": [persona.role],
                "community": names.get((persona.place_kind, persona.place), ""), "start_url": words["start"],
                **logins[persona.slug],
            }
        )  # fmt: skip
    return found


def account(slug: str) -> Account:
    """The account of a persona, named by slug or by its whole name; raises LookupError."""
    by_name = {persona.name: persona.slug for persona in PERSONAS}
    row = db.session.scalar(select(Account).where(Account.persona == by_name.get(slug, slug)))
    if row is None:
        raise LookupError(slug)
    return row
