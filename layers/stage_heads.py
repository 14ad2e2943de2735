"""The arguments of one stage: their logits, and what was chosen among them as one vector."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from layers import action_plan, categorical, choosing, pointers, pyramid, spatial

# Heads start near uniform: an untrained policy should try everything.
_SMALL = 0.01

_ROWS_AT_ONCE = 8
_SMALL_BATCH = 16


class HeadSizes(NamedTuple):
    """Sizes of the heads.

    Attributes:
        autoregressive: whether an argument knows what was chosen before it.
        hidden: width of the action type's head and of each stage.
        num_blocks: residual blocks of the action type's head.
        embedding: size of the autoregressive embedding.
        place_gain: factor of the logits of places.
        key: size of the keys that pointers compare.
    """

    autoregressive: bool
    hidden: int
    num_blocks: int
    embedding: int
    place_gain: float
    key: int


class StageHeads(keras.layers.Layer):
    """Logits of the arguments of one stage that need nothing of each other: all but sequences.

    One product for the flat ones, one for each map, one for each set of rows.
    """

    def __init__(self, groups: Sequence[action_plan.Group], sizes: HeadSizes,
                 pyramids: Mapping[str, pyramid.PyramidSizes]):
        """Args:
            groups: of the stage; sequences among them are left out.
            sizes: of the heads.
            pyramids: sizes of the maps that are `pyramid.PyramidMap`, by name.
        """
        super().__init__()
        groups = [group for group in groups if not group.is_sequence]
        reads_hidden = sizes.autoregressive and any(g.source not in pyramids for g in groups)
        self._groups = groups
        self.hidden = None if not reads_hidden else keras.layers.Dense(
            sizes.hidden, activation="relu", kernel_initializer="he_normal")
        self._splits = [len(g.names) * g.width for g in groups if g.is_flat]
        if self._splits:
            self.flat = keras.layers.Dense(
                sum(self._splits),
                kernel_initializer=keras.initializers.RandomNormal(stddev=_SMALL))
        self.places = [_place_head(g, sizes, pyramids) for g in groups if g.plane is not None]
        self.pointers = [pointers.PointerHead(len(g.names), sizes.key)
                         for g in groups if g.points_to is not None]

    def call(self, context, maps: Mapping[str, Any], rows: Mapping[str, pointers.Rows],
             takes: Sequence[tf.Tensor]):
        """Args:
            context: float32 [B, D].
            maps: name of a planes array -> float32 [B, H, W, C], or its `pyramid.PyramidMap`.
            rows: name of an entities array -> its rows.
            takes: float32 [B, G] of each group but sequences, 1 where the argument is used.

        Returns:
            for each group but sequences, float32 [B, G, A]. Places on pyramids have logits 0 where
            none of their group is used.
        """
        hidden = context if self.hidden is None else self.hidden(context)
        flat = iter(tf.split(self.flat(hidden), self._splits, axis=-1) if self._splits else ())
        places, pointing = iter(self.places), iter(self.pointers)
        logits = []
        for group, group_takes in zip(self._groups, takes, strict=True):
            if group.points_to is not None:
                logits.append(next(pointing)(
                    hidden, *rows[group.points_to]))
            elif group.plane is None:
                logits.append(tf.reshape(next(flat), [-1, len(group.names), group.width]))
            elif group.source is None:
                logits.append(next(places)(hidden))
            elif isinstance(maps[group.source], pyramid.PyramidMap):
                logits.append(where_used(
                    next(places), maps[group.source], context, tf.reduce_any(group_takes > 0, -1)))
            else:
                logits.append(next(places)(maps[group.source], context=hidden))
        return logits


def where_used(head: pyramid.LocationHead, pyramid_map: pyramid.PyramidMap, context, used):
    """The head's logits [B, G, A] of the rows that are `used`, bool [B]; 0 in the others.

    Few actions have a place, and this is the dearest head: of a large batch it is asked for the
    used rows alone. Of a small one, and of one whose size is not known before (who acts), for all
    of them: finding the used ones would take longer.
    """
    stem, skips = pyramid_map
    if stem.shape[0] is None or stem.shape[0] <= _SMALL_BATCH:
        logits = head(stem, skips[-1], context=context, skips=skips)
        return tf.where(used[:, tf.newaxis, tf.newaxis], logits, tf.zeros_like(logits))
    found = tf.where(used)[:, 0]
    num_found = tf.shape(found)[0]
    # Never no row at all, which convolutions do not bear, and few different numbers of them:
    # each has kernels of its own, which are made when it comes for the first time.
    num_padded = tf.where(num_found > 0, -num_found % _ROWS_AT_ONCE, _ROWS_AT_ONCE)
    chosen = tf.pad(found, [[0, num_padded]])
    stem, skips, context = tf.nest.map_structure(
        lambda values: tf.gather(values, chosen), (stem, skips, context))
    logits = head(stem, skips[-1], context=context, skips=skips)[:num_found]
    return tf.scatter_nd(found[:, tf.newaxis], logits, tf.concat(
        [tf.shape(used, tf.int64), tf.shape(logits, tf.int64)[1:]], axis=0))


def _place_head(group: action_plan.Group, sizes: HeadSizes,
                pyramids: Mapping[str, pyramid.PyramidSizes]) -> keras.layers.Layer:
    if group.source is None:
        return spatial.VectorPlaceHead(len(group.names), group.plane)
    if group.source in pyramids:
        return pyramid.LocationHead(len(group.names), group.plane, pyramids[group.source],
                                    sizes.place_gain)
    return spatial.PlaceHead(
        len(group.names), group.plane, sizes.autoregressive, sizes.place_gain)


class ChoiceEmbedding(keras.layers.Layer):
    """What was chosen in a stage, as one vector: the sum over the arguments that are used.

    A place is the sum of a code of its row and a code of its column. What is pointed at is not
    among them: see `pointers.PointedEmbedding`.
    """

    def __init__(self, groups: Sequence[action_plan.Group], size: int):
        super().__init__()
        self._size = size
        self._groups = [group for group in groups if group.points_to is None]

    def build(self, choices_shape, used_shape):
        del choices_shape, used_shape
        divisors, moduli, offsets, columns = [], [], [], []
        rows = 0
        column = 0
        for group in self._groups:
            for size in group.sizes:
                height, width = group.plane or (1, size)
                parts = [(1, width)] if group.plane is None else [(1, width), (width, height)]
                for divisor, count in parts:
                    divisors.append(divisor)
                    moduli.append(count)
                    offsets.append(rows)
                    columns.append(column)
                    rows += count
                column += 1
        self._divisors, self._moduli = np.array(divisors, np.int32), np.array(moduli, np.int32)
        self._offsets, self._columns = np.array(offsets, np.int32), np.array(columns, np.int32)
        self.table = self.add_weight(shape=(rows, self._size), name="table",
                                     initializer=keras.initializers.RandomNormal(stddev=0.1))

    def call(self, choices, used):
        """Args:
            choices: int32 [B, K], of the stage's arguments.
            used: float32 [B, K].

        Returns:
            float32 [B, size].
        """
        if len(self._columns) != choices.shape[-1]:
            choices = tf.gather(choices, self._columns, axis=-1)
            used = tf.gather(used, self._columns, axis=-1)
        rows = choices // self._divisors % self._moduli + self._offsets
        codes = tf.gather(self.table, rows)  # [B, parts, size]
        return tf.squeeze(tf.matmul(used[:, tf.newaxis, :], codes), axis=1)


class GroupChoice(NamedTuple):
    """What was decided in a group of G components.

    Attributes:
        distribution: over [B, G].
        choices: int32 [B, G].
        used: float32 [B, G], 1 where the action takes the component.
    """

    distribution: categorical.MaskedCategorical
    choices: tf.Tensor
    used: tf.Tensor


class Stage:
    """The layers of one stage, in the order in which they are asked.

    Attributes:
        groups: arguments of the stage, sequences last.
        heads: of all groups but sequences.
        sequences: by the names of their groups.
        embed_choices: embeds what is neither a row nor a sequence; None if nobody asks.
        embed_pointed: embeds rows, by the names of their groups.
    """

    def __init__(self, groups: Sequence[action_plan.Group], sizes: HeadSizes,
                 pyramids: Mapping[str, pyramid.PyramidSizes], is_last: bool):
        """Args:
            groups: from `action_plan.plan`.
            sizes: of the heads.
            pyramids: sizes of the maps that are `pyramid.PyramidMap`, by name.
            is_last: then nobody asks what was chosen.
        """
        embeds = sizes.autoregressive and not is_last
        self.groups = groups
        self.heads = StageHeads(groups, sizes, pyramids)
        self.sequences = {
            group.names: pointers.SequenceHead(
                group.names, sizes.key, sizes.hidden or sizes.key,
                sizes.embedding if embeds else None)
            for group in groups if group.is_sequence}
        has_codes = any(group.points_to is None for group in groups)
        self.embed_choices = (
            ChoiceEmbedding(groups, sizes.embedding) if embeds and has_codes else None)
        self.embed_pointed = {
            group.names: pointers.PointedEmbedding(sizes.embedding) for group in groups
            if embeds and group.points_to is not None and not group.is_sequence}

    def parts(self) -> dict[str, list[keras.layers.Layer]]:
        """The layers that make logits, by the arguments that they are for."""
        parts = {}
        flat = [name for group in self.groups if group.is_flat for name in group.names]
        if self.heads.hidden is not None or flat:
            shared = [] if self.heads.hidden is None else [self.heads.hidden]
            flat_head = [self.heads.flat] if flat else []
            parts[_head_of(flat) if flat else "heads of pointers, shared"] = shared + flat_head
        places, pointing = iter(self.heads.places), iter(self.heads.pointers)
        for group in self.groups:
            if group.is_sequence:
                parts[_head_of(group.names)] = [self.sequences[group.names]]
            elif not group.is_flat:
                head = next(places if group.plane is not None else pointing)
                parts[_head_of(group.names)] = [head]
        return parts

    def decide(self, context, maps: Mapping[str, Any], rows: Mapping[str, pointers.Rows],
               takes: Sequence[tf.Tensor], chooser: choosing.Chooser
               ) -> tuple[list[GroupChoice], tf.Tensor | None]:
        """Args:
            context: float32 [B, D], what the action is so far.
            maps: name of a planes array -> float32 [B, H, W, C], or its `pyramid.PyramidMap`.
            rows: name of an entities array -> its rows.
            takes: float32 [B, G] of each group, 1 where the action type takes the argument.
            chooser: takes the choices.

        Returns:
            what was decided, and float32 [B, embedding] of what was chosen, or None.
        """
        decided, parts = [], []
        logits = iter(self.heads(context, maps=maps, rows=rows, takes=[
            group_takes for group, group_takes in zip(self.groups, takes, strict=True)
            if not group.is_sequence]))
        for group, group_takes in zip(self.groups, takes, strict=True):
            if group.is_sequence:
                chosen = self.sequences[group.names](
                    context, *rows[group.points_to], takes=group_takes[:, 0], chooser=chooser)
                distribution = categorical.MaskedCategorical(chosen.logits)
                decided.append(GroupChoice(distribution, chosen.choices, chosen.used))
                parts += [] if chosen.embedding is None else [chosen.embedding]
                continue
            distribution = categorical.MaskedCategorical(
                categorical.mask_logits(next(logits), group.choice_mask))
            choices = chooser.choose(group.names, distribution)
            decided.append(GroupChoice(distribution, choices, group_takes))
            if group.names in self.embed_pointed:
                parts.append(self.embed_pointed[group.names](
                    rows[group.points_to].embeddings, choices=choices, used=group_takes))
        if self.embed_choices is not None:
            coded = [d for group, d in zip(self.groups, decided, strict=True)
                     if group.points_to is None]
            parts.append(self.embed_choices(tf.concat([d.choices for d in coded], axis=-1),
                                            used=tf.concat([d.used for d in coded], axis=-1)))
        return decided, tf.add_n(parts) if parts else None


def _head_of(names: Sequence[str]) -> str:
    if len(names) <= 3:
        return f"head of {', '.join(names)}"
    return f"head of {names[0]} .. {names[-1]} ({len(names)})"
