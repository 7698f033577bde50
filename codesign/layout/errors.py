"""The error that the layout room raises."""

from codesign.errors import CodesignError


class LayoutError(CodesignError):
    """A layout that cannot be drawn, read, checked or compared: one line with what, where and the cure."""
