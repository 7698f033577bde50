"""The ngspice program on this machine."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from codesign.spice.errors import NgspiceNotFound

NGSPICE = "ngspice"
"""The program's name."""

OLDEST_VERSION = 38
"""The oldest ngspice with the same results as the tested versions."""

INSTALL_ADVICE = f"install ngspice {OLDEST_VERSION} or newer (Debian, Ubuntu: apt-get install ngspice)"

_VERSION = re.compile(r"ngspice-(\d+)(\S*)")


@dataclass(frozen=True)
class Ngspice:
    """An ngspice that can be run.

    Attributes:
        executable: its path.
        version: for example `39`.
    """

    executable: Path
    version: str


def find_ngspice(executable: str = NGSPICE) -> Ngspice:
    """Find ngspice and check that it is new enough.

    Args:
        executable: the program's name, looked up on the PATH, or its path.

    Raises:
        NgspiceNotFound: it is not there, cannot be run, or is too old.
    """
    path = shutil.which(executable)
    if path is None:
        raise NgspiceNotFound(f"{executable} is not on the PATH", cure=INSTALL_ADVICE)
    try:
        answer = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NgspiceNotFound(f"{path} --version does not answer ({error})", cure=INSTALL_ADVICE) from error
    match = _VERSION.search(answer.stdout)
    if match is None:
        raise NgspiceNotFound(f"{path} --version does not name an ngspice version", cure=INSTALL_ADVICE)
    if int(match[1]) < OLDEST_VERSION:
        raise NgspiceNotFound(f"{path} is ngspice {match[1]}", cure=INSTALL_ADVICE)
    return Ngspice(Path(path).absolute(), match[1] + match[2])
