"""The cells that a design's network is made of, whatever its weights."""

from codesign.circuits.bias import bias_block
from codesign.circuits.block import Block, every_block
from codesign.circuits.gates import InputDriver, PhaseDriver
from codesign.circuits.neuron import neuron_block, ramp_line_block
from codesign.circuits.synapse import SIGNS, stored_synapse_block, synapse_block
from codesign.design import Design


def cells_of(design: Design) -> list[Block]:
    """Each cell once, parts before what uses them; crossbars and the network, which depend on weights, are not cells.

    Raises:
        UserCellError: a user's cell cannot be read.
    """
    synapse = design.synapse
    if synapse.kind == "programmable":
        synapses = [stored_synapse_block(synapse, sign) for sign in SIGNS]
    else:
        synapses = [synapse_block(synapse, sign) for sign in SIGNS]
    line = ramp_line_block(design)
    lines = [] if line is None else [line]
    blocks = [*synapses, neuron_block(design), *lines, bias_block(design), InputDriver(), PhaseDriver()]
    return every_block(blocks, design.technology)
