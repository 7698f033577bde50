"""What must be sent to the digital pins of a tile for an inference, as a table of edges."""

from collections.abc import Sequence
from itertools import pairwise

from codesign.circuits.testbench import Testbench
from codesign.layout.errors import LayoutError
from codesign.layout.tile.plan import TilePlan


def waveform_table(plan: TilePlan, spike_times: Sequence[float]) -> str:
    """The waveforms of one inference as CSV: a row for each time at which a pin changes, and its level from then on.

    Args:
        plan: the tile.
        spike_times: of each input, in windows; 1 or more means never.

    Raises:
        LayoutError: another number of spike times than of inputs, or a negative one.
    """
    network, pin_of = plan.tile.network, dict(plan.tile.pins)
    inputs = network.design.layer_sizes[0]
    if len(spike_times) != inputs or not all(time >= 0 for time in spike_times):
        raise LayoutError(f"{len(spike_times)} spike times for {inputs} inputs; give each a number of 0 or more")
    bench = Testbench(network, (tuple(spike_times),))
    edges: dict[str, list[tuple[float, bool]]] = {}
    for port, points in bench.stimulus().items():
        # A pin changes where its waveform crosses half the supply.
        changes = [((t0 + t1) / 2, v1 > v0) for (t0, v0), (t1, v1) in pairwise(points) if v0 != v1]
        edges[pin_of[port]] = [(0.0, points[0][1] > 0), *changes]
    times = sorted({round(time, 12) for changes in edges.values() for time, _ in changes})
    rows = [",".join(["time_ns", *edges])]
    for time in times:
        levels = ([high for at, high in changes if round(at, 12) <= time][-1] for changes in edges.values())
        rows.append(",".join([f"{time * 1e9:.3f}", *(str(int(high)) for high in levels)]))
    return "\n".join(rows) + "\n"
