"""What each program said."""

import json

from pydantic import BaseModel, ConfigDict
from rich.table import Table


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str


class Magic(_Said):
    """Magic, on the GDS as it is."""

    drc: int
    """Places that break a design rule."""
    extraction_errors: int

    @property
    def clean(self) -> bool:
        return self.drc == self.extraction_errors == 0

    def words(self) -> str:
        """In a few words."""
        return f"{self.drc} design-rule errors, {self.extraction_errors} extraction errors"


class Klayout(_Said):
    """KLayout with a shuttle's deck."""

    deck: str
    """Name of its file."""
    violations: int

    @property
    def clean(self) -> bool:
        return self.violations == 0

    def words(self) -> str:
        """In a few words."""
        return f"{self.violations} violations of {self.deck}"


class Netgen(_Said):
    """netgen, the netlist that is extracted from the layout against the source."""

    match: bool
    property_errors: int

    @property
    def clean(self) -> bool:
        return self.match and self.property_errors == 0

    def words(self) -> str:
        """In a few words."""
        return f"circuits {'match' if self.match else 'differ'}, {self.property_errors} property errors"


class Tools(BaseModel):
    """The programs; None for one that is not installed, has no technology file, or no input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    magic: Magic | None
    klayout: Klayout | None
    netgen: Netgen | None


class SignOff(BaseModel):
    """What all programs said of a layout."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tools: Tools
    absent: dict[str, str]
    """Why a program said nothing."""
    extracted_by: str
    """Whose extraction gave netgen the netlist of the layout."""

    @property
    def said(self) -> list[Magic | Klayout | Netgen]:
        """What was said, of those programs that ran."""
        every = (self.tools.magic, self.tools.klayout, self.tools.netgen)
        return [one for one in every if one is not None]

    @property
    def clean(self) -> bool:
        """Whether all programs that ran found nothing."""
        return all(one.clean for one in self.said)

    def json_text(self) -> str:
        """As a file: `{"schema": 1, "tools": {...}}`."""
        return json.dumps({"schema": 1, "tools": self.tools.model_dump()}, indent=2) + "\n"


def format_sign_off(report: SignOff) -> Table:
    """A table of what each program said."""
    table = Table("program", "version", "says")
    for name in Tools.model_fields:
        said: Magic | Klayout | Netgen | None = getattr(report.tools, name)
        if said is None:
            table.add_row(name, "-", f"not run: {report.absent[name]}")
        else:
            extracted = f" (extracted by {report.extracted_by})" if isinstance(said, Netgen) else ""
            table.add_row(name, said.version, said.words() + extracted)
    return table
