"""Episodes of who plays now, written as .hkl files while they are played.

    with parallel.ParallelEnvironments(...) as environments:
        recorded = recording.RecordedEnvironments(environments, 100, folder, source)
        matches.play(agent, recorded, 100)

Every observation is kept with what was done in it. So the files hold what the agent sees and
decides, no more and no less, and who learns from them has the same specs: see `episode.PLAYED`.
"""

import dataclasses
import hashlib
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from data import hkl, strategy
from data.episode import PLAYED, Episode, EpisodeBuilder, Metadata
from environment import (
    delays,
    environment_group,
    gymnasium_environment,
    starcraft,
    starcraft_game,
)
from environment.specs import Action, ActionSpec, ObservationSpec, StepType, TimeStep

UNKNOWN = "unknown"


class Environments(Protocol):
    """What can be recorded; see `environment.parallel`."""

    num_environments: int
    num_groups: int
    observation_spec: ObservationSpec
    action_spec: ActionSpec

    def group_slice(self, group: int) -> slice: ...
    def reset(self) -> None: ...
    def receive(self, group: int) -> TimeStep: ...
    def send(self, group: int, action: Action) -> None: ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """What the files say of where all episodes come from; see `Metadata`.

    Attributes:
        game: who served them.
        game_version: of it.
        map_name: of the map, or name of the task.
        race: of the player.
        camera_width: of the screen in world units.
        step_mul: game loops between two observations.
    """

    game: str
    game_version: str
    map_name: str
    race: str = "none"
    camera_width: int = Metadata.camera_width
    step_mul: int = 1


def gymnasium_source(name: str) -> Source:
    """Of a task of Gymnasium; its steps are its game loops."""
    return Source(game="gymnasium", game_version=gymnasium_environment.version(), map_name=name)


def starcraft_source(settings: starcraft.StarcraftSettings) -> Source:
    """Of StarCraft II, which does not tell its version to who plays."""
    return Source(
        game=starcraft_game.resolve(settings.game), game_version=UNKNOWN,
        map_name=settings.map_name, race=settings.race, camera_width=settings.camera_width,
        step_mul=settings.step_mul)


def prepare_folder(path: str | Path) -> Path:
    """Makes a folder for new files.

    Raises:
        ValueError: there are episodes in it: others would be learned from together with them.
        OSError: it cannot be made.
    """
    folder = Path(path)
    if folder.is_dir() and any(folder.glob("*.hkl")):
        raise ValueError(f"The folder {folder} holds episodes (*.hkl) already. Give another one, "
                         "or remove them.")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class RecordedEnvironments:
    """Environments whose episodes are written to a folder as they end.

    Every environment gives its share of the episodes, the first that end in it: as many in all as
    are wanted, without favouring short ones. An episode that is dropped is not written.

    Attributes:
        num_written: files so far.
    """

    def __init__(self, environments: Environments, num_episodes: int, folder: str | Path,
                 source: Source):
        """Args:
            environments: that are played. Each is sent an action before it is received again.
            num_episodes: files to be written.
            folder: for them; it is there.
            source: what the files say of where they come from.
        """
        self._environments, self._folder, self._source = environments, Path(folder), source
        count = environments.num_environments
        self.num_environments, self.num_groups = count, environments.num_groups
        self.observation_spec = environments.observation_spec
        self.action_spec = environments.action_spec
        self.num_written = 0
        self._num_missing = environment_group.shares(num_episodes, count)
        self._lanes: list[_Lane | None] = [None] * count
        self._seen: dict[int, TimeStep] = {}  # by group, the latest

    def group_slice(self, group: int) -> slice:
        """Which of the environments are in a group."""
        return self._environments.group_slice(group)

    def reset(self) -> None:
        """Starts an episode in every environment."""
        self._environments.reset()

    def receive(self, group: int) -> TimeStep:
        """Waits for the steps of a group, and writes the episodes that they end.

        Raises:
            OSError: a file cannot be written.
        """
        step = self._seen[group] = self._environments.receive(group)
        for row, index in enumerate(self._indices(group)):
            if step.step_type[row] == StepType.FIRST:
                self._lanes[index] = self._new_lane(index)
            elif step.step_type[row] == StepType.LAST and self._lanes[index]:
                # Nothing follows from what would be done in the last observation.
                self._lanes[index].add(step, row, self.action_spec.zeros())
                self._write(self._lanes[index])
                self._lanes[index] = None
                self._num_missing[index] -= 1
        return step

    def send(self, group: int, action: Action) -> None:
        """Lets the environments of a group play one action each, and notes it."""
        for row, index in enumerate(self._indices(group)):
            if self._lanes[index]:
                self._lanes[index].add(self._seen[group], row, {
                    name: np.array(values[row], np.int32) for name, values in action.items()})
        self._environments.send(group, action)

    def _indices(self, group: int) -> range:
        part = self._environments.group_slice(group)
        return range(part.start, part.stop)

    def _new_lane(self, index: int) -> "_Lane | None":
        return _Lane(self.observation_spec, self.action_spec, self._source.step_mul) if (
            self._num_missing[index]) else None

    def _write(self, lane: "_Lane") -> None:
        name = self._source.map_name.replace("/", "-")
        hkl.write(self._folder / f"{name}-{self.num_written:05d}.hkl", lane.episode(self._source))
        self.num_written += 1


class _Lane:
    """The running episode of one environment."""

    def __init__(self, observation_spec: ObservationSpec, action_spec: ActionSpec, step_mul: int):
        self._builder = EpisodeBuilder(observation_spec, action_spec)
        self._step_mul, self._num_steps = step_mul, 0
        self._game_loop = self._next_game_loop = 0

    def add(self, step: TimeStep, row: int, action: Action) -> None:
        """Adds what was seen in a row of a step, and what was done about it."""
        self._game_loop = self._next_game_loop
        wait = max(int(action[delays.DELAY]), 1) if delays.DELAY in action else 1
        self._next_game_loop += wait * self._step_mul
        self._num_steps += 1
        self._builder.add({name: values[row] for name, values in step.observation.items()},
                          action, self._game_loop, float(step.reward[row]))

    def episode(self, source: Source) -> Episode:
        """Of what was added."""
        metadata = Metadata(
            **dataclasses.asdict(source), replay_id=UNKNOWN, player_id=1, result="undecided",
            interface=PLAYED, num_game_loops=self._game_loop, num_observed_steps=self._num_steps)
        built = self._builder.build(strategy.empty(), metadata)
        return dataclasses.replace(
            built, metadata=dataclasses.replace(metadata, replay_id=_identity(built)))


def _identity(episode: Episode) -> str:
    """Tells an episode from others, and says which are the same, as the hash of a replay does."""
    digest = hashlib.sha256()
    arrays: dict[str, Any] = episode.observations | episode.actions | {"reward": episode.rewards}
    for name, values in arrays.items():
        digest.update(name.encode() + np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
