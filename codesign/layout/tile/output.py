"""The files of a tile."""

from dataclasses import dataclass
from pathlib import Path

from codesign.circuits.network import Network
from codesign.files import write_atomically
from codesign.layout.drawing import write_gds
from codesign.layout.errors import LayoutError
from codesign.layout.lef import lef_macro
from codesign.layout.lvs.source import lvs_source
from codesign.layout.picture import png_picture
from codesign.layout.schematic import flat_schematic
from codesign.layout.technology import load_technology
from codesign.layout.tile.assembly import draw_tile
from codesign.layout.tile.files import project_description, verilog_stub
from codesign.layout.tile.plan import plan_tile
from codesign.layout.tile.readme import tile_page
from codesign.layout.tile.record import TileRecord
from codesign.layout.tile.settings import TileSettings
from codesign.layout.tile.shuttle import load_shuttle


@dataclass(frozen=True)
class TileFiles:
    """What was written.

    Attributes:
        gds: the layout.
        spice: the netlist of what was drawn, for LVS.
        size: of the tile, by its name.
        record: the tile, for the commands that go on from there.
    """

    gds: Path
    spice: Path
    size: str
    record: TileRecord


def write_tile(network: Network, settings: TileSettings, folder: Path) -> TileFiles:
    """Draw a network in a tile and write all that a shuttle wants; nothing is written if it cannot be drawn.

    Args:
        network: the network.
        settings: name, size and pins of the tile.
        folder: where the files go.

    Raises:
        LayoutError: `folder` is a file, the settings do not fit the network or the shuttle, or no tile has room.
        NetworkError: a membrane that is not there.
        CodesignError: a file cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise LayoutError(f"{folder} is not a folder; give another --out")
    technology, shuttle = load_technology(network.design.pdk), load_shuttle(network.design.pdk)
    plan = plan_tile(network, settings, shuttle)
    drawn = draw_tile(plan, technology)
    rails = {shuttle.power.ground: "GROUND", shuttle.power.supply: "POWER"}
    record = TileRecord.of(plan, settings, drawn.size)
    base = folder / plan.tile.name
    spice = base.with_suffix(".spice")
    contents = {
        spice: lvs_source(flat_schematic(plan.tile, technology.process), technology.process.devices.prefix),
        base.with_suffix(".lef"): lef_macro(drawn.drawing, rails),
        base.with_suffix(".v"): verilog_stub(plan),
        base.with_suffix(".png"): png_picture(drawn.drawing),
        folder / "info.yaml": project_description(plan, settings, drawn.size),
        folder / "README.md": tile_page(plan, drawn.size),
        folder / "tile.json": record.model_dump_json(indent=2) + "\n",
    }
    gds = base.with_suffix(".gds")
    write_gds(drawn.drawing, gds)
    for path, content in contents.items():
        write_atomically(path, content)
    return TileFiles(gds, spice, drawn.size, record)
