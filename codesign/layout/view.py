"""Testbenches whose networks are their layouts: drawn, compared with the schematic, extracted."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass, replace
from pathlib import Path

from codesign.circuits.chip import Chip
from codesign.circuits.extracted import ExtractedNetwork
from codesign.circuits.network import Network
from codesign.circuits.testbench import Testbench
from codesign.layout.drawing import write_gds
from codesign.layout.errors import LayoutError
from codesign.layout.gds import read_gds
from codesign.layout.network import draw_network
from codesign.layout.pex import extract_matched
from codesign.layout.pex.capacitance import Capacitances
from codesign.layout.pex.matched import matched_layout
from codesign.layout.schematic import flat_schematic
from codesign.layout.technology import load_technology

LIMIT = 3600.0
"""The longest that one network may take, s: a minute is common."""


def extract_network(network: Network, chip: Chip | None = None) -> ExtractedNetwork:
    """Draw a network, compare its layout with its schematic and extract the wires.

    Args:
        network: the network.
        chip: where given, the extracted devices deviate as they do on that chip.

    Raises:
        LayoutError: it cannot be drawn, or the layout is another circuit.
    """
    technology = load_technology(network.design.pdk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{network.name}.gds"
        write_gds(draw_network(network, technology), path)
        gds = read_gds(path, technology)
        report = extract_matched(
            matched_layout(gds, flat_schematic(network, technology.process), "its schematic", technology), chip=chip
        )
    sizes = network.design.layer_sizes
    wires = tuple(
        tuple(
            capacitance_of(f"membrane_{layer}_{column}", report.capacitances) for column in range(1, sizes[layer] + 1)
        )
        for layer in network.layers
    )
    return ExtractedNetwork(report.netlist, wires)


def capacitance_of(net: str, capacitances: Capacitances) -> float:
    """Capacitance of a net's wires to all others, F."""
    return sum(capacitance for pair, capacitance in capacitances.items() if net in pair)


@dataclass(frozen=True)
class PostLayout:
    """The view of networks as laid out: a `codesign.circuits.testbench.View`.

    Attributes:
        executor: of the layouts and extractions, one process a core.
    """

    executor: Executor

    def __call__(self, testbenches: Sequence[Testbench]) -> list[Testbench]:
        """The same testbenches on the layouts of their networks; equal networks are drawn once.

        Raises:
            LayoutError: a network cannot be drawn, its layout is another circuit, or a worker hangs.
        """
        futures = {
            (network, chip): self.executor.submit(extract_network, network, chip)
            for network, chip in dict.fromkeys((bench.network, bench.simulated_chip) for bench in testbenches)
        }
        try:
            return [
                replace(bench, extracted=futures[bench.network, bench.simulated_chip].result(LIMIT))
                for bench in testbenches
            ]
        except TimeoutError as error:
            raise LayoutError(f"no layout within {LIMIT:g} s; use fewer layout_inputs or a smaller network") from error
        except BrokenExecutor as error:
            raise LayoutError("a worker process died; is there enough memory? use fewer --workers") from error
