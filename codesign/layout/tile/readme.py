"""The page that goes with a tile: what it holds, its pins, what to send."""

from codesign.layout.tile.plan import TilePlan
from codesign.quantity import quantity

_WHAT = {
    "reset_level": "the level of membranes at rest",
    "threshold": "the level of the firing threshold",
    "reference": "the reference current, into the pin",
}


def tile_page(plan: TilePlan, size: str) -> str:
    """The page in Markdown."""
    tile, design = plan.tile, plan.tile.network.design
    timing = design.timing
    rows = [
        f"| {pin} | {plan.shuttle.pins[pin].direction} | {port} | {_carries(plan, port)} |" for port, pin in tile.pins
    ]
    rows += [f"| {pin} | output | | tied to {plan.shuttle.power.ground} |" for pin in plan.low]
    rows += [f"| {pin} | output | | tied to {plan.shuttle.power.supply} |" for pin in plan.high]
    lines = [
        f"# {tile.name}",
        "",
        f"{tile.network.description[0].upper()}{tile.network.description[1:]}, analog in-memory computing, in a "
        f"{plan.shuttle.label} tile of {size}. Made by `codesign tile`.",
        "",
        "| pin | direction | port | what it carries |",
        "|---|---|---|---|",
        *rows,
        "",
        "## An inference",
        "",
        f"All digital pins carry {quantity(design.conditions.supply, 'V')} logic. Each layer is reset for at least "
        f"{quantity(timing.reset, 's')}, accumulates for {quantity(timing.window, 's')} and fires for "
        f"{quantity(timing.window, 's')}, with {quantity(timing.guard, 's')} between; a layer fires while the next one "
        "accumulates. An input rises at its spike time within the first layer's accumulation and stays high to the end "
        "of it. The output that rises first while the last layer fires is the class; one that does not rise has a "
        "value of 0 or less.",
        "",
        "The waveforms of one inference, as CSV:",
        "",
        "```sh",
        f"codesign tile-waveforms tile.json --spike-times {','.join(['0.5'] * design.layer_sizes[0])}",
        "```",
    ]
    return "\n".join(lines) + "\n"


def _carries(plan: TilePlan, port: str) -> str:
    design = plan.tile.network.design
    values = {
        "reset_level": (design.levels.reset, "V"),
        "threshold": (design.levels.threshold, "V"),
        "reference": (design.bias.reference_input, "A"),
    }
    if port in values:
        return f"{quantity(*values[port])}: {_WHAT[port]}"
    if port in plan.tile.membranes:
        _, layer, neuron = port.split("_")
        return f"the membrane of neuron {neuron} in layer {layer}, buffered"
    kind, _, number = port.partition("_")
    return {
        "input": f"spike of input {number}",
        "output": f"spike of output {number}",
        "reset": f"reset phase of layer {number}",
        "fire": f"firing phase of layer {number}",
    }.get(kind, "")
