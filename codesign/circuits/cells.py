"""The cells that a design's network is made of, whatever its weights."""

from codesign.circuits.block import Block, every_block
from codesign.circuits.network_parts import NetworkParts
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
    return every_block([*synapses, *NetworkParts(design)], design.technology)
