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
from minisc2.scripted import hands, walking
from minisc2.scripted import knowledge as knowledge_lib
from minisc2.scripted import plan as plan_lib
from minisc2.scripted import view as view_lib

Task = Generator[sc2api_pb2.Action, None, None]
"""Something to be done: yields one action at a time, and goes on with a new `Person.view`."""

Point = tuple[float, float]
"""A world point (x, y)."""

_BASE_RADIUS = 11.0
_PATIENCE, _BLOCKED_LOOPS = 3, 1000
"""After so many failures to build something it is left for so long."""

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
        add_on: "", "Reactor" or "TechLab"; what was seen beside it.
        coming: name of the add-on or morph that it is working at, or "".
        group: control group it is in, or None.
        free_loop: when it needs to be told again what to make.
        is_served: whether workers or a crew were sent to it.
        share: how far it was built when last seen, 0 to 1.
        is_kept_free: whether it has to finish what it makes, because an add-on is to come.
    """

    thing: knowledge_lib.Thing
    xy: Point
    due_loop: int
    is_finished: bool = False
    add_on: str = ""
    coming: str = ""
    group: int | None = None
    free_loop: int = 0
    is_served: bool = False
    is_kept_free: bool = False
    share: float = 0.0


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
        natural_xy: about the middle of the minerals nearest to home, beside its own; None if
            there are none.
        researched: abilities of upgrades that were begun.
        turn: how often each control group was told to train, for products by turns.
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
        middle = np.argwhere(self.view.minimap("camera")).mean(0)
        near = self.minimap_to_world(middle[::-1])
        by_distance = sorted(known.starts, key=lambda xy: math.dist(xy, near))
        self.home_xy = self.camera_xy = by_distance[0]
        self.enemy_xy = by_distance[-1]
        self.view.camera_xy = self.camera_xy
        self._walks = walking.distances(known.pathing, self.home_xy)
        self._way = walking.way(self._walks, self.enemy_xy)
        self.natural_xy = self._find_natural()
        self.ground = ground_lib.Ground(known)
        self.sites = [Site(known.things["CommandCenter"], self.home_xy, 0, is_finished=True,
                           is_served=True)]
        self.ground.take("CommandCenter", self.home_xy)
        for pixel in self.resources()[::4]:
            self.ground.keep_free(self.home_xy, self.to_world(pixel), 2.5)
        self.promised: list[tuple[int, int, int]] = []  # (until loop, minerals, vespene)
        self.researched: set[int] = set()
        self.turn: dict[int, int] = {}
        self._earliest: dict[str, int] = {}
        self._num_failures: dict[str, int] = {}

    def _find_natural(self) -> Point | None:
        dots = [self.minimap_to_world(pixel) for pixel in self.view.dots(view_lib.NEUTRAL)]
        free = [xy for xy in dots if min(math.dist(xy, start) for start in self.known.starts) > 13]
        near = min(free, key=self.walk_to, default=None)
        if near is None:
            return None
        return tuple(np.mean([xy for xy in free if math.dist(xy, near) < 13], axis=0).tolist())

    def walk_to(self, world_xy: Point) -> float:
        """How far it is to walk from home to a point, or to the nearest cell that one can reach."""
        x, y = int(world_xy[0]), int(world_xy[1])
        around = self._walks[max(0, y - 2):y + 3, max(0, x - 2):x + 3]
        return float(around.min())

    # Eyes.

    def see(self, response: sc2api_pb2.ResponseObservation, result: int) -> None:
        """Takes in what is to be seen after an action with that result."""
        self.view = view_lib.View(response, self.camera_xy, result)

    def to_world(self, screen_xy: Collection[int]) -> Point:
        """The world point under a pixel of the screen."""
        return self._screen.screen_to_world(self.camera_xy, tuple(screen_xy))

    def to_screen(self, world_xy: Point) -> hands.Pixel:
        """The pixel of the screen at a world point; it may be beyond the screen."""
        x, y = self._screen.world_to_screen(self.camera_xy, world_xy)
        return math.floor(x), math.floor(y)

    def to_minimap(self, world_xy: Point) -> hands.Pixel:
        """The pixel of the minimap at a world point, or the nearest one."""
        x, y = self._minimap.world_to_minimap(world_xy)
        return (min(max(int(x), 0), self._minimap.width - 1),
                min(max(int(y), 0), self._minimap.height - 1))

    def minimap_to_world(self, minimap_xy: Collection[int]) -> Point:
        """The world point under a pixel of the minimap."""
        return self._minimap.minimap_to_world(tuple(minimap_xy))

    @property
    def pixels_a_cell(self) -> float:
        """Pixels of the screen along a side of a cell."""
        return self._screen.scale

    def resources(self, near: Point | None = None, with_gas: bool = True) -> np.ndarray:
        """Where minerals and geysers are on the screen: int [N, 2] pixels.

        Args:
            near: only those within 11 cells of this world point.
            with_gas: whether geysers count.
        """
        types = self.known.minerals | self.known.geysers if with_gas else self.known.minerals
        pixels = self.view.pixels(types, view_lib.NEUTRAL)
        if near is not None and len(pixels):
            x, y = self._screen.world_to_screen(self.camera_xy, near)
            away = np.hypot(pixels[:, 0] - x, pixels[:, 1] - y)
            pixels = pixels[away < _BASE_RADIUS * self._screen.scale]
        return pixels

    def was_seen(self, world_xy: Point) -> bool:
        """Whether a point was ever in sight."""
        x, y = self.to_minimap(world_xy)
        return bool(self.view.minimap("visibility_map")[y, x])

    def shows(self, world_xy: Point, margin: float = 2.0) -> bool:
        """Whether the screen shows a point, at least `margin` cells from its edge."""
        x, y = self._screen.world_to_screen(self.camera_xy, world_xy)
        edge = margin * self._screen.scale
        return (edge <= x < self._screen.width - edge and edge <= y < self._screen.height - edge)

    # Hands.

    def look_at(self, world_xy: Point, margin: float = 2.0) -> Task:
        """Moves the camera, unless the point is on the screen already.

        Args:
            world_xy: the point.
            margin: cells that it has to be away from the edge; the camera cannot leave the
                playable area, so that there it may be less afterwards.
        """
        if not self.shows(world_xy, margin) and (
                self.to_minimap(world_xy) != self.to_minimap(self.camera_xy)):
            yield self.move_camera(world_xy)

    def move_camera(self, world_xy: Point) -> sc2api_pb2.Action:
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

    def near_minimap_pixel(self, world_xy: Point) -> hands.Pixel:
        """A pixel of the minimap at about a world point."""
        return self.to_minimap((self.rng.gauss(world_xy[0], 0.7), self.rng.gauss(world_xy[1], 0.7)))

    def pick(self, pixels: np.ndarray, near: Point | None = None,
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

    def postpone(self, what: str, game_loops: int) -> None:
        """Something will not be time for a while."""
        self._earliest[what] = self.view.loop + game_loops

    def fail(self, name: str) -> None:
        """A structure could not be built: after some times something else comes first."""
        self._num_failures[name] = self._num_failures.get(name, 0) + 1
        if self._num_failures[name] % _PATIENCE == 0:
            self.postpone(f"build {name}", _BLOCKED_LOOPS)

    def is_blocked(self, name: str) -> bool:
        """Whether building a structure failed too often lately."""
        return self.view.loop < self._earliest.get(f"build {name}", 0)

    def can_pay(self, minerals: int, vespene: int = 0) -> bool:
        """Whether resources suffice, less what was promised to SCVs on their way."""
        loop = self.view.loop
        self.promised = [one for one in self.promised if one[0] > loop]
        return (self.view.player.minerals - sum(one[1] for one in self.promised) >= minerals
                and self.view.player.vespene - sum(one[2] for one in self.promised) >= vespene)

    def on_way(self, distance: float) -> Point:
        """The world point on the way to the enemy after so many cells."""
        return self._way[min(int(distance), len(self._way) - 1)]

    def beside_way(self, distance: float, angle: float) -> Point:
        """The world point at a distance from home, at an angle in radians from the way out."""
        x, y = self.on_way(10.0)
        direction = math.atan2(y - self.home_xy[1], x - self.home_xy[0]) + angle
        return (self.home_xy[0] + distance * math.cos(direction),
                self.home_xy[1] + distance * math.sin(direction))
