"""`flask screening try`: every line answered from its own facts alone."""

import json
from pathlib import Path

from flask import Flask

from tests.rules.test_screening import CASES, ZHOU


def asked(app: Flask, path: Path) -> tuple[int, list[object]]:
    done = app.test_cli_runner().invoke(args=("screening", "try", str(path)))
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def test_the_51_expectations_hold_over_the_command(app: Flask, tmp_path: Path) -> None:
    cases = [(ZHOU["inputs"], ZHOU["expected"]), *((each["inputs"], each["expected"]) for each in CASES)]
    file = tmp_path / "families.jsonl"
    file.write_text("\n".join(json.dumps(inputs, ensure_ascii=False) for inputs, _ in cases), "utf-8")
    code, answers = asked(app, file)
    assert code == 0
    assert len(answers) == len(cases)
    held = 0
    for (_inputs, expected), answer in zip(cases, answers, strict=True):
        assert isinstance(answer, list)
        said = {(row["policy_id"], row["subject"]): row["verdict"] for row in answer}
        for row in expected:
            assert said[row["policy_id"], row["subject"]] == row["verdict"]
            held += 1
        assert all(set(row) == {"policy_id", "subject", "verdict", "conditions"} for row in answer)
    assert held == 51


def test_a_line_that_cannot_be_read_is_named_and_the_others_are_answered(app: Flask, tmp_path: Path) -> None:
    good = json.dumps({"date": "2022-08-10", "household": {}, "members": {"m1": {}}})
    bad = json.dumps({"date": "2022-08-10", "household": {}, "members": {"m1": {"person.age": "old"}}})
    file = tmp_path / "mixed.jsonl"
    file.write_text(f"{good}\n\n{bad}\nnot json\n[]\n{good}\n", "utf-8")
    code, answers = asked(app, file)
    assert code == 1
    assert [isinstance(each, list) for each in answers] == [True, False, False, False, True]
    assert answers[1]["line"] == 3  # type: ignore[call-overload,index]
    assert "person.age" in answers[1]["error"]  # type: ignore[call-overload,index]
