"""What many rooms stand in: a community at work, entered."""

from collections.abc import Iterator

import pytest

from rongjiu.actor import acting
from rongjiu.db import tenant_scope
from tests.desk_of import Desk, a_desk


@pytest.fixture
def desk(inside: None) -> Iterator[Desk]:
    """A community at work, entered as its clerk."""
    made = a_desk()
    with tenant_scope(made.tenant), acting(made.as_clerk()):
        yield made
