"""The catalogues are fresh and complete: every word of the screen has its English."""

import importlib.util
import re

from rongjiu.paths import ROOT

spec = importlib.util.spec_from_file_location("words", ROOT / "deploy" / "words.py")
assert spec and spec.loader
words = importlib.util.module_from_spec(spec)
spec.loader.exec_module(words)


def test_every_word_has_english_and_nothing_is_stale() -> None:
    assert words.missing() == []
    assert set(words.english()) - set(words.extract()) == set()


def test_placeholders_survive_translation() -> None:
    wrong = [
        (word, said)
        for word, said in words.english().items()
        if sorted(re.findall(r"%\(\w+\)[sd]", word)) != sorted(re.findall(r"%\(\w+\)[sd]", said))
    ]
    assert wrong == []
