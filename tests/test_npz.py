"""What an `.npz` file may hold that is no array of numbers."""

import io
import struct
import warnings
import zipfile

import numpy as np
import pytest

from codesign.npz import NpzError, read_npz


def npy(shape: str, kind: str = "<f8", body: bytes = bytes(32)) -> bytes:
    """An `.npy` file whose header says this."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body


def archive(*members: tuple[str, bytes]) -> bytes:
    """A zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in members:
            made.writestr(name, content)
    return file.getvalue()


def altered(content: bytes, offset: int, central: int, value: bytes) -> bytes:
    """The archive with the bytes at an offset of its first local header, and of its central header, replaced."""
    changed = bytearray(content)
    for start, at in ((content.find(b"PK\x03\x04"), offset), (content.find(b"PK\x01\x02"), central)):
        changed[start + at : start + at + len(value)] = value
    return bytes(changed)


GOOD = archive(("a.npy", npy("(2, 2)")))

BAD = {
    "text": (b"layer_1", "no archive of plain arrays"),
    "one array": (npy("(2, 2)"), "is one array, not an archive"),
    "no array": (archive(("a.txt", b"hello")), "a.txt is no array"),
    "twice": (archive(("a.npy", npy("(2, 2)")), ("a", npy("(2, 2)"))), "twice"),
    "terabytes": (archive(("a.npy", npy("(10000000000000,)"))), "no archive of plain arrays"),
    "overflow": (archive(("a.npy", npy(f"({10**30}, 2)"))), "truncated"),
    "negative": (archive(("a.npy", npy("(-1, 2)"))), "truncated"),
    "deep header": (archive(("a.npy", npy("(" * 5000))), "truncated"),
    "encrypted": (altered(GOOD, 6, 8, b"\1\0"), "encrypted"),
    "unknown compression": (altered(GOOD, 8, 10, b"\x63\0"), "truncated"),
    "cut off": (GOOD[:-30], "truncated"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_archive_is_refused(case: str) -> None:
    content, about = BAD[case]
    with pytest.raises(NpzError, match=about):
        read_npz(content)


def test_a_good_archive() -> None:
    assert read_npz(GOOD)["a"].tolist() == np.zeros((2, 2)).tolist()
