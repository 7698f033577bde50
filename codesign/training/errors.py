"""The errors of this room."""

from codesign.errors import CodesignError


class TrainingError(CodesignError):
    """A training that cannot run, or a checkpoint or trained network that cannot be used."""


class DataError(TrainingError):
    """A data set that cannot be read or cannot be turned into spike times."""
