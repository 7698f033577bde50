"""A deck renders what was asked for, and nothing that a name smuggles in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySpice.Spice.Netlist import Circuit

from codesign.errors import CodesignError
from codesign.spice import DcSweep, Deck, OperatingPoint, SimulationError, Transient, number

DIVIDER = "V1 top 0 1\nR1 top middle 1000\nR2 middle 0 1000"


def test_text_holds_conditions_probes_and_analysis() -> None:
    deck = Deck(
        title="divider",
        circuit=DIVIDER,
        analysis=Transient(stop=1e-6, maximum_step=2e-9),
        probes=("middle", "network.inner", "i(V1)"),
        temperature=-40.0,
        seed=7,
        options={"reltol": 1e-5},
        initial_conditions={"middle": 0.25},
    )
    assert deck.text("models.spice").splitlines() == [
        "* divider",
        '.include "models.spice"',
        *DIVIDER.splitlines(),
        ".temp -40.0",
        ".option seed=7",
        ".option reltol=1e-05",
        ".ic v(middle)=0.25",
        ".save v(middle) v(network.inner) i(V1)",
        ".tran 2e-09 1e-06 0 2e-09",
        ".end",
    ]


def test_a_pyspice_circuit_gives_the_body() -> None:
    circuit = Circuit("the circuit's own title")
    circuit.X("m", "sky130_fd_pr__nfet_01v8", "drain", "gate", circuit.gnd, circuit.gnd, w=1, l=0.15)
    deck = Deck("transistor", str(circuit), OperatingPoint(), ("drain",))
    assert "title" not in deck.text("models.spice")
    assert "Xm drain gate 0 0 sky130_fd_pr__nfet_01v8 l=0.15 w=1" in deck.text("models.spice")
    assert deck.devices == {"sky130_fd_pr__nfet_01v8"}


@pytest.mark.parametrize(
    ("instances", "sizes"),
    [
        ("Xm d g s b sky130_fd_pr__nfet_01v8 w=0.42 l=0.15", {("nfet", 0.42, 0.15)}),
        ("  xm d g s b SKY130_FD_PR__NFET_01v8 L=1.5e-1 W = 4 nf=2", {("nfet", 2.0, 0.15)}),
        ("Xm d g s b sky130_fd_pr__nfet_01v8 w={width} l=0.15", set()),
        ("Xm d g s b sky130_fd_pr__nfet_01v8\n+ w=1 l=0.15", set()),
        ("Xm d g s b sky130_fd_pr__nfet_01v8 w=1u l=0.15u", set()),
        (
            "Xm d g s b sky130_fd_pr__nfet_01v8 w=1 l=0.15\nXn d g s b sky130_fd_pr__nfet_01v8 w={width} l=1\n"
            "Xp d g s b sky130_fd_pr__pfet_01v8 w=3 l=0.35",
            {("pfet", 3.0, 0.35)},
        ),
    ],
)
def test_sizes_of_the_transistors(instances: str, sizes: set[tuple[str, float, float]]) -> None:
    deck = Deck("sizes", instances, OperatingPoint(), ("d",))
    assert deck.sizes == {(f"sky130_fd_pr__{device}_01v8", width, length) for device, width, length in sizes}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_being_written(value: float) -> None:
    assert float(number(value)) == value
    assert set(number(value)) <= set("0123456789.e+-")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_must_be_finite(value: float) -> None:
    with pytest.raises(SimulationError, match="cannot hold the number"):
        number(value)


@pytest.mark.parametrize(
    "probe", ["a b", "a\n.control", "v(a)", "i(V1) v(b", "", "a..b", "a)", "`shell echo`", "i(V1\n)"]
)
def test_probes_are_plain_names(probe: str) -> None:
    with pytest.raises(SimulationError, match="neither a node"):
        Deck("probe", DIVIDER, OperatingPoint(), (probe,))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": "two\nlines"}, "one line of text"),
        ({"title": " "}, "one line of text"),
        ({"probes": ()}, "probes nothing"),
        ({"probes": ("a", "A")}, "twice"),
        ({"options": {"reltol": "1e-4\n.shell"}}, "no plain value"),
        ({"options": {"rel tol": 1e-4}}, "not a plain name"),
        ({"initial_conditions": {"a)=1\n.x": 0.0}}, "neither a node"),
    ],
)
def test_bad_decks(changes: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {
        "title": "t",
        "circuit": DIVIDER,
        "analysis": OperatingPoint(),
        "probes": ("a",),
    }
    with pytest.raises(CodesignError, match=message):
        Deck(**(arguments | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(("stop", "step"), [(0.0, 1e-9), (1e-9, 2e-9), (1e-6, 0.0), (float("inf"), 1e-9)])
def test_bad_transients(stop: float, step: float) -> None:
    with pytest.raises(SimulationError, match="0 < maximum_step <= stop"):
        Transient(stop, step)


@pytest.mark.parametrize(("start", "stop", "step"), [(0, 1, 0), (0, 1, -0.1), (1, 1, 0.1), (0, float("nan"), 0.1)])
def test_bad_sweeps(start: float, stop: float, step: float) -> None:
    with pytest.raises(SimulationError, match="step from start towards stop"):
        DcSweep("V1", start, stop, step)
