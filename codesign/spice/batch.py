"""Many decks at once, on any executor."""

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed, wait
from contextlib import suppress

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from codesign.errors import CodesignError
from codesign.spice.cache import Ingredients, ResultCache
from codesign.spice.deck import Deck
from codesign.spice.errors import SimulationError
from codesign.spice.process import kill_running_children
from codesign.spice.simulator import Simulator
from codesign.spice.waveforms import Waveforms


def run_decks(
    decks: Sequence[Deck],
    *,
    simulator: Simulator,
    cache: ResultCache,
    executor: Executor,
    progress: str | None = None,
) -> list[Waveforms]:
    """Simulate decks in parallel, taking from the cache what it holds.

    Each result goes into the cache as soon as it is there, so that an interrupted or killed flow repeats
    only the runs that were in flight. What goes to the executor is a deck and its models, what comes back waveforms:
    only this process reads and writes the cache. Equal decks run once. `cache.misses` counts the runs, `cache.hits` the
    results that needed none.

    Args:
        decks: what to simulate.
        simulator: runs one deck.
        cache: where results are looked up and stored.
        executor: runs the simulations: threads or processes, one a core.
        progress: title of the progress bar; by default there is none.

    Returns:
        The waveforms, in the order of `decks`.

    Raises:
        SimulationFailed: a run failed; those not yet started are cancelled.
        SimulationError: a worker process died.
        CodesignError: the cache cannot be written.
    """
    ingredients = [Ingredients.of(deck, simulator) for deck in decks]
    distinct = {made_from.key: (deck, made_from) for deck, made_from in zip(decks, ingredients, strict=True)}
    results: dict[str, Waveforms] = {}
    futures: dict[Future[Waveforms], Ingredients] = {}
    with _progress_bar(progress) as bar:
        task = bar.add_task(progress or "", total=len(distinct))
        try:
            for key, (deck, made_from) in distinct.items():
                if (stored := cache.load(made_from)) is not None:
                    results[key] = stored
                    bar.advance(task)
                else:
                    job = executor.submit(simulator.run_with_models, deck, deck.models(simulator.pdk))
                    futures[job] = made_from
            for future in as_completed(futures):
                made_from, waveforms = futures[future], future.result()
                cache.store(made_from, waveforms)
                results[made_from.key] = waveforms
                bar.advance(task)
        except BaseException as error:
            for future in futures:
                future.cancel()
            # Again and again: a thread may be just about to start its child.
            while not isinstance(error, Exception) and wait(futures, timeout=0.2).not_done:
                kill_running_children()
            wait(futures)
            for future, made_from in futures.items():
                if not future.cancelled() and future.exception() is None and made_from.key not in results:
                    # The first error is the one to report.
                    with suppress(CodesignError):
                        cache.store(made_from, future.result())
            if isinstance(error, BrokenExecutor):
                raise SimulationError("a worker process died; is there enough memory for this many?") from error
            raise
    return [results[made_from.key] for made_from in ingredients]


def _progress_bar(description: str | None) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=description is None,
    )
