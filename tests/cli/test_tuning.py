"""Bit files and the tuning of one chip on the command line."""

from pathlib import Path

import numpy as np

from codesign.circuits.bit_file import bit_file
from codesign.flow.file import FlowFile
from tests.circuits.designs import FLOWS
from tests.cli.test_commands import Runner, assert_one_error, codesign, flow
from tests.flow.test_tuning import chip_model, nominal
from tests.training.test_tuning import start

__all__ = ["codesign", "flow"]

PROGRAMMABLE = FLOWS / "programmable.toml"


def test_a_bit_file_stands_for_its_weights(codesign: Runner, tmp_path: Path) -> None:
    weights = [np.arange(25).reshape(5, 5) % 15 - 7] * 2
    (tmp_path / "bits.csv").write_text(bit_file(weights, 3))
    assert codesign("netlist", PROGRAMMABLE, tmp_path / "bits.csv", "--out", tmp_path / "a").status == 0
    assert (tmp_path / "a" / "bits.csv").read_text() == (tmp_path / "bits.csv").read_text()
    np.savez(tmp_path / "w.npz", layer_1=weights[0], layer_2=weights[1])
    assert codesign("netlist", PROGRAMMABLE, tmp_path / "w.npz", "--out", tmp_path / "b").status == 0
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_a_bit_file_of_another_network_is_one_line(codesign: Runner, flow: Path, tmp_path: Path) -> None:
    (tmp_path / "bits.csv").write_text(bit_file(start(), 3))
    for path, about in ((PROGRAMMABLE, "the bit file of another network"), (flow, "has synapses of the kind")):
        assert_one_error(codesign("netlist", path, tmp_path / "bits.csv", "--out", tmp_path / "out"), about)
    assert not (tmp_path / "out").exists()


def test_a_chip_is_tuned(codesign: Runner, tmp_path: Path) -> None:
    text = PROGRAMMABLE.read_text().replace("[5, 5, 5]", "[2, 2, 2]")
    random = np.random.default_rng(3)
    np.savez(tmp_path / "data.npz", spike_times=random.uniform(0, 1, (40, 2)), labels=np.arange(40) % 2)
    path = tmp_path / "flow.toml"
    path.write_text(text + '\n[data]\nfile = "data.npz"\n')
    model = nominal(FlowFile.load(path).design)
    model.save(tmp_path / "model.json")
    chip_model(model, 3).save(tmp_path / "chip.json")
    chip = ("--chip", tmp_path / "chip.json")
    to = ("--out", tmp_path / "out")
    assert_one_error(codesign("train", path, *chip, *to), "give --model")
    assert_one_error(codesign("train", path, "--steps", "3", *to), "give --chip")
    done = codesign("train", path, *chip, "--model", tmp_path / "model.json", "--steps", "5", *to)
    assert done.status == 0 and "model of the chip, " in done.out and "weights changed, bits: " in done.out
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"bits.csv", "tuning.json", "flow.json"}
