"""Damaged files, for tests of what each reader makes of them."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from hypothesis import strategies as st

from codesign.cli.messages import error_line
from codesign.errors import CodesignError

_LONGEST_PIECE = 64


def each_damage(content: bytes, step: int = 1) -> Iterator[bytes]:
    """The content cut off, and with one bit turned, at every `step`th byte; with a byte more; with bytes of another."""
    for position in range(0, len(content), step):
        yield content[:position]
        yield content[:position] + bytes([content[position] ^ (1 << position % 8)]) + content[position + 1 :]
    yield content + b"\n"
    yield b"something else\n"


@st.composite
def damaged(draw: st.DrawFn, *valid: bytes) -> bytes:
    """A valid file after one to six edits (bytes changed, put in, taken out, repeated, cut off), or random bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=4 * _LONGEST_PIECE))
    content = draw(st.sampled_from(valid))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, _LONGEST_PIECE)))
        head, piece, tail = content[:start], content[start:end], content[end:]
        edit = draw(st.sampled_from(["change", "insert", "remove", "repeat", "move", "cut"]))
        if edit == "change":
            content = head + draw(st.binary(min_size=1, max_size=4)) + content[start + 1 :]
        elif edit == "insert":
            content = head + draw(st.binary(min_size=1, max_size=_LONGEST_PIECE)) + piece + tail
        elif edit == "remove":
            content = head + tail
        elif edit == "repeat":
            content = head + piece * draw(st.integers(2, 5)) + tail
        elif edit == "move":
            content = tail + piece + head
        else:
            content = head
    return content


def read_damaged(name: str, content: bytes, read: Callable[[Path], object]) -> None:
    """Let `read` read a file of that name: it comes back, or it raises an error of one printable line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            read(path)
        except CodesignError as error:
            line = error_line(error)
            assert line.isprintable() and name in line, repr(str(error))


def damaged_text(*valid: str) -> st.SearchStrategy[bytes]:
    """As `damaged`, for texts: half of the files have printable characters only."""
    files = damaged(*(text.encode() for text in valid))
    return files | files.map(_printable)


def _printable(content: bytes) -> bytes:
    return bytes(byte if byte in b"\n\t" or 32 <= byte < 127 else 32 + byte % 95 for byte in content)
