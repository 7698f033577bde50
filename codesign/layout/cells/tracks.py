"""Horizontal routing tracks: which net runs on which, by the left-edge rule."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """The stretch of x that a net needs on a track, nm, ends of its wire included."""

    net: str
    left: int
    right: int


def assign_tracks(intervals: list[Interval], space: int) -> dict[str, int]:
    """Track number by net, from 0, so that intervals on one track keep `space` nm from each other.

    Intervals are taken from the left, each onto the first track that is free there: the number of tracks is the
    largest number of intervals over any x.
    """
    ends: list[int] = []
    tracks: dict[str, int] = {}
    for interval in sorted(intervals, key=lambda interval: (interval.left, interval.right, interval.net)):
        for number, end in enumerate(ends):
            if interval.left >= end + space:
                tracks[interval.net], ends[number] = number, interval.right
                break
        else:
            tracks[interval.net] = len(ends)
            ends.append(interval.right)
    return tracks


def put_first(tracks: dict[str, int], nets: Sequence[str]) -> dict[str, int]:
    """Renumber whole tracks so that those of `nets` come first, in their order."""
    wanted = [tracks[net] for net in nets if net in tracks]
    order = list(dict.fromkeys([*wanted, *sorted(tracks.values())]))
    return {net: order.index(track) for net, track in tracks.items()}
