"""The errors of this room."""

from codesign.errors import CodesignError


class VisionError(CodesignError):
    """A recipe that cannot be run, or a result that cannot be used."""


class ImageDataError(VisionError):
    """A folder of images that cannot be read."""
