"""The current law of the synapses: reversal potentials and curvature, checked, fixed or learnt."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from codesign.dstd.errors import DstdError
from codesign.dstd.interval import Coefficients
from codesign.model.normalised import NormalisedModel


class CurrentLaw(NamedTuple):
    """Scalars of dv/dt = sum_j w_j (1 - v/E_j + kappa_j v^2); the inverse of E is carried, so that infinity
    is 0.

    The curvatures are None where both are absent.
    """

    inverse_e_pos: Tensor
    inverse_e_neg: Tensor
    kappa_pos: Tensor | None
    kappa_neg: Tensor | None

    def coefficients(self, total: Tensor, negative: Tensor) -> Coefficients:
        """Coefficients of an interval on which weights that sum to `total` are on, those below 0 to
        `negative`."""
        linear = (self.inverse_e_pos * total).add_((self.inverse_e_neg - self.inverse_e_pos) * negative)
        quadratic = None
        if self.kappa_pos is not None and self.kappa_neg is not None:
            quadratic = (self.kappa_pos * total).add_((self.kappa_neg - self.kappa_pos) * negative)
        return Coefficients(total, linear, quadratic)

    def weights(self, weight: Tensor) -> list[Tensor]:
        """What each weight adds to each of the coefficients: the weights, over E, and times the curvature if any."""
        return [part for part in self.coefficients(weight, weight.clamp(max=0)) if part is not None]

    def weight_backward(self, gradients: Coefficients, weight: Tensor) -> Tensor:
        """Gradient by the weights, from those by each of `weights`."""
        by_constant, by_linear, by_quadratic = gradients
        by_weight = (self.inverse_e_pos * by_linear).add_(by_constant)
        by_negative = (self.inverse_e_neg - self.inverse_e_pos) * by_linear
        if self.kappa_pos is not None and self.kappa_neg is not None and by_quadratic is not None:
            by_weight.add_(self.kappa_pos * by_quadratic)
            by_negative.add_((self.kappa_neg - self.kappa_pos) * by_quadratic)
        # The sign is -1 or 0 here; `torch.where` costs several times as much on a CPU.
        return by_weight.addcmul_(by_negative, weight.clamp(max=0).sign_(), value=-1)

    def scalars_backward(self, gradients: Coefficients, weight: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients by the four scalars, from those by each of `weights`."""
        negative = weight.clamp(max=0)
        positive = weight - negative
        _, by_linear, by_quadratic = gradients
        return tuple(
            None if by_coefficient is None else (by_coefficient * on).sum()
            for by_coefficient in (by_linear, by_quadratic)
            for on in (positive, negative)
        )

    def single(self) -> "CurrentLaw":
        """The scalars in float32."""
        return CurrentLaw(
            self.inverse_e_pos.float(),
            self.inverse_e_neg.float(),
            None if self.kappa_pos is None else self.kappa_pos.float(),
            None if self.kappa_neg is None else self.kappa_neg.float(),
        )


def current_law(
    e_pos: float | Tensor,
    e_neg: float | Tensor,
    kappa_pos: float | Tensor,
    kappa_neg: float | Tensor,
    like: Tensor,
) -> CurrentLaw:
    """Check the numbers and bring them to the dtype and device of `like`.

    Numbers and CPU tensors are checked by value; a tensor on an accelerator is not, since that would wait for
    it.

    Raises:
        DstdError: e_pos is not above 0, e_neg not below 0, a curvature is not finite, or a tensor is not a
            scalar.
    """
    _check_reversal("e_pos", e_pos, sign=1)
    _check_reversal("e_neg", e_neg, sign=-1)
    _check_curvature("kappa_pos", kappa_pos)
    _check_curvature("kappa_neg", kappa_neg)
    curved = any(isinstance(kappa, Tensor) or kappa != 0 for kappa in (kappa_pos, kappa_neg))
    return CurrentLaw(
        1 / _scalar(e_pos, like),
        1 / _scalar(e_neg, like),
        _scalar(kappa_pos, like) if curved else None,
        _scalar(kappa_neg, like) if curved else None,
    )


class SynapseCurrent(nn.Module):
    """The current law of one layer, as part of its state.

    Fixed numbers are buffers (`inverse_e_pos`, `inverse_e_neg`, and `kappa_pos`, `kappa_neg` where there is a
    curvature). With `learn_e` the inverses are parameters behind a softplus, 1/E_pos =
    softplus(raw_inverse_e_pos) and 1/E_neg = -softplus(raw_inverse_e_neg), so that no step of an optimiser
    can cross infinity.

    Args:
        e_pos: reversal potential of the positive weights, above 0, math.inf for an ideal synapse.
        e_neg: reversal potential of the negative weights, below 0, -math.inf for an ideal synapse.
        kappa_pos: curvature of the positive weights.
        kappa_neg: curvature of the negative weights.
        learn_e: make the reversal potentials parameters; they must then start finite.

    Raises:
        DstdError: a number is not what the equation allows.
    """

    inverse_e_pos: Tensor
    inverse_e_neg: Tensor
    kappa_pos: Tensor | None
    kappa_neg: Tensor | None

    def __init__(
        self,
        e_pos: float,
        e_neg: float,
        kappa_pos: float = 0.0,
        kappa_neg: float = 0.0,
        *,
        learn_e: bool = False,
    ) -> None:
        super().__init__()
        law = current_law(e_pos, e_neg, kappa_pos, kappa_neg, torch.empty(()))
        self.learn_e = learn_e
        if learn_e:
            if math.isinf(e_pos) or math.isinf(e_neg):
                raise DstdError(
                    f"learn_e must start from finite reversal potentials, 10 and -10 say, got {e_pos} and {e_neg}"
                )
            self.raw_inverse_e_pos = nn.Parameter(_inverse_softplus(law.inverse_e_pos))
            self.raw_inverse_e_neg = nn.Parameter(_inverse_softplus(-law.inverse_e_neg))
        else:
            self.register_buffer("inverse_e_pos", law.inverse_e_pos)
            self.register_buffer("inverse_e_neg", law.inverse_e_neg)
        self.register_buffer("kappa_pos", law.kappa_pos)
        self.register_buffer("kappa_neg", law.kappa_neg)

    @classmethod
    def from_model(cls, model: NormalisedModel, *, learn_e: bool = False) -> "SynapseCurrent":
        """The current law of a fitted circuit."""
        return cls(model.e_pos, model.e_neg, model.kappa_pos, model.kappa_neg, learn_e=learn_e)

    def forward(self) -> CurrentLaw:
        """The scalars, differentiable where they are learnt."""
        if self.learn_e:
            inverse_e_pos = F.softplus(self.raw_inverse_e_pos)
            inverse_e_neg = -F.softplus(self.raw_inverse_e_neg)
        else:
            inverse_e_pos, inverse_e_neg = self.inverse_e_pos, self.inverse_e_neg
        return CurrentLaw(inverse_e_pos, inverse_e_neg, self.kappa_pos, self.kappa_neg)

    @property
    def reversal_potentials(self) -> tuple[float, float]:
        """The present E_pos and E_neg."""
        law = self()
        return _reciprocal(law.inverse_e_pos.item(), math.inf), _reciprocal(law.inverse_e_neg.item(), -math.inf)

    def extra_repr(self) -> str:
        e_pos, e_neg = self.reversal_potentials
        curved = self.kappa_pos is not None
        return f"e_pos={e_pos:.4g}, e_neg={e_neg:.4g}, curved={curved}, learn_e={self.learn_e}"


def _check_reversal(name: str, value: float | Tensor, sign: int) -> None:
    number = _number(name, value)
    if number is not None and not number * sign > 0:
        bound = "above 0 (math.inf for an ideal synapse)" if sign > 0 else "below 0 (-math.inf for an ideal synapse)"
        raise DstdError(f"{name} must be {bound}, got {number:g}")


def _check_curvature(name: str, value: float | Tensor) -> None:
    number = _number(name, value)
    if number is not None and not math.isfinite(number):
        raise DstdError(f"{name} must be finite, got {number:g}")


def _number(name: str, value: float | Tensor) -> float | None:
    if not isinstance(value, Tensor):
        return float(value)
    if value.numel() != 1:
        raise DstdError(f"{name} must be one number per layer, got a tensor of shape {tuple(value.shape)}")
    if value.device.type != "cpu" or torch.compiler.is_compiling():
        return None
    return value.item()


def _scalar(value: float | Tensor, like: Tensor) -> Tensor:
    return torch.as_tensor(value, dtype=like.dtype, device=like.device).reshape(())


def _inverse_softplus(value: Tensor) -> Tensor:
    return value + torch.log(-torch.expm1(-value))


def _reciprocal(inverse: float, at_zero: float) -> float:
    return 1 / inverse if inverse else at_zero
