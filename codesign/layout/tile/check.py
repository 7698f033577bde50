"""The checks that a shuttle makes of a tile beside the design rules: names, outline, layers, pins, power."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import klayout.db as db
import yaml

from codesign.layout.errors import LayoutError
from codesign.layout.gds import GdsFile, read_gds
from codesign.layout.geometry import Box
from codesign.layout.lvs.compare import net_labels
from codesign.layout.lvs.extract import extract_layout
from codesign.layout.technology import Layer, Technology, load_technology
from codesign.layout.tile.macro import Macro, read_macro
from codesign.layout.tile.shuttle import Shuttle, load_shuttle
from codesign.pdk.technology import DEFAULT_PROCESS

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_UNSAFE = "#/"


@dataclass(frozen=True)
class Problem:
    """What a tile does not keep: the check, and a sentence with the place."""

    check: str
    text: str


@dataclass(frozen=True)
class TileReport:
    """What the checks found.

    Attributes:
        cell: name of the top cell.
        checks: that were made.
        problems: what is wrong; empty for a tile that can be sent.
    """

    cell: str
    checks: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True)
class _Tile:
    """A tile's files, read."""

    gds: GdsFile
    macro: Macro
    verilog: str
    project: dict[str, Any]
    pinout: dict[str, str]
    shuttle: Shuttle
    technology: Technology

    def region(self, layer: Layer) -> db.Region:
        """All shapes on a drawn layer."""
        index = self.gds.layout.layer(*self.technology.drawing[layer])
        return db.Region(self.gds.top.begin_shapes_rec(index)).merged()

    def pin_shapes(self, layer: Layer) -> db.Region:
        """The top cell's pin shapes on a layer."""
        return db.Region(self.gds.top.shapes(self.gds.layout.layer(*self.technology.pin[layer]))).merged()

    def area(self, box: Box) -> db.Box:
        """A rectangle in units of the layout."""
        scale = self.gds.layout.dbu * 1000
        return db.Box(*(round(edge / scale) for edge in (box.left, box.bottom, box.right, box.top)))

    @property
    def outline(self) -> Box:
        """The size that the description names."""
        return self.shuttle.outline(str(self.project.get("tiles", "")))


def check_tile(path: Path, process: str = DEFAULT_PROCESS) -> TileReport:
    """Check a tile: a layout with its `.lef`, its `.v` and `info.yaml` beside it.

    Args:
        path: the GDS file.
        process: that it is drawn in.

    Raises:
        LayoutError: a file is missing or cannot be read, so that nothing can be judged.
    """
    technology = load_technology(process)
    gds = read_gds(path, technology)
    name = gds.top.name
    content = _read_description(path.with_name("info.yaml"))
    tile = _Tile(
        gds,
        read_macro(path.with_suffix(".lef"), name),
        _COMMENT.sub("", _text(path.with_suffix(".v"))),
        content["project"],
        {pin: str(text or "") for pin, text in content["pinout"].items()},
        load_shuttle(process),
        technology,
    )
    problems = tuple(Problem(check, text) for check, find in _CHECKS.items() for text in find(tile))
    return TileReport(name, tuple(_CHECKS), problems)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LayoutError(f"cannot read {path}: {reason}; a tile is judged with its other files beside it") from error


def _read_description(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content: object = yaml.safe_load(_text(path))
    except yaml.YAMLError as error:
        raise LayoutError(f"{path} is not valid YAML: {' '.join(str(error).split())[:120]}") from error
    tables = cast(dict[str, Any], content) if isinstance(content, dict) else {}
    for key in ("project", "pinout"):
        if not isinstance(tables.get(key), dict):
            raise LayoutError(f"{path} has no table {key}; write it as the shuttle's template has it")
    return tables


def _names(tile: _Tile) -> Iterator[str]:
    name, prefix = tile.gds.top.name, tile.shuttle.name_prefix
    if not re.fullmatch(rf"{prefix}\w+", name):
        yield f"the top cell {name} must start with {prefix}"
    if tile.gds.path.stem != name:
        yield f"{tile.gds.path.name} holds the cell {name}; call both the same"
    if (told := tile.project.get("top_module")) != name:
        yield f"info.yaml names the top module {told}, the layout {name}"
    for cell in tile.gds.layout.each_cell():
        if set(_UNSAFE) & set(cell.name):
            yield f"the cell name {cell.name!r:.60} has one of {_UNSAFE}"


def _boundary(tile: _Tile) -> Iterator[str]:
    outline = tile.area(tile.outline)
    boundary = db.Region(tile.gds.top.shapes(tile.gds.layout.layer(*tile.technology.drawing["boundary"]))).merged()
    if boundary.bbox() != outline or not boundary.is_box():
        yield f"the boundary is {_shown(tile, boundary.bbox())}, a tile of that size {_shown(tile, outline)}"
    if not tile.gds.top.bbox().inside(outline):
        yield f"shapes reach to {_shown(tile, tile.gds.top.bbox())}, outside {_shown(tile, outline)}"
    if tile.macro.size != (tile.outline.right, tile.outline.top):
        yield f"the LEF's size is {tile.macro.size[0] / 1000:g} x {tile.macro.size[1] / 1000:g} um"


def _shown(tile: _Tile, box: db.Box) -> str:
    return str(box.to_dtype(tile.gds.layout.dbu)) + " um"


def _layers(tile: _Tile) -> Iterator[str]:
    technology = tile.technology
    for layer in tile.shuttle.forbidden:
        numbers = {table.get(layer) for table in (technology.drawing, technology.pin, technology.label)}
        for number in sorted(number for number in numbers if number):
            index = tile.gds.layout.find_layer(*number)
            if index is not None and not tile.gds.top.bbox_per_layer(index).empty():
                yield f"there are shapes on {technology.names[layer]} ({number[0]}/{number[1]}), the chip's own layer"


def _pins(tile: _Tile) -> Iterator[str]:
    layer = tile.shuttle.layer
    drawn, shapes = tile.region(layer), tile.pin_shapes(layer)
    labels = _labels(tile, layer)
    lef_layer = tile.technology.names[layer]
    for pin in tile.shuttle.pins.values():
        area = tile.area(pin.box)
        if not any(polygon.is_box() and polygon.bbox() == area for polygon in shapes.each()):
            yield f"{pin.name} has no pin shape of exactly {_shown(tile, area)}"
        if not (db.Region(area) - drawn).is_empty():
            yield f"{pin.name} is not drawn at {_shown(tile, area)}"
        if not any(area.contains(place) for place in labels.get(pin.name, ())):
            yield f"{pin.name} has no label at {_shown(tile, area)}"
        if tile.macro.pins.get(pin.name) != [(lef_layer, pin.box)]:
            yield f"{pin.name} is in the LEF {'elsewhere' if pin.name in tile.macro.pins else 'missing'}"
    known = {*tile.shuttle.pins, tile.shuttle.power.ground, tile.shuttle.power.supply}
    for name in sorted(tile.macro.pins.keys() - known):
        yield f"the LEF has a pin {name}, which the tile does not"
    for name in sorted({re.sub(r"\[\d+\]", "", pin) for pin in known}):
        if not re.search(rf"\b{name}\b", tile.verilog):
            yield f"the Verilog stub has no port {name}"
    if not re.search(rf"\bmodule\s+{tile.gds.top.name}\b", tile.verilog):
        yield f"the Verilog stub has no module {tile.gds.top.name}"


def _labels(tile: _Tile, layer: Layer) -> dict[str, list[db.Point]]:
    """Places of the top cell's labels of a layer by text."""
    found: dict[str, list[db.Point]] = {}
    for number in (tile.technology.label[layer], tile.technology.pin[layer]):
        for shape in tile.gds.top.shapes(tile.gds.layout.layer(*number)).each(db.Shapes.STexts):
            found.setdefault(shape.text_string, []).append(shape.text_trans.disp.to_p())
    return found


def _power(tile: _Tile) -> Iterator[str]:
    power, layer = tile.shuttle.power, tile.shuttle.layer
    outline, shapes = tile.outline, tile.pin_shapes(layer) & tile.region(layer)
    for name in (power.ground, power.supply):
        rectangles = tile.macro.pins.get(name, [])
        if not rectangles:
            yield f"{name} has no stripe in the LEF"
        for lef_layer, box in rectangles:
            where = f"{name} at x = {box.left / 1000:g} um"
            if lef_layer != tile.technology.names[layer]:
                yield f"{where} is on {lef_layer}; stripes are on {tile.technology.names[layer]}"
            if box.width < round(power.width * 1000):
                yield f"{where} is {box.width / 1000:g} um wide; stripes have at least {power.width:g} um"
            far = max(box.bottom - outline.bottom, outline.top - box.top)
            if far > round(power.reach * 1000):
                yield f"{where} ends {far / 1000:g} um from the edge; at most {power.reach:g} um are allowed"
            if Box.around(outline, box) != outline:
                yield f"{where} lies outside the tile"
            if not (db.Region(tile.area(box)) - shapes).is_empty():
                yield f"{where} is not drawn as a pin in the layout"
    pins = [(name, box) for name, boxes in tile.macro.pins.items() for _layer, box in boxes]
    for name, box in (one for one in pins if one[0] in (power.ground, power.supply)):
        for other, its in pins:
            if other != name and tile.area(box).touches(tile.area(its)):
                yield f"{name} abuts {other}; pins must be apart"


def _analog(tile: _Tile) -> Iterator[str]:
    analog = tile.shuttle.analog
    metal, cuts = tile.region(tile.shuttle.layer), tile.region("via_3")
    near, far = (round(distance * 1000) for distance in analog.near)
    declared = tile.project.get("analog_pins", 0)
    for number in range(analog.count):
        name = f"{analog.name}[{number}]"
        box = tile.shuttle.pins[name].box
        ring = db.Region(tile.area(box.grown(far))) - db.Region(tile.area(box.grown(near)))
        used = not (metal & ring).is_empty() or not (cuts & db.Region(tile.area(box))).is_empty()
        counted = isinstance(declared, int) and number < declared
        described = bool(tile.pinout.get(name, ""))
        if used != counted:
            yield f"{name} is {'connected' if used else 'not connected'}, but analog_pins is {declared} in info.yaml"
        elif used != described:
            yield f"{name} is {'connected' if used else 'not connected'}, but info.yaml {_described(described)}"
        if used and number >= analog.usable:
            yield f"{name} is connected; a project may use {analog.name}[0] to {analog.name}[{analog.usable - 1}]"


def _described(described: bool) -> str:
    return "describes it" if described else "does not describe it"


def _outputs(tile: _Tile) -> Iterator[str]:
    """An output must be driven or tied; one without a description is tied to ground."""
    ground, supply = tile.shuttle.power.ground.lower(), tile.shuttle.power.supply.lower()
    extracted = extract_layout(tile.gds, tile.technology)
    nets = {
        label: ({*net_labels(net)}, net.terminal_count())
        for net in extracted.circuit.each_net()
        for label in net_labels(net)
    }
    if supply in nets.get(ground, (set[str](), 0))[0]:
        yield f"{ground.upper()} and {supply.upper()} are shorted"
    for pin in tile.shuttle.pins.values():
        bus = tile.shuttle.bus_of(pin.name)
        if pin.direction != "output" or bus is None:
            continue
        labels, terminals = nets.get(pin.name.lower(), (set[str](), 0))
        if labels.isdisjoint({ground, supply}) and not terminals:
            yield f"the output {pin.name} floats; tie it to {ground.upper()}"
        elif bus.shown_as and not tile.pinout.get(tile.shuttle.shown(pin.name)) and ground not in labels:
            yield f"the output {pin.name} has no description in info.yaml and is not tied to {ground.upper()}"


_CHECKS: dict[str, Callable[[_Tile], Iterator[str]]] = {
    "names": _names,
    "boundary": _boundary,
    "layers": _layers,
    "pins": _pins,
    "power": _power,
    "analog pins": _analog,
    "outputs": _outputs,
}
