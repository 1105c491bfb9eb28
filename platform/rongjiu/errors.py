"""What the house refuses, in words for the person who asked."""


class Refused(Exception):
    """A use case says no: the message tells what happened and what remains possible; `field` names the input.

    `message` is a msgid, `words` its values (`%(minutes)s`); the door puts both into the reader's language.
    """

    def __init__(self, message: str, field: str | None = None, status: int = 422, **words: object) -> None:
        super().__init__(message % words if words else message)
        self.message, self.field, self.status, self.words = message, field, status, words

    def nowhere(self) -> "Refused":
        """The same without its input, for a door that knows better where on its form it stands."""
        return Refused(self.message, None, self.status, **self.words)


class Absent(Refused):
    """The object is not there for this caller; the door answers 404 whether it exists elsewhere or not."""

    def __init__(self, message: str = "", **words: object) -> None:
        super().__init__(message, None, 404, **words)


class Clash(Refused):
    """Somebody else was faster, or the same key came with another body; the door answers 409."""

    def __init__(self, message: str, *, field: str | None = None, **words: object) -> None:
        super().__init__(message, field, 409, **words)
