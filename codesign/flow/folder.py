"""An output folder holds the results of one flow."""

from pathlib import Path

from codesign.errors import CodesignError
from codesign.files import write_atomically
from codesign.flow.file import FlowFile
from codesign.weights import IntegerWeights


class OutputFolderError(CodesignError):
    """An output folder that cannot be used."""


class _FlowOnWeights(FlowFile):
    weights: str


def claim_folder(folder: Path, flow: FlowFile, weights: IntegerWeights | None = None) -> None:
    """Make `folder` the output of this flow alone, or refuse one that holds anything else.

    Args:
        folder: of the output.
        flow: what is run.
        weights: the network that it is run on, where the flow does not train its own.

    Raises:
        OutputFolderError: the folder holds the results of another flow or other weights, or other files.
        CodesignError: it cannot be written.
    """
    mark = folder / "flow.json"
    claim = flow if weights is None else _FlowOnWeights(**dict(flow), weights=weights.digest)
    content = claim.model_dump_json(indent=2) + "\n"
    try:
        if mark.is_file():
            if mark.read_bytes() != content.encode():
                raise OutputFolderError(
                    f"{folder} holds the results of another flow, design or network; choose another --out"
                )
        # Hidden files may be left of a killed run.
        elif folder.is_dir() and not all(entry.name.startswith(".") for entry in folder.iterdir()):
            raise OutputFolderError(f"{folder} is not empty and not a flow's output; choose another --out")
    except OSError as error:
        raise OutputFolderError(f"cannot read {folder}: {error.strerror}; choose another --out") from error
    write_atomically(mark, content)
