"""How fast a game goes in pysc2's window."""

import pytest

from evaluation import window


def test_a_game_keeps_the_pace_of_people():
    now, slept = [100.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    pace = window.GamePace(step_mul=56, clock=lambda: now[0], sleep=sleep)  # 56 / 22.4 = 2.5 s
    for seconds_of_work in (0.0, 0.5, 4.0, 1.0):
        now[0] += seconds_of_work
        pace.acted(None, None, 0.0)
    # The first action is due at once; the second 2.5 s later, of which 0.5 s have passed; the third
    # comes 1.5 s late, and the fourth is due 2.5 s after it.
    assert slept == pytest.approx([2.0, 1.5])
    assert now[0] == pytest.approx(109.0)
