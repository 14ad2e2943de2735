"""How fast a game goes in pysc2's window."""

import types

import pytest

from evaluation import window


def test_a_game_keeps_the_pace_of_people():
    now, slept = [100.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    environment = types.SimpleNamespace(pysc2_observation={"game_loop": [0]})
    pace = window.GamePace(environment, clock=lambda: now[0], sleep=sleep)
    for game_loop, seconds_of_work in ((0, 0.0), (56, 0.5), (168, 0.5), (224, 4.0), (280, 1.0)):
        environment.pysc2_observation = {"game_loop": [game_loop]}
        now[0] += seconds_of_work
        pace.acted(None, None, 0.0)
    # The first observation is shown at once; the second 56 / 22.4 = 2.5 s later, of which 0.5 s
    # have passed; the third after a wait twice as long, 5 s; the fourth comes 1.5 s late, and the
    # fifth is due 2.5 s after it.
    assert slept == pytest.approx([2.0, 4.5, 1.5])
    assert now[0] == pytest.approx(114.0)


def test_a_new_episode_begins_at_once():
    slept = []
    environment = types.SimpleNamespace(pysc2_observation={"game_loop": [5000]})
    pace = window.GamePace(environment, clock=lambda: 1000.0, sleep=slept.append)
    pace.acted(None, None, 0.0)
    environment.pysc2_observation = {"game_loop": [0]}
    slept.clear()
    pace._shown_at = 1000.0
    pace.acted(None, None, 0.0)
    assert not slept
