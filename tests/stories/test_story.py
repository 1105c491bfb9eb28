"""The story of the product, from a merchant's first message to the district's numbers, by clicks in Chromium."""

import pytest

from tests.stories.conftest import Walked

pytestmark = pytest.mark.browser


def test_the_story_in_a_browser(walked: Walked) -> None:
    if walked.broken:
        pytest.fail("\n".join([*walked.lines, str(walked.broken) or repr(walked.broken)]), pytrace=False)
    assert walked.lines
