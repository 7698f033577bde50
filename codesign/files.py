"""Files that are never half-written, and names that are safe to put into a netlist."""

import codecs
import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from codesign.errors import CodesignError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def write_atomically(path: str | Path, data: str | bytes) -> None:
    """Write `data` (text as UTF-8) to a temporary file beside `path`, then rename it into place.

    Args:
        path: of the file; missing parent folders are created.
        data: the whole content.

    Raises:
        CodesignError: the folder or the file cannot be written (permissions, full disk).
    """
    path = Path(path)
    content = data.encode() if isinstance(data, str) else data
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException as error:
        # An interrupt, too, leaves no half of a file behind.
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise CodesignError(
            f"cannot write {path}: {error.strerror or error}; check the disk and permissions"
        ) from error


def write_sealed(path: str | Path, content: bytes) -> None:
    """Write a cached file that `read_sealed` can tell from a damaged one, as `write_atomically` does.

    The seal is a last line that netlists take for a comment, and that archives do not mind.

    Raises:
        CodesignError: the folder or the file cannot be written.
    """
    write_atomically(path, content + _seal(content))


def read_sealed(path: str | Path) -> bytes | None:
    """The content that `write_sealed` wrote; None where there is no file, or a damaged one, to be made again.

    Raises:
        OSError: the file is there and cannot be read.
    """
    try:
        stored = Path(path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    content = stored[: -len(_seal(b""))]
    return content if stored == content + _seal(content) else None


def _seal(content: bytes) -> bytes:
    return b"\n* sha256 " + hashlib.sha256(content).hexdigest().encode() + b"\n"


def keep_inputs(inputs: Iterable[Path], outputs: Iterable[Path]) -> None:
    """Refuse outputs that would replace an input, before any work is done.

    Args:
        inputs: the files that are read.
        outputs: files, or folders in which files of any name are written.

    Raises:
        CodesignError: an output is an input, by whatever path, or a folder that holds one, or two outputs are one file.
    """
    read, written = list(inputs), list(outputs)
    for number, output in enumerate(written):
        for path in read:
            if _same_file(output, path):
                raise CodesignError(f"the output {output} is the input {path}; give it another name")
            if _same_file(output, path.parent) and output.is_dir():
                raise CodesignError(f"the output folder {output} holds the input {path}; give another folder")
        if any(_same_file(output, other) for other in written[:number]):
            raise CodesignError(f"two outputs are the one file {output}; give each a name of its own")


def _same_file(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except (OSError, ValueError):
        # One of them is missing, or not a valid name.
        return first.absolute() == second.absolute()


def without_mark(content: bytes) -> bytes:
    """Text in UTF-8 without the byte-order mark that some editors put before it."""
    return content.removeprefix(codecs.BOM_UTF8)


def beside(path: Path, name: str | Path) -> Path:
    """The absolute name of a file that another file names relative to itself.

    Args:
        path: the file in which the name stands.
        name: of the file.

    Raises:
        CodesignError: no file can have that name, or it leads in a circle.
    """
    try:
        return (path.parent / name).resolve()
    except (ValueError, RuntimeError, OSError) as error:
        raise CodesignError(f"{path}: the file name {str(name)[:80]!r} cannot be used: {error}") from error


def checked_name(text: str, what: str) -> str:
    """Return `text` if it is safe as a netlist name, else raise.

    Args:
        text: the name, from a file or a user.
        what: what the name is, for the message (for example "subcircuit name").

    Raises:
        CodesignError: the name is not letters, digits and underscores starting with a letter, or is over 64 long.
    """
    if not _NAME.fullmatch(text):
        raise CodesignError(
            f"{what} {text[:80]!r} is not a plain name; use letters, digits and underscores, a letter first, at most 64"
        )
    return text
