"""What an agent that learns is told of each match, and what is kept from it.

An agent that always knew the strategy of the player could not do without. So two coins are thrown
for every episode and epoch: one decides whether the build order is told, one whether the cumulative
statistics are; and now and then the opponent's race is hidden, as that of a random one would be.
Source: Vinyals et al. 2019, supplementary pseudocode (0.8 and 0.5, so neither in a tenth of the
matches) and Methods (races, a tenth).
"""

import dataclasses
import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from data import hkl
from data.episode import Metadata
from environment import conditioning, vocabulary
from environment.conditioning import Built, Conditioning, Cumulative


@dataclasses.dataclass(frozen=True, kw_only=True)
class Coins:
    """Probabilities that something is told, by episode and epoch.

    Attributes:
        build_order: that the build order is.
        cumulative: that the cumulative statistics are.
        opponent_race: that the opponent's race is.
        seed: of the coins; the same seed, episode and epoch give the same.
    """

    build_order: float = 0.8
    cumulative: float = 0.5
    opponent_race: float = 0.9
    seed: int = 0

    def __post_init__(self):
        for name in ("build_order", "cumulative", "opponent_race"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"Coins {name}: expected a probability, got "
                                 f"{getattr(self, name)}.")


def of_episode(metadata: Metadata, strategy: Mapping[str, np.ndarray]) -> Conditioning:
    """Everything that is known of the match.

    Args:
        metadata: of the episode.
        strategy: arrays of `data.strategy.Strategy`, by name.
    """
    types = strategy["build_order_unit_types"]
    places = strategy["build_order_world_xy"]
    return Conditioning(
        race=_race(metadata.race), opponent_race=_race(metadata.opponent_race), mmr=metadata.mmr,
        build_order=tuple(Built(int(kind), float(x), float(y))
                          for kind, (x, y) in zip(types, places, strict=True) if kind),
        cumulative=Cumulative(
            _ids(vocabulary.UNIT_TYPES, strategy["cumulative_units"]),
            _ids(vocabulary.UPGRADES, strategy["cumulative_upgrades"]),
            _ids(vocabulary.EFFECTS, strategy["cumulative_effects"])))


def of_file(path: str | Path) -> Conditioning:
    """Everything that is known of the match of an episode file: a strategy to follow.

    Raises:
        data.seal.EpisodeError: the file is damaged or no episode file.
        OSError: it cannot be opened.
    """
    with hkl.EpisodeReader(path) as reader:
        return of_episode(reader.metadata, reader.read_strategy().to_dict())


def _race(name: str | None) -> str | None:
    return name if name in conditioning.RACES else None


def _ids(table: vocabulary.Vocabulary, flags: np.ndarray) -> tuple[int, ...]:
    """The ids of the columns that are set; -1, which no table knows, is "unknown"."""
    ids = (*table.ids, -1)
    return tuple(ids[column] for column in np.flatnonzero(flags))


def toss(known: Conditioning, coins: Coins, metadata: Metadata, epoch: int) -> Conditioning:
    """What is told of it.

    Args:
        known: everything that is known.
        coins: see there.
        metadata: of the episode, to tell it from others.
        epoch: how often the episode came before.
    """
    identity = hashlib.sha256(f"{metadata.replay_id} {metadata.player_id}".encode()).digest()
    random = np.random.default_rng(
        [coins.seed, epoch, int.from_bytes(identity[:8], "big")]).random(3)
    hidden = {name: None for name, number in zip(
        ("build_order", "cumulative", "opponent_race"), random, strict=True)
        if number >= getattr(coins, name)}
    return dataclasses.replace(known, **hidden)
