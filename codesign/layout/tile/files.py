"""What a shuttle wants beside the layout, as text: the Verilog stub and the description of the project."""

from typing import Any

import yaml

from codesign.layout.tile.plan import TilePlan
from codesign.layout.tile.settings import TileSettings
from codesign.layout.tile.shuttle import Bus

YAML_VERSION = 6
"""Of the description that shuttles take."""


def verilog_stub(plan: TilePlan) -> str:
    """The module's ports, for the integration; nothing is inside."""
    shuttle = plan.shuttle
    ports = [f"input  wire       {name}" for name in (shuttle.power.ground, shuttle.power.supply)]
    ports += [f"{bus.direction:<6} wire {_range(bus)} {bus.name}" for bus in reversed(shuttle.digital.buses)]
    ports.append(f"inout  wire [{shuttle.analog.count - 1}:0] {shuttle.analog.name}")
    lines = ",\n".join(f"    {port}" for port in ports)
    return (
        f"// {plan.tile.description}: the ports of an analog macro, drawn in {plan.tile.name}.gds.\n"
        f"`default_nettype none\n\n(* blackbox *)\nmodule {plan.tile.name} (\n{lines}\n);\nendmodule\n"
    )


def _range(bus: Bus) -> str:
    return f"[{bus.bits - 1}:0]" if bus.bits else "     "


def project_description(plan: TilePlan, settings: TileSettings, size: str) -> str:
    """The project as the shuttle lists it, `info.yaml`."""
    tile, shuttle = plan.tile, plan.shuttle
    analog = [pin for _port, pin in tile.pins if shuttle.pins[pin].direction == "analog"]
    content: dict[str, Any] = {
        "project": {
            "title": settings.title or f"Analog neural network {tile.network.design.name}",
            "author": settings.author,
            "discord": "",
            "description": settings.description or f"{tile.network.description}, analog in-memory computing",
            "language": "Analog",
            "clock_hz": 0,
            "tiles": size,
            "analog_pins": len(analog),
            "uses_3v3": False,
            "top_module": tile.name,
            "source_files": [f"{tile.name}.v"],
        },
        "pinout": pinout(plan),
        "yaml_version": YAML_VERSION,
    }
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000)


def pinout(plan: TilePlan) -> dict[str, str]:
    """The port at each pin of the chip, "" for those that are not used."""
    shuttle, port_of = plan.shuttle, plan.port_of
    named = {bus.shown_as: bus.bits for bus in reversed(shuttle.digital.buses) if bus.shown_as}
    named[shuttle.analog.name] = shuttle.analog.count
    shown = {shuttle.shown(pin): port for pin, port in port_of.items()}
    pins = (f"{name}[{bit}]" for name, bits in named.items() for bit in range(bits))
    return {pin: shown.get(pin, "") for pin in pins}
