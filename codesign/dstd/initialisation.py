"""Initial weights that keep the membrane within the firing range at any reversal potential and width.

Derivation. Let the n inputs spike at independent times, uniform over the window: what a layer of membranes
with mean 1/2 and deviation 1/4 to 0.29 sends on, so that one rule serves every layer. Draw the weights from
N(mu, sigma^2).

Spread. At E = infinity v = sum_j w_j (1 - t_j), and E (1 - t)^2 = 1/3 gives var v = n sigma^2 / 3 from one
neuron to the next. So sigma = deviation sqrt(3 / n).

Conductance. A finite E adds the decay rate b(t) = sum_j w_j / E_j, at most about n sigma sqrt(1 / (2 pi))
(1/E_pos + 1/|E_neg|) for mu = 0. It grows as sqrt(n): a wide layer would forget all but the end of the
window, and its spike-time gradients with it. So sigma is also kept below the value at which that rate is
`_LARGEST_RATE`, which keeps b D <= 1 on the intervals of M >= 4.

Level. With p = n E max(w, 0), m = n E max(-w, 0) the mean membrane obeys dv/dt = t ((p - m) - (p/E_pos +
m/|E_neg|) v), so v(1) = a/b (1 - exp(-b/2)), a = p - m, b = p/E_pos + m/|E_neg|. It grows with mu from below
zero to E_pos, and mu is where it equals the target (half of E_pos, where that is lower).
"""

import math

import torch
from torch import Tensor

_LARGEST_RATE = 4.0
_BISECTIONS = 60


@torch.no_grad()
def initialise_(
    weight: Tensor,
    e_pos: float,
    e_neg: float,
    *,
    mean: float = 0.5,
    deviation: float = 0.25,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Fill `weight` in place so that v(1) lies about `mean` for spikes all over the window.

    Args:
        weight: (out, in) or (out, in / groups, height, width).
        e_pos: reversal potential of the positive weights; math.inf is ideal.
        e_neg: reversal potential of the negative weights; -math.inf is ideal.
        mean: mean of the membrane at the end of the window.
        deviation: its standard deviation from neuron to neuron, lower where the conductance limits it.
        generator: source of the random numbers, PyTorch's own if None.

    Returns:
        The weight.
    """
    inputs = max(1, weight[0].numel())
    conductance = 1 / e_pos - 1 / e_neg
    sigma = deviation * math.sqrt(3 / inputs)
    if conductance > 0:
        sigma = min(sigma, _LARGEST_RATE * math.sqrt(2 * math.pi) / (inputs * conductance))
    target = min(mean, e_pos / 2)
    low, high = 0.0, sigma
    while _mean_membrane(high, sigma, inputs, e_pos, e_neg) < target:
        high *= 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if _mean_membrane(middle, sigma, inputs, e_pos, e_neg) < target:
            low = middle
        else:
            high = middle
    return weight.normal_(high, sigma, generator=generator)


def _mean_membrane(mu: float, sigma: float, inputs: int, e_pos: float, e_neg: float) -> float:
    ratio = mu / sigma
    density = math.exp(-ratio * ratio / 2) / math.sqrt(2 * math.pi)
    above = (1 + math.erf(ratio / math.sqrt(2))) / 2
    positive = inputs * (mu * above + sigma * density)
    negative = positive - inputs * mu
    a = positive - negative
    b = positive / e_pos - negative / e_neg
    return a / 2 if b == 0 else a * -math.expm1(-b / 2) / b
