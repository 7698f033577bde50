"""Designs from TOML: what they hold, and the one line that each bad value gets."""

from pathlib import Path

import pytest

from codesign.design import Design, DesignError, ResistorSynapse, TransistorSynapse, UserSynapse, load_design


def load(folder: Path, text: str) -> Design:
    path = folder / "design.toml"
    path.write_text(text)
    return Design.load(path)


def test_a_name_is_enough(tmp_path: Path) -> None:
    design = load(tmp_path, 'name = "small"\n')
    assert design == Design(name="small")
    assert isinstance(design.synapse, TransistorSynapse)
    assert design.levels.threshold == pytest.approx(1.25)
    # I_ref window / (C swing) = 130 nA 1 us / (2 pF 0.45 V).
    assert design.nominal_gain == pytest.approx(0.13 / 0.9)


BAD = [
    ("", "missing key name"),
    ("name = ", "not valid TOML"),
    ('name = "x"\nlayers = [5, 5]\n', "unknown key layers"),
    ('name = "x"\n[timing]\nwindw = 1e-6\n', "unknown key timing.windw"),
    ('name = "a b"\n', "not a plain name"),
    ('name = "x; .include y"\n', "not a plain name"),
    ('name = "x\\n.end"\n', "not a plain name"),
    ('name = "x"\n[levels]\nreset = 0.8\nswing = 1.1\n', "must lie below conditions.supply"),
    ('name = "x"\n[levels]\nhighest = 1.9\n', "levels.highest"),
    ('name = "x"\n[levels]\nlowest = 0.9\n', "levels must rise"),
    ('name = "x"\n[levels]\nhighest = 1.2\n', "levels must rise"),
    ('name = "x"\n[conditions]\nsupply = 1.2\n', "must lie below conditions.supply"),
    ('name = "x"\n[timing]\nwindow = 0\n', "timing.window"),
    ('name = "x"\n[timing]\nwindow = -1e-6\n', "timing.window"),
    ('name = "x"\n[timing]\nwindow = nan\n', "timing.window"),
    ('name = "x"\n[timing]\nwindow = inf\n', "timing.window"),
    ('name = "x"\n[timing]\nwindow = "long"\n', "timing.window"),
    ('name = "x"\n[timing]\nwindow = 1e-9\n', "timing.edge"),
    ('name = "x"\n[neuron]\ncapacitance = -1e-12\n', "neuron.capacitance"),
    ('name = "x"\n[neuron]\nramp_units = 0\n', "neuron.ramp_units"),
    ('name = "x"\n[neuron]\ntail_units = 7\n', "neuron.tail_units"),
    ('name = "x"\n[bias]\nreference_current = 0.0\n', "bias.reference_current"),
    ('name = "x"\n[bias]\nreference_current = 1.0\n', "bias.reference_current = 1 A is more than the 4.85e-06 A"),
    ('name = "x"\n[bias]\nreference_current = 1e-12\n', "bias.reference_current = 1e-12 A is less than the 1.6e-11 A"),
    ('name = "x"\n[bias]\ndecoupling = 1e-17\n', "bias.decoupling = 1e-17 F is less than 4e-15 F"),
    ('name = "x"\n[bias]\ndecoupling = 1.0\n', "bias.decoupling = 1 F is more than 1e-09 F"),
    ('name = "x"\n[neuron]\ncapacitance = 1e-18\n', "neuron.capacitance = 1e-18 F is less than 2e-15 F"),
    ('name = "x"\n[neuron]\ncapacitance = 1e-6\n', "neuron.capacitance = 1e-06 F is more than 1e-09 F"),
    ('name = "x"\n[neuron]\ncapacitance = 1e-14\n', "one unit cell would move the membrane by 2.8 swings"),
    (
        'name = "x"\n[neuron]\ncapacitance = 1e-10\n',
        "the ramp would cross 0.0202 swings within a window",
    ),
    ('name = "x"\n[neuron]\nwire_capacitance = 1.0\n', "neuron.wire_capacitance = 1 F is more than 1e-09 F"),
    ('name = "x"\n[timing]\nwindow = 1.0\n', "one unit cell would move the membrane by 1.44e+05 swings"),
    ('name = "x"\n[timing]\nwindow = 5e-8\n', "the ramp would cross 0.0506 swings within a window"),
    ('name = "x"\n[timing]\nedge = 1e-16\n', "timing.edge = 1e-16 s must lie between 1e-12 s and"),
    ('name = "x"\n[timing]\nreset = 1e-15\n', "timing.reset = 1e-15 s must lie between timing.edge, 2e-10 s, and"),
    (
        'name = "x"\n[timing]\nguard = 1.0\n',
        "timing.guard = 1 s must lie between timing.edge, 2e-10 s, and 100 windows",
    ),
    ('name = "x"\n[conditions]\nsupply = 5\n', "conditions.supply = 5 V is more than the 1.95 V"),
    ('name = "x"\n[conditions]\ncorner = "typical"\n', "conditions.corner"),
    ('name = "x"\n[conditions]\ntemperature = 300\n', "conditions.temperature"),
    ('name = "x"\n[conditions]\nseed = 0\n', "conditions.seed"),
    ('name = "x"\nlayer_sizes = [5]\n', "layer_sizes"),
    ('name = "x"\nlayer_sizes = [5, 0]\n', "layer_sizes.1"),
    ('name = "x"\nlayer_sizes = [5, 2.5]\n', "layer_sizes.1"),
    ('name = "x"\nlayer_sizes = [5, 5000]\n', "layer_sizes.1"),
    ('name = "x"\nsynapse = "resistor"\n', "synapse"),
    ('name = "x"\n[synapse]\nkind = "memristor"\n', "synapse"),
    ('name = "x"\n[synapse]\nmax_units = 0\n', "max_units"),
    ('name = "x"\n[synapse]\nkind = "resistor"\nnegative_length = 100.0\n', "positive_length"),
    ('name = "x"\n[synapse]\nkind = "user"\n', "missing key synapse.user.file"),
]


@pytest.mark.parametrize(("text", "about"), BAD)
def test_a_bad_design_gives_one_line_that_names_file_and_key(tmp_path: Path, text: str, about: str) -> None:
    with pytest.raises(DesignError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert str(tmp_path / "design.toml") in message and about in message
    assert "\n" not in message


def test_unreadable_files_give_one_line(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match=r"cannot read .*No such file"):
        Design.load(tmp_path / "nothing.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DesignError, match="not valid TOML"):
        Design.load(tmp_path / "binary.toml")


def user_cell(changes: str = "") -> str:
    cell = 'subcircuit = "{}"\nmembrane = "m"\nspike = "s"\nspike_active = "high"\n'
    return (
        'name = "x"\n[synapse]\nkind = "user"\nfile = "cells/mine.spice"\n'
        f"[synapse.positive]\n{cell.format('p')}{changes}[synapse.negative]\n{cell.format('n')}"
    )


def test_a_cell_file_is_relative_to_the_design(tmp_path: Path) -> None:
    synapse = load(tmp_path, user_cell()).synapse
    assert isinstance(synapse, UserSynapse)
    assert synapse.file == (tmp_path / "cells" / "mine.spice").resolve()
    assert not synapse.biased
    assert synapse.positive.ports == {"m": "membrane", "s": "spike"}


@pytest.mark.parametrize("name", ["b c", "b\\n.include x", "1b", "", "$b", "b'"])
def test_port_names_that_could_add_to_a_netlist_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DesignError, match="not a plain name"):
        load(tmp_path, user_cell(f'bias = "{name}"\n'))


def test_a_port_with_two_roles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match="two roles"):
        load(tmp_path, user_cell('bias = "M"\n'))


def test_a_resistor_design_needs_no_bias(tmp_path: Path) -> None:
    text = 'name = "r"\n[synapse]\nkind = "resistor"\npositive_length = 270.0\nnegative_length = 217.0\n'
    synapse = load(tmp_path, text).synapse
    assert isinstance(synapse, ResistorSynapse) and not synapse.biased


def test_equal_designs_have_equal_digests_and_others_do_not(tmp_path: Path) -> None:
    design = load(tmp_path, 'name = "x"\n[timing]\nwindow = 1e-6\n[conditions]\ncorner = "tt"\n')
    assert design.digest == load(tmp_path, 'name = "x"\n').digest
    others = [design.at(corner="ss"), design.at(temperature=85), design.at(mismatch=True), design.at(supply=1.9)]
    assert len({design.digest, *(other.digest for other in others)}) == 5


def test_other_conditions_keep_everything_else(tmp_path: Path) -> None:
    design = load(tmp_path, user_cell())
    other = design.at(corner="ff", temperature=-40)
    assert (other.conditions.corner, other.conditions.temperature) == ("ff", -40)
    assert other.at(corner="tt", temperature=27) == design


@pytest.mark.parametrize(
    ("conditions", "about"),
    [
        ({"corner": "fast"}, "corner"),
        ({"temperature": 1e4}, "temperature"),
        ({"supply": 1.0}, "conditions.supply"),
        ({"voltage": 1.8}, "unknown key conditions.voltage"),
    ],
)
def test_impossible_conditions_give_one_line(conditions: dict[str, object], about: str) -> None:
    with pytest.raises(DesignError, match=about):
        Design(name="x").at(**conditions)


def test_levels_and_reference_follow_the_supply_that_they_are_made_from() -> None:
    levels = {"reset": 0.9, "swing": 0.6, "lowest": 0.25, "highest": 1.6, "ratiometric": True}
    design = load_design(name="divided", levels=levels)
    low = design.at(supply=1.5)
    assert low.levels.reset == pytest.approx(0.75) and low.levels.highest == pytest.approx(1.6 / 1.2)
    assert low.levels.threshold / low.conditions.supply == pytest.approx(design.levels.threshold / 1.8)
    assert low.bias.reference_current == pytest.approx(design.bias.reference_current / 1.2)
    # So the weights keep their values, and the way back leads back.
    assert low.nominal_gain == pytest.approx(design.nominal_gain)
    assert low.at(supply=1.8).levels.swing == pytest.approx(0.6)
    assert design.at(corner="ss").levels == design.levels
    absolute = load_design(name="absolute", levels=levels | {"ratiometric": False})
    assert absolute.at(supply=1.7).levels.reset == 0.9
    with pytest.raises(DesignError, match=r"levels\."):
        absolute.at(supply=1.5)
    for supply in (0.0, -1.0, "low"):
        with pytest.raises(DesignError, match=r"conditions\.supply"):
            design.at(supply=supply)
