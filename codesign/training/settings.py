"""A user's choices about a training."""

from pydantic import BaseModel, ConfigDict, Field


class TrainingSettings(BaseModel):
    """How to train: the `[training]` table of a flow file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=200, ge=1, le=1_000_000)
    """Passes over the training samples."""
    batch_size: int = Field(default=128, ge=1)
    """Samples in a mini-batch."""
    candidates: int = Field(default=4, ge=1, le=64)
    """Networks trained side by side from different initial weights; the best one is kept."""
    learning_rate: float = Field(default=0.3, gt=0, allow_inf_nan=False)
    """Initial step of Adam, in unit cells; it falls along half a cosine."""
    temperature: float = Field(default=0.1, gt=0, allow_inf_nan=False)
    """Difference of output membranes, in swings, that counts as a factor e in the class probability."""
    variation: bool = False
    """Whether each mini-batch is seen by a chip of its own, drawn from the variation model."""
    intervals: int = Field(default=2, ge=2, multiple_of=2)
    """DSTD intervals in the window while training; accuracies are always those of the exact ODE."""
