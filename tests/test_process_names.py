"""What is known of a process stands in `pdk/`: no name or number of it in the package's Python."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import codesign

PACKAGE = Path(codesign.__file__).parent
PROCESSES = Path(__file__).parents[1] / "pdk"

ENGLISH = {"diff", "via"}
"""Names of layers that are words of their own."""

LOADER = PACKAGE / "pdk" / "technology.py"


class Names:
    """All that names or numbers one process, from its data files.

    Attributes:
        words: found anywhere in a line, comments too, whatever the case.
        layers: likewise, but only as whole words.
        constants: found only as a whole constant: names too short or common to be looked for in text, supply voltages,
            GDS layers with their datatypes.
    """

    def __init__(self, folder: Path) -> None:
        technology, layers, rules = (
            tomllib.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("technology.toml", "layers.toml", "rules.toml")
        )
        library, wheel, statistics = technology["library"], technology["wheel"], technology["statistics"]
        self.words = {
            *(folder.name, technology["label"], wheel["name"], wheel["sha256"]),
            *(name for name in technology["devices"].values() if isinstance(name, str)),
            *(library[key] for key in ("file", "variant", "combined", "binned", "foundry_combined")),
            *(statistics[key] for key in ("mismatch_switch", "process_switch")),
            *technology["dialect"]["spiceinit"],
        }
        # A process may call a layer as codesign calls its role: "poly".
        named = set(layers["names"].values()) - set(layers["names"])
        self.layers = {name for name in named if name not in ENGLISH}
        numbered = [rule["name"] for key in ("drc", "antenna") for rule in rules[key]]
        self.constants: set[Any] = {
            *named,
            *numbered,
            *technology["corners"],
            *(corner + statistics["mismatch_section_suffix"] for corner in technology["corners"]),
            *(technology[key] for key in ("supply", "highest_supply")),
            *(tuple(pair) for table in ("drawing", "pin", "label") for pair in layers[table].values()),
        }

    def found_in(self, source: str) -> Iterator[tuple[int, str]]:
        """Line number and name of each that stands in a Python file."""
        words = re.compile("|".join(map(re.escape, sorted(self.words, key=len, reverse=True))), re.IGNORECASE)
        layers = re.compile(rf"\b({'|'.join(map(re.escape, sorted(self.layers)))})s?\b", re.IGNORECASE)
        for number, line in enumerate(source.splitlines(), start=1):
            yield from ((number, match[0]) for found in (words, layers) for match in found.finditer(line))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant | ast.Tuple) and _value(node) in self.constants:
                yield node.lineno, repr(_value(node))


def _value(node: ast.Constant | ast.Tuple) -> Any:
    """A string, a number, or a tuple of such."""
    if isinstance(node, ast.Constant):
        return node.value
    return tuple(element.value for element in node.elts if isinstance(element, ast.Constant))


def processes() -> list[Path]:
    return sorted(path.parent for path in PROCESSES.glob("*/technology.toml"))


@pytest.mark.parametrize("process", processes(), ids=lambda folder: folder.name)
def test_no_name_of_a_process_in_python(process: Path) -> None:
    names = Names(process)
    files = [path for path in PACKAGE.rglob("*.py") if path != LOADER]
    assert len(files) > 100
    found = [
        f"{path.relative_to(PACKAGE.parent)}:{line}: {name}"
        for path in sorted(files)
        for line, name in names.found_in(path.read_text(encoding="utf-8"))
    ]
    assert not found, "names of a process, which belong into pdk/:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('device = "pfet_01v8"', 1),
        ("# The mcons of a rail", 1),
        ("# as in every Sky130 netlist", 1),
        ('"""Text."""\nreturn_layer = {"met1": 1}', 2),
        ('width = rules.nm("poly.2")', 1),
        ('def run(corner: str = "ss") -> None: ...', 1),
        ("supply = 1.8", 1),
        ("layer = (\n    68, 20\n)", 1),
    ],
)
def test_the_search_finds_what_is_planted(source: str, line: int) -> None:
    assert {number for number, _ in Names(PROCESSES / "sky130").found_in(source)} == {line}


def test_the_search_passes_over_plain_words() -> None:
    plain = '"""Poly, metal_1, tt and via in a sentence."""\nnumber, pair, role = 18, (1, 2), "pmos"'
    assert not list(Names(PROCESSES / "sky130").found_in(plain))
