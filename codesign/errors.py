"""The base of every error that codesign raises for a user's mistake or a failed tool."""


class CodesignError(Exception):
    """An error with one clear line: what was wrong, where, and what to change.

    Each layer of the package raises its own subclass. The command line prints the message of any of
    them without a traceback.

    Args:
        message: the line; where `cure` is given, only what was wrong and where.
        cure: what to do about it; the line then ends with it.

    Attributes:
        message: without the cure.
        cure: what to do; empty where the message alone says it.
    """

    def __init__(self, message: str = "", *, cure: str = "") -> None:
        super().__init__(f"{message}; {cure}" if cure else message)
        self.message = message
        self.cure = cure
