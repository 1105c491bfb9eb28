"""How a channel says no."""


class Down(Exception):
    """The channel did not take the message; it is tried again. `certain` = the vendor said that nothing was sent, so
    the next try may carry a new key; otherwise the same key comes again and the vendor drops the double."""

    def __init__(self, reason: str, *, certain: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.certain = reason, certain


class Bounced(Exception):
    """The address itself is refused: it will not do the next time either."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
