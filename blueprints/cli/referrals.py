"""`flask referrals table`, `words`: the permitted steps of an offer, and what other systems call its states, as data."""

import json

import click
from flask.cli import AppGroup

from tenants.referrals import rules

group = AppGroup("referrals", help="Slips and offers.")


@group.command("table")
@click.option("--slips", is_flag=True, help="The slip (ReferralRequest) instead of the offer (ReferralTask).")
def table(slips: bool) -> None:
    """Print the transition table as a JSON array of {from, to, actors, guards, timer, effect}.

    What is not in it is refused. `timer` names the wait that starts, as in timers.json; empty when none does.
    """
    rows = rules.as_rows(rules.REQUEST_MOVES if slips else rules.TASK_MOVES)
    click.echo(json.dumps(rows, ensure_ascii=False, indent=1))


@group.command("words")
def words() -> None:
    """Print what findhelp, Clarity and Primero call our states, as a JSON array, for an exchange with them."""
    names = ("ours", "findhelp", "clarity", "primero", "zh")
    rows = [dict(zip(names, row, strict=True)) for row in rules.VOCABULARY]
    click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
