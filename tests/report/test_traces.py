"""Traces are kept without loss that an eye could see, and a damaged file is refused in one line."""

import json
from pathlib import Path

import numpy as np
import pytest

from codesign.report.content import ReportError
from codesign.report.page import render_page
from codesign.report.traces import TraceSet, load_traces, page_data, save_traces


def traces_of(inputs: int = 3, title: str = "proposed", name: str = "seed 1") -> TraceSet:
    random = np.random.default_rng(5)
    circuit = tuple(random.uniform(0.3, 1.5, (inputs, neurons, 41)) for neurons in (4, 2))
    errors = tuple(random.uniform(-1e-3, 1e-3, layer.shape) for layer in circuit)
    errors[0][0, 3] = np.nan
    spikes = np.array([[0.9, 0.7], [5e-7, 6e-7], [1e-9, -2e-9]])
    return TraceSet(title, name, np.linspace(0, 1e-6, 41), circuit, errors, spikes)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    made = traces_of()
    save_traces(tmp_path / "traces.npz", [made, traces_of(2, "other", "seed 2")])
    read, other = load_traces(tmp_path / "traces.npz")
    assert (read.title, read.name, other.name) == ("proposed", "seed 1", "seed 2")
    for before, after in zip((*made.circuit, made.spikes), (*read.circuit, read.spikes), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-6)
    for before, after in zip(made.errors, read.errors, strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-6)


def test_a_page_has_millivolts_and_no_numbers_that_json_lacks() -> None:
    made = traces_of()
    [shown] = json.loads(json.dumps(page_data([made]), allow_nan=False))
    assert [layer["name"] for layer in shown["layers"]] == ["hidden layer 1", "output layer"]
    np.testing.assert_allclose(shown["layers"][1]["circuit"], made.circuit[1] * 1e3, atol=0.0051)
    np.testing.assert_allclose(shown["layers"][1]["errors"], made.errors[1] * 1e3, atol=5.1e-5)
    assert shown["layers"][0]["errors"][0][3] == [None] * 41
    # In the order of the membranes, as a chart needs them.
    assert shown["spikes"][0] == [700.0, 900.0] and shown["spikes"][2] == [-2.0, 1.0]


def test_a_page_keeps_the_first_inputs_of_large_runs() -> None:
    shown = page_data([traces_of(100), traces_of(10)], most=110 * 6 * 41 // 2)
    assert [(one["inputs"], len(one["layers"][0]["circuit"])) for one in shown] == [(100, 50), (10, 5)]


def test_no_name_ends_the_script_that_holds_the_data() -> None:
    name = "</script><script>alert(1)</script>"
    page = render_page("viewer.html.j2", {}, {}, [traces_of(name=name)])
    assert name not in page
    [_, data] = page.split('<script type="application/json" id="traces">')
    assert json.loads(data.split("</script>")[0])[0]["name"] == name


DAMAGED = {
    "half": lambda content: content[: len(content) // 2],
    "text": lambda content: b"traces",
    "nothing": lambda content: b"",
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_file_is_refused(case: str, tmp_path: Path) -> None:
    path = tmp_path / "traces.npz"
    save_traces(path, [traces_of()])
    path.write_bytes(DAMAGED[case](path.read_bytes()))
    with pytest.raises(ReportError, match=r"traces\.npz is truncated or no archive"):
        load_traces(path)


def without(name: str, **others: object) -> dict[str, object]:
    one = traces_of()
    arrays: dict[str, object] = {
        "version": 1,
        "0/title": "a",
        "0/name": "b",
        "0/times": one.times,
        "0/spikes": one.spikes,
    }
    arrays |= {"0/0/circuit": one.circuit[0], "0/0/errors": one.errors[0]}
    return {key: value for key, value in arrays.items() if key != name} | others


@pytest.mark.parametrize(
    ("arrays", "about"),
    [
        (without("version"), "no traces of this version"),
        (without("", version=2), "no traces of this version"),
        (without("0/times"), "no whole file of traces: '0/times'"),
        (without("0/0/errors"), "no whole file of traces: '0/0/errors'"),
        (without("0/0/errors", **{"0/0/errors": np.zeros((1, 1, 41))}), "no whole file"),
        (without("0/times", **{"0/times": np.zeros(7)}), "no whole file"),
        (without("0/times", **{"0/times": np.array(["a"])}), "no whole file"),
    ],
)
def test_a_file_of_another_kind_is_refused(arrays: dict[str, object], about: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "traces.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(ReportError, match=about):
        load_traces(tmp_path / "traces.npz")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="cannot read"):
        load_traces(tmp_path / "traces.npz")
