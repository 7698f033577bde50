"""What a drawn tile is, kept beside it: for the commands that go on from there."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from codesign.circuits.network import Network, Weights
from codesign.design import Design, first_problem
from codesign.layout.errors import LayoutError
from codesign.layout.tile.plan import TilePlan, plan_tile
from codesign.layout.tile.settings import TileSettings
from codesign.layout.tile.shuttle import load_shuttle


class TileRecord(BaseModel):
    """A tile's design, weights and settings, all of them given: name, size, and the pin of every port."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    design: Design
    weights: Weights
    settings: TileSettings

    @classmethod
    def of(cls, plan: TilePlan, settings: TileSettings, size: str) -> "TileRecord":
        """The record of a tile that was drawn."""
        tile = plan.tile
        given = settings.model_copy(update={"name": tile.name, "size": size, "pins": dict(tile.pins)})
        return cls(design=tile.network.design, weights=tile.network.weights, settings=given)

    @property
    def plan(self) -> TilePlan:
        """The circuit and its pins.

        Raises:
            LayoutError: the record was changed by hand to one that cannot be.
        """
        return plan_tile(Network(self.design, self.weights), self.settings, load_shuttle(self.design.pdk))

    @classmethod
    def load(cls, path: Path) -> "TileRecord":
        """Read a record.

        Raises:
            LayoutError: it cannot be read or is none of this version.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise LayoutError(f"cannot read {path}: {error.strerror}; give the tile.json of codesign tile") from error
        except ValidationError as error:
            raise LayoutError(f"{path} is no tile of this version: {first_problem(error)}; make it again") from error
