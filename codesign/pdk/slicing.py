"""A model library with just the devices of one deck, so that ngspice starts in 0.1 s instead of seconds."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from platformdirs import user_cache_path

from codesign.files import read_sealed, write_sealed
from codesign.pdk.discovery import Pdk
from codesign.pdk.errors import PdkError
from codesign.pdk.library import Statement, read_section

# Changes when this module would cut another slice from the same library: slices of the old form are then not reused.
_SLICE_FORMAT = "1"


@lru_cache(maxsize=64)
def model_slice(pdk: Pdk, devices: frozenset[str], corner: str, mismatch: bool = False) -> str:
    """Cut the models of the named devices out of the library.

    The slice holds each device's subcircuit or model, and, transitively, every parameter, function, model and
    subcircuit that it mentions, in the library's own order: ngspice computes the same numbers from it as from the
    whole library. Slices are kept in the user cache folder, and cut again where one is damaged.

    Args:
        pdk: the model library.
        devices: names as in a netlist, with or without the process's prefix.
        corner: one of the process's.
        mismatch: whether each instance draws its own random deviation.

    Raises:
        PdkError: unknown device or corner (the message names those that exist), or an unreadable library.
    """
    technology = pdk.technology
    section = technology.section(corner, mismatch=mismatch)
    wanted = frozenset(_full_name(device, technology.devices.prefix) for device in devices)
    path = _cached_path(pdk, wanted, section)
    try:
        stored = read_sealed(path)
    except OSError as error:
        raise PdkError(f"cannot read the cached models {path}: {error.strerror}", cure="delete it") from error
    if stored is not None:
        return stored.decode()
    models = _cut(pdk, wanted, section)
    write_sealed(path, models.encode())
    return models


def device_names(pdk: Pdk) -> frozenset[str]:
    """The full names of all devices in the library: subcircuits, and models used without one (metal resistors).

    Raises:
        PdkError: the library cannot be read.
    """
    technology = pdk.technology
    return _devices_in(read_section(pdk.library, technology.typical_corner), technology.devices.prefix)


def _full_name(device: str, prefix: str) -> str:
    lower = device.lower()
    return lower if lower.startswith(prefix) else prefix + lower


def _cached_path(pdk: Pdk, wanted: frozenset[str], section: str) -> Path:
    ingredients = "\n".join([_SLICE_FORMAT, pdk.fingerprint, section, *sorted(wanted)])
    return user_cache_path("codesign") / "models" / f"{hashlib.sha256(ingredients.encode()).hexdigest()}.spice"


def _cut(pdk: Pdk, wanted: frozenset[str], section: str) -> str:
    technology = pdk.technology
    statements = read_section(pdk.library, section)
    existing = _devices_in(statements, technology.devices.prefix)
    if unknown := sorted(wanted - existing):
        closest = get_close_matches(unknown[0], sorted(existing), n=6, cutoff=0.0)
        raise PdkError(
            f"the model library has no device {', '.join(unknown)}; the closest of its {len(existing)} devices are "
            f"{', '.join(closest)}; `codesign pdk devices` lists all"
        )
    needed = _needed(statements, wanted)
    kept = (statement.text for statement in statements if statement in needed or _always_kept(statement))
    origin = f"{technology.label} models, {technology.library.licence}"
    header = f"* {origin}, section {section} cut to {' '.join(sorted(wanted))}"
    return "\n".join([header, *kept]) + "\n"


def _devices_in(statements: Iterable[Statement], prefix: str) -> frozenset[str]:
    named = (name for statement in statements if statement.kind in (".subckt", ".model") for name in statement.defines)
    return frozenset(name for name in named if name.startswith(prefix))


def _always_kept(statement: Statement) -> bool:
    return statement.kind in (".option", ".options")


def _needed(statements: Iterable[Statement], wanted: frozenset[str]) -> set[Statement]:
    definitions: dict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        for name in statement.defines:
            definitions[name].append(statement)
    needed: set[Statement] = set()
    waiting = set(wanted)
    resolved: set[str] = set()
    while waiting:
        name = waiting.pop()
        resolved.add(name)
        for statement in definitions.get(name, ()):
            if statement not in needed:
                needed.add(statement)
                waiting |= statement.mentions - resolved
    return needed
