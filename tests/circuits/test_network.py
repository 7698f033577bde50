"""Networks and crossbars: their structure, and weights that do not fit."""

import re
from itertools import pairwise

import pytest

from codesign.circuits.block import every_block
from codesign.circuits.crossbar import Crossbar
from codesign.circuits.network import Network, NetworkError, Weights
from codesign.design import Design, TransistorSynapse


def instances(text: str) -> dict[str, list[str]]:
    """Words of every X line by the instance's name."""
    return {words[0]: words[1:] for line in text.splitlines() if (words := line.split()) and words[0].startswith("X")}


def test_a_crossbar_has_one_synapse_for_each_weight_that_is_not_zero() -> None:
    found = instances(Crossbar(2, ((3, 0, -15), (0, 1, 0)), TransistorSynapse()).netlist())
    rails = ["vdd", "vss"]
    assert found == {
        "X1_1": ["membrane_1", "spike_1", "spike_b_1", "bias_positive", *rails, "synapse_positive", "units=3"],
        "X3_1": ["membrane_1", "spike_3", "spike_b_3", "bias_negative", *rails, "synapse_negative", "units=15"],
        "X2_2": ["membrane_2", "spike_2", "spike_b_2", "bias_positive", *rails, "synapse_positive", "units=1"],
    }


@pytest.mark.parametrize("sizes", [(1, 1), (3, 2), (2, 3, 4), (1, 2, 1, 2, 1)])
def test_a_network_of_any_depth_connects_its_layers(sizes: tuple[int, ...]) -> None:
    weights = tuple(
        tuple(tuple(1 for _ in range(inputs)) for _ in range(outputs)) for inputs, outputs in pairwise(sizes)
    )
    network = Network(Design(name="deep", layer_sizes=sizes), weights)
    ports = network.ports
    assert len(set(ports)) == len(ports) == sizes[0] + sizes[-1] + 2 * (len(sizes) - 1) + 5
    found = instances(network.netlist())
    assert len(found) == 1 + sizes[0] + 3 * (len(sizes) - 1) + sum(sizes[1:])
    by_name = {block.name: block for block in every_block([network])}
    for layer in range(1, len(sizes)):
        crossbar = dict(zip(by_name[f"crossbar_{layer}"].ports, found[f"Xcrossbar_{layer}"], strict=False))
        for row in range(1, sizes[layer - 1] + 1):
            assert crossbar[f"spike_{row}"] == f"spike_{layer - 1}_{row}"
        for column in range(1, sizes[layer] + 1):
            neuron = dict(zip(by_name["neuron"].ports, found[f"Xneuron_{layer}_{column}"], strict=False))
            assert neuron["membrane"] == crossbar[f"membrane_{column}"] == f"membrane_{layer}_{column}"
            last = layer == len(sizes) - 1
            assert neuron["spike"] == (f"output_{column}" if last else f"spike_{layer}_{column}")


@pytest.mark.parametrize("block", every_block([Network(Design(name="x", layer_sizes=(2, 2)), (((1, -1), (0, 2)),))]))
def test_every_instance_has_as_many_nets_as_its_block_has_ports(block: object) -> None:
    assert hasattr(block, "schematic") and hasattr(block, "netlist")
    parts = {part.block.name: part.block for part in block.schematic().parts}
    for words in instances(block.netlist()).values():
        if re.search("sky130", " ".join(words)):
            continue
        nets = [word for word in words if "=" not in word]
        assert len(nets) - 1 == len(parts[nets[-1]].ports)


@pytest.mark.parametrize(
    ("weights", "about"),
    [
        (((1, 2),), "layers 2x1 2x1"),
        (((1, 2), (3, 4), (5, 6)), "wants 2x2"),
        (((1, 2, 3), (3, 4, 5)), "3x2"),
        (((1, 2), (3,)), "wants 2x2"),
        ((), "wants 2x2"),
        (((1, 16), (3, 4)), "layer 1 has a weight of 16 units; the synapse allows at most 15"),
        (((1, 2), (-16, 4)), "a weight of 16 units"),
    ],
)
def test_weights_that_do_not_fit_give_one_line(weights: tuple[tuple[int, ...], ...], about: str) -> None:
    whole: Weights = (weights, ((1, 1),)) if about.startswith("layers") else (weights,)
    with pytest.raises(NetworkError, match=about) as caught:
        Network(Design(name="x", layer_sizes=(2, 2)), whole)
    assert "\n" not in str(caught.value)
