"""What surveys announce."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SurveyAnswered(Fact):
    """A household answered a survey (counts: survey_answers)."""
