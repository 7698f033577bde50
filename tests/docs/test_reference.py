"""Every module, option and key of the report has its place in the reference, and every page is in the navigation."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import typer
import yaml
from pydantic import BaseModel
from typer.models import OptionInfo

import codesign
from codesign.cli.main import app
from codesign.report.content import Report

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


def options(typer_app: typer.Typer, group: str = "") -> Iterator[tuple[str, str]]:
    """Each command of the command line with each of its options."""
    for command in typer_app.registered_commands:
        assert command.callback is not None
        name = f"{group} {command.name or command.callback.__name__}".strip()
        for parameter, hint in get_type_hints(command.callback, include_extras=True).items():
            for info in getattr(hint, "__metadata__", ()):
                if isinstance(info, OptionInfo):
                    yield name, (info.param_decls or (f"--{parameter.replace('_', '-')}",))[0]
    for part in typer_app.registered_groups:
        assert part.typer_instance is not None
        yield from options(part.typer_instance, part.name if isinstance(part.name, str) else group)


def test_every_option_is_in_the_table() -> None:
    page = (DOCS / "reference" / "command-line.md").read_text()
    rows = re.findall(r"^\| (`--.*?) \| (.*?) \|", page, re.MULTILINE)
    described = {
        (name, option)
        for named, names in rows
        for option in re.findall(r"--[a-z-]+", named)
        for name in names.split(", ")
    }
    lacking = [
        (name, option) for name, option in options(app) if not {(name, option), (name.split()[0], option)} & described
    ]
    assert lacking == []
    assert described <= {*options(app), *((name.split()[0], option) for name, option in options(app))}


def keys(content: type[BaseModel]) -> Iterator[str]:
    """The keys of a model's JSON and of all objects within."""
    for name, field in content.model_fields.items():
        yield field.alias or name
        for one in (field.annotation, *get_args(field.annotation)):
            if isinstance(one, type) and issubclass(one, BaseModel):
                yield from keys(one)


def test_every_key_of_the_report_is_described() -> None:
    page = (DOCS / "reference" / "report.md").read_text()
    described = set(re.findall(r"`(\w+)`", page))
    for pattern in [word for word in described if "NAME" in word]:
        described |= {pattern.replace("NAME", name) for name in described}
    assert {*keys(Report)} <= described
