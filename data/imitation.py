"""A folder of episode files as what a supervised learner is fed: specs, facts and batches.

    data = imitation.ImitationData("dataset/simple64")
    network = network.build("alphastar", data.observation_spec, data.action_spec, "small")
    for batch in data.batches(imitation.TRAINING, LaneSettings(batch_size=8, unroll_len=16)):
        ...

The batches hold the arrays of the files; as the agent's first argument, how long the player waited
until the next step (see `environment.delays`); and as more arrays, what the agent is told of the
match and what was done last (see `environment.match_context`). Episodes that an agent has played
(`episode.PLAYED`) hold what it saw and decided, and nothing is added to them.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf

from data import conditioning, dataset, folder, hkl, lanes, spec_text
from data.episode import PLAYED
from environment import conditioning as match_conditioning
from environment import delays, last_action, match_context, spec_differences
from environment.specs import ActionSpec, ObservationSpec

TRAINING = "training"
VALIDATION = "validation"

_NUM_AHEAD = 4
"""Batches that are read before they are asked for."""


class Facts(NamedTuple):
    """What all episodes of a dataset have in common.

    Attributes:
        interface: of pysc2, "feature_layers" or "raw"; or `episode.PLAYED`.
        step_mul: game loops between two observations.
        camera_width: width of the screen in world units.
        map_names: as the replays name them, sorted.
        races: of the players, sorted.
        max_mmr: the highest rating of a player; None where no file tells one.
    """

    interface: str
    step_mul: int
    camera_width: int
    map_names: tuple[str, ...]
    races: tuple[str, ...]
    max_mmr: int | None


class ImitationData:
    """Episodes to learn from.

    Attributes:
        observation_spec: of the observations in the batches.
        action_spec: of the actions in the batches.
        facts: what the episodes have in common.
        delay_codec: of the argument `delay`; None where none is added.
        files: split -> its files; both players' episodes of a match are in one split.
    """

    def __init__(self, path: str | Path, validation_fraction: float = 0.1,
                 max_delay_game_loops: int = 128,
                 context_arrays: Sequence[str] = match_context.ARRAY_NAMES,
                 coins: conditioning.Coins | None = None, winners_only: bool = False):
        """Reads every file once.

        Args:
            path: of the folder.
            validation_fraction: of the matches, see `folder.split`: neither side is empty where
                there are two matches, unless it is 0 or 1.
            max_delay_game_loops: longer waits become this, where waits are added.
            context_arrays: names out of `match_context.ARRAY_NAMES`: what the agent is told of the
                match and did last. None is in the files; all are made of what these say. Episodes
                that an agent has played get none.
            coins: when what is known of a match is told; None is as published.
            winners_only: leaves out who did not win, for fine-tuning; which matches are for
                validation stays the same.

        Raises:
            ValueError: there is no such folder, nothing in it can be read, its files do not belong
                together, or no match is left for training.
        """
        found = folder.scan(path)
        self._path, self._num_damaged = Path(path), len(found.damaged)
        self.facts = _facts(found.files)
        splits = folder.split(found.files, validation_fraction, at_least_one=True)
        self.files = {
            name: tuple(file for file in files
                        if not winners_only or file.metadata.result == "victory")
            for name, files in zip((TRAINING, VALIDATION), splits, strict=True)}
        if not self.files[TRAINING]:
            raise ValueError(f"validation_fraction {validation_fraction} leaves no match of {path} "
                             f"for training{' that was won' if winners_only else ''}.")
        self._file_specs, self._addition = found.specs, None
        self.delay_codec = None
        if self.facts.interface != PLAYED:
            self.delay_codec = delays.DelayCodec(self.facts.step_mul, max_delay_game_loops)
            self._addition = _Addition(found.specs, self.delay_codec, context_arrays,
                                       coins or conditioning.Coins())
        self._batch_specs = self._addition.specs if self._addition else found.specs
        self.observation_spec, self.action_spec = self._batch_specs
        self._readers: list[lanes.LaneReader] = []

    @property
    def num_damaged(self) -> int:
        """Files that were left out because they cannot be read, as far as that is known."""
        return self._num_damaged + len(frozenset().union(
            *(reader.damaged for reader in self._readers)))

    def num_transitions(self, split: str) -> int:
        """Actions to learn in an epoch of TRAINING or VALIDATION."""
        return sum(file.num_steps - 1 for file in self.files[split])

    def require(self, observation_spec: ObservationSpec, action_spec: ActionSpec) -> None:
        """Raises ValueError unless a model of these specs can learn from this dataset."""
        difference = spec_differences.first(
            (self.observation_spec, self.action_spec), (observation_spec, action_spec),
            "in the dataset")
        if difference:
            raise ValueError(f"The model does not fit the dataset {self._path}: {difference}. Give "
                             "a dataset that was converted with the settings of the one that it "
                             "was trained with.")

    def batches(self, split: str, settings: lanes.LaneSettings, first_batch: int | None = None
                ) -> tf.data.Dataset:
        """Time-major batches; the same files and settings give the same ones.

        Args:
            split: TRAINING or VALIDATION.
            settings: see there.
            first_batch: how many to leave out at the beginning, without reading them; None takes
                that of `settings`.

        Raises:
            ValueError: the split has no action to learn.
        """
        if first_batch is not None:
            settings = dataclasses.replace(settings, first_batch=first_batch)
        files = self.files[split]
        if not any(file.num_steps > 1 for file in files):
            raise ValueError(f"{self._path} has no action to learn for {split}: {len(files)} "
                             "episodes. Convert more replays.")
        reader = lanes.LaneReader(files, self._file_specs, settings, self._addition)
        self._readers.append(reader)
        batches = dataset.from_reader(reader, self._batch_specs, settings)
        return batches.map(dataset.time_major).prefetch(_NUM_AHEAD)


def _facts(files: Sequence[folder.EpisodeFile]) -> Facts:
    """Raises ValueError for files that cannot be learned from together."""
    common = {}
    for name in ("interface", "step_mul", "camera_width"):
        first = files[0]
        common[name] = getattr(first.metadata, name)
        for file in files:
            if getattr(file.metadata, name) != common[name]:
                raise ValueError(
                    f"{file.path} has {name} {getattr(file.metadata, name)}, {first.path} has "
                    f"{common[name]}. Keep files of different settings in different folders.")
    ratings = [file.metadata.mmr for file in files if file.metadata.mmr is not None]
    return Facts(**common, map_names=tuple(sorted({file.metadata.map_name for file in files})),
                 races=tuple(sorted({file.metadata.race for file in files})),
                 max_mmr=max(ratings, default=None))


class _Addition(lanes.Addition):
    """What the batches hold beyond what the files do: waits, and the context of the match."""

    def __init__(self, specs: spec_text.Specs, codec: delays.DelayCodec,
                 context_arrays: Sequence[str], coins: conditioning.Coins):
        self._codec, self._coins, self._names = codec, coins, tuple(context_arrays)
        action_spec = codec.extend(specs.action)
        context = match_context.MatchContext(
            self._names, match_conditioning.Conditioning(), action_spec)
        self.specs = spec_text.Specs(
            ObservationSpec((*specs.observation.arrays, *context.arrays)), action_spec)

    def fill(self, batch: lanes.Batch, row: int, window: lanes.Window, reader: hkl.EpisodeReader
             ) -> None:
        batch.actions[delays.DELAY][row] = self._codec.encode(batch.delays[row])
        length = int(batch.mask[row].sum()) + 1
        if last_action.NAME in self._names:
            self._fill_last_actions(batch, row, length, window, reader)
        known = conditioning.of_episode(
            reader.metadata, {name: value[row] for name, value in batch.strategy.items()})
        told = conditioning.toss(known, self._coins, reader.metadata, window.epoch)
        for name, value in match_conditioning.encode(told).items():
            if name in self._names:
                batch.observations[name][row, :length] = value

    def _fill_last_actions(self, batch: lanes.Batch, row: int, length: int, window: lanes.Window,
                           reader: hkl.EpisodeReader) -> None:
        """Shows each observation the action before it; the first one of an episode none."""
        done = {name: values[row, :length - 1] for name, values in batch.actions.items()}
        rows = batch.observations[last_action.NAME][row]
        rows[1:length] = last_action.encode(done)
        if window.start:
            before, waits = reader.read_actions(window.start - 1, window.start)
            rows[:1] = last_action.encode({**before, delays.DELAY: self._codec.encode(waits)})
