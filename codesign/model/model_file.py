"""Frozen data classes, and models of a circuit or a chip that are kept as JSON files."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from codesign.errors import CodesignError
from codesign.files import without_mark, write_atomically


class Frozen(BaseModel):
    """Values that do not change; unknown keys and numbers that are not finite are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ModelFile(Frozen):
    """A model that a command writes and others read."""

    file_kind: ClassVar[str]
    """What messages call it."""
    made_by: ClassVar[str]
    """The command that makes it."""
    file_error: ClassVar[type[CodesignError]]
    """What `load` raises."""

    def save(self, path: str | Path) -> None:
        """Write the model as JSON, atomically."""
        write_atomically(path, self.model_dump_json(indent=2, by_alias=True) + "\n")

    def check_values(self) -> None:
        """Raise an ArithmeticError for values that are possible one by one, but not together."""

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a model that `save` wrote.

        Raises:
            CodesignError: `file_error`; the file cannot be read, is no such model, or holds impossible values.
        """
        cure = f"make it with `{cls.made_by}`"
        try:
            model = cls.model_validate_json(without_mark(Path(path).read_bytes()))
            model.check_values()
        except OSError as error:
            raise cls.file_error(f"cannot read the {cls.file_kind} {path}: {error.strerror}", cure=cure) from error
        except ArithmeticError as error:
            raise cls.file_error(f"{path} is not a {cls.file_kind}: its values are out of range", cure=cure) from error
        except ValidationError as error:
            problem = error.errors()[0]
            key = ".".join(str(part) for part in problem["loc"])
            raise cls.file_error(f"{path} is not a {cls.file_kind}: {key} {problem['msg']}", cure=cure) from error
        return model
