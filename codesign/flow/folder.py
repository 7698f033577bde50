"""An output folder holds the results of one flow."""

from pathlib import Path

from pydantic import Field

from codesign.errors import CodesignError
from codesign.files import write_atomically
from codesign.flow.file import FlowFile


class OutputFolderError(CodesignError):
    """An output folder that cannot be used."""


class _Claim(FlowFile):
    inputs: dict[str, str | float | int | bool | None] = Field(default_factory=dict)
    """What else the flow's results depend on, by name."""


def claimed_flow(folder: Path) -> FlowFile:
    """The flow whose output a folder is.

    Raises:
        OutputFolderError: it is that of none, or of one that this version cannot read.
    """
    mark = folder / "flow.json"
    try:
        return _Claim.model_validate_json(mark.read_bytes())
    except OSError as error:
        raise OutputFolderError(
            f"cannot read {mark}: {error.strerror}; give the --out of codesign run or validate"
        ) from error
    except ValueError as error:
        raise OutputFolderError(
            f"{mark} is no flow of this version of codesign; run the flow again into another folder"
        ) from error


def claim_folder(folder: Path, flow: FlowFile, **inputs: str | float) -> None:
    """Make `folder` the output of this flow alone, or refuse one that holds anything else.

    Args:
        folder: of the output.
        flow: the flow that runs.
        inputs: its other inputs by name: digests of files, and numbers.

    Raises:
        OutputFolderError: the folder holds the results of another flow or other inputs, or other files.
        CodesignError: it cannot be written.
    """
    mark = folder / "flow.json"
    claim = _Claim.model_validate({**dict(flow), "inputs": inputs})
    content = claim.model_dump_json(indent=2, exclude=None if inputs else {"inputs"}) + "\n"
    try:
        if mark.is_file():
            if mark.read_bytes() != content.encode():
                raise OutputFolderError(
                    f"{folder} holds the results of another flow, design, network or measurement; choose another --out"
                )
        # Hidden files may be left of a killed run.
        elif folder.is_dir() and not all(entry.name.startswith(".") for entry in folder.iterdir()):
            raise OutputFolderError(f"{folder} is not empty and not a flow's output; choose another --out")
    except OSError as error:
        raise OutputFolderError(f"cannot read {folder}: {error.strerror}; choose another --out") from error
    write_atomically(mark, content)
