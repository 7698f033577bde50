"""Turns the `math` blocks of the pages (TeX, one equation each) into MathML, which browsers show without a program."""

import re
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Called by MkDocs: registers the block."""
    fence = {"name": "math", "class": "equation", "format": equation}
    config.mdx_configs.setdefault("pymdownx.superfences", {})["custom_fences"] = [fence]
    return config


def equation(source: str, language: str, css_class: str, options: Any, md: Any, **others: Any) -> str:
    """A block as HTML; `\\tag{1}` at its end becomes the number beside it.

    Raises:
        PluginError: latex2mathml is missing, or does not know a command of the equation.
    """
    try:
        from latex2mathml.converter import convert
    except ImportError as error:
        raise PluginError("equations need latex2mathml: pip install -e '.[development]'") from error
    tex, number = re.fullmatch(r"(.*?)\s*(?:\\tag\{(\d+)\})?\s*", source, re.DOTALL).groups()
    mathml = convert(tex, display="block")
    if left := re.search(r"<m[io]>(\\|&(?!\w+;|#))[^<]*", mathml):
        raise PluginError(f"latex2mathml leaves {left[0]!r} in the equation {source!r}; write it otherwise")
    label = f'<span class="equation-number">({number})</span>' if number else ""
    return f'<div class="{css_class}">{mathml}{label}</div>'
