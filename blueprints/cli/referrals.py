"""`flask referrals table`, `words`: the permitted steps of an offer, and what other systems call its states, as data."""

import json

import click
from flask.cli import AppGroup

from tenants.referrals import rules
from tenants.referrals.words import VOCABULARY
from tenants.wishes import rules as wishes

group = AppGroup("referrals", help="Slips and offers.")


@group.command("table")
@click.option(
    "--slips", "which", flag_value="slips", help="The slip (ReferralRequest) instead of the offer (ReferralTask)."
)
@click.option("--wishes", "which", flag_value="wishes", help="The wish: what its slip and its claim do in each step.")
@click.option("--kind", default="", help="What only a slip of this kind may, beside the table: wish.")
def table(which: str | None, kind: str) -> None:
    """Print the transition table as a JSON array of {from, to, actors, guards, timer, effect}.

    What is not in it is refused. `timer` names the wait that starts, as in timers.json; empty when none does.

    A wish is a slip whose business status is the wish's state: with --wishes the rows are {from, to, actors, guards, timer,
    slip, task, reason}, `slip` the state that the slip takes in that step, `task` those through which the claim goes.
    """
    moves, further = (
        (rules.REQUEST_MOVES, rules.REQUEST_MOVES_OF) if which == "slips" else (rules.TASK_MOVES, rules.TASK_MOVES_OF)
    )
    rows = wishes.as_rows() if which == "wishes" else rules.as_rows(further.get(kind, ()) if kind else moves)
    click.echo(json.dumps(rows, ensure_ascii=False, indent=1))


@group.command("words")
def words() -> None:
    """Print what findhelp, Clarity and Primero call our states, as a JSON array, for an exchange with them."""
    names = ("ours", "findhelp", "clarity", "primero", "zh")
    rows = [dict(zip(names, row, strict=True)) for row in VOCABULARY]
    click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
