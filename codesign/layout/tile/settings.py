"""What a user says of a tile: its name, its size, its pins, and who made it."""

import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from codesign.design import DesignError, first_problem, read_toml

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class TileSettings(BaseModel):
    """A tile file.

    Raises:
        DesignError: from `load`, when the file cannot be read or a value is unknown or impossible.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    """Of the top cell; none given: one of the shuttle's prefix and the network's sizes."""
    size: str = ""
    """Of the tile; none given: the smallest in which the network finds room."""
    title: str = ""
    """Of the project; so are the next two, as the shuttle lists it."""
    author: str = ""
    description: str = ""
    pins: dict[str, str] = {}
    """Pin of a port of the network. Ports without one take the free pins of their kind in order. A membrane has a pin
    only if one is given here, and is then followed there by a buffer."""

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if name and not _NAME.fullmatch(name):
            raise ValueError("a cell's name has small letters, digits and underscores, a letter first, at most 64")
        return name

    @field_validator("title", "author", "description")
    @classmethod
    def _is_one_line(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError("write it as one line of text")
        return text

    @classmethod
    def load(cls, path: Path) -> "TileSettings":
        """Read a tile file (TOML)."""
        try:
            return cls.model_validate(read_toml(path))
        except ValidationError as error:
            raise DesignError(f"{path}: {first_problem(error)}") from error
