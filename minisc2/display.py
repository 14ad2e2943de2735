"""Whether this machine can show a window, and SDL made ready for one."""

import os
import sys


def prepare() -> str | None:
    """Sets SDL up for pysc2's window, unless the user has already done so.

    Returns:
        Why no window can be opened here, as part of a sentence; None if one can.
    """
    # Without a display SDL falls back on drivers that draw nothing anybody sees, so an error
    # from it alone would not tell.
    if sys.platform.startswith("linux") and not (
            os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "there is no display (DISPLAY is not set)"
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    # SDL would copy its surface through OpenGL. Mesa's software OpenGL brings a copy of LLVM, which
    # crashes in a process that has loaded the one inside TensorFlow.
    os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")  # no sound is played, so none is looked for
    import pygame

    try:
        pygame.display.init()
    except pygame.error as error:
        return f"the display does not answer ({error})"
    driver = pygame.display.get_driver()
    pygame.display.quit()
    return f"the display is {driver}" if driver in ("offscreen", "dummy") else None
