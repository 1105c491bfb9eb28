"""What the plain hand of the story reads from a page and sends from its forms."""

import pytest

from blueprints.cli.story.hand import Hand, StoryFailed
from blueprints.cli.story.page import Page, folded

SOURCE = """<body><script>no()</script><h3>甲店</h3><a href="/a">选这家</a><h3>乙店</h3><a href="/b"> 选
 这家 </a><form method="post" action="/x"><input name="n" value="1"><input type="checkbox" name="c" value="a" checked>
<input type="checkbox" name="c" value="b"><input type="radio" name="r" value="p"><input type="radio" name="r" value="q">
<select name="s"><option value="1">户主（张家村）</option><option value="2">配偶</option></select>
<textarea name="t">\r\n您好\r\n再见</textarea><button name="go" value="2">提交，完成</button></form></body>"""


def hand_on(source: str) -> Hand:
    hand = Hand("http://127.0.0.1:9", "甲")
    hand.page, hand.at, hand.status = Page(source), "http://127.0.0.1:9/page", 200
    return hand


def sent(hand: Hand, words: str) -> str:
    data = hand._asked(words).data
    assert isinstance(data, bytes)
    return data.decode()


def test_words_are_folded() -> None:
    assert folded(" 一，\n 二；（三） ") == "一, 二;(三)"
    page = Page(SOURCE)
    assert page.text.startswith("甲店 选这家 乙店")
    assert "no()" not in page.text


def test_links_are_found_by_what_stands_before() -> None:
    page = Page(SOURCE)
    assert page.link("选这家") == "/a"
    assert page.link("选 这家", after="乙店") == "/b"
    assert page.link("选这家", after="丙店") is None


def test_a_form_sends_what_a_browser_would() -> None:
    hand = hand_on(SOURCE)
    assert sent(hand, "提交,完成") == "n=1&c=a&s=1&t=%E6%82%A8%E5%A5%BD%0A%E5%86%8D%E8%A7%81&go=2"
    hand.fill(c=["b"], r="q", s="配偶", t="", n="7")
    assert sent(hand, "提交") == "n=7&c=b&r=q&s=2&t=&go=2"


def test_what_is_not_there_is_told() -> None:
    hand = hand_on(SOURCE)
    with pytest.raises(StoryFailed, match="没有这一栏"):
        hand.fill(missing="1")
    with pytest.raises(StoryFailed, match="没有按钮"):
        hand.press("没有的")
    with pytest.raises(StoryFailed, match="没看到"):
        hand.see("丙店")
    hand.fill(s="没有的")
    with pytest.raises(StoryFailed, match="no choice"):
        hand.press("提交")
