"""One game of StarCraft II as an environment, through pysc2's unmodified `SC2Env`."""

import contextlib
import dataclasses
import os
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from environment import (
    conditioning,
    delays,
    match_context,
    observation_arrays,
    observations,
    pysc2_compat,
    starcraft_game,
    starcraft_interfaces,
)
from environment.specs import ActionSpec, Observation, ObservationSpec, TimeStep

pysc2_compat.install()

from pysc2 import maps as pysc2_maps
from pysc2.env import environment as pysc2_environment
from pysc2.env import sc2_env
from s2clientprotocol import sc2api_pb2

RACES = tuple(race.name for race in sc2_env.Race)
DIFFICULTIES = tuple(difficulty.name for difficulty in sc2_env.Difficulty)

_GAME_LOOPS_PER_SECOND = 16  # of game time at "normal" speed, in which map scripts count
_TIMER_SECONDS = {
    "BuildMarines": 900,
    "CollectMineralShards": 120,
    "CollectMineralsAndGas": 420,
    "DefeatRoaches": 120,
    "DefeatZerglingsAndBanelings": 120,
    "FindAndDefeatZerglings": 180,
    "MoveToBeacon": 120,
}
"""How long the mini-games last; source: their map scripts, and the comments in pysc2's list."""


class GameError(RuntimeError):
    """The game could not be started, or failed; another one may do better."""


@contextlib.contextmanager
def game_errors(doing: str) -> Iterator[None]:
    """Turns whatever pysc2 and the game raise into GameError: pysc2 has no class of its own for it,
    and uses ValueError, which here means a mistake of the caller."""
    try:
        yield
    except Exception as error:
        raise GameError(f"The game failed {doing}: {type(error).__name__}: {error}") from error


@dataclasses.dataclass(frozen=True, kw_only=True)
class StarcraftSettings(observations.ObservationSettings):
    """What is played, and what is seen of it (see `ObservationSettings` for the rest).

    Attributes:
        map_name: a map that pysc2 knows.
        camera_width: width of the screen in world units.
        step_mul: game loops between two observations.
        game: one of `starcraft_game.GAMES`.
        max_game_loops: an episode is cut after so many; 0 is no limit, None the map's own limit.
        race: the agent's race, one of `RACES`; mini-games have their own idea of it.
        opponent_race: the built-in opponent's race, on maps for two players.
        opponent_difficulty: the built-in opponent, one of `DIFFICULTIES`, on maps for two players.
        reaction_game_loops: game loops between an observation and what the agent does about it.
            With more than 0, an environment is good for one episode: pysc2 keeps what was not done
            yet for the next one.
        is_measured: the game also tells what the agent does not see, for `response`.
        interface: of pysc2, one of `starcraft_interfaces.INTERFACES`.
        raw_resolution: pixels of a side of the whole map, in the raw interface.
        max_selected_units: units that an action of the raw interface can name.
        max_delay_game_loops: the longest wait that an action can choose, see `delays.DelayCodec`;
            0 is actions without a choice, each of `step_mul` game loops.
        context_arrays: names out of `match_context.ARRAY_NAMES`, behind those of `arrays`.
        told: what the agent is told of the match in them; races that it leaves open are those that
            are played, unless these are random.
    """

    map_name: str = "MoveToBeacon"
    camera_width: int = 24
    step_mul: int = 8
    game: str = "auto"
    max_game_loops: int | None = None
    race: str = "random"
    opponent_race: str = "random"
    opponent_difficulty: str = "very_easy"
    reaction_game_loops: int = 0
    is_measured: bool = False
    interface: str = starcraft_interfaces.FeatureLayers.name
    raw_resolution: int = 128
    max_selected_units: int = 64
    max_delay_game_loops: int = 0
    context_arrays: tuple[str, ...] = ()
    told: conditioning.Conditioning = dataclasses.field(
        default_factory=conditioning.Conditioning)


def save_replay(env: sc2_env.SC2Env, folder: str, map_name: str) -> str:
    """Writes a replay of the running or just finished episode; returns the path of its file.

    pysc2 names it by the second, so that of two that end together one would be lost.
    """
    return env.save_replay(os.path.abspath(folder), f"{map_name}_{secrets.token_hex(4)}")


class Seat(NamedTuple):
    """What an agent sees and does with some settings, before there is a game.

    Attributes:
        interface: encoder and decoder.
        delays: of waits; None without a choice of them.
        context: of the arrays that no game tells.
        observation_spec: of everything that the agent sees.
        action_spec: of everything that it decides.
    """

    interface: Any
    delays: delays.DelayCodec | None
    context: match_context.MatchContext
    observation_spec: ObservationSpec
    action_spec: ActionSpec


def seat_for(settings: StarcraftSettings) -> Seat:
    """Raises ValueError for settings that cannot be."""
    interface = starcraft_interfaces.INTERFACES[settings.interface](settings)
    codec, action_spec = None, interface.action_spec
    if settings.max_delay_game_loops:
        codec = delays.DelayCodec(settings.step_mul, settings.max_delay_game_loops)
        action_spec = codec.extend(action_spec)
    context = match_context.MatchContext(settings.context_arrays, _told(settings), action_spec)
    return Seat(interface, codec, context, ObservationSpec(
        (*interface.observation_spec.arrays, *context.arrays)), action_spec)


def _told(settings: StarcraftSettings) -> conditioning.Conditioning:
    """What the agent is told, with the races that are played."""
    played = {name: getattr(settings, name) for name in ("race", "opponent_race")}
    return dataclasses.replace(settings.told, **{
        name: race for name, race in played.items()
        if getattr(settings.told, name) is None and race in conditioning.RACES})


def _check(settings: StarcraftSettings) -> None:
    """Raises ValueError naming the first setting that cannot be."""
    starcraft_game.check_map(settings.map_name, settings.game)
    for name in ("screen_size", "minimap_size"):
        size = getattr(settings, name)
        if len(size) != 2 or min(size) < 1:
            raise ValueError(f"{name}: expected (H, W) of at least one pixel, got {size}.")
    for name in ("camera_width", "step_mul"):
        if getattr(settings, name) < 1:
            raise ValueError(f"{name}: expected at least 1, got {getattr(settings, name)}.")
    if settings.reaction_game_loops < 0:
        raise ValueError(f"reaction_game_loops: expected at least 0, got "
                         f"{settings.reaction_game_loops}.")
    for name, possible in (("race", RACES), ("opponent_race", RACES),
                           ("opponent_difficulty", DIFFICULTIES),
                           ("interface", tuple(starcraft_interfaces.INTERFACES))):
        if getattr(settings, name) not in possible:
            raise ValueError(f"{name}: expected one of {', '.join(possible)}; got "
                             f"{getattr(settings, name)!r}.")


def specs_for(settings: StarcraftSettings) -> tuple[ObservationSpec, ActionSpec]:
    """The specs of an environment with these settings, without starting a game.

    Raises:
        ValueError: a setting that cannot be, among them an unknown map; it says what is possible.
        starcraft_game.GameNotFoundError: the real game is wanted and cannot be run.
    """
    _check(settings)
    seat = seat_for(settings)
    return seat.observation_spec, seat.action_spec


def _players(settings: StarcraftSettings) -> list[sc2_env.Agent | sc2_env.Bot]:
    players = [sc2_env.Agent(sc2_env.Race[settings.race], "agent")]
    if pysc2_maps.get(settings.map_name).players > 1:
        players.append(sc2_env.Bot(sc2_env.Race[settings.opponent_race],
                                   sc2_env.Difficulty[settings.opponent_difficulty]))
    return players


def interface_format(settings: StarcraftSettings) -> sc2_env.AgentInterfaceFormat:
    """What pysc2 is asked for."""
    measuring: dict[str, Any] = {}
    if settings.is_measured:  # unit counts ask the game for all units
        measuring = {"send_observation_proto": True, "use_unit_counts": True}
    is_raw = settings.interface == starcraft_interfaces.Raw.name
    return starcraft_interfaces.interface_format(
        settings, settings.camera_width, settings.raw_resolution if is_raw else None,
        # pysc2 counts from 1: what is done at once takes effect in the next game loop.
        action_delay_fn=lambda: 1 + settings.reaction_game_loops, **measuring)


class StarcraftEnvironment:
    """Plays games of StarCraft II, one after the other.

    Args:
        settings: what is played and seen.
        seed: of the game, in [0, 2**32); the same seed and actions give the same episodes.
        visualize: opens pysc2's window; needs a display. Its thread keeps the process alive until
            `close()`.

    Raises:
        ValueError: a setting that cannot be.
        starcraft_game.GameNotFoundError: the real game is wanted and cannot be run.
        GameError: the game did not start.
    """

    def __init__(self, settings: StarcraftSettings, seed: int, visualize: bool = False):
        _check(settings)
        if not 0 <= seed < 2**32:
            raise ValueError(f"seed: expected a number in [0, 2**32), got {seed}.")
        self._settings, self._seat = settings, seat_for(settings)
        self._pysc2_observation = None
        self._is_over = True
        self._seeds = np.random.default_rng(seed)
        seconds = _TIMER_SECONDS.get(settings.map_name)
        self._timer_game_loops = seconds and seconds * _GAME_LOOPS_PER_SECOND
        game = starcraft_game.resolve(settings.game)
        with game_errors("to start"), starcraft_game.chosen(game):
            self._env = sc2_env.SC2Env(
                map_name=settings.map_name,
                players=_players(settings),
                agent_interface_format=interface_format(settings),
                step_mul=settings.step_mul,
                game_steps_per_episode=settings.max_game_loops,
                random_seed=seed,
                visualize=visualize,
                # The decoder checks this already, against the list that pysc2 has just made;
                # pysc2 would make the list again.
                ensure_available_actions=False)

    @property
    def observation_spec(self) -> ObservationSpec:
        return self._seat.observation_spec

    @property
    def action_spec(self) -> ActionSpec:
        return self._seat.action_spec

    @property
    def num_impossible_actions(self) -> int:
        """How often nothing was done because the action was impossible and the agent could not
        know it, see `starcraft_interfaces`."""
        return self._seat.interface.num_impossible_actions

    @property
    def pysc2_observation(self) -> observation_arrays.Pysc2Observation | None:
        """The observation of the latest step as pysc2 gave it, with every layer, for showing it."""
        return self._pysc2_observation

    @property
    def response(self) -> sc2api_pb2.ResponseObservation:
        """The game's own answer of the latest step; needs the setting `is_measured`."""
        return self._pysc2_observation["_response_observation"]()

    @property
    def unit_data(self) -> Mapping[int, Any]:
        """The game's data of unit types, by type id."""
        return self._env.static_data().unit_stats

    def reset(self) -> TimeStep:
        """Starts an episode, leaving the running one if there is one.

        Raises:
            GameError: the game failed.
        """
        with game_errors("to begin an episode"):
            step = self._env.reset()[0]
        # pysc2 makes a match between two players anew for every episode, with the seed of the first
        # one: the next would be the same match again.
        self._env._random_seed = int(self._seeds.integers(2**32))
        self._seat.interface.begin()
        self._seat.context.begin()
        return self._time_step(step)

    def tell(self, told: conditioning.Conditioning) -> Observation:
        """Tells the agent something else of the match than the settings do, from now on.

        Returns:
            What it now sees of the latest step.
        """
        context = match_context.MatchContext(
            self._settings.context_arrays, _told(dataclasses.replace(self._settings, told=told)),
            self._seat.action_spec)
        self._seat = self._seat._replace(context=context)
        return self._seat.interface.encode(self._pysc2_observation) | context.observe()

    def step(self, action: Mapping[str, np.ndarray]) -> TimeStep:
        """Plays one action; after a LAST step the action is ignored and an episode starts.

        Args:
            action: int32 [] for every component of `action_spec`.

        Returns:
            A step without batch dimension. The discount is 0 where the game ended for a reason
            that lies in the game, and 1 where only time was up: the limit of game loops, or the
            timer of a mini-game. The game reports a result for the latter too, but nothing in the
            state led to it.

        Raises:
            ValueError: the function is not available now, or an argument is out of its range.
            GameError: the game failed.
        """
        if self._is_over:
            return self.reset()
        call = self._seat.interface.call(action, self._pysc2_observation)
        wait, game_loops = self._wait(action), self._settings.step_mul
        if wait is not None:
            game_loops = self._game_loops_left(wait * self._settings.step_mul)
        with game_errors("to play a step"):
            step = self._env.step([call], step_mul=game_loops)[0]
        self._seat.context.acted(action, wait)
        return self._time_step(step)

    def _wait(self, action: Mapping[str, np.ndarray]) -> int | None:
        """Observations until the agent decides again; None where it has no choice."""
        codec = self._seat.delays
        return codec and codec.decode(action[delays.DELAY])

    def _game_loops_left(self, game_loops: int) -> int:
        """As many, but not beyond the limit of the episode: a long wait would go far over it."""
        limit = self._settings.max_game_loops
        if limit is None:
            limit = pysc2_maps.get(self._settings.map_name).game_steps_per_episode
        if not limit:
            return game_loops
        now = int(self._pysc2_observation["game_loop"][0])
        return max(min(game_loops, limit - now), 1)

    def _time_step(self, step: pysc2_environment.TimeStep) -> TimeStep:
        self._pysc2_observation = step.observation
        self._is_over = step.last()
        # pysc2 says 0 at the first step too, where nothing has ended.
        keeps_value = step.first() or (step.last() and self._is_time_up(step.observation))
        return TimeStep(
            step_type=np.array(step.step_type, np.int8),
            reward=np.array(step.reward, np.float32),
            discount=np.array(1.0 if keeps_value else step.discount, np.float32),
            observation=self._seat.interface.encode(step.observation)
            | self._seat.context.observe())

    def _is_time_up(self, observation: observation_arrays.Pysc2Observation) -> bool:
        return self._timer_game_loops is not None and (
            int(observation["game_loop"][0]) >= self._timer_game_loops)

    def save_replay(self, folder: str) -> str:
        """Writes a replay of the running or just finished episode; returns the path of its file."""
        return save_replay(self._env, folder, self._settings.map_name)

    def close(self) -> None:
        """Ends the game. Closing again does nothing."""
        self._env.close()
