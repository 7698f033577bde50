"""Errors of the extraction."""

from codesign.errors import CodesignError


class ExtractionFailed(CodesignError):
    """The data do not determine the model."""
