"""The programs on the page "Training with your circuit's physics" run and learn."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "dstd" / "training-with-your-circuit.md"


def test_programs_of_the_training_page(capsys):
    programs = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert len(programs) == 2
    names: dict[str, object] = {}
    for program in programs:
        exec(program.replace("range(200)", "range(30)"), names)
    discretised, exact = (float(number) for number in re.findall(r"tensor\(([\d.]+)\)", capsys.readouterr().out))
    assert discretised > 0.8
    assert abs(discretised - exact) < 0.02
