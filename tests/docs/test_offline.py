"""The documentation is read without a network: its pages ask for nothing, and equations are MathML in them."""

import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
pytest.importorskip("mkdocs", reason="needs mkdocs, of the development extra")
pytest.importorskip("latex2mathml", reason="needs latex2mathml, of the development extra")
BLOCKS = [(page, tex) for page in PAGES for tex in re.findall(r"^```math\n(.*?)^```", page.read_text(), re.M | re.S)]
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=[\"']?(?:https?:)?//"
    r"|<link\b(?=[^>]*rel=[\"']?(?:stylesheet|preload|preconnect|icon|manifest))[^>]*href=[\"']?(?:https?:)?//"
    r"|url\([\"']?(?:https?:)?//|@import",
    re.IGNORECASE,
)
"""What a browser asks for by itself; links are for readers."""


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    found = spec_from_file_location("equations", ROOT / "docs" / "equations.py")
    assert found is not None and found.loader is not None
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_built_pages_ask_for_nothing(tmp_path: Path) -> None:
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", site],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )
    pages, styles = sorted(site.rglob("*.html")), sorted(site.rglob("*.css"))
    assert len(pages) > 30 and len(styles) > 1
    asked = {path.name: FETCHED.findall(path.read_text()) for path in (*pages, *styles)}
    assert {name: found for name, found in asked.items() if found} == {}
    shown = sum(page.read_text().count('<div class="equation"><math') for page in pages)
    assert shown == len(BLOCKS)
    assert not (site / "equations.py").exists()


@pytest.mark.parametrize(("page", "tex"), BLOCKS, ids=lambda value: getattr(value, "stem", "tex"))
def test_equations_are_whole_mathml(page: Path, tex: str, hook: ModuleType) -> None:
    root = ElementTree.fromstring(hook.equation(tex, "math", "equation", {}, None))
    shown = "".join(root[0].itertext())
    # Every letter of the TeX outside of commands is there, and no command is left.
    assert "\\" not in shown
    plain = re.sub(r"\\tag\{\d+\}|\\[a-z]+|[\\{}_^&\s]", "", tex)
    assert set(re.findall(r"[A-Za-z0-9]", plain)) <= set(re.findall(r"[A-Za-z0-9]", shown))


def test_the_number_stands_beside_the_equation(hook: ModuleType) -> None:
    html = hook.equation(r"a = b \tag{7}", "math", "equation", {}, None)
    assert html.endswith('</math><span class="equation-number">(7)</span></div>')
    assert "7" not in html.split("</math>")[0]


@pytest.mark.parametrize("tex", [r"a \nonsense b", r"\begin{aligned} a &= b \end{aligned}"])
def test_a_command_that_is_not_known_fails_the_build(tex: str, hook: ModuleType) -> None:
    from mkdocs.exceptions import PluginError

    with pytest.raises(PluginError, match="write it otherwise"):
        hook.equation(tex, "math", "equation", {}, None)
