"""The error of this room."""

from codesign.errors import CodesignError


class DstdError(CodesignError, ValueError):
    """A layer, a solver or its input is not what the equation allows."""
