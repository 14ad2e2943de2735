"""Draws what an agent sees and does as one picture: the frames of a clip.

The screen is large on the left, in pysc2's colours, with the policy's heat map glowing over it and
a ring where the agent clicks. On the right are the minimap, single layers and the likeliest
actions.
"""

from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from environment import pysc2_compat, specs

pysc2_compat.install()

from pysc2.lib import features

SIZE = (960, 544)
"""(width, height) of a frame in pixels; multiples of 16, as video encoders want them."""

_BACKGROUND = (16, 19, 26)
_PANEL = (28, 33, 43)
_LINE = (52, 60, 75)
_TEXT = (226, 232, 240)
_DIM = (137, 148, 166)
_ACCENT = (255, 179, 71)
_HEAT = np.array([(0, 0, 0), (66, 10, 104), (147, 38, 103), (221, 81, 58), (252, 165, 10),
                  (252, 255, 164)], np.float32)
"""Colours of a probability from none to the greatest: the stops of Matplotlib's inferno."""

_SCREEN_LAYERS = ("player_relative", "unit_type", "selected", "unit_hit_points_ratio")


class Scene(NamedTuple):
    """What is on a frame.

    Attributes:
        title: the map and who plays.
        episode: number of the episode, from 1.
        agent_step: number of the step in it, from 0.
        score: of the episode up to here.
        observation: what pysc2 gave, with every layer.
        action: int32 [] by component.
        value: what the agent expects still to get; NaN where nobody has said.
        probabilities: float32 [A] by component.
    """

    title: str
    episode: int
    agent_step: int
    score: float
    observation: Any
    action: specs.Action
    value: float
    probabilities: dict[str, np.ndarray]


class FrameDrawer:
    """Draws the scenes of one environment."""

    def __init__(self, action_spec: specs.ActionSpec):
        self._spec = action_spec
        self._arguments = {argument.name: argument for argument in action_spec.arguments}
        self._fonts = {size: ImageFont.load_default(size) for size in (13, 15, 20, 34)}

    def draw(self, scene: Scene) -> np.ndarray:
        """Returns a frame, uint8 [544, 960, 3]."""
        image = Image.new("RGB", SIZE, _BACKGROUND)
        draw = ImageDraw.Draw(image)
        used = self._used(scene.action)
        screen, minimap = scene.observation.feature_screen, scene.observation.feature_minimap
        self._header(draw, scene)
        self._map(image, draw, (16, 64, 464), _units(screen), scene,
                  [name for name in ("screen", "screen2") if name in used], screen.player_relative)
        self._label(draw, (496, 58), "minimap")
        self._map(image, draw, (496, 78, 210), _minimap(minimap), scene,
                  [name for name in ("minimap", "world") if name in used],
                  minimap.player_relative)
        self._label(draw, (734, 58), "policy: where on the screen")
        self._heat_panel(image, draw, (734, 78, 210), scene, used)
        for index, name in enumerate(_SCREEN_LAYERS):
            left = 496 + 116 * index
            self._label(draw, (left, 298), name.replace("unit_hit_points_ratio", "health"))
            self._paste(image, draw, (left, 318, 100), _colored(
                features.SCREEN_FEATURES, name, getattr(screen, name)))
        self._actions(draw, scene, used)
        return np.asarray(image)

    def _used(self, action: specs.Action) -> list[str]:
        """Names of the arguments that the chosen action type takes."""
        row = self._spec.uses[int(action[specs.ACTION_TYPE])]
        return [argument.name for argument, is_used in zip(self._spec.arguments, row, strict=True)
                if is_used]

    def _header(self, draw: ImageDraw.ImageDraw, scene: Scene) -> None:
        draw.text((16, 12), scene.title, _TEXT, self._fonts[20])
        words = [f"episode {scene.episode}", f"step {scene.agent_step}",
                 *_standing(scene.observation)]
        draw.text((16, 37), "   ".join(words), _DIM, self._fonts[15])
        draw.text((944, 8), f"{scene.score:g}", _ACCENT, self._fonts[34], anchor="ra")
        width = draw.textlength(f"{scene.score:g}", self._fonts[34])
        draw.text((932 - width, 22), "score", _DIM, self._fonts[15], anchor="ra")

    def _label(self, draw: ImageDraw.ImageDraw, xy: tuple[int, int], text: str) -> None:
        draw.text(xy, text, _DIM, self._fonts[13])

    def _map(self, image: Image.Image, draw: ImageDraw.ImageDraw, place: tuple[int, int, int],
             picture: np.ndarray, scene: Scene, points: list[str], owners: Any) -> None:
        """A map with the heat of its argument over it and rings at the chosen points."""
        if points:
            heat = self._heat(scene, points[-1])
            picture, owners = _as_fine_as(heat, picture), _as_fine_as(heat, np.asarray(owners))
            strength = (heat / max(heat.max(), 1e-9))[..., None] ** 0.5 * 0.65
            strength[owners > 0] *= 0.3  # units shine through
            picture = picture * (1 - strength) + _heat_colors(heat) * strength
        box = self._paste(image, draw, place, picture)
        for name in points:
            height, width = self._arguments[name].plane
            y, x = divmod(int(scene.action[name]), width)
            cell = ((box[2] - box[0]) / width, (box[3] - box[1]) / height)
            center = (box[0] + (x + 0.5) * cell[0], box[1] + (y + 0.5) * cell[1])
            radius = float(np.clip(0.45 * min(cell), 5, 16))
            for grow, color, line in ((1.5, (0, 0, 0), 5), (0, (255, 255, 255), 2)):
                draw.ellipse([center[0] - radius - grow, center[1] - radius - grow,
                              center[0] + radius + grow, center[1] + radius + grow],
                             outline=color, width=line)

    def _heat_panel(self, image: Image.Image, draw: ImageDraw.ImageDraw,
                    place: tuple[int, int, int], scene: Scene, used: list[str]) -> None:
        """The probabilities of a click alone; dark while the agent does something else."""
        if "screen" not in self._arguments:
            return
        # Networks need not say where they would click if they do something else.
        heat = self._heat(scene, "screen") * ("screen" in used)
        self._paste(image, draw, place, _heat_colors(heat))

    def _heat(self, scene: Scene, name: str) -> np.ndarray:
        return scene.probabilities[name].reshape(self._arguments[name].plane)

    def _paste(self, image: Image.Image, draw: ImageDraw.ImageDraw, place: tuple[int, int, int],
               picture: np.ndarray) -> tuple[int, int, int, int]:
        """Fits a picture [H, W, 3] into a square, pixels staying squares; returns its box."""
        left, top, side = place
        height, width = picture.shape[:2]
        scale = side / max(height, width)
        size = (round(width * scale), round(height * scale))
        pixels = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
        # Shrinking averages, so that a single pixel of a large map does not vanish.
        method = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
        corner = (left + (side - size[0]) // 2, top + (side - size[1]) // 2)
        image.paste(pixels.resize(size, method), corner)
        box = (corner[0], corner[1], corner[0] + size[0], corner[1] + size[1])
        draw.rectangle((box[0] - 1, box[1] - 1, box[2], box[3]), outline=_LINE)
        return box

    def _actions(self, draw: ImageDraw.ImageDraw, scene: Scene, used: list[str]) -> None:
        """The chosen call, and the likeliest action types as bars."""
        chosen = int(scene.action[specs.ACTION_TYPE])
        value = "" if np.isnan(scene.value) else f"value {scene.value:.2f}"
        draw.text((944, 430), value, _DIM, self._fonts[15], anchor="ra")
        room = 944 - 496 - draw.textlength(f"  {value}", self._fonts[15])
        draw.text((496, 430), self._shortened(draw, self._call(scene.action, used), room), _TEXT,
                  self._fonts[15])
        probabilities = scene.probabilities[specs.ACTION_TYPE]
        for row, index in enumerate(np.argsort(-probabilities, kind="stable")[:4]):
            top = 456 + 19 * row
            color = _ACCENT if index == chosen else _DIM
            draw.text((496, top), self._spec.action_types[index], color, self._fonts[13])
            draw.rectangle((690, top + 3, 890, top + 13), fill=_PANEL)
            draw.rectangle((690, top + 3, 690 + 200 * float(probabilities[index]), top + 13),
                           fill=color)
            draw.text((944, top), f"{100 * probabilities[index]:.0f} %", color, self._fonts[13],
                      anchor="ra")

    def _shortened(self, draw: ImageDraw.ImageDraw, text: str, room: float) -> str:
        """As much of a text as there is room for, in pixels."""
        if draw.textlength(text, self._fonts[15]) <= room:
            return text
        while text and draw.textlength(f"{text}...", self._fonts[15]) > room:
            text = text[:-1]
        return f"{text}..."

    def _call(self, action: specs.Action, used: list[str]) -> str:
        words, ended = [], set()
        for name in used:
            argument, choice = self._arguments[name], int(action[name])
            place = None if argument.plane is None else divmod(choice, argument.plane[1])[::-1]
            if argument.sequence is None:
                words.append(f"{name} {choice if place is None else place}")
            elif argument.sequence not in ended:  # "units 3 5 8" in place of a word a slot
                if choice == 0:
                    ended.add(argument.sequence)
                elif words and words[-1].startswith(f"{argument.sequence} "):
                    words[-1] += f" {choice - 1}"
                else:
                    words.append(f"{argument.sequence} {choice - 1}")
        name = self._spec.action_types[int(action[specs.ACTION_TYPE])]
        return f"{name}  {', '.join(words)}"


def _standing(observation: Any) -> list[str]:
    """How far a match is, at the speed "faster"; nothing of it on maps without an economy."""
    player = observation.player
    if not player.food_cap:
        return []
    minutes, seconds = divmod(int(observation.game_loop[0] / 22.4), 60)
    return [f"{minutes}:{seconds:02d}", f"minerals {player.minerals}",
            f"supply {player.food_used}/{player.food_cap}", f"army {player.army_count}"]


def _as_fine_as(heat: np.ndarray, layer: np.ndarray) -> np.ndarray:
    """A layer [H, W, ...] on the grid of a heat map: of the raw interface it is a finer one."""
    rows, columns = (np.arange(size) * old // size
                     for size, old in zip(heat.shape, layer.shape, strict=False))
    return layer[rows[:, None], columns]


def _colored(table: Any, name: str, layer: np.ndarray) -> np.ndarray:
    """A layer in pysc2's own palette, float32 [H, W, 3]."""
    return np.asarray(getattr(table, name).color(np.asarray(layer)), np.float32)


def _units(screen: Any) -> np.ndarray:
    """Whose units are where, over the terrain; selected units are brighter."""
    picture = _terrain(features.SCREEN_FEATURES, screen)
    owners = np.asarray(screen.player_relative)
    picture[owners > 0] = _colored(features.SCREEN_FEATURES, "player_relative", owners)[owners > 0]
    selected = np.asarray(screen.selected) > 0
    picture[selected] = picture[selected] * 0.55 + 255 * 0.45
    return picture


def _minimap(minimap: Any) -> np.ndarray:
    """Whose units are where, and the outline of what the screen shows."""
    picture = _terrain(features.MINIMAP_FEATURES, minimap)
    picture[np.asarray(minimap.camera) > 0] += 22
    owners = np.asarray(minimap.player_relative)
    picture[owners > 0] = _colored(features.MINIMAP_FEATURES, "player_relative", owners)[owners > 0]
    return picture


def _terrain(table: Any, layers: Any) -> np.ndarray:
    """Height as grey, darker where nothing is seen."""
    height = np.asarray(layers.height_map, np.float32)[..., None]
    seen = np.where(np.asarray(layers.visibility_map) == 2, 1.0, 0.55)[..., None]
    return (np.array(_PANEL, np.float32) + height * 0.16) * seen


def _heat_colors(heat: np.ndarray) -> np.ndarray:
    """Colours of probabilities relative to the greatest, float32 [H, W, 3]."""
    place = np.sqrt(heat / max(heat.max(), 1e-9)) * (len(_HEAT) - 1)
    low = np.minimum(place.astype(int), len(_HEAT) - 2)
    part = (place - low)[..., None]
    return _HEAT[low] * (1 - part) + _HEAT[low + 1] * part
