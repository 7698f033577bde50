"""An error is one line, knows its cure apart from it, and comes back whole from a worker process."""

import pickle
from pathlib import Path

import pytest

from codesign.errors import CodesignError
from codesign.pdk import PdkError, PdkNotFound
from codesign.spice.errors import SimulationFailed

ERRORS = [
    CodesignError("the file is empty", cure="write it again"),
    CodesignError("nothing to do"),
    PdkError("unknown corner"),
    PdkNotFound("there is none", cure="install it", binding=True),
    SimulationFailed("it stopped", Path("deck.cir"), "one\ntwo", cure="take smaller steps"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_the_line_is_the_message_and_then_the_cure(error: CodesignError) -> None:
    assert str(error) == (f"{error.message}; {error.cure}" if error.cure else error.message)
    assert "\n" not in str(error)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_it_survives_a_worker_process(error: CodesignError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
