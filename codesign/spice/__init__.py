"""Decks, the ngspice that runs them, their waveforms, and the cache that keeps these."""

from codesign.spice.analysis import DcSweep, OperatingPoint, Transient, number
from codesign.spice.batch import run_decks
from codesign.spice.cache import Ingredients, ResultCache
from codesign.spice.cost import Cost, total_cost
from codesign.spice.deck import DEFAULT_OPTIONS, Deck
from codesign.spice.errors import NgspiceNotFound, SimulationError, SimulationFailed
from codesign.spice.ngspice import Ngspice, find_ngspice
from codesign.spice.simulator import Simulator, spiceinit
from codesign.spice.waveforms import Waveforms

__all__ = [
    "DEFAULT_OPTIONS",
    "Cost",
    "DcSweep",
    "Deck",
    "Ingredients",
    "Ngspice",
    "NgspiceNotFound",
    "OperatingPoint",
    "ResultCache",
    "SimulationError",
    "SimulationFailed",
    "Simulator",
    "Transient",
    "Waveforms",
    "find_ngspice",
    "number",
    "run_decks",
    "spiceinit",
    "total_cost",
]
