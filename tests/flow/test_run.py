"""A small flow from end to end, interrupted and run again; the same numbers each time."""

import json
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from codesign.cli.main import main
from codesign.design import Design
from codesign.execution.session import Session
from codesign.flow.file import FlowFile
from codesign.flow.folder import OutputFolderError, claim_folder, claimed_flow
from codesign.flow.montecarlo import montecarlo_flow
from codesign.flow.page import draw_page
from codesign.flow.run import run_flow
from codesign.model.neuron_model import NeuronModel
from codesign.pdk import Pdk
from codesign.report.montecarlo import MonteCarlo
from codesign.report.traces import load_traces
from codesign.spice import Simulator, find_ngspice
from codesign.training.trained_network import TrainedNetwork
from codesign.weights import IntegerWeights

FLOW = """
seeds = [1]
[design]
name = "tiny"
layer_sizes = [3, 3, 3]
[extraction]
networks = 8
[training]
epochs = 20
candidates = 2
[validation]
inputs = 2
conventional_inputs = 1
layout_inputs = 1
"""


class Flows(NamedTuple):
    """A flow that stopped after its extraction, went on, was run again, then with its layouts, then on two chips."""

    settings: FlowFile
    folder: Path
    first: dict[str, Any]
    again: dict[str, Any]
    laid_out: dict[str, Any]
    chips: MonteCarlo


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory, pdk: Pdk) -> Iterator[Flows]:
    folder = tmp_path_factory.mktemp("flow")
    (folder / "tiny.toml").write_text(FLOW)
    settings = FlowFile.load(folder / "tiny.toml")
    simulator = Simulator(find_ngspice(), pdk, timeout=300.0, runs_folder=folder / "runs")
    summaries: list[dict[str, Any]] = []
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as threads:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        # The first step of the flow through the command line, as if the rest had been interrupted.
        arguments = ["extract", str(folder / "tiny.toml"), "--out", str(folder / "out"), "--workers", "2"]
        patch.setattr(sys, "argv", ["codesign", *arguments])
        with pytest.raises(SystemExit, match="0"):
            main()
        for post_layout in (False, False, True):
            ready = Session(simulator=simulator, executor=threads)
            report = run_flow(settings, ready, folder / "out", post_layout=post_layout)
            summaries.append(report.model_dump(mode="json", by_alias=True))
        few = settings.model_copy(update={"extraction": settings.extraction.model_copy(update={"chips": 4})})
        chips = montecarlo_flow(
            few, ready, folder / "chips", chips=2, inputs=1, calibration_inputs=4, model_chips=40, force=True
        )
        yield Flows(settings, folder / "out", *summaries, chips)


SCHEMA: dict[str, Any] = {
    "schema": int,
    "extraction": dict.fromkeys(("e_rev_pos_V", "e_rev_neg_V", "e_rev_pos", "e_rev_neg", "rmse_mV"), float),
    "comparison": {
        "n_inputs": int,
        "n_seeds": int,
        "swing_mV": float,
        **{
            layer: dict.fromkeys(
                (
                    "rmse_fitted_mV",
                    "rmse_conventional_mV",
                    "rmse_bestfit_ideal_mV",
                    "ratio_conventional",
                    "ratio_bestfit_ideal",
                ),
                float,
            )
            for layer in ("hidden", "output")
        },
    },
    "accuracy": {"model": float, "spice": float, "agreement": float, "n": int},
    "energy_per_inference_pJ": float,
    "runtime": {"wall_s": float, "spice_runs": int, "cache_hits": int},
}


def assert_shape(values: Any, shape: Any) -> None:
    if isinstance(shape, dict):
        for key, part in shape.items():
            assert_shape(values[key], part)
    else:
        assert type(values) is shape


@pytest.mark.spice
@pytest.mark.slow
class TestFlow:
    """What the flow leaves behind."""

    def test_the_report_has_the_agreed_shape(self, flows: Flows) -> None:
        report = json.loads((flows.folder / "report.json").read_text())
        assert report == json.loads(json.dumps(flows.laid_out))
        assert_shape(report, SCHEMA)
        assert report["schema"] == 1
        assert (report["comparison"]["n_inputs"], report["comparison"]["n_seeds"]) == (2, 1)
        assert report["comparison"]["swing_mV"] == pytest.approx(450)
        assert report["accuracy"]["n"] == 2

    def test_the_fitted_model_is_far_closer_than_the_ideal_ones(self, flows: Flows) -> None:
        for layer in ("hidden", "output"):
            errors = flows.first["comparison"][layer]
            assert errors["rmse_fitted_mV"] < 1.5
            assert errors["ratio_conventional"] > 20
            assert errors["ratio_bestfit_ideal"] > 5
            assert errors["ratio_conventional"] == pytest.approx(
                errors["rmse_conventional_mV"] / errors["rmse_fitted_mV"]
            )

    def test_transient_and_dc_sweep_agree_on_the_reversal_potentials(self, flows: Flows) -> None:
        found = flows.first["extraction"]
        for sign in ("pos", "neg"):
            assert found[f"e_rev_{sign}_V"] == pytest.approx(found[f"e_rev_{sign}_dc_V"], rel=0.02)
            assert found[f"unit_current_{sign}_A"] == pytest.approx(found[f"unit_current_{sign}_dc_A"], rel=0.02)
            assert 1 < abs(found[f"e_rev_{sign}"]) < 5
        assert found["rmse_mV"] < 0.45

    def test_a_stream_gives_what_each_inference_gives_alone(self, flows: Flows) -> None:
        assert 0 <= flows.first["pipeline_max_difference_mV"] < 1

    def test_energy_and_latency_are_those_of_the_circuit(self, flows: Flows) -> None:
        # Three windows with a guard after each but the last.
        assert flows.first["latency_us"] == pytest.approx(3.02)
        assert 1 < flows.first["energy_per_inference_pJ"] < 1000

    def test_after_an_interruption_only_what_is_missing_is_simulated(self, flows: Flows) -> None:
        runtime = flows.first["runtime"]
        # The unit cells, eight networks, nine that are aimed, a sweep, three chargings: all of the extraction.
        assert runtime["cache_hits"] == 22
        # Two inputs, one on the conventional network, one stream.
        assert runtime["spice_runs"] == 4

    def test_run_again_it_simulates_nothing_and_finds_the_same(self, flows: Flows) -> None:
        assert flows.again["runtime"]["spice_runs"] == 0
        varying = ("runtime",)
        assert {k: v for k, v in flows.first.items() if k not in varying} == {
            k: v for k, v in flows.again.items() if k not in varying
        }

    def test_the_layouts_are_clean_and_the_refitted_model_describes_them(self, flows: Flows) -> None:
        post = flows.laid_out["post_layout"]
        assert_shape(post, SCHEMA["comparison"])
        assert (post["drc_violations"], post["lvs_match"]) == (0, True)
        assert post["area_um2"] > 1000
        assert 20 < post["wire_capacitance_fF"]["least"] < post["wire_capacitance_fF"]["most"] < 200
        for layer in ("hidden", "output"):
            assert post[layer]["ratio_conventional"] > 10
            assert post[layer]["ratio_conventional_to_schematic_fitted"] > 5
        # The schematic's comparison is untouched by the layouts.
        assert flows.laid_out["comparison"] == flows.first["comparison"]
        names = {path.name for path in (flows.folder / "layout").iterdir()}
        assert names >= {f"network_3_3_3.{suffix}" for suffix in ("gds", "spice", "lef", "png", "svg", "lyrdb")}

    def test_the_page_needs_nothing_from_outside(self, flows: Flows) -> None:
        page = (flows.folder / "report.html").read_text()
        # Nothing but the name of SVG and a comment of uPlot's is an address, and the browser is told to load nothing.
        named = [found for found in re.findall(r"https?:[^\s\"']+", page) if found != "http://www.w3.org/2000/svg"]
        assert named == ["https://github.com/leeoniya/uPlot"]
        assert not re.search(r"<script[^>]*src=|<link|@import|url\(", page)
        assert "default-src 'none'" in page and len(page) < 6e6
        sources = re.findall(r'src="([^"]{0,30})', page)
        assert len(sources) >= 4
        assert all(source.startswith("data:image/") for source in sources)
        assert "tiny" in page
        assert "nan" not in re.sub(r'src="[^"]*"|<script.*?</script>', "", page, flags=re.DOTALL).lower().split()

    def test_the_page_is_drawn_again_as_it_was(self, flows: Flows) -> None:
        before = (flows.folder / "report.html").read_bytes()
        assert draw_page(flows.folder).post_layout is not None
        assert (flows.folder / "report.html").read_bytes() == before
        titles = {one.title for one in load_traces(flows.folder / "traces.npz")}
        assert {title for title in titles if title.endswith(", layout")} and len(titles) == 6

    def test_what_the_steps_made_can_be_read_again(self, flows: Flows) -> None:
        model = NeuronModel.load(flows.folder / "neuron_model.json")
        assert model.provenance.design == flows.settings.design.digest
        assert model.e_rev_pos.value == flows.first["extraction"]["e_rev_pos_V"]
        network = TrainedNetwork.load(flows.folder / "networks" / "fitted-seed-1.safetensors")
        assert [layer.shape for layer in network.layers] == [(3, 3), (3, 3)]
        names = {path.name for path in (flows.folder / "netlist").iterdir()}
        assert names >= {"cells.spice", "network.spice", "testbench.spice", "models.spice", "README.md", ".spiceinit"}

    def test_no_half_written_file_is_left(self, flows: Flows) -> None:
        hidden = [path for path in flows.folder.rglob(".*") if path.name != ".spiceinit"]
        assert hidden == []


def flow_named(name: str) -> FlowFile:
    return FlowFile(design=Design(name=name))


def test_a_folder_is_claimed_once_for_one_flow(tmp_path: Path) -> None:
    claim_folder(tmp_path / "new" / "out", flow_named("a"))
    claim_folder(tmp_path / "new" / "out", flow_named("a"))
    with pytest.raises(OutputFolderError, match="another flow, design, network or measurement; choose another --out"):
        claim_folder(tmp_path / "new" / "out", flow_named("b"))
    assert json.loads((tmp_path / "new" / "out" / "flow.json").read_text())["design"]["name"] == "a"


def network(*units: int) -> IntegerWeights:
    return IntegerWeights((np.array([units]),), ("layer_1",), ())


def test_another_input_may_have_the_name_of_a_table(tmp_path: Path) -> None:
    claim_folder(tmp_path, flow_named("a"), conditions="digest")
    with pytest.raises(OutputFolderError, match="another flow"):
        claim_folder(tmp_path, flow_named("a"), conditions="of another file")
    assert claimed_flow(tmp_path).conditions == flow_named("a").conditions


def test_a_folder_is_claimed_once_for_one_network(tmp_path: Path) -> None:
    claim_folder(tmp_path, flow_named("a"), weights=network(1, 2).digest)
    claim_folder(tmp_path, flow_named("a"), weights=network(1, 2).digest)
    others = ({"weights": network(1, 3).digest}, {"weights": network(1, 2, 0).digest}, {})
    for other in others:
        with pytest.raises(OutputFolderError, match="another flow, design, network or measurement"):
            claim_folder(tmp_path, flow_named("a"), **other)


def test_what_a_folder_says_of_a_flow_is_the_flow(tmp_path: Path) -> None:
    claim_folder(tmp_path, flow_named("a"))
    assert FlowFile.model_validate_json((tmp_path / "flow.json").read_text()) == flow_named("a")


def test_foreign_folders_are_refused_and_killed_runs_are_not(tmp_path: Path) -> None:
    (tmp_path / ".flow.json.x8").write_text("half")
    claim_folder(tmp_path, flow_named("a"))
    (tmp_path / "flow.json").unlink()
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(OutputFolderError, match="not a flow's output"):
        claim_folder(tmp_path, flow_named("a"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".flow.json.x8", "thesis.tex"]


@pytest.mark.spice
@pytest.mark.slow
def test_chips_that_differ(flows: Flows) -> None:
    found = flows.chips
    assert [row.chip for row in found.chips] == [1, 2] and found.failed == 0
    assert found.matched.hidden is not None and found.uncalibrated.hidden is not None
    # The dense cells of the reference deviate by a third: chips are nothing like the matched circuit.
    for row in found.chips:
        assert row.hidden is not None and row.hidden.rmse_mV is not None and found.matched.hidden.rmse_mV is not None
        assert row.hidden.rmse_mV > 10 * found.matched.hidden.rmse_mV
        assert row.hidden.offset_sigma_mV is not None and row.hidden.ratio_conventional is not None
    assert found.chips[0].hidden != found.chips[1].hidden
    ratios = [row.hidden.ratio_conventional for row in found.chips if row.hidden is not None]
    assert found.uncalibrated.hidden.ratio_conventional_median == pytest.approx(sum(ratios) / 2)  # type: ignore[arg-type]
    folder = flows.folder.parent / "chips"
    written = json.loads((folder / "montecarlo.json").read_text())
    assert written["schema"] == 1 and written["n_chips"] == 2 and written["n_inputs"] == 1
    assert set(written["uncalibrated"]["output"]) == {
        "ratio_conventional_median",
        "ratio_bestfit_ideal_median",
        "rmse_mV_median",
    }
    # A chip that has shown its membranes is known better, and on the model there are as many as wanted.
    assert found.calibrated_membranes is not None and found.calibrated_membranes.hidden is not None
    known, unknown = found.calibrated_membranes.hidden.rmse_mV_median, found.uncalibrated.hidden.rmse_mV_median
    assert known is not None and unknown is not None and known < unknown / 3
    assert found.model is not None and found.model.n_chips == 40 and found.model.speedup > 100
    assert found.model.yield_low <= found.model.yield_ <= found.model.yield_high
    assert written["model"].keys() >= {"yield", "sigma_v_ratio", "sigma_spike_time_ratio", "speedup"}
    page = (folder / "montecarlo.html").read_text()
    assert page.count("data:image/png;base64,") == 3 and "Where this came from" in page
    assert {"chip_errors.png", "chip_ratios.png", "population.png", "variation.png"} <= {
        figure.name for figure in (folder / "figures").iterdir()
    }
