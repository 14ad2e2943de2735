"""Whether a window can be opened on this machine."""

import os
import sys


def obstacle() -> str | None:
    """Why pysc2's window cannot be opened here, as part of a sentence; None if it can."""
    # Without a display SDL falls back on drivers that draw nothing anybody sees, so an error
    # from it alone would not tell.
    if sys.platform.startswith("linux") and not (
            os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "there is no display (DISPLAY is not set)"
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    import pygame

    try:
        pygame.display.init()
    except pygame.error as error:
        return f"the display does not answer ({error})"
    driver = pygame.display.get_driver()
    pygame.display.quit()
    return f"the display is {driver}" if driver in ("offscreen", "dummy") else None
