"""Arrays of an `.npz` file from any source: nothing in it is executed."""

import io
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt

from codesign.errors import CodesignError

LARGEST_UNPACKED = 2**30
"""Bytes that an archive may unpack to: more than a hundred of the largest layers."""


class NpzError(CodesignError):
    """The content of an `.npz` file cannot be used; the message comes after the file's name."""


def read_npz(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """The arrays of an `.npz` file by name.

    Args:
        content: of the file.

    Raises:
        NpzError: it is truncated, encrypted or no `.npz` file, has members that are no arrays or hold Python objects,
            or unpacks to more than `LARGEST_UNPACKED`.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    try:
        check_unpacked(content)
        archive: Any = np.load(io.BytesIO(content), allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise NpzError("is one array, not an archive of them; save it with numpy.savez")
        for name in archive.files:
            if name in arrays:
                raise NpzError(f"holds {name:.60} twice; save each array once")
            arrays[name] = archive[name]
            if not hasattr(arrays[name], "dtype"):
                raise NpzError(f"cannot be used: {name:.60} is no array; save arrays alone with numpy.savez")
    except NpzError:
        raise
    # numpy and zipfile raise many kinds of error on damaged bytes.
    except Exception as error:
        # numpy's own message advises to unpickle.
        reason = "pickled objects" if "pickle" in str(error) else " ".join(str(error).split())[:120]
        raise NpzError(
            f"is truncated or no archive of plain arrays ({reason}); save plain arrays with numpy.savez"
        ) from error
    return arrays


def check_unpacked(content: bytes) -> None:
    """Refuse a zip archive that unpacks to more than `LARGEST_UNPACKED`; the sizes that it states are those unpacked.

    Raises:
        NpzError: it does.
        zipfile.BadZipFile: it is damaged.
    """
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > LARGEST_UNPACKED:
        raise NpzError(f"holds {size:.2g} bytes, more than the weights of any network; check the file")
