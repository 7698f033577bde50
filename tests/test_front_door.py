"""`import codesign`: the three uses in ten lines each, as the page on Python has them, and in the notebooks of
`examples/`; what they take and give."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import save_file
from torch import nn

import codesign
from codesign.design import DesignError
from codesign.dstd import DSTDLinear, Fire

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "how-to" / "python.md"
NOTEBOOKS = sorted((ROOT / "examples").glob("*.py"))
LONGEST = 10


def use(heading: str) -> str:
    """The program below a heading of the page."""
    [program] = re.findall(rf"^## {heading}\n.*?^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(program.strip().splitlines()) <= LONGEST
    return program


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache of results: page and notebooks ask for the same simulations."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def checkout(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the files that the programs name, and nothing else."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    for name in ("flows", "netlists"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(program: str, folder: Path) -> dict[str, Any]:
    """Run a program, and hold that it leaves no file behind."""
    names: dict[str, Any] = {}
    exec(program, names)
    assert sorted(path.name for path in folder.iterdir()) == ["flows", "netlists"]
    return names


@pytest.mark.spice
def test_netlist(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run(use("A netlist from weights"), checkout)["netlist"]
    printed = capsys.readouterr().out
    assert "testbench.spice" in printed and ".subckt network_5_5_5" in printed
    reference = ROOT / "netlists" / "5-5-5"
    assert result.files["network.spice"] == (reference / "network.spice").read_text()
    assert "<td>network.spice</td>" in result._repr_html_()
    result.save(str(checkout / "out"))
    assert (checkout / "out" / "cells.spice").read_text() == (reference / "cells.spice").read_text()


def volts(text: str) -> float:
    """A printed voltage: "882.35 mV"."""
    number, unit = text.split()
    return float(number) * {"V": 1, "mV": 1e-3, "µV": 1e-6}[unit]


@pytest.mark.spice
@pytest.mark.slow
def test_extraction_and_validation(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = run(use("A neuron model"), checkout)
    extraction = names["extraction"]
    printed = capsys.readouterr().out
    found = re.search(r"^reversal potential, positive +(\S+ m?V) +± (\S+ [mµ]?V)$", printed, re.MULTILINE)
    assert found is not None
    value, interval = volts(found[1]), volts(found[2])
    assert value == pytest.approx(extraction.model.e_rev_pos.value, rel=1e-4)
    assert interval == pytest.approx(extraction.model.e_rev_pos.interval, rel=0.01)
    # The direct measurement of the same quantity.
    assert value == pytest.approx(extraction.check.sweeps["positive"].e_rev, rel=0.02)
    assert "<td>reversal potential, positive</td>" in extraction._repr_html_()
    assert names["figure"]._repr_png_().startswith(b"\x89PNG")

    names = run(use("Model against SPICE"), checkout)
    validation = names["validation"]
    # The same simulations, from the cache.
    assert validation.extraction.model == extraction.model
    assert validation.circuit[0].shape == (2, 5, validation.times.size) == validation.model[0].shape
    difference = names["difference"]
    assert validation.errors.output.rmse_fitted_mV == pytest.approx(1e3 * np.sqrt(np.mean(difference**2)))
    assert 0 < np.abs(difference).max() < 0.01
    assert validation.doubts == ()
    assert re.search(r"^conventional mapping( +[\d.]+ [mµ]?V){2}( +[\d.,]+){2}$", capsys.readouterr().out, re.MULTILINE)
    assert "<td>conventional mapping</td>" in validation._repr_html_()
    assert names["figure"]._repr_png_().startswith(b"\x89PNG")
    for bad in ([[0.1, 0.2]], [0.1] * 5, [[0.1, 0.2, 0.3, 0.4, np.nan]]):
        with pytest.raises(codesign.CodesignError, match=r"\(samples, 5\)"):
            codesign.validate(names["design"], names["weights"], bad)


@pytest.mark.spice
def test_session(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(use("Session"), checkout)
    assert re.fullmatch(r"\d+\S* results\n", capsys.readouterr().out)
    # All programs of the page run here, each by its heading.
    assert PAGE.read_text().count("```python\n") == 4


def cells(notebook: Path) -> tuple[str, list[tuple[str, str]]]:
    """Header of a notebook in jupytext's percent format, and its cells: kind and text."""
    header, *parts = re.split(r"^# %%", notebook.read_text(), flags=re.MULTILINE)
    return header, [(first.strip(), text) for first, text in (part.split("\n", 1) for part in parts)]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_in_the_percent_format_of_jupytext(notebook: Path) -> None:
    header, found = cells(notebook)
    start, *lines, end = header.splitlines()[:-1]
    assert start == end == "# ---"
    metadata = yaml.safe_load("\n".join(line[2:] for line in lines))["jupyter"]
    assert metadata["jupytext"]["text_representation"] == {
        "extension": ".py",
        "format_name": "percent",
        "format_version": "1.3",
    }
    assert metadata["kernelspec"]["language"] == "python"
    assert [kind for kind, _ in found if kind not in ("", "[markdown]")] == []
    assert found[0][0] == "[markdown]" and found[0][1].startswith("# # ")
    for kind, text in found:
        if kind:
            assert all(line.startswith("#") for line in text.strip().splitlines())


@pytest.mark.spice
@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_and_show_tables_and_figures(
    checkout: Path, notebook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    (checkout / "examples").mkdir()
    monkeypatch.chdir(checkout / "examples")
    names: dict[str, Any] = {}
    shown: list[Any] = []
    for kind, text in cells(notebook)[1]:
        if kind:
            continue
        tree = ast.parse(text)
        # Jupyter shows what a cell ends in.
        last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, notebook.name, "exec"), names)
        if last is not None:
            shown.append(eval(compile(last, notebook.name, "eval"), names))
    assert any(hasattr(one, "_repr_html_") for one in shown)
    assert names["figure"].axes
    names["plt"].close("all")
    assert capsys.readouterr().out
    assert list((checkout / "examples").iterdir()) == []


def python(program: str, folder: Path) -> None:
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True, timeout=120, env=dict(os.environ))


def test_the_import_loads_nothing_heavy_and_every_name_is_there(tmp_path: Path) -> None:
    python(
        "import sys, codesign; sys.exit(bool({'torch', 'numpy', 'pydantic', 'matplotlib'} & set(sys.modules)))",
        tmp_path,
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+", codesign.__version__)
    for name in codesign.__all__:
        assert getattr(codesign, name) is not None
        assert name in dir(codesign)
    with pytest.raises(AttributeError, match="no attribute 'extrakt'"):
        codesign.extrakt  # noqa: B018


@pytest.mark.spice
def test_no_use_needs_torch(checkout: Path) -> None:
    names = "codesign.extract, codesign.validate, codesign.fit_measured"
    python(f"{use('A netlist from weights')}\n{names}\nimport sys; sys.exit('torch' in sys.modules)", checkout)


@pytest.mark.parametrize("as_path", [str, Path])
def test_a_design_from_a_flow_file_a_design_file_or_keywords(tmp_path: Path, as_path: type) -> None:
    from_flow = codesign.load_design(as_path(ROOT / "flows" / "5-5-5-quick.toml"))
    assert from_flow.name == codesign.Design.load(ROOT / "flows" / "5-5-5-quick.toml").name
    (tmp_path / "design.toml").write_text('name = "own"\nlayer_sizes = [2, 3]\n[timing]\nwindow = 2e-6\n')
    by_keywords = codesign.load_design(name="own", layer_sizes=(2, 3), timing={"window": 2e-6})
    assert codesign.load_design(as_path(tmp_path / "design.toml")) == by_keywords
    assert by_keywords.timing.window == 2e-6
    for arguments, about in [
        ({"name": "x", "window": 1}, "keywords: unknown key window"),
        ({"path": as_path(tmp_path / "design.toml"), "name": "x"}, "a file or keywords"),
        ({"path": as_path(tmp_path / "none.toml")}, "No such file"),
    ]:
        with pytest.raises(DesignError, match=about):
            codesign.load_design(**arguments)


FIRST, SECOND = np.array([[1, -2, 3], [0, 4, 5]]), np.array([[7, -6]])


@pytest.mark.parametrize(
    "source",
    [[FIRST, SECOND], {"layer_1": FIRST, "layer_2": SECOND}, [FIRST.tolist(), torch.tensor(SECOND)]],
)
def test_weights_from_arrays(source: Any) -> None:
    weights = codesign.read_weights(source, 15)
    assert [layer.tolist() for layer in weights.layers] == [FIRST.tolist(), SECOND.tolist()]
    assert re.search(r"^layer_1 +3 +2 +15$", str(weights), re.MULTILINE)
    with pytest.raises(codesign.CodesignError, match="at most 5"):
        codesign.read_weights(source, 5)


def test_weights_from_a_dstd_network_and_its_state_dict(tmp_path: Path) -> None:
    circuit: dict[str, Any] = {"e_pos": 4.0, "e_neg": -2.5, "kappa_pos": 0.02, "kappa_neg": 0.005}
    network = nn.Sequential(DSTDLinear(3, 2, **circuit), Fire(), DSTDLinear(2, 1, learn_e=True, **circuit))
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor(FIRST) * 0.125)
        network[2].weight.copy_(torch.tensor(SECOND) * 0.125)
    torch.save(network.state_dict(), tmp_path / "network.pt")
    save_file(network.state_dict(), tmp_path / "network.safetensors")
    files = (tmp_path / "network.pt", str(tmp_path / "network.pt"), tmp_path / "network.safetensors")
    for source in (network, network.state_dict(), *files):
        weights = codesign.read_weights(source, 15, 0.125)
        assert [layer.tolist() for layer in weights.layers] == [FIRST.tolist(), SECOND.tolist()]
    with pytest.raises(codesign.CodesignError, match="no whole number"):
        codesign.read_weights(network, 15)


@pytest.mark.parametrize("weights", ["netlists/5-5-5.npz", [np.ones((2, 2))], None], ids=["path", "arrays", "none"])
def test_weights_that_nobody_read_are_refused_in_one_line(weights: Any) -> None:
    design = codesign.load_design(name="x", layer_sizes=(2, 2))
    for use in (codesign.netlist, codesign.validate):
        with pytest.raises(codesign.CodesignError, match=r"codesign\.read_weights"):
            use(design, weights)
