"""`flask demo`: load the sample world once, list its personas, help load tools and testers to act as them.

Everything here works in a demo database only; any other refuses sample rows by a CHECK of its own.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import click
import pyotp
from flask import current_app
from flask.cli import AppGroup

from blueprints.cli.demo import (
    admissions,
    care,
    companions,
    doors,
    families,
    imports,
    journeys,
    kinds,
    loops,
    outreach,
    people,
    places,
    providers,
    second,
    shops,
    surveys,
    sweeps,
    wishes,
)
from blueprints.cli.story.hand import Hand, StoryFailed
from blueprints.cli.story.walk import Story, walk
from blueprints.guard import cookie_name
from rongjiu.actor import Actor
from rongjiu.db import db
from rongjiu.identity import logins
from rongjiu.identity.models import Account
from rongjiu.library import packfiles
from rongjiu.tenancy import divisions
from rongjiu.tenancy import queries as tenancy
from tenants.wishes.service import Claimer

group = AppGroup("demo", help="The sample world (示例): only in a demo database.")


def _data() -> Path:
    settings = current_app.config["SETTINGS"]
    if not settings.demo:
        raise click.ClickException("这不是演示数据库,不能载入示例。Not a demo database (RONGJIU_DEMO is not set).")
    return Path(settings.data_dir)


@group.command("load")
def load() -> None:
    """Load the sample world; loading it again changes nothing."""
    data = _data()
    if places.real():
        raise click.ClickException(
            "库里已有真实社区,不能载入示例。Real communities are here; no samples go beside them."
        )
    if places.loaded():
        click.echo("示例已在 already loaded")
        return
    divisions.import_shipped()
    found = places.make()
    made = providers.make(found)
    found.update({("provider", slug): provider_id for slug, provider_id in made.items()})
    people.make(found, data)
    facts = packfiles.read_demo("huangyan")
    others = [(grid["courtyard_ids"][0], grid["worker_zh"]) for grid in facts["grids"] if grid["id"] != "hy-g03"]
    huangyan = found["community", "huangyan"]
    if huangyan:
        people.other_grid_workers(huangyan, others)
    clerk = people.account("clerk-sanxuejie")
    acting_as = Actor(clerk.id, "assistance_clerk", clerk.name)
    families.make(places.tenant("sanxuejie"), acting_as)
    head = people.account("secretary-sanxuejie")
    companions.make(
        places.tenant("sanxuejie"), Actor(head.id, "secretary", head.name), people.account("lead"),
        people.account("volunteer"),
    )  # fmt: skip
    chief = people.account("secretary")
    journeys.make(
        places.tenant("sanxuejie"), places.tenant("huangyan"), made["yankang-nursing"],
        journeys.Staff(
            acting_as, Actor(head.id, "secretary", head.name), Actor(chief.id, "secretary", chief.name)
        ),
    )  # fmt: skip
    shops.make(found["community", "sanxuejie"], made)
    admissions.waiting(places.tenant("sanxuejie"), made, acting_as)
    doors.make(places.tenant("huangyan"))
    care.make(places.tenant("huangyan"), [people.account(slug).id for slug in ("grid", "worker")])
    care.duty(places.tenant("huangyan"), people.account("clerk").id, people.account("secretary").id)
    desk, grid = people.account("clerk"), people.account("grid")
    workers = [Actor(grid.id, "grid_worker", grid.name), Actor(desk.id, "assistance_clerk", desk.name)]
    surveys.make(places.tenant("huangyan"), workers[1], workers)
    secretary = people.account("secretary")
    sweeps.make(places.tenant("huangyan"), Actor(secretary.id, "secretary", secretary.name))
    imports.make(places.tenant("huangyan"), workers[1])
    shop = people.account("provider-delivery")
    helper = Claimer(shop.id, made["yanqi-delivery"], "provider", "雁骑即时配送站")
    wishes.make(places.tenant("huangyan"), workers[1], helper)
    walker = people.account("worker")
    outreach.make(places.tenant("huangyan"), Actor(walker.id, "community_worker", walker.name), workers[1])
    kinds.make(made, places.tenant("huangyan"), Actor(walker.id, "community_worker", walker.name))
    staff = loops.Staff(acting_as, Actor(head.id, "secretary", head.name), made)
    loops.make("sanxuejie", staff)
    street = people.account("acceptance-baishulin")
    second.make(places.tenant("sanxuejie"), acting_as, Actor(street.id, "street_acceptance", street.name))
    db.session.commit()
    click.echo(f"示例已载入 loaded: {len(made)} 服务方 providers, {len(people.PERSONAS)} 角色 personas")


@group.command("personas")
def personas() -> None:
    """Print the personas as JSON: name, roles, community, start URL, login."""
    names = places.names()
    names.update({("provider", each.place): "服务方" for each in people.PERSONAS if each.place_kind == "provider"})
    click.echo(json.dumps(people.listed(_data(), names), ensure_ascii=False, indent=1))


@group.command("session")
@click.argument("persona")
def session(persona: str) -> None:
    """Print a cookie header of a new login of PERSONA, for load tools and testers."""
    _data()
    account = _account(persona)
    post = tenancy.posts(account.id)[0]
    token = logins.start_session(account.id, post.id, post.role, address="127.0.0.1", agent="demo", second_factor=True)
    db.session.commit()
    click.echo(f"Cookie: {cookie_name()}={token}")


@group.command("check")
@click.option("--url", required=True, help="address of the running demo")
def check(url: str) -> None:
    """Walk the whole story over HTTP on the running demo at URL; exit 1 at the first page that does not hold."""
    _data()

    def race(pairs: list[tuple[Hand, str]]) -> None:
        start = Barrier(len(pairs))

        def press(hand: Hand, words: str) -> None:
            start.wait()
            hand.press(words)

        with ThreadPoolExecutor(len(pairs)) as pool:
            list(pool.map(lambda pair: press(*pair), pairs))

    story = Story(current_app._get_current_object(), lambda who: Hand(url, who), race, click.echo)  # type: ignore[attr-defined]
    try:
        walk(story)
    except (StoryFailed, OSError) as failed:
        raise click.ClickException(str(failed)) from failed


@group.command("totp")
@click.argument("persona")
def totp(persona: str) -> None:
    """Print the present one-time code of PERSONA."""
    _data()
    secret = _account(persona).totp_secret
    if not secret:
        raise click.ClickException("这个角色没有动态码 no second factor")
    click.echo(pyotp.TOTP(secret).now())


def _account(persona: str) -> Account:
    try:
        return people.account(persona)
    except LookupError:
        known = ", ".join(each.slug for each in people.PERSONAS)
        raise click.ClickException(f"没有这个角色 no such persona: {persona}. 有 known: {known}") from None
