"""A second opinion: the SKY130 deck of the glayout wheel in the KLayout program, where both are installed."""

import importlib.metadata
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import klayout.rdb as rdb
import pytest

from codesign.layout.output import write_layout
from tests.layout.helpers import draw_weights, write_both
from tests.layout.networks import network


def second_deck() -> str | None:
    """The text of the deck with its transistor rules on, or None where the wheel is absent."""
    try:
        paths = importlib.metadata.files("glayout") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    path = next((path for path in paths if path.name == "sky130.lydrc"), None)
    text = ElementTree.fromstring(path.read_text()).findtext("text") if path else None
    return text.replace("FEOL    = false", "FEOL    = true").replace("threads(4)", "threads(1)") if text else None


DECK = second_deck()
PROGRAM = shutil.which("klayout")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="needs the klayout program (Debian's package klayout)"),
    pytest.mark.skipif(DECK is None, reason="needs pip install --no-deps glayout==0.2.0, for its deck"),
]

# Its capacitors lie between met2 and met3, ours between met3 and met4; and a narrow wire that leaves a wide plate is
# a separation of the plate from itself to it.
NOT_OURS = ("mim_plate", "cap2m", "m2.3", "m3.3", "m4.5")


def broken_rules(gds: Path) -> dict[str, int]:
    """Rules of the deck that a layout breaks, with the number of places."""
    assert PROGRAM is not None and DECK is not None
    deck, report = gds.with_suffix(".drc"), gds.with_suffix(".second.lyrdb")
    deck.write_text(DECK, encoding="utf-8")
    command = [PROGRAM, "-b", "-rd", f"input={gds}", "-rd", f"report={report}", "-r", str(deck)]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert done.returncode == 0 and report.is_file(), done.stderr[-2000:]
    database = rdb.ReportDatabase()
    database.load(str(report))
    counts = {category.name(): category.num_items() for category in database.each_category()}
    assert len(counts) > 300
    return {name: count for name, count in counts.items() if count}


def test_it_finds_what_is_wrong(tmp_path: Path) -> None:
    drawing, text = draw_weights("bad", ((1,),))
    drawing.add("metal_1", drawing.box.moved(drawing.box.width + 50, 0))
    assert broken_rules(write_both(drawing, text, tmp_path)[0])


def test_crossbars_are_clean(tmp_path: Path) -> None:
    drawing, text = draw_weights("crossbar", ((3, -2, 15), (-1, 4, 0), (-15, 1, 7)))
    assert broken_rules(write_both(drawing, text, tmp_path)[0]) == {}


def test_the_network_is_clean_but_for_its_capacitors(tmp_path: Path) -> None:
    found = broken_rules(write_layout(network((5, 5, 5)), tmp_path).gds)
    assert {name for name in found if not name.startswith(NOT_OURS)} == set(), found
