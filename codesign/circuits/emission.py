"""Writes a network as files that plain ngspice runs."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from codesign.arrays import Synapses
from codesign.circuits.bit_file import BITS, bit_file
from codesign.circuits.block import every_block
from codesign.circuits.network import Network, as_tuples, check_synapses
from codesign.circuits.testbench import SUPPLY, Testbench, membrane_probe, spike_probe
from codesign.design import Design
from codesign.errors import CodesignError
from codesign.files import write_atomically
from codesign.pdk import Pdk, ensure_pdk
from codesign.spice import spiceinit
from codesign.table import Shown, Table

CELLS, NETWORK, TESTBENCH, MODELS = "cells.spice", "network.spice", "testbench.spice", "models.spice"
README, SETTINGS = "README.md", ".spiceinit"


class EmissionError(CodesignError):
    """A folder into which a netlist cannot be written, or impossible spike times."""


def netlist_files(testbench: Testbench) -> dict[str, str]:
    """Cell library, network, testbench and README by file name; the models are not among them.

    An extracted network is flat and needs no cell library; a chip's devices all stand in the testbench.
    """
    circuit = _circuit_files(testbench)
    includes = "".join(f'.include "{name}"\n' for name in circuit)
    deck = replace(testbench.deck(), circuit=includes + str(testbench.sources()))
    network = testbench.network
    synapse = network.design.synapse
    bits = {}
    if synapse.kind == "programmable":
        bits = {BITS: bit_file([np.array(layer, dtype=np.int64) for layer in network.weights], synapse.bits)}
    return {README: _readme(testbench), **circuit, **bits, TESTBENCH: deck.text(MODELS)}


def _circuit_files(testbench: Testbench) -> dict[str, str]:
    if testbench.extracted is not None:
        return {NETWORK: testbench.extracted.netlist}
    if testbench.simulated_chip is not None:
        return {}
    technology = testbench.network.design.technology
    blocks = every_block([testbench.network], technology)
    own = {f"crossbar_{layer}" for layer in testbench.network.layers} | {testbench.network.name}
    return {
        CELLS: "\n".join(block.netlist(technology) for block in blocks if block.name not in own),
        NETWORK: "\n".join(block.netlist(technology) for block in blocks if block.name in own),
    }


@dataclass(frozen=True, repr=False)
class Netlist(Shown):
    """A network and its testbench as files that plain ngspice runs.

    Attributes:
        testbench: the network and its inputs.
        models: text of the model library slice.
    """

    testbench: Testbench
    models: str

    @cached_property
    def files(self) -> dict[str, str]:
        """The text of each file by its name."""
        settings = spiceinit(self.testbench.network.design.technology)
        return {**netlist_files(self.testbench), MODELS: self.models, SETTINGS: settings}

    @property
    def table(self) -> Table:
        """The files and how long they are."""
        rows = tuple((name, str(len(text.splitlines()))) for name, text in self.files.items())
        return Table(("file", "lines"), rows, self.testbench.network.description)

    def save(self, folder: str | Path) -> None:
        """Write all that a run by hand needs.

        Args:
            folder: created if missing; may hold an earlier netlist of the network.

        Raises:
            EmissionError: the folder holds other files or another network.
            CodesignError: a file cannot be written.
        """
        folder = Path(folder)
        _check_own(folder, self.files[README])
        for name, text in self.files.items():
            write_atomically(folder / name, text)


def netlist(
    design: Design, weights: Synapses, spike_times: ArrayLike | None = None, *, pdk: Pdk | None = None
) -> Netlist:
    """The netlist of a network and of a testbench with one inference.

    Args:
        design: cells, levels, timing and conditions; its layer sizes are replaced by those of the weights.
        weights: the network.
        spike_times: of each input, in windows from the start of the accumulation, shape (inputs,); 1 or more means
            never. By default spread evenly over the window.
        pdk: the models; by default those of this machine, installed if there are none.

    Raises:
        EmissionError: impossible spike times.
        NetworkError: weights that are no network, or that the design's synapses cannot hold.
        PdkError: the models are not there and cannot be installed.
    """
    check_synapses(weights)
    inputs = weights.layer_sizes[0]
    times = spread_spike_times(inputs) if spike_times is None else _checked_times(spike_times, inputs)
    network = Network(design.of_sizes(weights.layer_sizes), as_tuples(weights.layers))
    testbench = Testbench(network, (times,))
    return Netlist(testbench, testbench.deck().models(ensure_pdk(design.pdk) if pdk is None else pdk))


def spread_spike_times(inputs: int) -> tuple[float, ...]:
    """One spike time for each input, evenly spread over the window."""
    return tuple((number + 0.5) / inputs for number in range(inputs))


def _checked_times(spike_times: ArrayLike, inputs: int) -> tuple[float, ...]:
    times = np.asarray(spike_times, dtype=np.float64)
    if times.shape != (inputs,) or not np.all(times >= 0):
        raise EmissionError(f"spike_times needs {inputs} numbers of 0 or more, got {times.tolist()}")
    return tuple(float(time) for time in times)


def _check_own(folder: Path, readme: str) -> None:
    """Refuse a folder whose files a netlist must not replace; hidden files may be left of a killed run."""
    try:
        if not folder.is_dir() or all(entry.name.startswith(".") for entry in folder.iterdir()):
            return
        first = (folder / README).read_bytes().splitlines()[:1]
    except OSError:
        first = []
    if first != [readme.splitlines()[0].encode()]:
        raise EmissionError(f"{folder} holds other files or another network's netlist; choose another folder")


def _readme(testbench: Testbench) -> str:
    network, timeline = testbench.network, testbench.timeline
    conditions, technology = network.design.conditions, network.design.technology
    models = technology.library
    own_library = f"PDK_ROOT/{models.variant}/{models.combined}/{models.file}"
    own_models = (
        f"To use your own PDK instead of `{MODELS}`, replace the line that includes it by\n"
        f'`.lib "{own_library}" {conditions.corner}`.\n\n'
    )
    windows = "\n".join(
        f"| {layer} | {timeline.reset(layer, 0).start * 1e9:.0f} to {timeline.reset(layer, 0).stop * 1e9:.0f} "
        f"| {timeline.accumulation(layer, 0).start * 1e9:.0f} to {timeline.accumulation(layer, 0).stop * 1e9:.0f} "
        f"| {timeline.firing(layer, 0).start * 1e9:.0f} to {timeline.firing(layer, 0).stop * 1e9:.0f} |"
        for layer in network.layers
    )
    described = {
        CELLS: "one `.subckt` for each cell, with its ports and parameters in a header",
        NETWORK: "the crossbars and the network"
        if testbench.extracted is None
        else "the network as extracted from its layout, flat, with the wires' R and C",
    }
    circuit = "".join(f"| `{name}` | {described[name]} |\n" for name in _circuit_files(testbench))
    chip = testbench.simulated_chip
    if network.bit_levels:
        circuit += f"| `{BITS}` | the stored bits, which the sources `Vbit...` of `{TESTBENCH}` hold |\n"
    sources = "supplies, phases, input spikes, analysis"
    if chip is not None:
        # Its devices take their deviations as parameters, which those of the library do not have.
        own_models = ""
    if chip is not None and testbench.extracted is None:
        sources = f"every device of chip {chip.seed} with its deviation, {sources}"
    return f"""# {network.description}

| file | what it holds |
|---|---|
{circuit}| `{TESTBENCH}` | {sources} |
| `{MODELS}` | the {technology.label} models of the devices used, corner {conditions.corner} ({models.licence}) |
| `.spiceinit` | settings that the {technology.label} models need; ngspice reads it from the folder it is started in |

Run it here with plain ngspice 38 or newer:

    ngspice -b -r result.raw {TESTBENCH}

{own_models}`result.raw` holds the membranes (`v({membrane_probe(1, 1)})` and on), \
the inverse of each neuron's fired signal, whose
falling edge is its spike time (`v({spike_probe(1, 1)})` and on), and the supply current (`i(v{SUPPLY})`).
Phases of the first inference, ns:

| layer | reset | accumulation | firing |
|---|---|---|---|
{windows}
"""
