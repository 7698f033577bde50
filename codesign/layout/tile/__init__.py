"""A network in a shuttle's tile: drawn with its pins, drivers and power, checked as the shuttle checks it."""

from codesign.layout.tile.check import Problem, TileReport, check_tile
from codesign.layout.tile.output import TileFiles, write_tile
from codesign.layout.tile.plan import TilePlan, plan_tile
from codesign.layout.tile.record import TileRecord
from codesign.layout.tile.settings import TileSettings
from codesign.layout.tile.waveforms import waveform_table

__all__ = [
    "Problem",
    "TileFiles",
    "TilePlan",
    "TileRecord",
    "TileReport",
    "TileSettings",
    "check_tile",
    "plan_tile",
    "waveform_table",
    "write_tile",
]
