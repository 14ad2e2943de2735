"""The heads of a policy: the action type first, then its arguments, stage by stage."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from environment import specs
from layers import (
    action_plan,
    categorical,
    choosing,
    gating,
    pointers,
    pyramid,
    residual,
    stage_heads,
)

# Heads start near uniform: an untrained policy should try everything.
_SMALL = 0.01

class Decision(NamedTuple):
    """What the heads decided, for K = 1 + number of arguments components in the order `names`.

    Attributes:
        names: components, action type first, then by stage.
        distributions: one for each group of components, over [B, G].
        choices: int32 [B, K].
        used: float32 [B, K], 1 where the chosen action type takes the component (and, in a
            sequence, it has not ended before).
    """

    names: tuple[str, ...]
    distributions: tuple[categorical.MaskedCategorical, ...]
    choices: tf.Tensor
    used: tf.Tensor


class ActionTypeHead(keras.layers.Layer):
    """Logits of the action types: residual blocks, then a GLU gated by the scalar context.

    Published is a bare ReLU behind the blocks. Pre-activation blocks want a norm there, and without
    it TensorFlow 2.21's graph optimizer fuses the sum and the ReLU into an invalid operation.
    """

    def __init__(self, num_action_types: int, hidden_size: int, num_blocks: int):
        super().__init__()
        self.enter = keras.layers.Dense(hidden_size, kernel_initializer="he_normal")
        self.blocks = [residual.ResidualDense() for _ in range(num_blocks)]
        self.norm = keras.layers.LayerNormalization()
        self.leave = gating.GatedLinearUnit(
            num_action_types, keras.initializers.RandomNormal(stddev=_SMALL))

    def call(self, core, context):
        """float32 [B, D], float32 [B, K] -> float32 [B, A]."""
        hidden = self.enter(core)
        for block in self.blocks:
            hidden = block(hidden)
        return self.leave(tf.nn.relu(self.norm(hidden)), context=context)


class ActionTypeEmbedding(keras.layers.Layer):
    """The autoregressive embedding after the first choice.

    GLU(relu(e_action_type), context) + GLU(core, context)

    Source: AlphaStar (Nature 2019), supplementary architecture description, action type head.
    """

    def __init__(self, num_action_types: int, size: int, code_size: int):
        super().__init__()
        self.codes = keras.layers.Embedding(
            num_action_types, code_size, embeddings_initializer="he_normal")
        self.from_type = gating.GatedLinearUnit(size)
        self.from_core = gating.GatedLinearUnit(size)

    def call(self, action_type, core, context):
        """int32 [B], float32 [B, D], float32 [B, K] -> float32 [B, size]."""
        codes = tf.nn.relu(self.codes(action_type))
        return self.from_type(codes, context=context) + self.from_core(core, context=context)


class ActionHeads(keras.layers.Layer):
    """Chooses, or is told, an action; says how probable it was.

    Attributes:
        names: the K components in the order of `Decision`.
        groups: their groups, in the order of `Decision.distributions`.
    """

    def __init__(self, action_spec: specs.ActionSpec, planes: Sequence[specs.ArraySpec],
                 entities: Sequence[specs.ArraySpec], sizes: stage_heads.HeadSizes,
                 pyramids: Mapping[str, pyramid.PyramidSizes]):
        """Args:
            action_spec: chooses the heads.
            planes: observation arrays of kind PLANES.
            entities: observation arrays of kind ENTITIES.
            sizes: of the heads.
            pyramids: sizes of the maps that are `pyramid.PyramidMap`, by name.

        Raises:
            ValueError: an argument points to what is not observed.
        """
        super().__init__()
        stages = action_plan.plan(action_spec, planes, entities, sizes.autoregressive)
        num_types = action_spec.num_action_types
        self.groups = (action_plan.Group((specs.ACTION_TYPE,), (num_types,)),
                       *(group for stage in stages for group in stage))
        self.names = tuple(name for group in self.groups for name in group.names)
        self._uses = np.stack(
            [action_spec.used_by[name] for name in self.names], axis=1).astype(np.float32)
        self._needs_rows = {
            group.points_to: np.any([action_spec.used_by[name] for g in self.groups
                                     if g.points_to == group.points_to for name in g.names], axis=0)
            for group in self.groups if group.points_to is not None}
        if sizes.autoregressive:
            self.action_type = ActionTypeHead(num_types, sizes.hidden, sizes.num_blocks)
            self.embed_type = ActionTypeEmbedding(num_types, sizes.embedding, sizes.hidden)
        else:
            self.action_type = keras.layers.Dense(
                num_types, kernel_initializer=keras.initializers.RandomNormal(stddev=_SMALL))
        self._autoregressive = sizes.autoregressive
        self._stages = [
            stage_heads.Stage(groups, sizes, pyramids, is_last=groups is stages[-1])
            for groups in stages]
        # Keras finds layers in lists of layers only; what embeds comes first.
        self.embed_choices = [s.embed_choices for s in self._stages if s.embed_choices is not None]
        self.stages = [stage.heads for stage in self._stages]
        self.sequences = [head for stage in self._stages for head in stage.sequences.values()]
        self.embed_pointed = [
            layer for stage in self._stages for layer in stage.embed_pointed.values()]

    def call(self, core, context, maps: Mapping[str, Any],
             rows: Mapping[str, pointers.Rows], available, chooser: choosing.Chooser):
        """Args:
            core: float32 [B, D].
            context: float32 [B, K], what gates the action type; not read by independent heads.
            maps: name of a planes array -> float32 [B, H, W, C], or its `pyramid.PyramidMap`.
            rows: name of an entities array that is pointed to -> its rows.
            available: bool [B, A], action types that may be chosen; None allows all.
            chooser: takes each choice.

        Returns:
            A `Decision`.
        """
        if self._autoregressive:
            logits = self.action_type(core, context=context)
        else:
            logits = self.action_type(core)
        logits = categorical.mask_logits(logits, self._possible(available, rows))
        distribution = categorical.MaskedCategorical(logits[:, tf.newaxis, :])
        action_type = chooser.choose(self.groups[0].names, distribution)  # [B, 1]
        takes = iter(tf.split(tf.gather(self._uses, action_type[:, 0]),
                              [len(group.names) for group in self.groups], axis=-1))
        decided = [stage_heads.GroupChoice(distribution, action_type, next(takes))]
        if self._autoregressive:
            core = self.embed_type(action_type[:, 0], core=core, context=context)
        for stage in self._stages:
            stage_takes = [next(takes) for _ in stage.groups]
            stage_decided, embedding = stage.decide(core, maps, rows, stage_takes, chooser)
            decided += stage_decided
            if embedding is not None:
                core += embedding
        return Decision(self.names, tuple(d.distribution for d in decided),
                        tf.concat([d.choices for d in decided], axis=-1),
                        tf.concat([d.used for d in decided], axis=-1))

    def parts(self) -> dict[str, list[keras.layers.Layer]]:
        """The layers by what they are for."""
        embeddings = [self.embed_type] if self._autoregressive else []
        parts = {"head of action type": [self.action_type],
                 "embedding of choices": [*embeddings, *self.embed_choices, *self.embed_pointed]}
        for stage in self._stages:
            for what, layers in stage.parts().items():
                parts.setdefault(what, []).extend(layers)
        return parts

    def _possible(self, available, rows):
        """Of the available action types, those that have something to point at: bool [B, A]."""
        for name, needs in self._needs_rows.items():
            has_rows = tf.reduce_any(rows[name].present, axis=-1, keepdims=True)
            possible = has_rows | ~needs
            available = possible if available is None else available & possible
        return available
