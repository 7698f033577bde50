"""Signals that end the program: all of them as an interrupt does, so that what it started ends too."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal that ends the program; no handler of errors must catch it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        """Of the signal."""


_waiting: list[int] | None = None
"""Signals that came while they are held back; None: they are not."""


@contextmanager
def signals_held_back() -> Generator[None, None, None]:
    """Within the block, in the main thread, `Stopped` waits for the end of the block."""
    global _waiting
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = _waiting = []
    try:
        yield
    finally:
        _waiting = None
        if came:
            raise Stopped(came[0])


@contextmanager
def stopped_by_signals() -> Generator[None, None, None]:
    """Within the block, SIGINT, SIGTERM and SIGHUP raise `Stopped` in the main thread; a second one kills at once.

    Whatever error the interrupted code makes of it, as where standard error is a terminal that is gone, the block ends
    by `Stopped`. A signal that this process was started to ignore, as with nohup, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _ENDING}
    received: list[int] = []
    caught = [number for number, handler in before.items() if handler is not signal.SIG_IGN]

    def stop(number: int, frame: FrameType | None) -> None:
        for each in caught:
            signal.signal(each, signal.SIG_DFL)
        received.append(number)
        if _waiting is None:
            raise Stopped(number)
        _waiting.append(number)

    for number in caught:
        signal.signal(number, stop)
    try:
        yield
    except BaseException as error:
        if received and not isinstance(error, Stopped):
            raise Stopped(received[0]) from error
        raise
    finally:
        for number in caught:
            signal.signal(number, before[number])
