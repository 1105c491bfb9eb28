"""The desk's menu: named groups, each role its own entries, no empty group, the group of the page stands open."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.desk import home_page
from blueprints.permissions import matrix
from tests import factories
from tests.desk_of import a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
ROLES = {"secretary": "secretary", "clerk": "assistance_clerk", "worker": "community_worker", "live": "live_desk"}
GROUP = re.compile(r'<details class="nav-group"( open)?><summary>(.*?)</summary>(.*?)</details>', re.DOTALL)


def _groups(page: str) -> dict[str, tuple[bool, list[str], str]]:
    """Name of each group of the rail: open? addresses, and what waits in it."""
    rail = page.split('class="rail ')[1].split("</nav>")[0]
    found = {}
    for is_open, head, entries in GROUP.findall(rail):
        name, *waits = re.findall(r"<span[^>]*>([^<]*)</span>", head)
        found[name] = (bool(is_open), re.findall(r'<a href="([^"]+)"', entries), "".join(waits))
    return found


@pytest.fixture
def menu(client: FlaskClient, login: Login, made: Made) -> Callable[..., dict[str, tuple[bool, list[str], str]]]:
    """The menu that somebody sees on a page of the community."""

    def read() -> tuple[str, dict[str, str]]:
        here = a_desk()
        return here.slug, {who: getattr(here, who).token for who in ROLES}

    slug, tokens = made(read)

    def seen(who: str, path: str) -> dict[str, tuple[bool, list[str], str]]:
        login(client, tokens[who])
        answer = client.get(f"/c/{slug}/{path}")
        assert answer.status_code == 200
        return _groups(answer.text)

    return seen


@pytest.mark.parametrize(
    ("who", "path", "names"),
    [
        ("secretary", "desk/", ["今天", "找人", "研判", "派单与陪伴", "商家与资源", "结果与监督", "本社区"]),
        ("worker", "desk/", ["今天", "找人", "研判", "派单与陪伴", "商家与资源", "结果与监督", "本社区"]),
        ("live", "live/", ["找人", "结果与监督", "本社区"]),
    ],
)
def test_each_role_finds_its_entries_and_no_empty_group(
    app: Flask, menu: Callable[..., dict[str, Any]], who: str, path: str, names: list[str]
) -> None:
    groups = menu(who, path)
    assert list(groups) == names
    way = app.url_map.bind("localhost")
    for name, (_open, entries, _waits) in groups.items():
        assert entries, name
        for entry in entries:
            assert ROLES[who] in matrix()[way.match(entry)[0]].roles, entry


def test_of_a_long_menu_only_the_group_of_the_page_is_open(menu: Callable[..., dict[str, Any]]) -> None:
    for path, name in (
        ("desk/", "今天"),
        ("desk/surveys", "找人"),
        ("desk/near-misses", "研判"),
        ("desk/staff", "本社区"),
    ):
        assert [title for title, (is_open, *_rest) in menu("secretary", path).items() if is_open] == [name], path


def test_a_short_menu_is_open_wholly(menu: Callable[..., dict[str, Any]]) -> None:
    assert all(is_open for is_open, *_rest in menu("live", "live/").values())


def test_a_group_says_what_waits_in_it(menu: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_page, "nav_counts", lambda: {"signals": 2, "reviews": 3})
    waits = {name: waiting for name, (_open, _entries, waiting) in menu("secretary", "desk/").items() if waiting}
    assert waits == {"今天": "2", "找人": "3"}


def test_the_menu_stands_once_in_a_page(client: FlaskClient, login: Login, made: Made) -> None:
    """What is wide or narrow is for the style sheet to say: twice the links were half the bytes of a page."""

    def three() -> dict[str, str]:
        here, street = a_desk(), factories.a_street()
        return {
            f"/c/{here.slug}/desk/": here.secretary.token,
            f"/street/{street.slug}/": factories.a_person_with_role("street_overseer", "street", street.id).token,
            "/operator/": factories.a_person_with_role("operator", "platform", None).token,
        }

    for path, token in made(three).items():
        login(client, token)
        page = client.get(path)
        assert page.status_code == 200, path
        assert page.text.count('aria-label="主菜单"') == 1, path
        assert page.text.count('aria-current="page"') == 1, path
