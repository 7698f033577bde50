"""The circuit's units: what the trainer's normalised ones are worth in volts and seconds."""

from pydantic import Field

from codesign.arrays import Floats
from codesign.model.model_file import Frozen


class Scale(Frozen):
    """What one normalised unit is worth in this circuit."""

    reset_level: float = Field(gt=0)
    """Nominal reset level, V."""
    swing: float = Field(gt=0)
    """Firing threshold minus nominal reset level, V."""
    window: float = Field(gt=0)
    """Accumulation window, s."""

    def membrane(self, voltage: Floats) -> Floats:
        """Node voltage (V) to membrane potential in swings from the nominal reset level."""
        return (voltage - self.reset_level) / self.swing

    def voltage(self, membrane: Floats) -> Floats:
        """Membrane potential in swings from the nominal reset level to node voltage (V)."""
        return self.reset_level + membrane * self.swing

    def time(self, seconds: Floats, start: float) -> Floats:
        """Time (s) to windows since `start` (s)."""
        return (seconds - start) / self.window
