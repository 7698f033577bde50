"""Reading a data set's file, plain or compressed."""

import gzip
import lzma
import zlib
from pathlib import Path
from typing import BinaryIO

from codesign.studies.vision.errors import ImageDataError

_LARGEST = 2**28
"""Bytes: no file of the data sets is as long, and one that unpacks to more is not one of theirs."""


def read_packed(folder: Path, name: str, source: str) -> tuple[Path, bytes]:
    """Find `name`, `name`.gz or `name`.xz in a folder, and read and unpack it.

    Args:
        folder: where the user keeps the data set.
        name: the published name of the unpacked file.
        source: where the data set can be had, for the message.

    Returns:
        The file that was found, and its unpacked content.

    Raises:
        ImageDataError: the folder or the file is missing, unreadable, damaged or far too long.
    """
    if not folder.is_dir():
        raise ImageDataError(f"data folder {folder} does not exist; name the folder that holds {name}")
    path = next((found for end in ("", ".gz", ".xz") if (found := folder / (name + end)).is_file()), None)
    if path is None:
        raise ImageDataError(f"{folder} has no {name} (plain, .gz or .xz); get it from {source}")
    try:
        with _opened(path) as file:
            content = file.read(_LARGEST + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
        raise ImageDataError(f"{path} is truncated or damaged; get it again from {source}") from error
    except OSError as error:
        raise ImageDataError(f"cannot read {path}: {error.strerror or error}; check its permissions") from error
    if len(content) > _LARGEST:
        raise ImageDataError(f"{path} unpacks to more than {_LARGEST} bytes; get it again from {source}")
    return path, content


def _opened(path: Path) -> BinaryIO | gzip.GzipFile | lzma.LZMAFile:
    match path.suffix:
        case ".gz":
            return gzip.open(path)
        case ".xz":
            return lzma.open(path)
        case _:
            return path.open("rb")
