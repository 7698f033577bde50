"""The coverage table of the rules page says what the deck holds and what the tests try."""

from pathlib import Path

from codesign.layout.technology import load_technology
from tests.layout.rule_examples import EXAMPLES

PAGE = Path(__file__).parents[2] / "docs" / "layout" / "rules.md"


def coverage_table() -> list[str]:
    """The rows of the table, without its head."""
    rows: list[str] = []
    for rule in load_technology().drc:
        limits = rule.values or ((rule.value,) if rule.value else ())
        example = EXAMPLES[rule.name]
        drawings = f"{len(example.passing)} that keep it, {len(example.failing)} that break it"
        limit = ", ".join(f"{value:g}" for value in limits)
        rows.append(f"| {rule.name} | {rule.text} | {limit} | `{rule.check}` | {drawings} |")
    rows += [
        f"| {rule.name} | {rule.text} | {rule.ratio:g} | net by net | wires that keep and break `ar.met1.1` |"
        for rule in load_technology().antenna
    ]
    return rows


def test_the_coverage_table_is_that_of_the_deck() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = [
        line for line in text.splitlines() if line.startswith("| ") and not line.startswith(("| rule |", "| --- |"))
    ]
    assert rows == coverage_table()
