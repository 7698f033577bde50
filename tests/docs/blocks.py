"""The code blocks of the documentation, as Markdown has them."""

from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "netlists/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]


@dataclass(frozen=True)
class Block:
    """A code block.

    Attributes:
        page: its file, from the root of the repository.
        line: of the file, where it starts.
        language: what the fence names; an indented block is of shell commands.
        text: without fence and indentation.
    """

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """The blocks of a page in their order."""
    name = str(page.relative_to(ROOT))
    return [
        Block(name, token.map[0] + 1, token.info if token.type == "fence" else "sh", token.content)
        for token in MarkdownIt("commonmark").parse(page.read_text())
        if token.type in ("fence", "code_block") and token.map is not None
    ]


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def of_language(language: str) -> list[Block]:
    """All blocks of a language."""
    return [block for block in BLOCKS if block.language == language]


PROGRAMS = {
    page: [block for block in BLOCKS if block.page == page and block.language in ("python", "sh")]
    for page in dict.fromkeys(block.page for block in [*of_language("python"), *of_language("sh")])
}
"""The blocks that run, by their page: what one makes, the next may use."""
