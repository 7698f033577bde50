"""The layers as PyTorch modules."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from codesign.dstd import (
    DSTDConv2d,
    DstdError,
    DSTDLinear,
    EarliestSpikePool2d,
    Fire,
    SynapseCurrent,
    fire,
    membrane,
    membrane_conv2d,
)
from codesign.model.normalised import NormalisedModel

PHYSICS = {"e_pos": 2.0, "e_neg": -1.5, "kappa_pos": 0.02, "kappa_neg": 0.01}
GEOMETRIES = [
    {},
    {"padding": (1, 1)},
    {"stride": (2, 1), "padding": (0, 2)},
    {"dilation": (2, 2), "padding": (2, 1)},
    {"groups": 2, "padding": (1, 1)},
]


def patches(times, kernel, stride=(1, 1), padding=(0, 0), dilation=(1, 1)):
    """The receptive field of every output position, (batch * positions, channels * kernel), padded with "never"."""
    padded = F.pad(times, (padding[1], padding[1], padding[0], padding[0]), value=1.0)
    columns = F.unfold(padded, kernel, dilation=dilation, stride=stride)
    return columns.transpose(1, 2).reshape(-1, columns.shape[1])


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("basis", ["dstd", "cf4", "legendre"])
def test_convolution_is_a_dense_layer_on_every_patch(geometry, basis):
    torch.manual_seed(0)
    groups = geometry.get("groups", 1)
    times = torch.rand(2, 4, 6, 7, dtype=torch.float64)
    weight = torch.randn(6, 4 // groups, 3, 3, dtype=torch.float64)
    v = membrane_conv2d(weight, times, **PHYSICS, steps=4, basis=basis, **geometry)
    window = {key: value for key, value in geometry.items() if key != "groups"}
    expected = [
        membrane(part.flatten(1), patches(inputs, (3, 3), **window), **PHYSICS, steps=4, basis=basis)
        for part, inputs in zip(weight.chunk(groups), times.chunk(groups, dim=1), strict=True)
    ]
    rows = torch.cat(expected, dim=1)
    torch.testing.assert_close(v, rows.view(2, *v.shape[2:], 6).permute(0, 3, 1, 2))


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_convolution_gradients(geometry):
    torch.manual_seed(0)
    groups = geometry.get("groups", 1)
    times = torch.rand(1, 2, 4, 5, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 2 // groups, 2, 2, dtype=torch.float64, requires_grad=True)

    def layer(w, t):
        return membrane_conv2d(w, t, **PHYSICS, steps=2, **geometry)

    assert torch.autograd.gradcheck(layer, (weight, times))


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(("channels", "size"), [(2, 260), (64, 91)])
def test_large_batch_gives_what_its_samples_give(memory_format, channels, size):
    torch.manual_seed(0)
    layer = DSTDConv2d(channels, 4, 3, padding=1, steps=2, e_pos=2.0, e_neg=-1.5, learn_e=True).double()
    # So large that each sample is a piece of its own.
    times = torch.rand(3, channels, size, size, dtype=torch.float64).to(memory_format=memory_format).requires_grad_()
    leaves = [times, *layer.parameters()]
    together = layer(times)
    alone = torch.cat([layer(times[k : k + 1]) for k in range(3)])
    torch.testing.assert_close(together, alone)
    assert together.is_contiguous(memory_format=memory_format)
    gradient = torch.randn_like(together)
    for whole, summed in zip(
        torch.autograd.grad(together, leaves, gradient), torch.autograd.grad(alone, leaves, gradient), strict=True
    ):
        torch.testing.assert_close(whole, summed)


def test_convolution_shape_follows_torch():
    geometry = {"kernel_size": (3, 5), "stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}
    ours, theirs = DSTDConv2d(4, 6, **geometry, **PHYSICS), nn.Conv2d(4, 6, **geometry, bias=False)
    times = torch.rand(3, 4, 9, 12)
    assert ours(times).shape == theirs(times).shape
    assert ours.weight.shape == theirs.weight.shape


def test_sequential_network_trains():
    torch.manual_seed(0)
    network = nn.Sequential(
        DSTDConv2d(1, 4, 3, padding=1, e_pos=2.0, e_neg=-1.5),
        Fire(),
        EarliestSpikePool2d(2),
        nn.Flatten(),
        DSTDLinear(4 * 16, 2, e_pos=2.0, e_neg=-1.5, basis="cf4", steps=6),
    )
    times = torch.rand(16, 1, 8, 8)
    labels = (times[:, 0, :4].mean((1, 2)) > times[:, 0, 4:].mean((1, 2))).long()
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    losses = []
    for _ in range(30):
        loss = F.cross_entropy(5 * network(times), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("learn_e", [False, True])
def test_state_dict_carries_the_physics(learn_e):
    source = DSTDLinear(5, 3, **PHYSICS, learn_e=learn_e)
    target = DSTDLinear(5, 3, e_pos=7.0, e_neg=-7.0, kappa_pos=0.5, learn_e=learn_e)
    target.load_state_dict(source.state_dict())
    times = torch.rand(2, 5)
    torch.testing.assert_close(target(times), source(times), rtol=0, atol=0)
    assert target.current.reversal_potentials == pytest.approx((2.0, -1.5))


def test_learnt_reversal_potentials_move_and_keep_their_sign():
    torch.manual_seed(0)
    layer = DSTDLinear(8, 16, steps=4, e_pos=4.0, e_neg=-4.0, learn_e=True)
    teacher = DSTDLinear(8, 16, steps=4, e_pos=1.5, e_neg=-3.0)
    layer.weight.data.copy_(teacher.weight)
    layer.weight.requires_grad_(False)
    optimiser = torch.optim.Adam(layer.parameters(), 0.1)
    for _ in range(150):
        times = torch.rand(32, 8)
        loss = (layer(times) - teacher(times)).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert layer.current.reversal_potentials == pytest.approx((1.5, -3.0), rel=0.1)


def test_from_a_fitted_model():
    model = NormalisedModel(e_pos=4.0, e_neg=-2.5, kappa_pos=0.02, kappa_neg=0.005, gain_pos=0.1, gain_neg=0.1)
    layer = DSTDLinear.from_model(model, 5, 3, steps=4)
    times = torch.rand(2, 5)
    torch.testing.assert_close(layer(times), membrane(layer.weight, times, 4.0, -2.5, 0.02, 0.005, steps=4))
    assert DSTDLinear.from_model(model.ideal(), 5, 3).current.reversal_potentials == (math.inf, -math.inf)
    assert DSTDConv2d.from_model(model, 2, 3, 3).current.reversal_potentials == pytest.approx((4.0, -2.5))


def test_bfloat16_autocast_runs_in_single_precision():
    network = nn.Sequential(DSTDLinear(20, 10, **PHYSICS), Fire(), DSTDLinear(10, 5, **PHYSICS))
    times = torch.rand(4, 20)
    plain = network(times)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = network(times)
    torch.testing.assert_close(mixed, plain)
    mixed.sum().backward()
    assert network[0].weight.grad.dtype == torch.float32


def test_double_precision():
    layer = DSTDLinear(20, 10, **PHYSICS).double()
    v = layer(torch.rand(4, 20, dtype=torch.float64))
    assert v.dtype == torch.float64


def test_compiles_without_a_graph_break():
    torch.manual_seed(0)
    network = nn.Sequential(
        DSTDConv2d(1, 2, 2, steps=2, **PHYSICS, learn_e=True),
        Fire(),
        nn.Flatten(),
        DSTDLinear(18, 5, steps=2, basis="legendre", e_pos=2.0, e_neg=-1.5),
    )
    times = torch.rand(3, 1, 4, 4, requires_grad=True)
    results = []
    for module in (network, torch.compile(network, fullgraph=True, backend="aot_eager")):
        v = module(times)
        inputs = [times, *network.parameters()]
        results.append([v, *torch.autograd.grad(v.square().sum(), inputs)])
    for plain, compiled in zip(*results, strict=True):
        torch.testing.assert_close(compiled, plain)


def test_fire_limits_times_and_gradients():
    v = torch.tensor([-1.0, 0.0, 0.25, 1.0, 2.0], requires_grad=True)
    times = fire(v)
    torch.testing.assert_close(times, torch.tensor([1.0, 1.0, 0.75, 0.0, 0.0]))
    times.sum().backward()
    torch.testing.assert_close(v.grad, torch.tensor([0.0, 0.0, -1.0, 0.0, 0.0]))


def test_pool_takes_the_earliest_spike_and_its_padding_never_spikes():
    times = torch.tensor([[0.9, 0.2], [0.5, 0.7]]).view(1, 1, 2, 2).requires_grad_()
    pooled = EarliestSpikePool2d(2)(times)
    assert pooled.item() == pytest.approx(0.2)
    pooled.sum().backward()
    assert times.grad.flatten().tolist() == [0, 1, 0, 0]
    padded = EarliestSpikePool2d(2, padding=1)(times.detach())
    torch.testing.assert_close(padded, times.detach())


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: DSTDLinear(0, 3, **PHYSICS), "in_features must be at least 1"),
        (lambda: DSTDLinear(5, 3, e_pos=-1.0, e_neg=-1.0), "e_pos must be above 0"),
        (lambda: DSTDLinear(5, 3, **PHYSICS, steps=3, basis="cf4"), "must be even"),
        (lambda: DSTDConv2d(4, 6, 3, groups=3, **PHYSICS), "groups = 3 must divide in_channels = 4"),
        (lambda: DSTDConv2d(4, 6, (3, 0), **PHYSICS), "kernel_width must be at least 1"),
        (lambda: DSTDConv2d(4, 6, 3, stride=0, **PHYSICS), "stride must be at least 1"),
        (lambda: DSTDConv2d(4, 6, 3, padding=-1, **PHYSICS), "padding must be at least 0"),
        (lambda: SynapseCurrent(math.inf, -1.0, learn_e=True), "must start from finite"),
    ],
)
def test_impossible_layers_have_one_clear_error(build, message):
    with pytest.raises(DstdError, match=message):
        build()


@pytest.mark.parametrize(
    ("shape", "message"),
    [((2, 4, 6), "must have 4 dimensions"), ((2, 3, 6, 6), "takes 4 channels"), ((2, 4, 2, 6), "smaller than")],
)
def test_convolution_refuses_inputs_that_do_not_fit(shape, message):
    with pytest.raises(DstdError, match=message):
        DSTDConv2d(4, 6, 3, **PHYSICS)(torch.rand(shape))
