"""The base of every error that codesign raises for a user's mistake or a failed tool."""


class CodesignError(Exception):
    """An error with one clear line: what was wrong, where, and what to change.

    Each layer of the package raises its own subclass. The command line prints the message of any of
    them without a traceback.
    """
