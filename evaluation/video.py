"""Writes a match as a clip, mp4 or gif."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from environment import specs
from evaluation import frames, matches

FRAMES_PER_SECOND = 15
"""About five times the speed of a game played at 8 game loops a step, 22.4 loops a second."""

NUM_EPISODES = 3
"""A clip ends with this episode: what comes after looks alike."""

_GIF_SIZE = (640, 363)
_GIF_COLORS = 128
_GIF_FRAMES = 600
"""With more, every other frame is left out: a match of a gigabyte helps nobody."""


class Clip(matches.Observer):
    """Draws a frame for every agent step of the first `NUM_EPISODES` episodes."""

    def __init__(self, path: str | Path, environment: Any, action_spec: specs.ActionSpec,
                 title: str):
        """Opens the file.

        Args:
            path: ends in .mp4 or .gif.
            environment: its `pysc2_observation` is drawn.
            action_spec: of the agent.
            title: on every frame.

        Raises:
            ValueError: another ending.
            OSError: the file cannot be written.
        """
        self._path, self._environment, self._title = Path(path), environment, title
        self._drawer = frames.FrameDrawer(action_spec)
        self._episode, self._agent_step = 1, 0
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.suffix == ".mp4":
            self._writer: Any = _Mp4(self._path)
        elif self._path.suffix == ".gif":
            self._writer = _Gif(self._path)
        else:
            raise ValueError(f"Clip {str(path)!r}: expected a file name that ends in .mp4 or .gif.")

    def acted(self, time_step: specs.TimeStep, agent_step: Any, score: float) -> None:
        if self._episode > NUM_EPISODES:
            return
        self._writer.add(self._drawer.draw(frames.Scene(
            title=self._title, episode=self._episode, agent_step=self._agent_step, score=score,
            observation=self._environment.pysc2_observation,
            action={name: value[0] for name, value in agent_step.action.items()},
            value=float(agent_step.value[0]),
            probabilities={name: _softmax(np.asarray(logits)[0])
                           for name, logits in agent_step.logits.items()})))
        self._agent_step += 1
        if time_step.step_type[0] == specs.StepType.LAST:
            self._episode, self._agent_step = self._episode + 1, 0

    def close(self) -> None:
        """Completes the file."""
        self._writer.close()


def _softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


class _Mp4:
    def __init__(self, path: Path):
        import imageio

        path.open("wb").close()  # the encoder's own message on an unwritable path is a page long
        self._writer = imageio.get_writer(path, fps=FRAMES_PER_SECOND, codec="libx264", quality=8)

    def add(self, frame: np.ndarray) -> None:
        self._writer.append_data(frame)

    def close(self) -> None:
        self._writer.close()


class _Gif:
    """Frames are kept with few colours, a tenth of their size, until the end."""

    def __init__(self, path: Path):
        self._file = path.open("wb")
        self._frames: list[Image.Image] = []
        self._interval, self._num_added = 1, 0

    def add(self, frame: np.ndarray) -> None:
        self._num_added += 1
        if (self._num_added - 1) % self._interval:
            return
        if len(self._frames) == _GIF_FRAMES:
            self._frames, self._interval = self._frames[::2], 2 * self._interval
        small = Image.fromarray(frame).resize(_GIF_SIZE, Image.Resampling.LANCZOS)
        # The octree keeps rare colours; a median cut gives all of them to the grey background.
        self._frames.append(small.quantize(_GIF_COLORS, Image.Quantize.FASTOCTREE,
                                           dither=Image.Dither.NONE))

    def close(self) -> None:
        with self._file:
            if self._frames:
                self._frames[0].save(self._file, "GIF", save_all=True, loop=0,
                                     append_images=self._frames[1:],
                                     duration=round(1000 / FRAMES_PER_SECOND))
