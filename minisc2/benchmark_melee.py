"""The matches by which `benchmark` measures melee games: a hundred units of the players.

The recorded one is a `marine_rush` match against `easy`, as `minisc2.record` makes them: what its
player did is done again while the agent looks on from that player's seat, and what is measured are
the steps with about a hundred units. One in five of these matches comes to so many.

The usual one is a match of two computer players of the level Hard at the moment when `NUM_UNITS` of
theirs are alive for the first time: workers gather, structures make things, armies stand,
march and fight. There the agent takes over one side, and its army marches to and fro.

The crowded one is harsher than any match: 40 Marines march without a pause through each other and
through workers. Both sides get workers, Marines and structures beside what a match starts with.
"""

import dataclasses
import functools
import importlib
import math
import random
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from s2clientprotocol import sc2api_pb2

from minisc2 import replay
from minisc2.benchmark_profile import Sampler
from minisc2.game import orders, unit_data
from minisc2.game import world as world_lib
from minisc2.scripted import series

MAP = "Simple64"
STEP_MUL = 8
_RECORDED = series.Settings(MAP, "marine_rush", "easy")
_RECORDED_NUMBERS = (2, 4, 5, 11, 28)
"""Matches of that series in which a hundred units are alive for long enough."""
_RECORDED_UNITS = range(93, 108)
"""How many units are about a hundred."""

NUM_UNITS = 104
"""When the agent takes over: some fall afterwards, and a hundred are alive on the average."""
_UNITS = (("SCV", 10), ("Marine", 20))
_STRUCTURES = ("SupplyDepot", "SupplyDepot", "SupplyDepot", "Barracks", "Barracks",
               "EngineeringBay", "Factory")
"""What each side of the crowded match gets beside its twelve workers and its town hall."""

_MUSTER = 7.0
"""Distance in cells from the start to where the new units come into the game."""
_STRAY = 6.0
"""Distance in cells from there within which the Marines march."""
_STEPS_A_MARCH = 32
_STEPS_AN_ACTION = 8
_AGENT, _OPPONENT = 1, 2
_SEED = 1
_OPENING_GAME_LOOPS = 128
_MAX_OPENING_STEPS = 150
_SUCCESS = 1


class Played(NamedTuple):
    """Steps that were taken.

    Attributes:
        num_units: mean number of units of the players.
        cpu_seconds: a step.
    """

    num_units: float
    cpu_seconds: float


class Scene:
    """A match of an `SC2Env` on the embedded game in this process.

    Attributes:
        NAME: of the scene.
        DIFFICULTY, BUILD: of the opponent, sc2api_pb2.Difficulty and AIBuild.
    """

    NAME = ""
    DIFFICULTY, BUILD = sc2api_pb2.Easy, sc2api_pb2.Macro

    def __init__(self, env: Any):
        """Begins a new match in `env`."""
        self._env = env
        (self._timestep,) = env.reset()
        # SC2Env has no way to create units, and its bots take no orders: reach for the game itself.
        self._match = env._controllers[0]._game_client._server._match
        self._world: world_lib.World = self._match.world
        self._functions = importlib.import_module("pysc2.lib.actions").FUNCTIONS

    @staticmethod
    def seed(repeat: int) -> int:
        """Of the game, in each of the repeats."""
        del repeat
        return _SEED

    @property
    def num_units(self) -> int:
        """Units of the players that are alive."""
        return sum(map(len, map(self._world.owned, self._world.players)))

    def play(self, num_steps: int, sampler: Sampler) -> Played:
        """Takes agent steps, and has the sampler look on."""
        num_units = 0
        start = time.process_time()
        with sampler:
            for index in range(num_steps):
                self._prepare(index)
                (self._timestep,) = self._env.step([self._action(index)])
                num_units += self.num_units
        return Played(num_units / num_steps, (time.process_time() - start) / num_steps)

    def _prepare(self, index: int) -> None:
        """Does what the agent does not do itself."""

    def _goal(self, turn: int) -> tuple[float, float]:
        """Where the army is sent, by the number of the action."""
        raise NotImplementedError

    def _action(self, index: int) -> Any:
        """Select the army, send it somewhere, look at it, look at the base; else nothing."""
        functions = self._functions
        turn, rest = divmod(index, _STEPS_AN_ACTION)
        start, goal = self._world.players[_AGENT].start_xy, self._goal(turn)
        available = self._timestep.observation.available_actions
        if rest == 0 and turn % 4 == 0 and functions.select_army.id in available:
            return functions.select_army("select")
        if rest == 0 and turn % 4 == 1 and functions.Attack_minimap.id in available:
            return functions.Attack_minimap("now", self._pixel(goal))
        if rest == 0 and turn % 4 >= 2:
            return functions.move_camera(self._pixel(goal if turn % 4 == 2 else start))
        return functions.no_op()

    def _pixel(self, world_xy: tuple[float, float]) -> tuple[int, int]:
        """Where a point is on a minimap that shows the whole map."""
        width, height = self._world.game_map.size
        size = self._env.observation_spec()[0]["feature_minimap"][1]
        scale = size / max(width, height)
        return int(world_xy[0] * scale), int((height - world_xy[1]) * scale)

    def _on_the_way(self, share: float) -> tuple[float, float]:
        """The point at a share of the straight line from the agent's start to the opponent's."""
        (x0, y0), (x1, y1) = (self._world.players[player_id].start_xy
                              for player_id in (_AGENT, _OPPONENT))
        return x0 + share * (x1 - x0), y0 + share * (y1 - y0)


class RecordedMatch(Scene):
    """A `marine_rush` match against `easy`, seen by its player."""

    NAME = "recorded"
    BUILD = sc2api_pb2.RandomBuild

    def __init__(self, env: Any):
        """Plays a match of the series, and begins to play it again in `env`."""
        super().__init__(env)
        recording = _recording(self._world.seed)
        self._num_game_loops = recording.loops
        self._events = list(reversed([event for event in recording.events
                                      if event.kind == replay.EventKind.ACTION]))

    @staticmethod
    def seed(repeat: int) -> int:
        return _RECORDED.game_seed(_RECORDED_NUMBERS[repeat % len(_RECORDED_NUMBERS)])

    def play(self, num_steps: int, sampler: Sampler) -> Played:
        """Takes as many steps with about a hundred units; others are not counted."""
        found, seconds = [], 0.0
        while len(found) < num_steps:
            while (num_units := self.num_units) not in _RECORDED_UNITS:
                if self._world.loop >= self._num_game_loops:
                    raise RuntimeError(
                        f"benchmark_melee: this match has {_RECORDED_UNITS[0]} to "
                        f"{_RECORDED_UNITS[-1]} units in {len(found)} steps, not in {num_steps}; "
                        "ask for fewer, or choose other matches.")
                self._skip_step()
            start = time.process_time()
            with sampler:
                while num_units in _RECORDED_UNITS and len(found) < num_steps:
                    self._step()
                    found.append(num_units)
                    num_units = self.num_units
            seconds += time.process_time() - start
        return Played(sum(found) / num_steps, seconds / num_steps)

    def _step(self) -> None:
        end = self._world.loop + STEP_MUL
        self._act_before(end)
        self._env.step([self._functions.no_op()], step_mul=end - self._world.loop)

    def _skip_step(self) -> None:
        end = self._world.loop + STEP_MUL
        self._act_before(end)
        self._match.play(end - self._world.loop)

    def _act_before(self, end: int) -> None:
        """Plays as far as the last thing that the player did before a game loop, and does it."""
        while self._events and self._events[-1].loop < end:
            event = self._events.pop()
            self._match.play(event.loop - self._world.loop)
            self._match.apply(event.player_id, sc2api_pb2.Action.FromString(event.data))


@functools.cache
def _recording(game_seed: int) -> replay.Recording:
    """Plays the match of the series that has this seed."""
    (number,) = (number for number in _RECORDED_NUMBERS
                 if _RECORDED.game_seed(number) == game_seed)
    _, data = series.play(_RECORDED, number)
    return replay.decode(data)


class UsualMatch(Scene):
    """Economy, armies and structures as two computer players bring them about."""

    NAME = "usual"
    DIFFICULTY = sc2api_pb2.Hard

    def __init__(self, env: Any):
        """Lets computers play until there are enough units, and takes one side over."""
        ai = importlib.import_module("minisc2.ai")
        super().__init__(env)
        world = self._world
        brain = ai.make(world, dataclasses.replace(
            world.players[_AGENT], difficulty=self.DIFFICULTY, ai_build=self.BUILD))
        world.brains.append(brain)
        for _ in range(_MAX_OPENING_STEPS):
            if self.num_units >= NUM_UNITS:
                break
            (self._timestep,) = env.step([self._functions.no_op()], step_mul=_OPENING_GAME_LOOPS)
        world.brains.remove(brain)

    def _goal(self, turn: int) -> tuple[float, float]:
        """To the opponent's base, and back again, in turns."""
        return self._on_the_way(0.8 if turn // 4 % 4 < 2 else 0.2)


class CrowdedMatch(Scene):
    """A hundred units that were put there, and that move about all the time."""

    NAME = "crowded"
    DIFFICULTY = sc2api_pb2.VeryEasy

    def __init__(self, env: Any):
        """Fills a new match."""
        super().__init__(env)
        self._rng = random.Random(1)
        self._musters = {player_id: self._fill(player_id) for player_id in self._world.players}

    def _goal(self, turn: int) -> tuple[float, float]:
        del turn
        return self._near(self._musters[_AGENT])

    def _prepare(self, index: int) -> None:
        if index % _STEPS_A_MARCH == 0:
            self._march(_OPPONENT)

    def _fill(self, player_id: int) -> tuple[float, float]:
        """Gives a player its units. Returns where they muster."""
        world = self._world
        start = world.players[player_id].start_xy
        width, height = world.game_map.size
        dx, dy = width / 2 - start[0], height / 2 - start[1]
        length = math.hypot(dx, dy)
        muster = (start[0] + dx / length * _MUSTER, start[1] + dy / length * _MUSTER)
        places = self._building_places(start)
        for name in _STRUCTURES:
            kind = unit_data.id_of(name)
            place = next(xy for xy in places
                         if world.placement(unit_data.get(kind).ability_id, xy) == _SUCCESS)
            world.create_unit(kind, player_id, place)
        for name, count in _UNITS:
            for _ in range(count):
                world.create_unit(unit_data.id_of(name), player_id, self._near(muster))
        field = min((unit for unit in world.units.values() if unit.type.has_minerals),
                    key=lambda unit: unit.distance_to(*start))
        workers = [unit.tag for unit in world.owned(player_id) if unit.type.is_worker]
        world.order(player_id, workers, orders.SMART, field)
        return muster

    @staticmethod
    def _building_places(start: tuple[float, float]) -> Iterator[tuple[float, float]]:
        """Points around a start location, from the near to the far, far enough from each other."""
        offsets = [(dx, dy) for dx in range(-20, 21, 4) for dy in range(-20, 21, 4)
                   if math.hypot(dx, dy) > 6]
        for dx, dy in sorted(offsets, key=lambda offset: math.hypot(*offset)):
            yield start[0] + dx, start[1] + dy

    def _near(self, xy: tuple[float, float]) -> tuple[float, float]:
        return (xy[0] + self._rng.uniform(-_STRAY, _STRAY),
                xy[1] + self._rng.uniform(-_STRAY, _STRAY))

    def _march(self, player_id: int) -> None:
        """Sends a player's Marines to another point near its start."""
        tags = [unit.tag for unit in self._world.owned(player_id)
                if unit.type.speed > 0 and not unit.type.is_worker]
        self._world.order(player_id, tags, orders.ATTACK, self._near(self._musters[player_id]))


SCENES: tuple[type[Scene], ...] = (RecordedMatch, UsualMatch, CrowdedMatch)
