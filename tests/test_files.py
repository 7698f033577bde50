"""Outputs never take the place of inputs."""

from pathlib import Path

import pytest

from codesign.errors import CodesignError
from codesign.files import keep_inputs


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


def test_allowed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    keep_inputs([tmp_path / "a"], [tmp_path / "b", tmp_path / "folder", tmp_path / "a.lyrdb"])
    keep_inputs([tmp_path / "folder" / "inner" / "a"], [tmp_path / "folder"])
