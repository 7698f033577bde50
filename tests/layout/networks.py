"""Networks of random weights to draw."""

import random
from itertools import pairwise

from codesign.circuits.network import Network
from codesign.design import Design


def network(sizes: tuple[int, ...], low: int = -5, high: int = 8) -> Network:
    """A network of the default design; every call with the same arguments gives the same weights."""
    choose = random.Random(1)
    weights = tuple(
        tuple(tuple(choose.randint(low, high) for _ in range(inputs)) for _ in range(outputs))
        for inputs, outputs in pairwise(sizes)
    )
    return Network(Design(name="demo", layer_sizes=sizes), weights)
