"""Outputs never take the place of inputs, and a damaged cached file never that of a sound one."""

from pathlib import Path

import pytest

from codesign.errors import CodesignError
from codesign.files import keep_inputs, read_sealed, write_sealed
from tests.damage import each_damage


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        (["a"], ["a"]),
        (["folder/a"], ["link/a"]),
        (["a"], ["folder/../a"]),
        (["b"], ["a_hard_link"]),
        (["none"], ["./none"]),
        (["folder/b"], ["folder"]),
        (["a"], ["new", "./new"]),
    ],
)
def test_refused(inputs: list[str], outputs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for name in ("a", "b", "folder/a", "folder/b"):
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "a_hard_link").hardlink_to(tmp_path / "b")
    with pytest.raises(CodesignError, match=r"is the input|holds the input|two outputs"):
        keep_inputs(map(Path, inputs), map(Path, outputs))


@pytest.mark.parametrize("content", [b"", b"one\ntwo\n", bytes(range(256))])
def test_a_sealed_file_gives_its_content_or_none(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    assert read_sealed(path) is None
    write_sealed(path, content)
    assert read_sealed(path) == content
    for damaged in each_damage(path.read_bytes()):
        path.write_bytes(damaged)
        assert read_sealed(path) is None
    with pytest.raises(IsADirectoryError):
        read_sealed(tmp_path)


def test_allowed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    keep_inputs([tmp_path / "a"], [tmp_path / "b", tmp_path / "folder", tmp_path / "a.lyrdb"])
    keep_inputs([tmp_path / "folder" / "inner" / "a"], [tmp_path / "folder"])
