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

Depth. Most of that spread is from one neuron to the next: each has its own sum of weights and meets all inputs with
it. From one input to the next v differs less, and after many layers not at all. In a deep network every neuron
therefore has the same sum of weights; then E var t = 1/12 gives var v = n sigma^2 / 12, of which nothing is common to
all inputs. And a membrane that forgets the start of the window loses spread in each layer: the decay rate
b = n sigma sqrt(1 / (2 pi)) (1/E_pos + 1/|E_neg|) is kept below 1 by leaving out weights, the others being larger.
A rate of 1 still loses a third of the spread; to make up for it sigma is multiplied by 1 + b / 2.
"""

import math

import torch
from torch import Tensor

_LARGEST_RATE = 4.0
_UNIFORM_DEVIATION = 12**-0.5
_LOSS_AT_ONE = 1.5
"""Factor by which a membrane of decay rate 1 loses spread, found by simulation."""
_FEWEST_WEIGHTS = 4
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
    return weight.normal_(_level(mean, sigma, inputs, e_pos, e_neg), sigma, generator=generator)


@torch.no_grad()
def initialise_deep_(
    weight: Tensor,
    e_pos: float,
    e_neg: float,
    *,
    mean: float = 0.5,
    deviation: float = _UNIFORM_DEVIATION,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Fill `weight` in place so that v(1) still differs from input to input after many layers.

    Every neuron has the same sum of weights, and at a finite reversal potential only a few that are not 0.

    Args:
        weight: (out, in) or (out, in / groups, height, width).
        e_pos: reversal potential of the positive weights; math.inf is ideal.
        e_neg: reversal potential of the negative weights; -math.inf is ideal.
        mean: mean of the membrane at the end of the window.
        deviation: its standard deviation from input to input, where inputs spike all over the window.
        generator: source of the random numbers, PyTorch's own if None.

    Returns:
        The weight.
    """
    inputs = max(1, weight[0].numel())
    conductance = 1 / e_pos - 1 / e_neg
    kept = inputs
    if conductance > 0:
        kept = int(math.pi / 6 / (_LOSS_AT_ONE * deviation * conductance) ** 2)
        kept = min(inputs, max(kept, _FEWEST_WEIGHTS))
    sigma = deviation * math.sqrt(12 / kept)
    rate = _LOSS_AT_ONE * kept * sigma * conductance / math.sqrt(2 * math.pi)
    sigma *= 1 + (_LOSS_AT_ONE - 1) * min(rate, 1.0)
    level = _level(mean, sigma, kept, e_pos, e_neg)
    rows = weight.new_empty(len(weight), inputs)
    chosen = rows.uniform_(generator=generator).argsort(dim=1)[:, :kept]
    values = weight.new_empty(len(weight), kept).normal_(0, sigma, generator=generator)
    values += level - values.mean(dim=1, keepdim=True)
    return weight.copy_(rows.zero_().scatter_(1, chosen, values).view_as(weight))


def _level(mean: float, sigma: float, inputs: int, e_pos: float, e_neg: float) -> float:
    """The mean weight of N(mu, sigma^2) for which v(1) is `mean` on average, or half of `e_pos` where that is lower."""
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
    return high


def _mean_membrane(mu: float, sigma: float, inputs: int, e_pos: float, e_neg: float) -> float:
    ratio = mu / sigma
    density = math.exp(-ratio * ratio / 2) / math.sqrt(2 * math.pi)
    above = (1 + math.erf(ratio / math.sqrt(2))) / 2
    positive = inputs * (mu * above + sigma * density)
    negative = positive - inputs * mu
    a = positive - negative
    b = positive / e_pos - negative / e_neg
    return a / 2 if b == 0 else a * -math.expm1(-b / 2) / b
