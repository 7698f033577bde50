"""A network as its layout realises it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExtractedNetwork:
    """What takes the schematic's place in a testbench.

    Attributes:
        netlist: the network's `.subckt` with the parasitics of its layout, internal nets named as in the schematic.
        wire_capacitances: of the wires of each membrane, F, by layer and neuron.
    """

    netlist: str
    wire_capacitances: tuple[tuple[float, ...], ...]
