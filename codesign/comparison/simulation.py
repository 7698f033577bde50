"""Networks through SPICE: many networks and inputs at once."""

from collections.abc import Sequence

import numpy as np

from codesign.circuits.testbench import SUPPLY, Testbench, View, schematic
from codesign.comparison.columns import simulate_columns
from codesign.comparison.network_run import Method, NetworkJob, NetworkRun, WholeRun
from codesign.errors import CodesignError
from codesign.execution.session import Session
from codesign.extraction.observation import observe
from codesign.spice import Waveforms, total_cost


class ComparisonError(CodesignError):
    """Data that do not fit the network that is compared."""


def simulate_networks(
    jobs: Sequence[NetworkJob],
    session: Session,
    *,
    what: str = "validation",
    view: View = schematic,
    method: Method = "whole",
) -> list[NetworkRun]:
    """Simulate every sample of every job, each in a transient of its own or column by column.

    Args:
        jobs: networks and inputs.
        session: what the simulations run on.
        what: the name on the progress bar.
        view: schematic or layout.
        method: a deck for the whole network, or one for each column.

    Raises:
        ComparisonError: a layout by columns.
        SimulationError: a run failed.
        NetworkError: weights that do not fit their design.
    """
    if method == "columns":
        if view is not schematic:
            raise ComparisonError('layouts are not simulated column by column; take the method "whole"')
        return simulate_columns(jobs, session, what)
    sizes = [len(job.spike_times) for job in jobs]
    flat = iter(view([testbench for job in jobs for testbench in job.testbenches()]))
    testbenches = [[next(flat) for _ in range(size)] for size in sizes]
    decks = [testbench.deck() for group in testbenches for testbench in group]
    waveforms = iter(session.run(decks, what))
    return [_run(job, group, [next(waveforms) for _ in group]) for job, group in zip(jobs, testbenches, strict=True)]


def supply_energy(testbench: Testbench, waveforms: Waveforms) -> float:
    """Energy that the supply delivers over the whole transient, J."""
    current = -waveforms[f"i(v{SUPPLY})"]
    return float(np.trapezoid(current, waveforms.time)) * testbench.network.design.conditions.supply


def _run(job: NetworkJob, testbenches: Sequence[Testbench], waveforms: Sequence[Waveforms]) -> NetworkRun:
    energies = [supply_energy(testbench, one) for testbench, one in zip(testbenches, waveforms, strict=True)]
    records = [observe(testbench, one)[0] for testbench, one in zip(testbenches, waveforms, strict=True)]
    whole = WholeRun(np.array(energies), testbenches[0], waveforms[0])
    return NetworkRun(job, records, whole, total_cost(one.cost for one in waveforms))
