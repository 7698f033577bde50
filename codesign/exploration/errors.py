"""Errors of an exploration."""

from codesign.errors import CodesignError


class ExplorationError(CodesignError):
    """An exploration that cannot be carried out, or that found nothing."""


class Infeasible(CodesignError):
    """A design that has no value of an objective: it cannot be built, drawn, extracted, trained or simulated."""
