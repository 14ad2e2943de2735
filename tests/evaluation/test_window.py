"""pysc2's window: where it cannot be opened, and how fast a game goes in it."""

import pytest

from evaluation import window


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in ("SDL_FRAMEBUFFER_ACCELERATION", "SDL_AUDIODRIVER", "SDL_VIDEODRIVER"):
        monkeypatch.setenv(name, "")  # so that what the test sets is undone
        monkeypatch.delenv(name)


def test_without_a_display_it_says_why(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert "no display" in window.prepare()


def test_a_display_that_draws_nothing_is_none(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert "dummy" in window.prepare()


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
