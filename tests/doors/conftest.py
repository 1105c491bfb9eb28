"""Openings that several tests of this folder share."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.desk_of import DeskWithCase, a_desk, desk_with_case
from tests.fieldwork import Field, Phone
from tests.screened import Desk
from tests.screened import a_desk as a_screening_desk
from tests.signalling import Place
from tests.surveying import Surveyed
from tests.sweeping import Swept
from tests.telling import Sender

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def field(made: Made) -> Field:
    """A community whose grid worker sends from a phone."""
    return made(lambda: Field(a_desk()))  # type: ignore[no-any-return]


@pytest.fixture
def phone(client: FlaskClient, login: Login, field: Field) -> Phone:
    """The grid worker's phone, logged in."""
    login(client, field.token)
    return Phone(client, field)


@pytest.fixture
def counter(made: Made) -> Place:
    """A community where signals come in."""
    return made(Place)  # type: ignore[no-any-return]


@pytest.fixture
def swept(made: Made) -> Swept:
    """A running sweep of one courtyard with two doors."""
    return made(lambda: Swept(a_desk()))  # type: ignore[no-any-return]


@pytest.fixture
def surveyed(made: Made) -> Surveyed:
    """A desk with six doors in its first courtyard."""
    return made(lambda: Surveyed(a_desk()))  # type: ignore[no-any-return]


@pytest.fixture
def desk(made: Made) -> DeskWithCase:
    """A desk with one case of a family."""
    return desk_with_case(made)


@pytest.fixture
def sender(made: Made) -> Sender:
    """A community at work with a case and a wish on its wall."""
    return made(Sender)  # type: ignore[no-any-return]


@pytest.fixture
def clerk_there(client: FlaskClient, login: Login, sender: Sender) -> FlaskClient:
    """The clerk of that community, logged in."""
    login(client, sender.clerk)
    return client


@pytest.fixture
def zhous(made: Made) -> Desk:
    """The desk of a community with the 周某 family: income and facts are saved, nothing is screened yet."""
    return made(a_screening_desk)  # type: ignore[no-any-return]


@pytest.fixture
def clerk(client: FlaskClient, zhous: Desk, login: Login) -> FlaskClient:
    """The 救助专干 at that desk."""
    login(client, zhous.tokens["assistance_clerk"])
    return client
