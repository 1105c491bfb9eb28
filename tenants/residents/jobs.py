"""Each night: labels that follow by rule (birthdays move them), and contacts that leavers left behind."""

from rongjiu.nightly import chore
from tenants.residents import contacts, labels


@chore("register.labels")
def check() -> None:
    """Check the labels of the community in force."""
    labels.recheck()


@chore("register.successors")
def successors() -> None:
    """Posts also end by their date, so who waits for a successor is counted again."""
    contacts.await_successors()
