"""Writes a network as files that plain ngspice runs."""

from dataclasses import replace
from pathlib import Path

from codesign.circuits.block import every_block
from codesign.circuits.testbench import SUPPLY, Testbench, membrane_probe, spike_probe
from codesign.errors import CodesignError
from codesign.files import write_atomically
from codesign.spice import spiceinit

CELLS, NETWORK, TESTBENCH, MODELS = "cells.spice", "network.spice", "testbench.spice", "models.spice"
README = "README.md"


class EmissionError(CodesignError):
    """A folder that a netlist cannot be written into."""


def netlist_files(testbench: Testbench) -> dict[str, str]:
    """Cell library, network, testbench and README by file name; the models are not among them.

    An extracted network is flat and needs no cell library.
    """
    circuit = _schematic_files(testbench) if testbench.extracted is None else {NETWORK: testbench.extracted.netlist}
    includes = "".join(f'.include "{name}"\n' for name in circuit)
    deck = replace(testbench.deck(), circuit=includes + str(testbench.sources()))
    return {README: _readme(testbench), **circuit, TESTBENCH: deck.text(MODELS)}


def _schematic_files(testbench: Testbench) -> dict[str, str]:
    technology = testbench.network.design.technology
    blocks = every_block([testbench.network], technology)
    own = {f"crossbar_{layer}" for layer in testbench.network.layers} | {testbench.network.name}
    return {
        CELLS: "\n".join(block.netlist(technology) for block in blocks if block.name not in own),
        NETWORK: "\n".join(block.netlist(technology) for block in blocks if block.name in own),
    }


def emit_netlist(testbench: Testbench, folder: Path, models: str) -> None:
    """Write all that a run by hand needs into `folder`.

    Args:
        testbench: the network and its inputs.
        folder: is made if it is missing; may hold an earlier netlist of the network.
        models: text of the model library slice.

    Raises:
        EmissionError: the folder holds other files or another network.
        CodesignError: a file cannot be written.
    """
    files = netlist_files(testbench)
    _check_own(folder, files[README])
    for name, text in files.items():
        write_atomically(folder / name, text)
    write_atomically(folder / MODELS, models)
    write_atomically(folder / ".spiceinit", spiceinit(testbench.network.design.technology))


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
    windows = "\n".join(
        f"| {layer} | {timeline.reset(layer, 0).start * 1e9:.0f} to {timeline.reset(layer, 0).stop * 1e9:.0f} "
        f"| {timeline.accumulation(layer, 0).start * 1e9:.0f} to {timeline.accumulation(layer, 0).stop * 1e9:.0f} "
        f"| {timeline.firing(layer, 0).start * 1e9:.0f} to {timeline.firing(layer, 0).stop * 1e9:.0f} |"
        for layer in network.layers
    )
    circuit = f"| `{NETWORK}` | the network as extracted from its layout, flat, with the wires' R and C |"
    if testbench.extracted is None:
        circuit = (
            f"| `{CELLS}` | one `.subckt` for each cell, with its ports and parameters in a header |\n"
            f"| `{NETWORK}` | the crossbars and the network |"
        )
    return f"""# {network.description}

| file | what it holds |
|---|---|
{circuit}
| `{TESTBENCH}` | supplies, phases, input spikes, analysis |
| `{MODELS}` | the {technology.label} models of the devices used, corner {conditions.corner} ({models.licence}) |
| `.spiceinit` | settings that the {technology.label} models need; ngspice reads it from the folder it is started in |

Run it here with plain ngspice 38 or newer:

    ngspice -b -r result.raw {TESTBENCH}

To use your own PDK instead of `{MODELS}`, replace the line that includes it by
`.lib "{own_library}" {conditions.corner}`.

`result.raw` holds the membranes (`v({membrane_probe(1, 1)})` and on), the inverse of each neuron's fired signal, whose
falling edge is its spike time (`v({spike_probe(1, 1)})` and on), and the supply current (`i(v{SUPPLY})`).
Phases of the first inference, ns:

| layer | reset | accumulation | firing |
|---|---|---|---|
{windows}
"""
