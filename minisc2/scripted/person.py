"""A person at the game: eyes, hands, and what is kept in mind between two looks."""

import dataclasses
import math
import random
from collections.abc import Collection, Generator

import numpy as np
from s2clientprotocol import sc2api_pb2

from minisc2.api import frames
from minisc2.scripted import client as client_lib
from minisc2.scripted import ground as ground_lib
from minisc2.scripted import hands
from minisc2.scripted import knowledge as knowledge_lib
from minisc2.scripted import plan as plan_lib
from minisc2.scripted import view as view_lib

Task = Generator[sc2api_pb2.Action, None, None]
"""Something to be done: yields one action at a time, and goes on with a new `Person.view`."""

_CLICK_NOISE = 0.8
"""Standard deviation of a click beside its target, in pixels."""


@dataclasses.dataclass
class Site:
    """A structure that was begun, as remembered.

    Attributes:
        thing: what it is.
        xy: world point of its centre.
        due_loop: when to look after it next.
        is_finished: whether it was seen finished.
        add_on: "", "Reactor" or "TechLab"; what stands beside it, or is being built there.
        group: control group it is in, or None.
        free_loop: when what it was told to make will be done.
    """

    thing: knowledge_lib.Thing
    xy: tuple[float, float]
    due_loop: int
    is_finished: bool = False
    add_on: str = ""
    group: int | None = None
    free_loop: int = 0


class Person:
    """A player in a match.

    Attributes:
        view: what is to be seen now.
        plan: what the player has in mind for this match.
        rng: draws everything that is left to chance.
        known: the map, and what things cost.
        home_xy: world point of the first town hall.
        enemy_xy: world point where the enemy began.
        camera_xy: world point in the middle of the screen.
        ground: where structures fit.
        sites: structures begun, oldest first.
    """

    def __init__(self, known: knowledge_lib.MapKnowledge, plan: plan_lib.Plan, resolution: int,
                 first: sc2api_pb2.ResponseObservation, rng: random.Random):
        """Sits down at a match that has just begun.

        Args:
            known: the map of the match.
            plan: how to play.
            resolution: pixels of a side of the screen and the minimap.
            first: the first observation; the camera is on the player's start.
            rng: of the player.
        """
        self.known = known
        self.plan = plan
        self.rng = rng
        self._screen = frames.ScreenFrame(resolution, resolution, client_lib.CAMERA_WIDTH)
        self._minimap = frames.MinimapFrame(resolution, resolution, 0, 0, *known.size)
        self.view = view_lib.View(first, (0.0, 0.0))
        middle = (np.argwhere(self.view.minimap("camera")).mean(0) + 0.5)[::-1]
        near = (middle[0] / self._minimap.scale, known.size[1] - middle[1] / self._minimap.scale)
        by_distance = sorted(known.starts, key=lambda xy: math.dist(xy, near))
        self.home_xy = self.camera_xy = by_distance[0]
        self.enemy_xy = by_distance[-1]
        self.view.camera_xy = self.camera_xy
        self.ground = ground_lib.Ground(known)
        hall = Site(known.things["CommandCenter"], self.home_xy, 0, is_finished=True)
        self.sites: list[Site] = [hall]
        self.ground.take("CommandCenter", self.home_xy)
        self.promised: list[tuple[int, int, int]] = []  # (until loop, minerals, vespene)
        self._earliest: dict[str, int] = {}
        for pixel in self.view.pixels(known.minerals | known.geysers, view_lib.NEUTRAL)[::4]:
            self.ground.keep_free(self.home_xy, self.to_world(pixel), 2.5)

    # Eyes.

    def see(self, response: sc2api_pb2.ResponseObservation, result: int) -> None:
        """Takes in what is to be seen after an action with that result."""
        self.view = view_lib.View(response, self.camera_xy, result)

    def to_world(self, screen_xy: Collection[int]) -> tuple[float, float]:
        """The world point under a pixel of the screen."""
        return self._screen.screen_to_world(self.camera_xy, tuple(screen_xy))

    def to_screen(self, world_xy: tuple[float, float]) -> hands.Pixel:
        """The pixel of the screen at a world point; it may be beyond the screen."""
        x, y = self._screen.world_to_screen(self.camera_xy, world_xy)
        return math.floor(x), math.floor(y)

    def to_minimap(self, world_xy: tuple[float, float]) -> hands.Pixel:
        """The pixel of the minimap at a world point, or the nearest one."""
        x, y = self._minimap.world_to_minimap(world_xy)
        return (min(max(int(x), 0), self._minimap.width - 1),
                min(max(int(y), 0), self._minimap.height - 1))

    def minimap_to_world(self, minimap_xy: Collection[int]) -> tuple[float, float]:
        """The world point under a pixel of the minimap."""
        return self._minimap.minimap_to_world(tuple(minimap_xy))

    def shows(self, world_xy: tuple[float, float], margin: float = 2.0) -> bool:
        """Whether the screen shows a point, at least `margin` cells from its edge."""
        x, y = self._screen.world_to_screen(self.camera_xy, world_xy)
        edge = margin * self._screen.scale
        return (edge <= x < self._screen.width - edge and edge <= y < self._screen.height - edge)

    # Hands.

    def look_at(self, world_xy: tuple[float, float], margin: float = 2.0) -> Task:
        """Moves the camera, unless the point is on the screen already."""
        if not self.shows(world_xy, margin):
            yield self.move_camera(world_xy)

    def move_camera(self, world_xy: tuple[float, float]) -> sc2api_pb2.Action:
        """The click on the minimap that brings a point to the middle of the screen."""
        pixel = self.to_minimap(world_xy)
        x0, y0, x1, y1 = self.known.playable
        x, y = self.minimap_to_world(pixel)
        self.camera_xy = (min(max(x, x0), x1), min(max(y, y0), y1))
        return hands.move_camera(pixel)

    def near_pixel(self, screen_xy: hands.Pixel, noise: float = _CLICK_NOISE) -> hands.Pixel:
        """A pixel of the screen that a hand hits which aims at another."""
        size = self._screen.width, self._screen.height
        return tuple(min(max(round(self.rng.gauss(value, noise)), 0), side - 1)
                     for value, side in zip(screen_xy, size, strict=True))

    def near_minimap_pixel(self, world_xy: tuple[float, float]) -> hands.Pixel:
        """A pixel of the minimap at about a world point."""
        return self.to_minimap((self.rng.gauss(world_xy[0], 0.7), self.rng.gauss(world_xy[1], 0.7)))

    def pick(self, pixels: np.ndarray, near: tuple[float, float] | None = None,
             of_nearest: int = 12) -> hands.Pixel | None:
        """One of some pixels, by chance.

        Args:
            pixels: int [N, 2].
            near: world point; only the `of_nearest` pixels nearest to it are taken.
        """
        if not len(pixels):
            return None
        if near is not None:
            x, y = self.to_screen(near)
            order = np.argsort(np.hypot(pixels[:, 0] - x, pixels[:, 1] - y), kind="stable")
            pixels = pixels[order[:of_nearest]]
        x, y = pixels[self.rng.randrange(len(pixels))]
        return int(x), int(y)

    # Mind.

    def has(self, name: str, is_finished: bool = True) -> int:
        """How many structures of a name stand, or are at least begun."""
        return sum(site.thing.name == name and (site.is_finished or not is_finished)
                   for site in self.sites)

    def is_time(self, what: str, every: int) -> bool:
        """Whether something was not done for `every` game loops; if so, it is done now."""
        if self.view.loop < self._earliest.get(what, 0):
            return False
        self._earliest[what] = self.view.loop + every
        return True

    def can_pay(self, minerals: int, vespene: int = 0) -> bool:
        """Whether resources suffice, less what was promised to SCVs on their way."""
        loop = self.view.loop
        self.promised = [one for one in self.promised if one[0] > loop]
        return (self.view.player.minerals - sum(one[1] for one in self.promised) >= minerals
                and self.view.player.vespene - sum(one[2] for one in self.promised) >= vespene)

    def towards_enemy(self, distance: float, angle: float = 0.0,
                      origin: tuple[float, float] | None = None) -> tuple[float, float]:
        """The world point at a distance from home.

        Args:
            distance: in cells.
            angle: in radians from the direction to the enemy.
            origin: from there instead.
        """
        x, y = origin or self.home_xy
        direction = math.atan2(self.enemy_xy[1] - y, self.enemy_xy[0] - x) + angle
        return x + distance * math.cos(direction), y + distance * math.sin(direction)
