"""A page as a person without a browser sees it: words, links, forms with their fields and buttons."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"input", "br", "img", "hr", "meta", "link", "source", "use", "path"}
_HIDDEN = {"script", "style", "template", "title"}

WIDE, NARROW = "，：；（）？！", ",:;()?!"
"""Punctuation of both widths is the same to a reader."""
_FOLD = str.maketrans(WIDE, NARROW)


def folded(text: str) -> str:
    """The text with blanks folded and punctuation of one width."""
    return " ".join(text.split()).translate(_FOLD)


@dataclass
class Field:
    """One input: its kind, the value it would send, the values it may take."""

    name: str
    kind: str
    value: str | None
    options: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Form:
    """One form: where it leads, its fields by name, its buttons as (words, name, value, other address)."""

    action: str
    method: str
    files: bool
    fields: list[Field] = field(default_factory=list)
    buttons: list[tuple[str, str, str, str]] = field(default_factory=list)

    def names(self) -> set[str]:
        """Names of all fields."""
        return {each.name for each in self.fields}


class Page(HTMLParser):
    """Reads one page."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self._places: list[int] = []
        self._by_id: dict[str, Form] = {}
        self._words: list[str] = []
        self._hidden = 0
        self._form: Form | None = None
        self._button: dict[str, str] | None = None
        self._link: str | None = None
        self._caught: list[str] = []
        self._select: Field | None = None
        self._option: tuple[str, bool] | None = None
        self._area: Field | None = None
        self.feed(source)

    @property
    def text(self) -> str:
        """All visible words, blanks folded."""
        return folded(" ".join(self._words))

    def link(self, words: str, after: str = "") -> str | None:
        """Address of the first link that says these words and stands after others; None when there is none."""
        words, after = folded(words), folded(after)
        start = next((n for n, piece in enumerate(self._words) if after in folded(piece)), None)
        for (said, href), place in zip(self.links, self._places, strict=True):
            if start is not None and place > start and words in said:
                return href
        return None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        words = {name: value or "" for name, value in attrs}
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "form":
            self._form = Form(
                words.get("action", ""), words.get("method", "get").lower(), "multipart" in words.get("enctype", "")
            )
            self.forms.append(self._form)
            if words.get("id"):
                self._by_id[words["id"]] = self._form
        elif tag == "a" and "href" in words:
            self._link, self._caught = words["href"], []
        elif tag == "button":
            self._button, self._caught = words, []
        elif tag == "input":
            self._input(words)
        elif tag == "select" and (form := self._of(words)):
            self._select = Field(words.get("name", ""), "select", None)
            form.fields.append(self._select)
        elif tag == "option":
            self._option, self._caught = (words.get("value", ""), "selected" in words), []
        elif tag == "textarea" and (form := self._of(words)):
            self._area, self._caught = Field(words.get("name", ""), "textarea", ""), []
            form.fields.append(self._area)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        caught = folded("".join(self._caught))
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "form":
            self._form = None
        elif tag == "a" and self._link is not None:
            self.links.append((caught, self._link))
            self._places.append(len(self._words))
            self._link = None
        elif tag == "button" and self._button is not None:
            if form := self._of(self._button):
                words = self._button
                form.buttons.append(
                    (caught, words.get("name", ""), words.get("value", ""), words.get("formaction", ""))
                )
            self._button = None
        elif tag == "option" and self._select and self._option:
            value, chosen = self._option
            self._select.options.append((value, caught))
            if chosen or self._select.value is None:
                self._select.value = value
            self._option = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area:
            self._area.value = "".join(self._caught).replace("\r\n", "\n").removeprefix("\n")
            self._area = None

    def handle_data(self, data: str) -> None:
        """Keep words."""
        if self._hidden:
            return
        if self._link is not None or self._button is not None or self._option is not None or self._area is not None:
            self._caught.append(data)
        if self._area is None:
            self._words.append(data)

    def _of(self, words: dict[str, str]) -> Form | None:
        return self._by_id.get(words["form"]) if words.get("form") else self._form

    def _input(self, words: dict[str, str]) -> None:
        form, kind = self._of(words), words.get("type", "text")
        if form is None:
            return
        if kind == "submit":
            form.buttons.append((words.get("value", ""), words.get("name", ""), words.get("value", ""), ""))
            return
        if not words.get("name"):
            return
        if kind in ("radio", "checkbox"):
            value = words.get("value", "on")
            known = next((each for each in form.fields if each.name == words["name"] and each.kind == kind), None)
            if known is None or kind == "checkbox":
                known = Field(words["name"], kind, None)
                form.fields.append(known)
            known.options.append((value, value))
            if "checked" in words:
                known.value = value
            return
        form.fields.append(Field(words["name"], kind, None if kind == "file" else words.get("value", "")))
