"""What next to nothing learned achieves: counted by hand on episodes of a few steps."""

import dataclasses

import numpy as np
import pytest

from data import baselines, folder, hkl
from data.baselines import Head, Step
from tests.data import episodes

HEADS = (Head("world", ("world",), (4, 5), False),
         Head("units", ("unit_0", "unit_1", "unit_2"), None, True),
         Head("queued", ("queued",), None, False))


def play(player, steps):
    sums = {}

    class Sums(dict):
        def __missing__(self, key):
            self[key] = [0.0, 0]
            return self[key]

    sums = Sums()
    baselines._play(player, steps, HEADS, sums)
    return {tag: tuple(value) for tag, value in sums.items()}


def test_repeating_the_last():
    steps = [Step(7, None, {"world": 6, "units": (3, 0)}), Step(8, None, {"queued": 1}),
             Step(8, None, {"queued": 1}), Step(7, None, {"world": 19, "units": (3, 5, 0)})]
    sums = play(baselines.RepeatLast(), steps)
    assert sums["accuracy/action_type"] == (1, 4)  # the third step repeats the second
    assert sums["accuracy_top5/action_type"] == (2, 4)  # 7 was done before, too
    assert sums["accuracy/queued"] == (1, 2)
    assert sums["accuracy/world"] == (0, 2)
    # From the middle (2, 2) to (1, 1), and from (1, 1) to (4, 3).
    assert sums["distance/world"][0] == pytest.approx(2**0.5 + 13**0.5)
    # Slots of (3, 0) against nothing: 0 agrees with the end; (3, 5, 0) against (3, 0, 0).
    assert sums["accuracy/units"] == (1 + 2, 5)
    assert sums["overlap/units"] == (0 + 0.5, 2)


def test_units_beyond_those_of_the_player_are_units_too_many():
    sums = play(baselines.RepeatLast(), [Step(7, None, {"units": (3, 5, 4)}),
                                         Step(7, None, {"units": (3, 0)})])
    assert sums["overlap/units"] == (0 + 1 / 3, 2)
    assert sums["accuracy/units"] == (0 + 1, 5)  # of the slots that the player used


def test_the_most_frequent_that_is_available():
    player = baselines.MostFrequent()
    player.learn([Step(7, None, {"world": 6}), Step(7, None, {"world": 9}),
                  Step(7, None, {"world": 9}), Step(8, None, {"queued": 1})])
    available = np.zeros(10, bool)
    available[[8, 9]] = True
    steps = [Step(7, None, {"world": 9}), Step(8, available, {"queued": 1}),
             Step(9, available, {"queued": 0}), Step(7, available, {"world": 6})]
    sums = play(player, steps)
    # The last one is not available and does not count; the second is the commonest available one.
    assert sums["accuracy/action_type"] == (2, 3)
    assert sums["accuracy_top5/action_type"] == (2, 3)
    assert sums["accuracy/world"] == (1, 2)
    assert sums["distance/world"] == (3, 2)  # 9 is (4, 1), 6 is (1, 1)
    assert sums["accuracy/queued"] == (1, 2)  # of type 9 nothing is known


def test_nothing_of_validation_is_learned_and_every_used_argument_is_counted(tmp_path):
    for number in range(6):
        hkl.write(tmp_path / f"{number}.hkl", episodes.small(20 + number, seed=number))
    results = baselines.measure(tmp_path, 0.4)
    found = folder.scan(tmp_path)
    _, validation = folder.split(found.files, 0.4, at_least_one=True)
    num_uses = dict.fromkeys(found.specs.action.sizes, 0)
    for file in validation:
        with hkl.EpisodeReader(file.path) as reader:
            actions, _ = reader.read_actions(0, file.num_steps - 1)
        for name, used in found.specs.action.used_by.items():
            num_uses[name] += int(used[actions["action_type"]].sum())
    for metrics in results.values():
        for name, count in num_uses.items():
            if count and name != "action_type":
                assert metrics[f"accuracy/{name}"][1] == count
        assert metrics["accuracy/delay"][1] == num_uses["action_type"]
        assert 0 < metrics["accuracy/action_type"][1] < num_uses["action_type"]  # the mask


def test_a_constant_player_is_foretold(tmp_path):
    for number in range(4):
        one = episodes.small(12, seed=number)
        actions = {name: np.zeros_like(value) for name, value in one.actions.items()}
        hkl.write(tmp_path / f"{number}.hkl", dataclasses.replace(one, actions=actions))
    for metrics in baselines.measure(tmp_path, 0.5).values():
        assert metrics["accuracy_top5/action_type"][0] > 0.85  # all but a first step
    assert baselines.measure(tmp_path, 0.5)["most frequent"]["accuracy/action_type"][0] == 1


def test_the_command_prints_a_table_or_one_line(tmp_path, capsys):
    assert baselines.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    hkl.write(tmp_path / "0.hkl", episodes.small(12))
    assert baselines.main([str(tmp_path)]) == 1
    assert "0 for validation" in capsys.readouterr().err
    hkl.write(tmp_path / "1.hkl", episodes.small(12, seed=2))
    assert baselines.main([str(tmp_path)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert "most frequent" in printed[0] and "repeat the last" in printed[0]
    assert any(line.startswith("accuracy_top5/action_type") for line in printed)


def test_episodes_that_an_agent_has_played_have_no_waits_to_foretell(tmp_path):
    for number in range(4):
        one = episodes.counting(12, f"match {number}", first=number)
        hkl.write(tmp_path / f"{number}.hkl", dataclasses.replace(
            one, metadata=dataclasses.replace(one.metadata, interface="played")))
    for metrics in baselines.measure(tmp_path, 0.5).values():
        assert set(metrics) == {"accuracy/action_type", "accuracy_top5/action_type"}
