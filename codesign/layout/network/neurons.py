"""Neurons in a row, two at a time: the right one is the left one's mirror image.

The nets of each neuron's own come out at its outer edge. Those that all neurons share run through both.
"""

from collections.abc import Mapping, Sequence

from codesign.circuits.autozero import AutozeroNeuron
from codesign.circuits.block import PlacedBlock
from codesign.layout.cells.row import draw_rows
from codesign.layout.cells.transistor import Channel
from codesign.layout.drawing import Drawing
from codesign.layout.geometry import Box, Side
from codesign.layout.netlist import Device
from codesign.layout.network.part import RAILS, Part
from codesign.layout.technology import Layer, Technology

# Along the transistors: what no other line may couple into lies beside a rail, the shared line of the tails outermost.
_BESIDE_RAILS: dict[Channel, tuple[str, ...]] = {"n": ("membrane", "line", "bias_tail"), "p": ("membrane", "below")}


def draw_neuron(neuron: AutozeroNeuron, transistors: Sequence[Device], technology: Technology) -> Drawing:
    """A neuron's transistors, the pins of its own nets at the left edge, those of shared nets at both edges."""
    ports = [port for port in neuron.ports if port not in (*RAILS, "fired_b")]
    shared = [port for port in ports if port not in neuron.own]
    return draw_rows(neuron.name, transistors, ports, shared, technology, beside_rails=_BESIDE_RAILS).drawing


def neuron_row(cell: Drawing, neurons: Mapping[Side, PlacedBlock]) -> Part:
    """One or two neurons side by side.

    Args:
        cell: of a neuron, as `draw_neuron` draws it.
        neurons: by the side that each one's own nets leave at.
    """
    width = next(pin.box.right for pin in cell.pins if pin.net in RAILS)
    drawing = Drawing(f"{cell.name}s_{'_'.join(neurons)}", cell.technology)
    nets: dict[str, str] = {}
    rails: dict[str, list[Box]] = {}
    for side, placed in neurons.items():
        mirrored = side == "right"
        instance = drawing.place(cell, len(neurons) * width if mirrored else 0, 0, mirrored=mirrored)
        for pin in cell.pins:
            own = pin.net in AutozeroNeuron.own
            name = f"{pin.net}_{side}" if own else pin.net
            box = instance.place(pin.box)
            nets[name] = placed.net_of[pin.net]
            if pin.net in RAILS:
                rails.setdefault(name, []).append(box)
            elif own or box.left == 0:
                drawing.pin(name, pin.layer, box)
    if len(neurons) > 1:
        _join_implants(drawing, cell, width)
    for name, boxes in rails.items():
        drawing.pin(name, "metal_1", Box.around(*boxes))
    return Part(drawing, nets)


def _join_implants(drawing: Drawing, cell: Drawing, middle: int) -> None:
    """Bridge implants that come too close to their mirror images."""
    layers: tuple[Layer, ...] = ("n_implant", "p_implant")
    for layer in layers:
        space = cell.technology.nm("n_implant spacing" if layer == "n_implant" else "p_implant spacing")
        for box in (box for shown, box in cell.shapes if shown == layer):
            if 0 < 2 * (middle - box.right) < space:
                drawing.add(layer, Box(box.right, box.bottom, 2 * middle - box.right, box.top))
