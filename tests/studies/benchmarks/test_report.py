"""The benchmark's bars, table and file."""

import json

import pytest
import torch

from codesign.studies.benchmarks.layer_benchmark import FLOOR, Row, dense_rows
from codesign.studies.benchmarks.report import Benchmark, BenchmarkError, bars, read_rows, write_report


def row(method, seconds, saved, steps=None, inputs=1000):
    return Row("cpu", method, inputs, 16, steps, seconds, saved, 2 * saved)


@pytest.fixture
def benchmark():
    rows = [
        row(FLOOR, 0.002, 128_000),
        row("dstd", 0.040, 700_000, steps=10),
        row("dstd", 0.012, 660_000, steps=10, inputs=300),
        row("exact, sorted cumulative sums", 2.4, 512_000_000),
    ]
    errors = {"He, E = 3": {"dstd M=10": 2e-3, "cf4 M=6": 3e-3, "legendre M=5": 1e-3}}
    convolution = {"nn.Conv2d": 0.1, "DSTDConv2d, dstd, M = 10": 2.0}
    return Benchmark("cpu", rows, convolution, errors)


def test_bars_are_ratios_of_the_rows(benchmark):
    found = {bar.name: bar for bar in bars(benchmark)}
    assert found["dstd M = 10: time, in Linear + ReLU"].value == pytest.approx(20)
    assert found["dstd M = 10: faster than exact, sorted cumulative sums"].value == pytest.approx(60)
    assert found["dstd M = 10: fewer saved bytes than exact"].value == pytest.approx(731.43, rel=1e-4)
    assert found["DSTDConv2d M = 10: time, in nn.Conv2d"].value == pytest.approx(20)
    assert found["growth exponent with the inputs, dstd M = 10"].value == pytest.approx(1, rel=1e-6)
    missed = {name for name, bar in found.items() if not bar.met}
    assert missed == {"error of cf4 M=6 over dstd M=10, He, E = 3"}


def test_report_is_written_and_its_rows_read_back(benchmark, tmp_path):
    write_report(benchmark, tmp_path, "codesign bench dstd")
    assert read_rows(tmp_path / "bench_dstd.json") == benchmark.rows
    assert json.loads((tmp_path / "bench_dstd.json").read_text())["command"] == "codesign bench dstd"
    assert "| 1000 | 16 | dstd | 10 | 40.00 | 20.0 |" in (tmp_path / "bench_dstd.md").read_text()


@pytest.mark.parametrize("content", [None, "", "[]", '{"rows": [{"a": 1}]}'])
def test_another_file_is_refused(content, tmp_path):
    path = tmp_path / "bench_dstd.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BenchmarkError, match=r"bench_dstd\.json"):
        read_rows(path)


def test_every_method_is_measured_and_large_exact_ones_left_out():
    small = list(dense_rows(torch.device("cpu"), (10,), (2,), budget=0.0, memory_limit=10**8))
    assert {row.method for row in small} >= {FLOOR, "dstd", "cf4", "legendre", "exact, event loop"}
    assert all(row.seconds > 0 and row.peak_bytes > 0 for row in small)
    limited = dense_rows(torch.device("cpu"), (10,), (2,), budget=0.0, memory_limit=1)
    assert not any(row.method.startswith("exact") for row in limited)
