"""What the night does for dispute files."""

from rongjiu import nightly
from tenants.disputes import service


@nightly.chore("disputes.holders")
def holders() -> None:
    """Files whose holder has left wait for the secretary."""
    service.await_holders()
