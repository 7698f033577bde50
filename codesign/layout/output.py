"""The files of a layout: GDS, LVS source, LEF, pictures and the area table."""

from dataclasses import dataclass
from pathlib import Path

from codesign.circuits.block import Block
from codesign.circuits.network import Network
from codesign.files import write_atomically
from codesign.layout.area import AreaTable, area_table
from codesign.layout.drawing import write_gds
from codesign.layout.errors import LayoutError
from codesign.layout.lef import lef_macro
from codesign.layout.lvs.source import lvs_source
from codesign.layout.network import crossbar_of, draw_crossbar_alone, draw_network
from codesign.layout.picture import png_picture, svg_picture
from codesign.layout.schematic import flat_schematic
from codesign.layout.technology import Technology, load_technology


@dataclass(frozen=True)
class LayoutFiles:
    """What was written.

    Attributes:
        gds: the layout.
        spice: the netlist of what was drawn, for LVS.
        lef: the abstract for placement.
        png: a picture.
        svg: a picture that can be zoomed into.
        area_csv: the area table.
        areas: the same as data.
    """

    gds: Path
    spice: Path
    lef: Path
    png: Path
    svg: Path
    area_csv: Path
    areas: AreaTable


def write_crossbar(network: Network, layer: int, folder: Path) -> tuple[Path, Path]:
    """Draw the crossbar of one layer by itself: a tile to extract or to look at.

    Args:
        network: the network.
        layer: its number, from 1.
        folder: where the files go.

    Returns:
        The layout, and the crossbar's netlist.

    Raises:
        LayoutError: there is no such layer, or it cannot be drawn.
        CodesignError: a file cannot be written.
    """
    technology = load_technology(network.design.pdk)
    drawing = draw_crossbar_alone(network, layer, technology)
    gds, spice = folder / f"{drawing.name}.gds", folder / f"{drawing.name}.spice"
    write_gds(drawing, gds)
    write_atomically(spice, _source(crossbar_of(network, layer), technology))
    return gds, spice


def try_drawing(network: Network) -> None:
    """Draw a network and write nothing.

    Raises:
        LayoutError: a part cannot be drawn.
    """
    draw_network(network, load_technology(network.design.pdk))


def drawn_area(network: Network) -> float:
    """Area of a network, um2; nothing is written.

    Raises:
        LayoutError: a part cannot be drawn.
    """
    return area_table(draw_network(network, load_technology(network.design.pdk))).cells[-1].area_um2


def write_layout(network: Network, folder: Path) -> LayoutFiles:
    """Draw a network and write all files of its layout; nothing is written if it cannot be drawn.

    Args:
        network: the network.
        folder: where the files go, called after the network.

    Raises:
        LayoutError: a part cannot be drawn, or `folder` is a file.
        CodesignError: a file cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise LayoutError(f"{folder} is not a folder; give another --out")
    technology = load_technology(network.design.pdk)
    drawing = draw_network(network, technology)
    areas = area_table(drawing)
    base = folder / drawing.name
    paths = {suffix: base.with_suffix(f".{suffix}") for suffix in ("gds", "spice", "lef", "png", "svg")}
    area_csv = folder / f"{drawing.name}_area.csv"
    contents = {
        paths["spice"]: _source(network, technology),
        paths["lef"]: lef_macro(drawing),
        paths["png"]: png_picture(drawing),
        paths["svg"]: svg_picture(drawing),
        area_csv: areas.csv(),
    }
    write_gds(drawing, paths["gds"])
    for path, content in contents.items():
        write_atomically(path, content)
    return LayoutFiles(**paths, area_csv=area_csv, areas=areas)


def _source(block: Block, technology: Technology) -> str:
    return lvs_source(flat_schematic(block, technology.process), technology.process.devices.prefix)
