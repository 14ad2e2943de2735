"""Says how well somebody does who has learned next to nothing: what a network must beat.

    python -m data.baselines dataset/simple64

Two of them are tried on the matches that are kept for validation:

- "most frequent": of the action types that are available, the one that came most often in the
  training matches; for each argument the value that came most often with the true action type.
- "repeat the last": the action type of the step before; for each argument the value that it had
  when it was used last.

The names are those of supervised learning's metrics: accuracies, `distance/` in pixels of places,
`overlap/` of selected units, all of them, as intersection over union. Like there, an argument
counts where the player's action has it, and a target that is not available is left out.
"""

import argparse
import collections
import itertools
import pathlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from data import folder as folder_lib
from data import hkl
from data.episode import PLAYED
from data.seal import EpisodeError
from environment import delays
from environment.specs import ACTION_TYPE, ActionSpec, Kind

TOP = 5
_READ_STEPS = 4096

Sums = dict[str, list[float]]
"""By metric, a sum and over how many things it goes."""


class Head(NamedTuple):
    """Components of an action that are one decision: an argument, or the slots of a sequence."""

    name: str
    components: tuple[str, ...]
    plane: tuple[int, int] | None
    is_sequence: bool


def heads_of(action_spec: ActionSpec) -> tuple[Head, ...]:
    """The arguments, those of a sequence together."""
    members: dict[str, list[Any]] = {}
    for argument in action_spec.arguments:
        members.setdefault(argument.sequence or argument.name, []).append(argument)
    return tuple(Head(name, tuple(a.name for a in arguments), arguments[0].plane,
                      arguments[0].sequence is not None)
                 for name, arguments in members.items())


class Step(NamedTuple):
    """What was done in a step.

    Attributes:
        action_type: its id.
        available: ids of the action types that could be chosen; None for all.
        values: by head that the action type uses, an index, or those of a sequence up to its end.
    """

    action_type: int
    available: np.ndarray | None
    values: dict[str, Any]


class MostFrequent:
    """Knows what came how often in training."""

    def __init__(self):
        self._action_types: collections.Counter = collections.Counter()
        self._values: dict[tuple[int, str], collections.Counter] = collections.defaultdict(
            collections.Counter)

    def learn(self, steps: Iterable[Step]) -> None:
        """Counts the steps of an episode."""
        for step in steps:
            self._action_types[step.action_type] += 1
            for name, value in step.values.items():
                self._values[step.action_type, name][value] += 1

    def begin(self) -> None:
        """Another episode begins: it is all the same."""

    def action_types(self, step: Step) -> list[int]:
        """The likeliest ones, at most `TOP`."""
        ranking = [kind for kind, _ in self._action_types.most_common()]
        if step.available is not None:
            ranking = [kind for kind in ranking if step.available[kind]]
        return ranking[:TOP]

    def value(self, head: str, step: Step) -> Any:
        """The likeliest value of a head; None if it never had one with this action type."""
        counted = self._values.get((step.action_type, head))
        return counted.most_common(1)[0][0] if counted else None

    def see(self, step: Step) -> None:
        """What was done in the step: nothing is learned from validation."""


class RepeatLast:
    """Does what was done last."""

    def __init__(self):
        self.begin()

    def begin(self) -> None:
        """Another episode begins: nothing was done yet."""
        self._action_types: list[int] = []
        self._values: dict[str, Any] = {}

    def action_types(self, step: Step) -> list[int]:
        """The latest ones, each once, the newest first, at most `TOP`."""
        return self._action_types[:TOP]

    def value(self, head: str, step: Step) -> Any:
        """What the head had when it was used last; None if it was not yet."""
        return self._values.get(head)

    def see(self, step: Step) -> None:
        """Remembers what was done."""
        self._action_types = [step.action_type, *(
            kind for kind in self._action_types if kind != step.action_type)]
        self._values |= step.values


BASELINES = {"most frequent": MostFrequent, "repeat the last": RepeatLast}


def measure(path: str | pathlib.Path, validation_fraction: float = 0.1,
            max_delay_game_loops: int = 128) -> dict[str, dict[str, tuple[float, int]]]:
    """Tries every baseline on the matches for validation.

    Args:
        path: of the folder.
        validation_fraction: as of `imitation.ImitationData`.
        max_delay_game_loops: likewise.

    Returns:
        By baseline and metric, the mean and over how many things it goes.

    Raises:
        ValueError: the folder cannot be used, or has nothing for training or for validation.
    """
    found = folder_lib.scan(path)
    training, validation = folder_lib.split(found.files, validation_fraction, at_least_one=True)
    if not training or not validation:
        raise ValueError(f"{path} has {len(training)} episodes for training and {len(validation)} "
                         "for validation; both are needed. Convert more replays.")
    metadata, codec = found.files[0].metadata, None
    if metadata.interface != PLAYED:
        codec = delays.DelayCodec(metadata.step_mul, max_delay_game_loops)
    heads = heads_of(codec.extend(found.specs.action) if codec else found.specs.action)
    mask = next((array.name for array in found.specs.observation.of_kind(Kind.MASK)), None)
    players = {name: make() for name, make in BASELINES.items()}
    for episode in _episodes(training, found.specs.action, codec, heads, None):
        players["most frequent"].learn(episode)
    results: dict[str, Sums] = {name: collections.defaultdict(lambda: [0.0, 0])
                                for name in players}
    for episode in _episodes(validation, found.specs.action, codec, heads, mask):
        for name, player in players.items():
            _play(player, episode, heads, results[name])
    return {name: {tag: (total / count, count) for tag, (total, count) in sums.items() if count}
            for name, sums in results.items()}


def _episodes(files: Sequence[folder_lib.EpisodeFile], action_spec: ActionSpec,
              codec: delays.DelayCodec | None, heads: Sequence[Head], mask: str | None
              ) -> Iterable[list[Step]]:
    """The steps of each file without the last one, which has no action to learn from."""
    for file in files:
        try:
            with hkl.EpisodeReader(file.path) as reader:
                read = [_read(reader, start, min(start + _READ_STEPS, file.num_steps - 1), codec,
                              heads, mask) for start in range(0, file.num_steps - 1, _READ_STEPS)]
        except (EpisodeError, OSError) as error:
            print(f"data.baselines: left out: {error}", file=sys.stderr)
            continue
        yield [step for steps in read for step in steps]


def _read(reader: hkl.EpisodeReader, start: int, stop: int, codec: delays.DelayCodec | None,
          heads: Sequence[Head], mask: str | None) -> list[Step]:
    actions, waits = reader.read_actions(start, stop)
    columns = {name: values.tolist() for name, values in actions.items()}
    if codec:
        columns[delays.DELAY] = codec.encode(waits).tolist()
    masks = reader.read(start, stop).observations[mask] if mask else [None] * (stop - start)
    uses = reader.specs.action.used_by
    every = np.ones(reader.specs.action.num_action_types, np.bool_)
    read = []
    for n, kind in enumerate(columns[ACTION_TYPE]):
        values = {head.name: _value(head, columns, n) for head in heads
                  if uses.get(head.components[0], every)[kind]}
        read.append(Step(kind, masks[n], values))
    return read


def _value(head: Head, columns: Mapping[str, list[int]], n: int) -> Any:
    if not head.is_sequence:
        return columns[head.components[0]][n]
    values = []
    for name in head.components:
        values.append(columns[name][n])
        if values[-1] == 0:
            break
    return tuple(values)


def _play(player: Any, episode: Sequence[Step], heads: Sequence[Head], sums: Sums) -> None:
    """Adds what a player would have got right in an episode."""
    player.begin()
    for step in episode:
        if step.available is None or step.available[step.action_type]:
            ranking = player.action_types(step)
            _add(sums, f"accuracy/{ACTION_TYPE}", ranking[:1] == [step.action_type])
            _add(sums, f"accuracy_top{TOP}/{ACTION_TYPE}", step.action_type in ranking)
        for head in heads:
            if head.name in step.values:
                _compare(head, step.values[head.name], player.value(head.name, step), sums)
        player.see(step)


def _compare(head: Head, target: Any, chosen: Any, sums: Sums) -> None:
    if head.is_sequence:
        chosen = chosen or ()
        for one, other in itertools.zip_longest(target, chosen[:len(target)], fillvalue=0):
            _add(sums, f"accuracy/{head.name}", one == other)
        ours, theirs = set(chosen) - {0}, set(target) - {0}
        _add(sums, f"overlap/{head.name}",
             len(ours & theirs) / len(ours | theirs) if ours | theirs else 1.0)
        return
    _add(sums, f"accuracy/{head.name}", chosen == target)
    if head.plane is not None:
        # Who has no idea clicks on the middle.
        height, width = head.plane
        place = (height // 2) * width + width // 2 if chosen is None else chosen
        _add(sums, f"distance/{head.name}", float(np.hypot(
            place % width - target % width, place // width - target // width)))


def _add(sums: Sums, tag: str, value: float) -> None:
    sums[tag][0] += value
    sums[tag][1] += 1


def table(results: Mapping[str, Mapping[str, tuple[float, int]]]) -> str:
    """One line a metric, one column a baseline."""
    tags = sorted({tag for metrics in results.values() for tag in metrics})
    lines = [f"{'':32}" + "".join(f"{name:>18}" for name in results) + f"{'of':>10}"]
    for tag in tags:
        cells = [metrics.get(tag) for metrics in results.values()]
        count = next(cell[1] for cell in cells if cell)
        lines.append(f"{tag:32}" + "".join(
            f"{cell[0]:18.3f}" if cell else f"{'-':>18}" for cell in cells) + f"{count:10,}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 for a folder that cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m data.baselines", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="of .hkl files")
    parser.add_argument("--validation_fraction", type=float, default=0.1,
                        help="of the matches (default %(default)s)")
    parser.add_argument("--max_delay_game_loops", type=int, default=128,
                        help="longer waits become this (default %(default)s)")
    parsed = parser.parse_args(arguments)
    try:
        results = measure(parsed.folder, parsed.validation_fraction, parsed.max_delay_game_loops)
    except ValueError as error:
        print(f"data.baselines: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
