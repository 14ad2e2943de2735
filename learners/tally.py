"""Sums and counts which batches add to, so that means over a validation are exact."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Tally:
    """What was found in some batches. Tallies add up; an empty one adds nothing.

    Attributes:
        means: by tag (see `measures.measure`), a sum and over how many things it goes.
        counts: int64 arrays by tag: `confusion/action_type` [A, A], how often the row's type was
            the teacher's and the column's the likeliest; `clicks/<argument>` [2, H, W], how often
            each place was the teacher's, and how often the likeliest.
    """

    means: dict[str, tuple[float, float]] = dataclasses.field(default_factory=dict)
    counts: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)

    def __add__(self, other: "Tally") -> "Tally":
        means = dict(self.means)
        for tag, (total, count) in other.means.items():
            before = means.get(tag, (0.0, 0.0))
            means[tag] = (before[0] + total, before[1] + count)
        counts = dict(self.counts)
        for tag, array in other.counts.items():
            counts[tag] = counts[tag] + array if tag in counts else array
        return Tally(means, counts)

    def scalars(self) -> dict[str, float]:
        """The means by tag, without those over nothing."""
        return {tag: total / count for tag, (total, count) in self.means.items() if count}

    def count(self, tag: str) -> float:
        """Over how many things the mean of a tag goes; 0 for an unknown one."""
        return self.means.get(tag, (0.0, 0.0))[1]


def pair_counts(true: np.ndarray, chosen: np.ndarray, mask: np.ndarray, size: int) -> np.ndarray:
    """How often each choice was taken for each: int64 [size, size], rows are the true ones.

    Args:
        true: integers in [0, size), of any shape.
        chosen: likewise.
        mask: bool, of the same shape; the pairs that count.
        size: number of choices.
    """
    pairs = true[mask].astype(np.int64) * size + chosen[mask]
    return np.bincount(pairs, minlength=size * size).reshape(size, size)


def click_counts(true: np.ndarray, chosen: np.ndarray, mask: np.ndarray, plane: tuple[int, int]
                 ) -> np.ndarray:
    """How often each place was the true one, and the chosen one: int64 [2, H, W].

    Args:
        true: flat places y * W + x, of any shape.
        chosen: likewise.
        mask: bool, of the same shape.
        plane: (H, W).
    """
    size = plane[0] * plane[1]
    return np.stack([np.bincount(places[mask], minlength=size).reshape(plane)
                     for places in (true, chosen)]).astype(np.int64)
