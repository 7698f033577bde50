"""Measures the gain of model slices and of parallel workers: `python -m codesign.spice.benchmark`."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from codesign.pdk import ensure_pdk
from codesign.pdk.technology import load_technology
from codesign.spice.analysis import DcSweep, Transient
from codesign.spice.batch import run_decks
from codesign.spice.cache import ResultCache
from codesign.spice.deck import Deck
from codesign.spice.ngspice import find_ngspice
from codesign.spice.simulator import Simulator

_DECKS = 16

_TECHNOLOGY = load_technology()
_NMOS, _PMOS = (_TECHNOLOGY.devices.prefix + name for name in (_TECHNOLOGY.devices.nmos, _TECHNOLOGY.devices.pmos))
_SUPPLY, _LENGTH = _TECHNOLOGY.supply, _TECHNOLOGY.minimum_gate_length

_ONE_TRANSISTOR = Deck(
    title="one-transistor DC sweep",
    circuit=f"Vdrain drain 0 {_SUPPLY}\nVgate gate 0 0\nXm drain gate 0 0 {_NMOS} w=1 l={_LENGTH}",
    analysis=DcSweep("Vgate", 0.0, _SUPPLY, 0.1),
    probes=("i(Vdrain)",),
)

_INVERTER = f"""
Vdd vdd 0 {_SUPPLY}
Vin in 0 pulse(0 {_SUPPLY} 1e-9 5e-11 5e-11 4e-9 1e-8)
Xn out in 0 0 {_NMOS} w=1 l={_LENGTH}
Xp out in vdd vdd {_PMOS} w=2 l={_LENGTH}
Cload out 0 1e-14
"""


def start_up_times(simulator: Simulator, repeats: int = 3) -> tuple[float, float]:
    """Time a one-transistor DC sweep with the whole model library and with a slice of it, medians of `repeats`.

    Returns:
        Seconds with the whole library, and with the slice.
    """
    library = f'.lib "{simulator.pdk.library}" {_ONE_TRANSISTOR.corner}\n'
    simulator.run(_ONE_TRANSISTOR)  # cuts the slice, once for all later runs
    return (
        median(_seconds(lambda: simulator.run_with_models(_ONE_TRANSISTOR, library)) for _ in range(repeats)),
        median(_seconds(lambda: simulator.run(_ONE_TRANSISTOR)) for _ in range(repeats)),
    )


def worker_times(simulator: Simulator) -> tuple[float, float]:
    """Time a batch of inverter transients with one worker and with two, nothing cached.

    Returns:
        Seconds with one worker, and with two.
    """
    one, two = (_seconds(lambda workers=workers: _run_batch(simulator, workers)) for workers in (1, 2))
    return one, two


def _run_batch(simulator: Simulator, workers: int) -> None:
    decks = [
        Deck(f"inverter {index}", _INVERTER, Transient(1e-7, 5e-12), ("out",), temperature=20.0 + index)
        for index in range(_DECKS)
    ]
    with TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as executor:
        run_decks(decks, simulator=simulator, cache=ResultCache(Path(folder)), executor=executor)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _main() -> None:
    simulator = Simulator(find_ngspice(), ensure_pdk())
    library, model_slice = start_up_times(simulator)
    print(f"{_ONE_TRANSISTOR.title}, ngspice {simulator.ngspice.version}, models {simulator.pdk.version}")
    print(f"  whole library  {library:7.3f} s")
    print(f"  slice          {model_slice:7.3f} s   {library / model_slice:.0f} times faster")
    one, two = worker_times(simulator)
    print(f"{_DECKS} inverter transients")
    print(f"  one worker     {one:7.3f} s")
    print(f"  two workers    {two:7.3f} s   {one / two:.2f} times faster")


if __name__ == "__main__":
    _main()
