"""Figures of what is missing are drawn without it."""

from codesign.comparison.figures import error_bars
from codesign.figure import figure_png


def test_errors_that_there_are_not_have_no_bar() -> None:
    figure = error_bars({"fitted": (None, 0.1), "hindsight": (None, None), "conventional": (20.0, 40.0)})
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert sorted(label for label in labels if label) == ["0.1", "20", "40"]
    assert figure_png(figure).startswith(b"\x89PNG")
    assert figure_png(figure) == figure_png(figure)
