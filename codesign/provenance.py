"""What made an artefact: the tool's own version."""

from importlib.metadata import PackageNotFoundError, version


def tool_version() -> str:
    """Version of the installed package; "unknown" when run from a folder without installing it."""
    try:
        return version("codesign")
    except PackageNotFoundError:
        return "unknown"
