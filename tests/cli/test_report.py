"""Reports of runs that have ended: drawn again, and put side by side."""

import json
import re
from pathlib import Path

import pytest

from codesign.cli.main import main
from codesign.report.comparison import ComparedRuns
from tests.report.test_tables import report_at


def outcome(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["codesign", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def run_at(folder: Path, corner: str, **changes: object) -> Path:
    report = report_at(corner).model_copy(update=changes)
    report.save(folder / "report.json")
    return folder


def test_two_runs_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run_at(Path("a"), "tt")
    run_at(Path("b"), "ss", energy_per_inference_pJ=60.0, latency_us=1234.0)
    code, out, _ = outcome(["compare", "a", "b", "--out", "both.html"], monkeypatch, capsys)
    assert code == 0
    lines = {re.split(r"\s{2,}", line)[0]: re.split(r"\s{2,}", line)[1:] for line in out.splitlines()}
    # By hand: 60 of 80 pJ, and 1234 of 3.02 us.
    assert lines["energy of an inference"] == ["80.0 pJ", "60.0 pJ", "0.750"]
    assert lines["latency"] == ["3.02 µs", "1.23 ms", "409"]
    assert lines["output: error of the fitted model, rms"] == ["none", "none", "none"]
    assert lines["hidden: conventional mapping, in errors of that model"] == ["831", "831", "1.00"]
    page = Path("both.html").read_text()
    assert "<td>80.0 pJ</td><td>60.0 pJ</td><td>0.750</td>" in page
    assert "<td>a: conditions: corner</td><td><code>tt</code></td>" in page
    assert not re.search(r"https?:|src=|<link", page)


def test_a_row_that_one_run_lacks_is_shown(tmp_path: Path) -> None:
    compared = ComparedRuns(
        ("a", "b"), (report_at("tt"), report_at("tt").model_copy(update={"doubts": ("it is off",)}))
    )
    assert str(compared).startswith("b: The model does not describe the circuit: it is off.")
    assert '<p class="warning">b: The model' in compared.page


def test_a_comparison_is_never_written_over_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = run_at(tmp_path / "a", "tt"), run_at(tmp_path / "b", "ss")
    (first / "report.html").write_text("mine")
    code, _, err = outcome(
        ["compare", str(first), str(second), "--out", str(first / "report.html")], monkeypatch, capsys
    )
    assert code == 2 and "is the input" in err and (first / "report.html").read_text() == "mine"


HALF = {
    "nothing": ({}, r"report\.json is missing: the run has not ended"),
    "half": ({"report.json": '{"schema": 1, "doub'}, "it is not a report of this version"),
    "another version": ({"report.json": '{"schema": 7}'}, "it is not a report of this version"),
}


@pytest.mark.parametrize("case", HALF)
def test_a_folder_without_a_whole_report_is_refused_in_one_line(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files, about = HALF[case]
    (tmp_path / "flow.json").write_text("{}" if case == "flow" else json.dumps({"design": {"name": "a"}}))
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    for arguments in (["report", str(tmp_path)], ["compare", str(tmp_path), str(tmp_path)]):
        code, _, err = outcome(arguments, monkeypatch, capsys)
        assert code == 2 and len(err.splitlines()) == 1 and re.search(about, err), err
    assert {path.name for path in tmp_path.iterdir()} == {"flow.json", *files}


@pytest.mark.parametrize(
    ("content", "about"), [(None, "give the --out of codesign run"), ("{}", "no flow of this version")]
)
def test_a_folder_of_no_flow_is_refused_in_one_line(
    content: str | None,
    about: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if content is not None:
        (tmp_path / "flow.json").write_text(content)
    code, _, err = outcome(["report", str(tmp_path)], monkeypatch, capsys)
    assert code == 2 and len(err.splitlines()) == 1 and about in err
