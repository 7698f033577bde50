"""Damaged layouts and netlists: one line that says what is wrong, or a verdict; never another exception."""

import math
import operator
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from codesign.errors import CodesignError
from codesign.layout.drc import check_gds, format_report
from codesign.layout.lvs import compare_files, format_comparison
from codesign.layout.netlist import flatten, parse_spice, read_netlist
from codesign.layout.pex import extract_files
from codesign.layout.values import value_of
from tests.damage import damaged, damaged_text
from tests.layout.helpers import PREFIX

FILES = Path(__file__).parent / "foreign"
HIER, PLAIN = FILES / "hier.gds", FILES / "hier.spice"
LAYOUTS = [path.read_bytes() for path in sorted(FILES.glob("*.gds"))]
NETLISTS = [path.read_text() for path in sorted(FILES.glob("*.spice"))]
NETLISTS.append(
    ".subckt part a b params: w=0.42 n={2*w}\nM1 a b a b pfet_01v8 w='w*n' l=150n m=2 ; drawn\n.ends part\n"
    "* two parts\n.subckt top src drn gte sub\nX1 src drn / part w=1\nX2 drn\n+ gte part n=3 m=2\n.ends\n.end\n"
)


def judged(judge: Callable[[], str]) -> None:
    """Call it, and hold an error to one line."""
    try:
        assert judge()
    except CodesignError as error:
        assert str(error) and str(error).isprintable(), repr(str(error))


@given(damaged(*LAYOUTS))
def test_fuzz_layouts(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        gds = Path(folder) / "damaged.gds"
        gds.write_bytes(content)
        judged(lambda: format_report(check_gds(gds)))
        judged(lambda: format_comparison(compare_files(gds, PLAIN)))
        judged(lambda: extract_files(gds, PLAIN).netlist)


@given(damaged_text(*NETLISTS))
@example(b"\xef\xbb\xbf" + NETLISTS[0].encode())
@example(b".subckt top a\n.ends\x00\n")
@example(b"+ a\n")
@example(b".subckt top\xc2\x85 a\nX\x1b[0m a top\n.ends\n")
def test_fuzz_netlists(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spice = Path(folder) / "damaged.spice"
        spice.write_bytes(content)
        judged(lambda: repr(read_netlist(spice, "top", PREFIX)))


@given(damaged_text(*NETLISTS))
def test_fuzz_comparisons(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spice = Path(folder) / "damaged.spice"
        spice.write_bytes(content)
        judged(lambda: format_comparison(compare_files(HIER, spice)))


_WORDS = st.sampled_from(
    [".subckt", ".ends", "X1", "M1", "Mx", "+", "*", "$", ";", "/", "a", "b", "top", "part", "\n"]
) | (st.sampled_from(["nfet_01v8", "sky130_fd_pr__nfet_01v8", "w=1", "l=0.15", "m=2", "w={w}", "=", "'", "{"]))


@given(st.lists(_WORDS, max_size=60).map(" ".join))
def test_fuzz_words_of_netlists(text: str) -> None:
    judged(lambda: repr(flatten(parse_spice(text, "text"), "top", "text", PREFIX)))


def _combined(parts: tuple[tuple[str, float], str, tuple[str, float]]) -> tuple[str, float]:
    (left, a), sign, (right, b) = parts
    value = {"+": operator.add, "-": operator.sub, "*": operator.mul}.get(sign, lambda a, b: a / b if b else math.nan)
    return f"({left} {sign}{right})", value(a, b)


_EXPRESSIONS = st.recursive(
    st.sampled_from([("1", 1.0), (".42", 0.42), ("150e-3", 0.15), ("w", 3.0), ("-2.", -2.0)]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(_combined),
)


@given(_EXPRESSIONS)
def test_fuzz_expressions(expression: tuple[str, float]) -> None:
    text, expected = expression
    value = value_of(text, {"w": 3.0})
    assert value == expected if math.isfinite(expected) else value is None


@given(st.text(alphabet="0123456789.eukmng+-*/() {}'w", max_size=30))
def test_fuzz_values(text: str) -> None:
    value = value_of(text, {"w": 0.5})
    assert value is None or math.isfinite(value)
