"""One condition against one value: met, near its line, curable, unknown or missed, and how far apart. Pure."""

import operator
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tenants.screening.values import Condition, ConditionResult, Fact, Line, Parameters, Truth

MARGIN = "near_miss_margin_pct"
_TENTH = Decimal("0.1")
_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge,
}  # fmt: skip
Looker = Callable[[Fact | None], ConditionResult]


def line_on(line: Line, parameters: Parameters, as_of: date) -> tuple[Decimal | None, dict[str, Any]]:
    """The figure to compare with on the as-of date (None = not set), and where it comes from: param, params, since,
    source as a condition's result carries them."""
    if line.param is None:
        return line.literal, {}
    dated = parameters[line.param].on(as_of)
    factor: Decimal | None = line.times
    params: tuple[str, ...] = (line.param,)
    if line.times_param is not None:
        second = parameters[line.times_param].on(as_of)
        factor, params = (second.value if second else None), (*params, line.times_param)
    since = dated.since if dated and parameters[line.param].since else None
    origin = {"param": line.param, "params": params, "source": dated.source if dated else None, "since": since}
    if dated is None or dated.value is None or factor is None:
        return None, origin
    return dated.value * factor, origin


def _margin(parameters: Parameters, as_of: date) -> Decimal:
    """How far a miss may lie to be near, as a share of the line; 0 when the community has not set it."""
    dated = parameters[MARGIN].on(as_of) if MARGIN in parameters else None
    return dated.value / 100 if dated and dated.value is not None else Decimal(0)


def ready(condition: Condition, parameters: Parameters, as_of: date, path: str = "") -> Looker:
    """A condition with its line of that day: asked for a value it answers met, near, curable, unknown or missed, with
    everything needed to explain it. TypeError when a number is asked for and something else comes."""
    blank = ConditionResult(condition.field, condition.op, None, "missed", options=condition.options, path=path)
    hint = condition.hint
    unknown = blank._replace(truth="unknown", missing="fact")
    if condition.line is None:
        good = frozenset(condition.options if condition.op == "in" else [condition.op == "is_true"])

        def plain(value: Fact | None) -> ConditionResult:
            if value is None:
                return unknown
            met = value in good and isinstance(value, bool) == (condition.op != "in")
            return blank._replace(value=value, truth="met" if met else "curable" if hint else "missed", hint=hint)

        return plain
    line, origin = line_on(condition.line, parameters, as_of)
    blank, unknown = blank._replace(line=line, **origin), unknown._replace(line=line, **origin)
    if line is None:
        unset = blank._replace(truth="unknown", missing="parameter")
        return lambda value: unknown if value is None else unset._replace(value=value)
    return _against(condition, line, _margin(parameters, as_of), blank, unknown)


def _against(
    condition: Condition, line: Decimal, margin: Decimal, blank: ConditionResult, unknown: ConditionResult
) -> Looker:
    """A number against its line: met, near or missed, with the distance."""
    upper, exact, hint = condition.op in ("lt", "lte"), condition.op == "eq", condition.hint
    holds = _HOLDS[condition.op]
    near_line = (line * (1 + margin) if upper else line * (1 - margin)) if condition.near and not exact else None
    size = abs(line)
    blank = blank._replace(near_line=near_line)

    def look(value: Fact | None) -> ConditionResult:
        if value is None:
            return unknown
        if not isinstance(value, Decimal):
            raise TypeError(f"{condition.field}: {value!r} is not a number")
        distance = abs(value - line) if exact else (value - line if upper else line - value)
        percent = (distance / size * 100).quantize(_TENTH, ROUND_HALF_UP) if line else None
        truth: Truth = "met"
        if not holds(value, line):
            near = near_line is not None and margin > 0 and (value <= near_line if upper else value >= near_line)
            truth = "near" if near else "curable" if hint else "missed"
        return blank._replace(value=value, truth=truth, distance=distance, distance_pct=percent, hint=hint)

    return look
