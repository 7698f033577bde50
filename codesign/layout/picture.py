"""Pictures of a drawing with a legend of its layers: SVG that keeps the hierarchy, PNG through matplotlib."""

# Matplotlib types its keyword arguments only in part.
# pyright: reportUnknownMemberType=false

import io
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from codesign.layout.drawing import Drawing
from codesign.layout.geometry import Box
from codesign.layout.technology import Layer

# From the bottom up: layer, colour, opacity. Implants, cuts and markers would only hide the rest.
LAYERS: tuple[tuple[Layer, str, float], ...] = (
    ("n_well", "#d9d9d9", 0.6),
    ("active", "#4daf4a", 0.9),
    ("tap", "#a6761d", 0.9),
    ("poly", "#e41a1c", 0.9),
    ("local_interconnect", "#ff7f00", 0.6),
    ("metal_1", "#377eb8", 0.6),
    ("metal_2", "#984ea3", 0.6),
    ("metal_3", "#66c2a5", 0.15),
    ("mim_plate", "#8da0cb", 0.25),
    ("metal_4", "#b15928", 0.30),
)

_LEGEND_SHARE = 0.16


def svg_picture(drawing: Drawing) -> str:
    """The drawing as SVG in micrometres, each placed drawing once, with a legend at the right."""
    box = drawing.box
    legend = max(8000, round(box.width * _LEGEND_SHARE))
    width, height = (box.width + legend) / 1000, box.height / 1000
    shown = min(1200, 12 * width)
    names = drawing.technology.names
    styles = "".join(f".{names[layer]}{{fill:{colour};fill-opacity:{alpha}}}" for layer, colour, alpha in LAYERS)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{shown:.0f}">',
        f"<title>{escape(drawing.name)}</title>",
        f"<style>{styles}</style>",
        f'<rect width="{width:g}" height="{height:g}" fill="white"/>',
        "<defs>",
        *(line for part in drawing.every_drawing()[:-1] for line in _svg_group(part)),
        "</defs>",
        f'<g transform="translate({-box.left / 1000:g} {box.top / 1000:g}) scale(1 -1)">',
        *_svg_content(drawing),
        "</g>",
        *_svg_legend(names, box.width / 1000, legend / 1000),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _svg_group(part: Drawing) -> Iterator[str]:
    yield f'<g id="{escape(part.name)}">'
    yield from _svg_content(part)
    yield "</g>"


def _svg_content(part: Drawing) -> Iterator[str]:
    # Parts first: the wires of a level lie over them.
    for instance in part.instances:
        place = f"translate({instance.x / 1000:g} {instance.y / 1000:g})"
        if instance.turned:
            place += " rotate(90)"
        if instance.flipped or instance.mirrored:
            place += f" scale({-1 if instance.mirrored else 1} {-1 if instance.flipped else 1})"
        yield f'<use href="#{escape(instance.drawing.name)}" transform="{place}"/>'
    for shown, _colour, _alpha in LAYERS:
        boxes = [box for layer, box in part.shapes if layer == shown]
        if boxes:
            yield f'<path class="{part.technology.names[shown]}" d="{"".join(map(_svg_box, boxes))}"/>'


def _svg_box(box: Box) -> str:
    width, height = f"{box.width / 1000:g}", f"{box.height / 1000:g}"
    return f"M{box.left / 1000:g} {box.bottom / 1000:g}h{width}v{height}h-{width}z"


def _svg_legend(names: Mapping[Layer, str], x: float, width: float) -> Iterator[str]:
    step = width / 7
    for number, (layer, _colour, _alpha) in enumerate(LAYERS):
        name = names[layer]
        y = step * (number + 0.5)
        yield f'<rect class="{name}" x="{x + step / 2:g}" y="{y:g}" width="{step:g}" height="{step * 0.7:g}"/>'
        place = f'x="{x + 2 * step:g}" y="{y + step * 0.6:g}"'
        yield f'<text {place} font-size="{step * 0.7:g}" font-family="sans-serif">{name}</text>'


def png_picture(drawing: Drawing) -> bytes:
    """The drawing as a PNG image, axes in micrometres, with a legend."""
    box = drawing.box
    aspect = box.height / box.width
    size = (10.0, max(3.0, 8.0 * aspect)) if aspect < 1 else (max(4.0, 10.0 / aspect) + 2.0, 10.0)
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    boxes: dict[Layer, list[Box]] = {layer: [] for layer, _colour, _alpha in LAYERS}
    for layer, shape in drawing.flat_shapes(boxes):
        boxes[layer].append(shape)
    for layer, colour, alpha in LAYERS:
        corners = np.array([[box.left, box.bottom, box.right, box.top] for box in boxes[layer]], dtype=float) / 1000
        if len(corners):
            polygons = corners[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
            axes.add_collection(PolyCollection(list(polygons), facecolors=colour, alpha=alpha, linewidths=0))
    axes.set_xlim(box.left / 1000, box.right / 1000)
    axes.set_ylim(box.bottom / 1000, box.top / 1000)
    axes.set_aspect("equal")
    axes.set_title(drawing.name)
    axes.set_xlabel("x (um)")
    axes.set_ylabel("y (um)")
    names = drawing.technology.names
    patches = [Patch(color=colour, alpha=max(alpha, 0.4), label=names[layer]) for layer, colour, alpha in LAYERS]
    figure.legend(handles=patches, loc="outside right upper")
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=150, metadata={"Software": None})
    return image.getvalue()
