"""Ways on the grid, against Dijkstra's of scipy on a graph built by itself."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import lil_matrix
from scipy.sparse.csgraph import dijkstra

from codesign.layout.tile.search import BLOCKED, Search, straight

SIZE = (2, 6, 5)
START, END = (0, 0, 0), (1, 5, 4)


def cost_by_scipy(owners: npt.NDArray[np.int32], prices: npt.NDArray[np.int32]) -> float:
    graph = lil_matrix((owners.size, owners.size))
    for node in np.ndindex(owners.shape):
        layer, x, y = node
        along, across = (2, 3) if layer == 0 else (3, 2)
        steps = {
            (layer, x + 1, y): along,
            (layer, x - 1, y): along,
            (layer, x, y + 1): across,
            (layer, x, y - 1): across,
        }
        for other, price in {**steps, (1 - layer, x, y): 8}.items():
            inside = all(0 <= at < size for at, size in zip(other, SIZE, strict=True))
            if inside and owners[node] != BLOCKED and owners[other] != BLOCKED:
                graph[np.ravel_multi_index(node, SIZE), np.ravel_multi_index(other, SIZE)] = price + prices[other]
    ends = [int(np.ravel_multi_index(node, SIZE)) for node in (START, END)]
    return float(dijkstra(graph.tocsr(), indices=ends[0])[ends[1]])


@settings(deadline=None, max_examples=40)
@given(
    arrays(np.bool_, SIZE),
    arrays(np.int32, SIZE, elements=st.integers(0, 20)),
)
def test_the_way_costs_what_the_cheapest_costs(blocked: npt.NDArray[np.bool_], prices: npt.NDArray[np.int32]) -> None:
    owners = np.where(blocked, BLOCKED, 0).astype(np.int32)
    owners[START] = owners[END] = 0
    way = Search(owners, prices).cheapest(1, [START], [END])
    expected = cost_by_scipy(owners, prices)
    if way is None:
        assert np.isinf(expected)
        return
    assert way[0] == START and way[-1] == END
    total = 0
    for before, after in pairwise(way):
        assert sum(abs(a - b) for a, b in zip(before, after, strict=True)) == 1
        via = before[0] != after[0]
        along = (before[2] == after[2]) == (before[0] == 0)
        total += int(prices[after]) + (8 if via else 2 if along else 3)
    assert total == expected


def test_a_wire_is_crossed_only_where_there_is_no_way_around() -> None:
    search = Search(np.zeros((2, 9, 9), np.int32), np.zeros((2, 9, 9), np.int32))
    wall = [(layer, 4, y) for layer in (0, 1) for y in range(9)]
    search.lay(7, wall[:-1])
    around = search.cheapest(1, [(0, 0, 0)], [(0, 8, 0)])
    assert around is not None and search.cross(1, around) == set()
    search.lay(7, wall)
    over = search.cheapest(1, [(0, 0, 0)], [(0, 8, 0)])
    assert over is not None and search.cross(1, over) == {7}
    search.clear(wall)
    assert search.cross(1, over) == set()


def test_nodes_kept_for_another_net_are_never_crossed() -> None:
    owners = np.zeros((2, 3, 3), np.int32)
    owners[:, 1, :] = 2
    search = Search(owners, np.zeros_like(owners))
    assert search.cheapest(1, [(0, 0, 0)], [(0, 2, 2)]) is None
    assert search.cheapest(2, [(0, 0, 0)], [(0, 2, 2)]) is not None
    assert search.cheapest(1, [(0, 0, 0)], [(0, 1, 1)]) is None


def test_straight_stretches() -> None:
    way = [(0, 0, 0), (0, 1, 0), (0, 2, 0), (0, 2, 1), (0, 2, 2), (0, 3, 2)]
    assert straight(way) == [((0, 0, 0), (0, 2, 0)), ((0, 2, 0), (0, 2, 2)), ((0, 2, 2), (0, 3, 2))]
    assert straight(way[:1]) == []
