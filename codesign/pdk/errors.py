"""What can go wrong with the model library."""

from codesign.errors import CodesignError


class PdkError(CodesignError):
    """The model library cannot be read, installed, or does not hold what a deck asks for."""


class PdkNotFound(PdkError):
    """No usable model library of the process is installed; the message lists the places that were tried.

    Attributes:
        binding: whether the user named a place (`PDK_ROOT`), so that no other library may stand in.
    """

    def __init__(self, message: str, *, cure: str = "", binding: bool = False) -> None:
        super().__init__(message, cure=cure)
        self.binding = binding
