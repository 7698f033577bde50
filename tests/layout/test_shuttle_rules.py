"""Our deck covers every rule of the shuttles' KLayout deck that the layers drawn here can meet."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import klayout.db as db
import klayout.rdb as rdb
import pytest

from codesign.layout.drc import check_cell
from codesign.layout.signoff.files import sign_off_facts, technology_file
from codesign.layout.signoff.programs import LAYOUT, run_klayout
from codesign.layout.technology import load_technology
from tests.layout.rule_examples import EXAMPLES, Shape
from tests.layout.shuttle_rules import COVERED, NOT_DRAWN, SAYS, SILENT, STRICTER

PAGE = Path(__file__).parents[2] / "docs" / "layout" / "shuttle-deck.md"
TECHNOLOGY = load_technology()
FACTS = sign_off_facts("sky130")
PROGRAM = shutil.which("klayout")
DECK = technology_file("klayout", FACTS, TECHNOLOGY.process)
PITCH, COLUMNS = 60.0, 30


def covering(theirs: str) -> Iterator[tuple[str, int | None]]:
    """Our rules that cover one of theirs, each with the number of its failing drawing that breaks both."""
    for word in COVERED[theirs].split():
        rule, _, drawing = word.partition("/")
        yield rule, int(drawing) if drawing else None


def page_rows() -> list[str]:
    """The rows of the page's tables, without their heads."""
    rules = {rule.name: rule for rule in reversed(TECHNOLOGY.drc)}
    rows: list[str] = []
    for theirs in COVERED:
        ours = list(covering(theirs))
        first = rules[ours[0][0]]
        limit = ", ".join(f"{value:g}" for value in first.values or ((first.value,) if first.value else ()))
        names = ", ".join(rule for rule, _ in ours)
        drawings = ", ".join("-" if drawing is None else str(drawing + 1) for _, drawing in ours)
        rows.append(f"| `{theirs}` | {SAYS.get(theirs, first.text)} | {limit} | {names} | {drawings} |")
    rows += [f"| {layer} | {', '.join(names.split())} |" for layer, names in NOT_DRAWN.items()]
    rows += [f"| {rule} | {reason} |" for rule, reason in STRICTER.items()]
    return rows


def test_the_page_says_what_is_tested() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    heads = ("| theirs |", "| --- |", "| layer |", "| ours |")
    assert [line for line in lines if line.startswith("| ") and not line.startswith(heads)] == page_rows()


def test_every_rule_has_a_drawing_that_breaks_a_rule_of_ours() -> None:
    for theirs in COVERED:
        drawings = [(rule, drawing) for rule, drawing in covering(theirs) if drawing is not None]
        assert drawings, theirs
        for rule, drawing in drawings:
            assert drawing < len(EXAMPLES[rule].failing), theirs


@dataclass(frozen=True)
class Verdicts:
    """The numbers of the drawings that break each rule, in either deck; a drawing is (rule, whether it keeps it, n)."""

    drawings: list[tuple[str, bool, int]]
    ours: dict[str, set[int]]
    theirs: dict[str, set[int]]


def drawn(shapes: tuple[Shape, ...], cell: db.Cell, right: float, up: float) -> None:
    for layer, numbers in shapes:
        corners = [db.DPoint(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        polygon = db.DPolygon(db.DBox(*numbers)) if len(numbers) == 4 else db.DPolygon(corners)
        cell.shapes(cell.layout().layer(*TECHNOLOGY.drawing[layer])).insert(polygon.moved(right, up))


def number_at(box: db.DBox) -> int:
    """The drawing that a marker lies in; none reaches further than 10 um to the left of or below its origin."""
    return int((box.left + 10) // PITCH) + COLUMNS * int((box.bottom + 10) // PITCH)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """All drawings side by side in one layout, by both decks."""
    if PROGRAM is None or DECK is None:
        pytest.skip("needs the klayout program (Debian's package klayout), and codesign signoff --install")
    folder = tmp_path_factory.mktemp("shuttle")
    layout = db.Layout()
    layout.dbu = TECHNOLOGY.database_unit_um
    cell = layout.create_cell("drawings")
    drawings: list[tuple[str, bool, int]] = []
    for rule, example in EXAMPLES.items():
        for keeps, every in ((True, example.passing), (False, example.failing)):
            for number, shapes in enumerate(every):
                drawn(shapes, cell, PITCH * (len(drawings) % COLUMNS), PITCH * (len(drawings) // COLUMNS))
                drawings.append((rule, keeps, number))
    layout.write(str(folder / LAYOUT))
    ours = {rule.name: set[int]() for rule in TECHNOLOGY.drc}
    for violation in check_cell(cell).violations:
        ours[violation.rule] |= {number_at(marker.bbox()) for marker in violation.markers}
    report = rdb.ReportDatabase(cell.name)
    report.load(str(run_klayout(PROGRAM, DECK, FACTS.klayout, cell.name, folder, 300.0)[1]))
    theirs = {category.name(): set[int]() for category in report.each_category()}
    for item in report.each_item():
        marks = theirs[report.category_by_id(item.category_id()).name()]
        marks |= {number_at(_box(value)) for value in item.each_value()}
    return Verdicts(drawings, ours, theirs)


def _box(value: rdb.RdbItemValue) -> db.DBox:
    if value.is_polygon():
        return value.polygon().bbox()
    if value.is_edge_pair():
        return value.edge_pair().bbox()
    return value.edge().bbox() if value.is_edge() else value.box()


def test_the_deck_has_no_rule_that_the_page_leaves_out(verdicts: Verdicts) -> None:
    listed = [*COVERED, *(name for names in NOT_DRAWN.values() for name in names.split())]
    assert sorted(listed) == sorted(verdicts.theirs)


def test_one_drawing_breaks_each_rule_in_both_decks(verdicts: Verdicts) -> None:
    silent: set[str] = set()
    for theirs in COVERED:
        for rule, drawing in covering(theirs):
            if drawing is not None:
                number = verdicts.drawings.index((rule, False, drawing))
                assert number in verdicts.ours[rule], (theirs, rule, drawing)
                silent |= set() if number in verdicts.theirs[theirs] else {theirs}
    assert silent <= {SILENT}


def test_the_deck_finds_nothing_that_ours_does_not(verdicts: Verdicts) -> None:
    missed = {
        (theirs, verdicts.drawings[number])
        for theirs in COVERED
        for number in verdicts.theirs[theirs].difference(*(verdicts.ours[rule] for rule, _ in covering(theirs)))
    }
    assert missed == set()


def test_where_ours_finds_more_the_page_says_why(verdicts: Verdicts) -> None:
    covered: dict[str, set[int]] = {}
    for theirs in COVERED:
        for rule, _ in covering(theirs):
            covered.setdefault(rule, set()).update(verdicts.theirs[theirs])
    assert {rule for rule, found in covered.items() if verdicts.ours[rule] - found} == set(STRICTER)
