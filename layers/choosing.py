"""Who decides: choices that were made elsewhere, drawn ones, or the most probable ones."""

import abc
from collections.abc import Collection, Mapping, Sequence

import tensorflow as tf

from layers import categorical


class Chooser(abc.ABC):
    """Takes the choices of an action, one group of components after the other."""

    def given(self, names: Sequence[str]) -> tf.Tensor | None:
        """What is known to be chosen, whatever the distributions are: int32 [B, G], or None."""
        del names
        return None

    @abc.abstractmethod
    def choose(self, names: Sequence[str], distribution: categorical.MaskedCategorical,
               slot: tf.Tensor | None = None) -> tf.Tensor:
        """Args:
            names: of the G components.
            distribution: over [B, G]; over [B] for one slot of a sequence.
            slot: int32 [], the number of the component in a sequence; None takes all of them.

        Returns:
            int32 [B, G], or [B] for one slot.
        """


class Given(Chooser):
    """What somebody else chose: teacher forcing."""

    def __init__(self, choices: Mapping[str, tf.Tensor], own: Collection[str] = ()):
        """Args:
            choices: whole numbers [B] by component.
            own: components that are not given, of a group all or none: the most probable choices.
        """
        self._choices, self._own = choices, own

    def given(self, names):
        if names[0] in self._own:
            return None
        return tf.stack([tf.cast(self._choices[name], tf.int32) for name in names], axis=-1)

    def choose(self, names, distribution, slot=None):
        given = self.given(names)
        if given is None:
            return distribution.mode()
        return given if slot is None else tf.gather(given, slot, axis=-1)


class MostProbable(Chooser):
    """The most probable choice of each component, the lowest of equals."""

    def choose(self, names, distribution, slot=None):
        return distribution.mode()


class Drawn(Chooser):
    """Draws each choice by its probability."""

    def __init__(self, seeds: tf.Tensor, temperature: tf.Tensor | float = 1.0,
                 untempered: Collection[str] = ()):
        """Args:
            seeds: int64 [2, number of groups]; equal seeds draw equally.
            temperature: float32 [], above 0: see `categorical.MaskedCategorical.sample`.
            untempered: components that are drawn by their probability all the same.
        """
        self._unused = iter(tf.unstack(seeds, axis=-1))
        self._seeds: dict[tuple[str, ...], tf.Tensor] = {}
        self._temperature, self._untempered = temperature, untempered

    def choose(self, names, distribution, slot=None):
        names = tuple(names)
        if names not in self._seeds:
            self._seeds[names] = next(self._unused)
        seed = self._seeds[names]
        if slot is not None:
            seed = tf.random.fold_in(seed, slot)
            names = names[:1]  # the slots of a sequence are of one kind
        temperatures = tf.stack([1.0 if name in self._untempered else self._temperature
                                 for name in names])
        return distribution.sample(seed, temperatures if slot is None else temperatures[0])
