"""Where a window cannot be opened, and why."""

import pytest

from minisc2 import display


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in ("SDL_FRAMEBUFFER_ACCELERATION", "SDL_AUDIODRIVER", "SDL_VIDEODRIVER"):
        monkeypatch.setenv(name, "")  # so that what the test sets is undone
        monkeypatch.delenv(name)


def test_without_a_display_it_says_why(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert "no display" in display.prepare()


def test_a_display_that_draws_nothing_is_none(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert "dummy" in display.prepare()
