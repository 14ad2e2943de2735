"""Learning rates that change while a learner learns."""

import dataclasses
import math

import tensorflow as tf

NAMES = ("constant", "linear", "cosine")
"""Names which `Schedule.name` takes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Schedule:
    """A factor of the learning rate by the number of updates u made before.

        warm-up   (u + 1) / W                                     while u < W
        constant  1
        linear    1 - (1 - f) p          p = min(1, (u - W) / (D - W))
        cosine    f + (1 - f) (1 + cos(pi p)) / 2

    Attributes:
        name: one of `NAMES`.
        warmup_updates: W.
        decay_updates: D, when the decay ends, the warm-up included; not read by `constant`.
        final_fraction: f, what is left then.
    """

    name: str = "constant"
    warmup_updates: int = 0
    decay_updates: int = 0
    final_fraction: float = 0.0

    def __post_init__(self):
        if self.name not in NAMES:
            raise ValueError(f"schedule: expected one of {list(NAMES)}, got {self.name!r}.")
        if self.warmup_updates < 0:
            raise ValueError(f"warmup_updates: expected at least 0, got {self.warmup_updates}.")
        if not 0.0 <= self.final_fraction <= 1.0:
            raise ValueError("final_fraction: expected a number in [0, 1], got "
                             f"{self.final_fraction}.")
        if self.name != "constant" and self.decay_updates <= self.warmup_updates:
            raise ValueError(f"decay_updates: expected more than the {self.warmup_updates} updates "
                             f"of the warm-up with a {self.name} schedule, got "
                             f"{self.decay_updates}.")

    def factor(self, num_updates: tf.Tensor) -> tf.Tensor:
        """The factor of the next update: integer scalar -> float32 scalar."""
        updates = tf.cast(num_updates, tf.float32)
        factor = tf.constant(1.0)
        if self.name != "constant":
            length = self.decay_updates - self.warmup_updates
            progress = tf.clip_by_value((updates - self.warmup_updates) / length, 0.0, 1.0)
            left = 1.0 - progress
            if self.name == "cosine":
                left = 0.5 * (1.0 + tf.cos(math.pi * progress))
            factor = self.final_fraction + (1.0 - self.final_fraction) * left
        if self.warmup_updates:
            factor = tf.where(updates < self.warmup_updates,
                              (updates + 1.0) / self.warmup_updates, factor)
        return factor
