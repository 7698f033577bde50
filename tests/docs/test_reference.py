"""Every module of the package has its place in the reference, and every page is in the navigation."""

import re
from pathlib import Path

import yaml

import codesign

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

ELSEWHERE = {"codesign", "codesign.cli", "codesign.report.__main__"}
"""The front door (how-to/python.md) and the command line (reference/command-line.md) have pages of their own."""


def entries() -> dict[str, bool]:
    """What the reference renders, and whether with all modules within."""
    return {
        name: "show_submodules: true" in options
        for page in DOCS.rglob("*.md")
        for name, options in re.findall(r"^::: (\S+)\n((?: +.*\n)*)", page.read_text() + "\n", re.MULTILINE)
    }


def modules() -> dict[str, Path]:
    """All modules of the package by their names."""
    files = (ROOT / "codesign").rglob("*.py")
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def test_every_module_has_its_place() -> None:
    shown = entries()
    # An entry of a class stands for its module; a package's, for the modules whose names it gives out.
    places = {name.rsplit(".", 1)[0] if name.rsplit(".", 1)[1][0].isupper() else name for name in shown}
    whole = {name for name, submodules in shown.items() if submodules}
    giving = {name for name, file in modules().items() if name in shown and "__all__" in file.read_text()}

    def placed(name: str) -> bool:
        above = {name[: dot.start()] for dot in re.finditer(r"\.", name)}
        return name in places or bool(above & (whole | giving | {"codesign.cli"}))

    rooms = {name for name, file in modules().items() if file.name == "__init__.py" and name not in places}
    lacking = [name for name in modules() if not placed(name) and name not in ELSEWHERE | rooms]
    assert lacking == [], "give each a `::: NAME` in docs/reference/api"
    assert places <= modules().keys()


def test_the_names_of_the_front_door_have_entries() -> None:
    homes = {getattr(codesign, name).__module__ for name in codesign.__all__ if name != "__version__"}
    assert homes <= entries().keys()


def test_every_page_is_in_the_navigation() -> None:
    text = re.sub(r"!\S+", "", (ROOT / "mkdocs.yml").read_text())
    linked = set(re.findall(r"(\S+\.md)\b", str(yaml.safe_load(text)["nav"]).replace("'", " ")))
    assert linked == {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
