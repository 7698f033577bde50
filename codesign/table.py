"""Results shown as a table in a terminal or a notebook."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, repr=False)
class Table:
    """Rows of text below headings.

    Attributes:
        headings: of the columns; the first column is a name, the others are numbers.
        rows: one text for each column.
        caption: lines above the table.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""

    def __str__(self) -> str:
        lines = (self.headings, *self.rows)
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.headings))]
        text = [
            "  ".join(
                cell.rjust(width) if column else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([*self.caption.splitlines(), *text])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(heading)}</th>" for heading in self.headings)
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.rows)
        caption = "<br>".join(escape(line) for line in self.caption.splitlines())
        return f"<p>{caption}</p><table><tr>{head}</tr>{body}</table>"


class Shown(ABC):
    """A result shown as a table."""

    @property
    @abstractmethod
    def table(self) -> Table:
        """What is shown."""

    def __str__(self) -> str:
        return str(self.table)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        # The convention of Jupyter.
        return self.table._repr_html_()  # pyright: ignore[reportPrivateUsage]
