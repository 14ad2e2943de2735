"""The record of one player's episode in memory: what was seen, what was done, and of which match.

An episode has N kept steps. Step n holds an observation and the action that was taken in it; two
actions in one observation are two steps with the same game loop. The last step closes the episode:
its action leads nowhere, so nothing is learned from it.
"""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, get_type_hints

import numpy as np

from data.strategy import Strategy
from environment.specs import Action, ActionSpec, Observation, ObservationSpec

RESULTS = ("victory", "defeat", "tie", "undecided")
PLAYED = "played"
"""The interface of an episode that holds all that an agent saw and decided, observation by
observation, in the specs of that agent: nothing was left out, and nothing is to be added."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Metadata:
    """Where an episode comes from. None is "not known"; a text has two characters or more.

    Attributes:
        game: who served the replay, for example "StarCraft II" or "minisc2".
        game_version: of the replay, for example "4.10.0.75689".
        map_name: as the replay names it.
        replay_id: what identifies the match, the same for both players: a hash of the replay file.
        seed: of the match.
        player_id: whose episode this is, as the game counts: from 1.
        race: of the player.
        opponent_race: of the other player.
        result: one of `RESULTS`, of the player.
        mmr: rating of the player.
        opponent_mmr: rating of the other player.
        apm: actions a minute of the player.
        interface: of pysc2, "feature_layers" or "raw", in which a replay was seen; or `PLAYED`.
        camera_width: of the screen in world units.
        step_mul: game loops between two observations that there can be, kept or not.
        num_game_loops: length of the match.
        num_observed_steps: observations that were made, kept or not.
        num_unavailable_actions: kept actions that were not available in their observation.
        num_units_left_out: units that actions of the raw interface were given to and have no room
            for, or no row in the observation.
        inferred: what is not known from the replay but inferred, as names with reasons.
        dropped: reason -> how many actions were left out for it.
    """

    game: str
    game_version: str
    map_name: str
    replay_id: str
    seed: int | None = None
    player_id: int
    race: str
    opponent_race: str | None = None
    result: str
    mmr: int | None = None
    opponent_mmr: int | None = None
    apm: float | None = None
    interface: str = "feature_layers"
    camera_width: int = 24
    step_mul: int
    num_game_loops: int
    num_observed_steps: int
    num_unavailable_actions: int = 0
    num_units_left_out: int = 0
    inferred: tuple[str, ...] = ()
    dropped: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        for name, expected in get_type_hints(Metadata).items():
            _check_field(name, expected, getattr(self, name))
        if self.result not in RESULTS:
            raise ValueError(f"Metadata result: expected one of {', '.join(RESULTS)}; got "
                             f"{self.result!r}.")
        for name in ("step_mul", "player_id", "camera_width"):
            if getattr(self, name) < 1:
                raise ValueError(f"Metadata {name}: expected at least 1, got "
                                 f"{getattr(self, name)}.")

    def to_dict(self) -> dict[str, Any]:
        """Plain text, numbers, None, a list and a dictionary; the inverse of `from_dict`."""
        return {**dataclasses.asdict(self), "inferred": list(self.inferred),
                "dropped": dict(self.dropped)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Metadata":
        """Makes the metadata that `to_dict` described.

        Raises:
            ValueError: a name that is not known or missing, or a value of another type.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        if set(values) != names:
            raise ValueError(f"Metadata: missing {sorted(names - set(values)) or 'nothing'}, "
                             f"unexpected {sorted(set(values) - names) or 'nothing'}.")
        inferred = values["inferred"]
        return cls(**{**values, "inferred": tuple(inferred) if isinstance(inferred, list)
                      else inferred})


def _check_field(name: str, expected: Any, value: Any) -> None:
    """Raises ValueError unless a value of the metadata has its type and can be written."""
    if name == "inferred":
        ok = isinstance(value, tuple) and all(isinstance(text, str) for text in value)
        texts = value if ok else ()
    elif name == "dropped":
        ok = isinstance(value, Mapping) and all(
            isinstance(key, str) and type(number) is int for key, number in value.items())
        texts = tuple(value) if ok else ()
    else:
        possible = expected.__args__ if isinstance(expected, types.UnionType) else (expected,)
        ok = type(value) in possible
        texts = (value,) if isinstance(value, str) else ()
    if not ok:
        raise ValueError(f"Metadata {name}: expected {expected}, got {value!r}.")
    for text in texts:
        # Python keeps one object for equal texts of one character, and hickle writes the second
        # one as a reference, which readers refuse; slashes would be paths in the file.
        if len(text) < 2 or (name == "dropped" and set(text) & {"/", "\\"}):
            raise ValueError(f"Metadata {name}: expected texts of two characters or more, and "
                             f"reasons without slashes; got {text!r}.")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Episode:
    """One player's episode of N kept steps.

    Attributes:
        observation_spec: of `observations`.
        action_spec: of `actions`.
        observations: named arrays [N, *shape].
        actions: named int32 arrays [N]; what was done in each observation.
        game_loops: int32 [N], when each observation was made; never falls.
        rewards: float32 [N], what came between this kept step and the next; 0 at the last.
        strategy: how the player played, in numbers.
        metadata: where the episode comes from.
    """

    observation_spec: ObservationSpec
    action_spec: ActionSpec
    observations: Observation
    actions: Action
    game_loops: np.ndarray
    rewards: np.ndarray
    strategy: Strategy
    metadata: Metadata

    @property
    def num_steps(self) -> int:
        return len(self.game_loops)

    @property
    def delays(self) -> np.ndarray:
        """Game loops until the next kept step, int32 [N]; 0 at the last."""
        return np.diff(self.game_loops, append=self.game_loops[-1:]).astype(np.int32)

    def validate(self) -> None:
        """Raises ValueError naming the first array that does not fit."""
        leading = (self.num_steps,)
        if not self.num_steps:
            raise ValueError("Episode: expected at least one step, got none.")
        self.observation_spec.validate(self.observations, leading)
        self.action_spec.validate(self.actions, leading)
        for name, dtype in (("game_loops", np.int32), ("rewards", np.float32)):
            value = getattr(self, name)
            if value.dtype != dtype or value.shape != leading:
                raise ValueError(f"Episode {name}: expected {np.dtype(dtype).name} "
                                 f"{list(leading)}, got {value.dtype} {list(value.shape)}.")
        if self.game_loops[0] < 0 or (np.diff(self.game_loops) < 0).any():
            raise ValueError("Episode game_loops: expected numbers that never fall, from 0.")
        if not np.isfinite(self.rewards).all():
            raise ValueError("Episode rewards: expected finite numbers.")
        self.strategy.validate()


class EpisodeBuilder:
    """Collects the steps of an episode one after the other.

    Args:
        observation_spec: of the observations that will be added.
        action_spec: of the actions that will be added.
    """

    def __init__(self, observation_spec: ObservationSpec, action_spec: ActionSpec):
        self._specs = (observation_spec, action_spec)
        self._observations: dict[str, list] = {name: [] for name in observation_spec.by_name}
        self._actions: dict[str, list] = {name: [] for name in action_spec.sizes}
        self._game_loops: list[int] = []
        self._rewards: list[float] = []

    def add(self, observation: Observation, action: Action, game_loop: int,
            reward: float = 0.0) -> None:
        """Adds a kept step.

        Args:
            observation: named arrays without leading dimensions; they are kept, not copied.
            action: int32 [] for every component; what was done in this observation.
            game_loop: when the observation was made.
            reward: what came since the step that was added before; of no use at the first.
        """
        for name, values in self._observations.items():
            values.append(observation[name])
        for name, values in self._actions.items():
            values.append(action[name])
        self._game_loops.append(game_loop)
        self._rewards.append(reward)

    def build(self, strategy: Strategy, metadata: Metadata) -> Episode:
        """Makes the episode of what was added, and forgets it to save memory.

        Raises:
            ValueError: nothing was added, or something that does not fit the specs.
        """
        if not self._game_loops:
            raise ValueError("Episode: expected at least one step, got none.")
        observation_spec, action_spec = self._specs
        observations = {name: np.stack(self._observations.pop(name))
                        for name in observation_spec.by_name}
        actions = {name: np.stack(self._actions.pop(name)) for name in action_spec.sizes}
        episode = Episode(
            observation_spec=observation_spec, action_spec=action_spec,
            observations=observations, actions=actions,
            game_loops=np.array(self._game_loops, np.int32),
            rewards=np.array([*self._rewards[1:], 0], np.float32), strategy=strategy,
            metadata=metadata)
        episode.validate()
        return episode
