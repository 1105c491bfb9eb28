"""What many rooms stand in: a community at work, entered; a family with a case and somebody who could help it."""

from collections.abc import Iterator

import pytest

from rongjiu.actor import acting
from rongjiu.db import tenant_scope
from tests import casework
from tests.desk_of import Desk, a_desk


@pytest.fixture
def desk(inside: None) -> Iterator[Desk]:
    """A community at work, entered as its clerk."""
    made = a_desk()
    with tenant_scope(made.tenant), acting(made.as_clerk()):
        yield made


@pytest.fixture
def family(inside: None) -> casework.Family:
    """A family with an open case, in a community of its own."""
    return casework.a_family()


@pytest.fixture
def helper(family: casework.Family) -> casework.Helper:
    """A provider that the family's community has let in."""
    return casework.a_helper(family)
