"""The whole report of a network without hidden layers, from synthetic runs."""

import json
import math
import re
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

import numpy as np
import pytest

from codesign.circuits.cells import cells_of
from codesign.circuits.testbench import membrane_probe, spike_probe
from codesign.cli.main import show
from codesign.comparison.network_run import NetworkJob, NetworkRun, WholeRun
from codesign.comparison.summary import SeedComparison
from codesign.errors import CodesignError
from codesign.execution.session import Session
from codesign.extraction.crosscheck import read_crosscheck
from codesign.extraction.extract import Extraction
from codesign.extraction.fit import fit_model
from codesign.extraction.observation import scale_of
from codesign.flow.file import FlowFile, SimulationSettings
from codesign.flow.folder import claim_folder
from codesign.flow.page import draw_page
from codesign.flow.report import report_step, summarise
from codesign.model.neuron_model import NeuronModel, Provenance
from codesign.model.response import layer_response
from codesign.quantity import quantity
from codesign.report.content import Report, ReportError
from codesign.report.page import provenance_rows
from codesign.report.traces import load_traces
from codesign.spice import Cost, ResultCache, Simulator, Waveforms
from tests.extraction.synthetic import DESIGN, NOMINAL, OFFSET, TRUTH, charging, records, sweep

SHALLOW = DESIGN.model_copy(update={"layer_sizes": (5, 5)})


@pytest.fixture(scope="module")
def extraction() -> Extraction:
    made = records(12, seed=1)
    fit, ideal = fit_model(made, NOMINAL), fit_model(made, NOMINAL, ideal=True)
    check = read_crosscheck(DESIGN, [sweep(), *(charging(farads) for farads in (2e-12, 2.02e-12, 2.01e-12))])
    model = NeuronModel.from_normalised(
        fit.model,
        scale=scale_of(DESIGN),
        offset=fit.offset,
        intervals=fit.intervals,
        capacitance=check.capacitance,
        rmse=fit.rmse,
        firing_rmse=fit.firing_rmse,
        provenance=Provenance(tool="0", design="", pdk="", ngspice="", source="synthetic"),
    )
    return Extraction(model, fit, made, ideal, check)


def shallow_run(samples: int, off: float = 0.001) -> NetworkRun:
    """One layer, each sample with inputs of its own, so many swings off the truth."""
    [first, *_] = records(1, seed=9)
    run_records = [[record] for record in records(samples, seed=9)]
    spikes = np.array([layer.spike_times for [layer] in run_records])
    weights = (first.weights,)
    for [layer] in run_records:
        layer.weights[:] = first.weights
    response = layer_response(TRUTH, first.weights, spikes, first.times)
    for sample, [layer] in enumerate(run_records):
        layer.traces[:] = response.traces[sample] + OFFSET + off
    job = NetworkJob(SHALLOW, weights, spikes)
    testbench = job.testbenches()[0]
    axis = np.linspace(0, testbench.timeline.stop(1, 1), 50)
    flat = {probe(1, column): np.full(50, 0.8) for probe in (membrane_probe, spike_probe) for column in range(1, 6)}
    whole = WholeRun(np.full(samples, 5e-12), testbench, Waveforms(axis, flat))
    return NetworkRun(job, run_records, whole, Cost(4.0 * samples, 55.5))


def report_of(
    extraction: Extraction, run: NetworkRun, folder: Path, method: Literal["whole", "columns"] = "whole"
) -> tuple[dict[str, Any], str]:
    """Content of report.json, read as strict JSON, and of report.html without its images."""
    seeds = [SeedComparison(7, run, run, np.array([0, 1, 2]), 0.9, 0.8)]
    flow = FlowFile(design=SHALLOW, simulation=SimulationSettings(method=method))
    simulator = SimpleNamespace(ngspice=SimpleNamespace(version="39"), pdk=SimpleNamespace(source="x", version="y"))
    session = Session(simulator=cast(Simulator, simulator), cache=ResultCache(folder / "cache"), workers=1)
    claim_folder(folder, flow)
    extraction.save(folder)
    summary = summarise(flow, extraction, seeds, 2e-4, session, time.monotonic())
    report_step(flow, extraction, seeds, summary, folder)

    def refuse(text: str) -> Any:
        raise ValueError(f"{text} is not JSON")

    report = json.loads((folder / "report.json").read_text(), parse_constant=refuse)
    return report, re.sub(r'src="[^"]*"', "", (folder / "report.html").read_text())


def test_columns_have_a_report_without_what_one_deck_tells(extraction: Extraction, tmp_path: Path) -> None:
    report, page = report_of(extraction, replace(shallow_run(3), whole=None, cost=None), tmp_path, "columns")
    simulation = {"method": "columns", "processor_s_per_inference": None, "peak_MB": None}
    assert report["simulation"] == simulation and report["energy_per_inference_pJ"] is None
    assert report["comparison"]["output"]["rmse_fitted_mV"] == pytest.approx(0.45, rel=1e-2)
    assert "one deck a column" in page and "Phases and spikes" not in page


def test_a_network_without_hidden_layers_has_a_report(extraction: Extraction, tmp_path: Path) -> None:
    report, page = report_of(extraction, shallow_run(3), tmp_path)
    hidden, output = report["comparison"]["hidden"], report["comparison"]["output"]
    assert hidden["rmse_fitted_mV"] is None and hidden["ratio_conventional"] is None
    assert output["rmse_fitted_mV"] == pytest.approx(0.45, rel=1e-2)
    assert output["ratio_conventional"] == pytest.approx(output["rmse_conventional_mV"] / output["rmse_fitted_mV"])
    assert output["fitted_fraction_of_swing"] == pytest.approx(1e-3, rel=1e-2)
    # Fifteen traces are too few for a fit of the ideal model to them.
    assert output["rmse_hindsight_ideal_mV"] is None and output["ratio_hindsight_ideal"] is None
    assert report["energy_per_inference_pJ"] == pytest.approx(5)
    # The run is the proposed network's and the conventional one's: 24 s for 6 inferences.
    assert report["simulation"] == {"method": "whole", "processor_s_per_inference": 4.0, "peak_MB": 55.5}
    assert report["pipeline_max_difference_mV"] == pytest.approx(0.2)
    assert report["comparison"]["seeds"][0]["test_accuracy"] == 0.9
    assert "None" not in page and "nan" not in page.split()
    assert "<td>ngspice version</td><td><code>39</code></td>" in page
    assert "{" not in page.split("Where this came from")[1]
    # Every cell of the design, drawn, and all of the page small enough to be sent.
    cells = {cell.name for cell in cells_of(DESIGN)}
    assert set(re.findall(r"<svg [^>]*><title>(\w+): ", page)) == cells and len(cells) > 10
    assert len(page.encode()) < 6_000_000
    for name in ("traces", "fit", "errors", "phases"):
        assert (tmp_path / "figures" / f"{name}.png").stat().st_size > 1000


@pytest.mark.parametrize(("off", "kept"), [(0.02, ()), (0.05, ()), (0.001, ("the fit leaves a residual",))])
def test_the_first_line_says_when_the_model_does_not_describe_the_circuit(
    extraction: Extraction, tmp_path: Path, off: float, kept: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    doubted = replace(extraction, model=extraction.model.model_copy(update={"doubts": kept}))
    _, page = report_of(doubted, shallow_run(3, off), tmp_path)
    report = Report.load(tmp_path / "report.json")
    show(report, tmp_path)
    [printed, *others] = capsys.readouterr().out.splitlines()
    ratio = f"{quantity(report.comparison.output.ratio_conventional)}</td>"
    warning = "The model does not describe the circuit"
    if off < 0.03 and not kept:
        assert report.doubts == () and warning not in page and "times that" in printed
        assert ratio in page
        return
    assert printed == report.warning
    assert re.search(r"<body>\s*<p class=\"warning\">" + warning, page)
    assert printed.startswith(f"{warning}: {kept[0] if kept else 'its membranes in the output layer are 5.0% of'}")
    assert all("times that" not in line for line in others)
    assert ratio not in page


def test_a_page_is_drawn_again_from_its_folder(extraction: Extraction, tmp_path: Path) -> None:
    report_of(extraction, shallow_run(3), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    page = tmp_path / "report.html"
    page.write_text("old")
    assert draw_page(tmp_path) == Report.load(tmp_path / "report.json")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    for needed in ("flow.json", "report.json", "neuron_model.json", "traces.npz", "figures/fit.png"):
        path = tmp_path / needed
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(CodesignError, match=f"{needed}"):
            draw_page(tmp_path)
        path.write_bytes(content[: len(content) // 2])
        with pytest.raises(CodesignError, match=f"{needed}") as caught:
            draw_page(tmp_path)
        assert "\n" not in str(caught.value)
        path.write_bytes(content)
    assert page.read_bytes() == before[page]


def test_the_traces_of_a_report_are_those_of_the_run_and_the_fit(extraction: Extraction, tmp_path: Path) -> None:
    run = shallow_run(3)
    report, _ = report_of(extraction, run, tmp_path)
    proposed, _, fitting = load_traces(tmp_path / "traces.npz")
    errors = 1e3 * proposed.errors[0]
    assert math.sqrt(np.mean(errors**2)) == pytest.approx(report["comparison"]["output"]["rmse_fitted_mV"], rel=1e-4)
    swing, reset = DESIGN.levels.swing, DESIGN.levels.reset
    np.testing.assert_allclose(proposed.circuit[0][2], reset + swing * run.records[2][0].traces, rtol=1e-6)
    assert len(fitting.circuit[0]) == len(extraction.records)
    residual = 1e3 * math.sqrt(np.nanmean(fitting.errors[0] ** 2))
    assert residual == pytest.approx(report["extraction"]["rmse_mV"], rel=1e-4)
    late = 1e9 * math.sqrt(np.mean(fitting.spikes[2] ** 2))
    assert late == pytest.approx(report["extraction"]["firing_rmse_ns"], rel=1e-4)


def test_what_is_written_is_read_back(extraction: Extraction, tmp_path: Path) -> None:
    report_of(extraction, shallow_run(3), tmp_path)
    report = Report.load(tmp_path / "report.json")
    report.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "report.json").read_bytes()
    assert report.post_layout is None and "post_layout" not in (tmp_path / "report.json").read_text()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Invalid JSON"),
        ("{}", "Field required"),
        ('{"schema": 2}', "schema"),
    ],
)
def test_a_file_that_is_no_report_is_refused_in_one_line(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(ReportError, match=reason) as refusal:
        Report.load(tmp_path / "report.json")
    assert "\n" not in str(refusal.value)


def test_the_provenance_can_be_read() -> None:
    provenance = {
        "codesign": "1.0",
        "ngspice": "39",
        "conditions": {"corner": "tt", "temperature": 27.0, "mismatch": False},
        "seeds": [1, 2],
        "data": {"file": None, "spike_times": {"latest": 0.9}, "classes": []},
    }
    assert list(provenance_rows(provenance)) == [
        ("tool version", "1.0"),
        ("ngspice version", "39"),
        ("conditions: corner", "tt"),
        ("conditions: temperature", "27.0"),
        ("conditions: mismatch", "no"),
        ("seeds", "1, 2"),
        ("data: file", "none"),
        ("data: spike times: latest", "0.9"),
        ("data: classes", "none"),
    ]


def test_numbers_that_are_not_finite_are_null(extraction: Extraction, tmp_path: Path) -> None:
    # No voltage dependence of the positive synapse, and a curvature that drives the membranes to infinity.
    endless = extraction.model.e_rev_pos.model_copy(update={"value": math.inf, "interval": 0.0})
    runaway = extraction.fit.model.model_copy(update={"e_pos": math.inf, "kappa_pos": 50.0})
    odd = replace(
        extraction,
        model=extraction.model.model_copy(update={"e_rev_pos": endless}),
        fit=replace(extraction.fit, model=runaway),
    )
    report, page = report_of(odd, shallow_run(3), tmp_path)
    assert report["extraction"]["e_rev_pos_V"] is None and report["extraction"]["e_rev_pos"] is None
    assert report["extraction"]["e_rev_neg_V"] == extraction.model.e_rev_neg.value
    assert report["comparison"]["output"]["rmse_fitted_mV"] is None
    assert report["comparison"]["output"]["rmse_conventional_mV"] > 1
    assert any("run away" in doubt for doubt in report["doubts"])
    assert "None" not in page
