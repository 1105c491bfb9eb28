"""`flask tenant`, `flask library`, `flask divisions`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests import factories

Made = Callable[[Callable[[], Any]], Any]
pytestmark = pytest.mark.usefixtures("rollback")


def run(app: Flask, *words: str) -> tuple[int, str]:
    answer = app.test_cli_runner().invoke(args=list(words))
    return answer.exit_code, answer.output


def test_publishing_says_what_is_published_and_twice_is_once(app: Flask) -> None:
    first, second = run(app, "library", "publish"), run(app, "library", "publish")
    assert first == second
    assert first[0] == 0
    assert "rongjiulianzhu-huangyan@1.0.0" in first[1]
    assert "policies 50" in run(app, "library", "list")[1]


def test_a_folder_without_a_pack_is_refused_in_words(app: Flask, tmp_path: Path) -> None:
    status, words = run(app, "library", "publish", str(tmp_path))
    assert status == 1
    assert "missing" in words


def test_divisions_are_brought_in_and_faults_named_by_row(app: Flask, tmp_path: Path) -> None:
    assert run(app, "divisions", "import") == (0, "read 105, wrote 105, faulty 0\n")
    file = tmp_path / "faulty.csv"
    file.write_text("code,name\n12,x\n", encoding="utf-8")
    status, words = run(app, "divisions", "import", str(file))
    assert status == 1
    assert "row 2:" in words
    assert "wrote 0" in words


def test_communities_are_listed_and_shown(app: Flask, made: Made) -> None:
    slug = made(lambda: factories.a_modelled_community(confirmed=False).slug)
    assert slug in run(app, "tenant", "list")[1]
    status, words = run(app, "tenant", "show", slug)
    assert status == 0
    assert "parameters to confirm: 30" in words
    assert "checklist: 1/10" in words
    assert run(app, "tenant", "show", "nowhere")[0] == 1


def test_the_time_of_a_clone_is_measured(app: Flask) -> None:
    status, words = run(app, "tenant", "clone-time", "--rounds", "2")
    assert status == 0
    assert "median" in words
