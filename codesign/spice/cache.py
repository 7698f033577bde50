"""Results of simulations, addressed by all that they depend on."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from platformdirs import user_cache_path

from codesign.files import read_sealed, write_atomically, write_sealed
from codesign.spice.deck import Deck
from codesign.spice.simulator import MODELS_NAME, Simulator, spiceinit
from codesign.spice.waveforms import Waveforms


@dataclass(frozen=True)
class Ingredients:
    """All that a simulation's result depends on.

    Attributes:
        ngspice: the simulator's version.
        models: SHA-256 of the models that the deck includes.
        settings: the simulator's start-up file.
        deck: the deck's text, with its options, corner, temperature and seed.
    """

    ngspice: str
    models: str
    settings: str
    deck: str

    @classmethod
    def of(cls, deck: Deck, simulator: Simulator) -> "Ingredients":
        """Gather the ingredients of one deck run by one simulator.

        Raises:
            PdkError: an unknown device or corner.
        """
        models = deck.models(simulator.pdk)
        settings = spiceinit(simulator.pdk.technology)
        return cls(simulator.ngspice.version, _digest(models), settings, deck.text(MODELS_NAME))

    @cached_property
    def key(self) -> str:
        """The address of the result: SHA-256 of the ingredients, hexadecimal."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()

    def first_difference(self, stored: "Ingredients") -> str:
        """The first difference from the ingredients of a stored result, in words."""
        if self.ngspice != stored.ngspice:
            return f"ngspice {self.ngspice} instead of {stored.ngspice}"
        if self.models != stored.models:
            return f"models {self.models[:12]} instead of {stored.models[:12]}"
        if self.settings != stored.settings:
            return "other simulator settings"
        mine, theirs = self.deck.splitlines(), stored.deck.splitlines()
        for number, (new, old) in enumerate(zip(mine, theirs, strict=False), start=1):
            if new != old:
                return f"deck line {number}: {new!r} instead of {old!r}"
        return f"a deck of {len(mine)} lines instead of {len(theirs)}"

    def distance(self, stored: "Ingredients") -> tuple[int, int]:
        """How far a stored result is from this: differing ingredients beside the deck, then differing deck lines."""
        others = sum(
            mine != theirs
            for mine, theirs in (
                (self.ngspice, stored.ngspice),
                (self.models, stored.models),
                (self.settings, stored.settings),
            )
        )
        return others, len(set(self.deck.splitlines()) ^ set(stored.deck.splitlines()))


@lru_cache(maxsize=64)
def _digest(models: str) -> str:
    return hashlib.sha256(models.encode()).hexdigest()


class ResultCache:
    """A folder of results, safe for several processes at once and for a kill at any moment.

    An entry is two files named by its key: `KEY.json` (the ingredients), then `KEY.npz` (the waveforms and their
    digest), each written whole or not at all. The entry exists when the second one does.

    Attributes:
        folder: where the entries are.
        hits: how many results `load` has found.
        misses: how many it has not.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Open a cache.

        Args:
            folder: of the entries, created with the first; by default the user cache folder.
        """
        self.folder = user_cache_path("codesign") / "results" if folder is None else folder
        self.hits = 0
        self.misses = 0

    def load(self, ingredients: Ingredients) -> Waveforms | None:
        """Return the stored result, or None. A damaged entry is removed and counts as missing."""
        path = self._waveforms_path(ingredients.key)
        try:
            stored = read_sealed(path)
        except OSError:
            stored = None
        if stored is None:
            self.misses += 1
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        self.hits += 1
        return Waveforms.from_bytes(stored)

    def store(self, ingredients: Ingredients, waveforms: Waveforms) -> None:
        """Store a result under its ingredients.

        Raises:
            CodesignError: the folder cannot be written.
        """
        path = self._waveforms_path(ingredients.key)
        write_atomically(path.with_suffix(".json"), json.dumps(asdict(ingredients)))
        write_sealed(path, waveforms.to_bytes())

    def why_missed(self, ingredients: Ingredients) -> str:
        """Why a result was not found: the difference from the nearest stored one, in words."""
        if self._waveforms_path(ingredients.key).is_file():
            return "it is stored"
        nearest = min(self._stored(), key=ingredients.distance, default=None)
        if nearest is None:
            return f"nothing is stored in {self.folder}"
        return f"the nearest stored result has other ingredients: {ingredients.first_difference(nearest)}"

    def _waveforms_path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.npz"

    def _stored(self) -> Iterator[Ingredients]:
        for path in self.folder.glob("*/*.npz"):
            # Another process may remove an entry while this one looks.
            with contextlib.suppress(OSError, ValueError, TypeError):
                yield Ingredients(**json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
