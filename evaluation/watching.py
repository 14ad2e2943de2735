"""What makes a match visible: pysc2's window, a clip, replays."""

import contextlib
import dataclasses
from collections.abc import Sequence
from typing import Any

from environment import specs, starcraft
from environment.conditioning import Conditioning
from evaluation import matches, strategies, video, window
from minisc2 import display


def open_watched(stack: contextlib.ExitStack, settings: starcraft.StarcraftSettings, seed: int,
                 action_spec: specs.ActionSpec, title: str, visualize: bool = False,
                 clip: str | None = None, replays: str | None = None,
                 told_strategies: Sequence[Conditioning] = ()
                 ) -> tuple[matches.OneEnvironment, tuple[matches.Observer, ...]]:
    """Starts one game in this process, with the window, the clip and the replays that are wanted.

    Args:
        stack: closes the game and completes the clip.
        settings: of the game.
        seed: of the game.
        action_spec: of the agent.
        title: on every frame of the clip.
        visualize: opens the window if there is a display, and says why not if there is none.
        clip: file for a clip, or None.
        replays: folder for a replay of every episode, or None.
        told_strategies: in each match the agent is told one of them, if there are any.

    Returns:
        What `matches.play` takes.

    Raises:
        OSError: the clip or the folder cannot be written.
    """
    if visualize and (obstacle := display.prepare()):
        print(f"The window cannot be opened: {obstacle}. Playing without it; --video FILE works "
              "everywhere.")
        visualize = False
    settings = dataclasses.replace(settings, is_measured=bool(told_strategies))
    environment: Any = starcraft.StarcraftEnvironment(settings, seed, visualize)
    stack.callback(environment.close)
    if told_strategies:
        environment = strategies.FollowingEnvironment(
            environment, settings.told, told_strategies, seed)
    observers: list[matches.Observer] = []
    if visualize:
        observers.append(window.GamePace(environment))
    if clip:
        observers.append(stack.enter_context(contextlib.closing(
            video.Clip(clip, environment, action_spec, title))))
    if replays:
        observers.append(matches.ReplaySaver(environment, replays))
    return matches.OneEnvironment(environment), tuple(observers)
