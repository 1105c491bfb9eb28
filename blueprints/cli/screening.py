"""`flask screening try`: judge households from a file against the built-in pack, for other systems and testers."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, TextIO

import click
from flask.cli import AppGroup

from rongjiu.library.packfiles import read_pack
from tenants.screening import freezing, reading, rules

group = AppGroup("screening", help="Judging households.")


@group.command("try")
@click.argument("file", type=click.File(encoding="utf-8"))
def try_(file: TextIO) -> None:
    """Judge each line of FILE (- for standard input) and print a line of JSON for it.

    A line is {"date", "household", "members"} as in screening_cases.json; the answer is an array of
    {"policy_id", "subject", "verdict", "conditions"}. Only the facts given count, nothing is implied. A line that
    cannot be read is answered by {"line", "error"}, and the command ends with 1.
    """
    judge, wrong = _Judge(), 0
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            answer: Any = list(judge(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            answer, wrong = {"line": number, "error": f"{type(error).__name__}: {error}"}, wrong + 1
        click.echo(json.dumps(answer, ensure_ascii=False))
    raise SystemExit(1 if wrong else 0)


class _Judge:
    """The built-in pack, with its table of each day that was asked for."""

    def __init__(self) -> None:
        pack = read_pack()
        self.fields = pack["eligibility_fields"]["fields"]
        self.policies = reading.policies_of(pack["policies"]["policies"])
        self.parameters = reading.parameters_of(pack["parameters"]["parameters"])
        self.tables: dict[date, rules.Table] = {}

    def __call__(self, inputs: dict[str, Any]) -> Iterator[dict[str, Any]]:
        facts = reading.facts_of(inputs, self.fields)
        table = self.tables.get(facts.as_of)
        if table is None:
            table = self.tables[facts.as_of] = rules.Table(self.policies, self.parameters, facts.as_of)
        for each in table.judge(facts):
            yield {
                "policy_id": each.policy_id, "subject": each.subject, "verdict": each.verdict,
                "conditions": [freezing.condition_record(row) for row in each.conditions],
            }  # fmt: skip
