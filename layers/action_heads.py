"""The heads of a policy: the action type first, then its arguments, stage by stage."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from environment import specs
from layers import action_plan, categorical, gating, residual, spatial

# Heads start near uniform: an untrained policy should try everything.
_SMALL = 0.01

Choose = Callable[[tuple[str, ...], categorical.MaskedCategorical], tf.Tensor]
"""Given the names of G components and their distributions [B, G], returns choices int32 [B, G]."""


class Decision(NamedTuple):
    """What the heads decided, for K = 1 + number of arguments components in the order `names`.

    Attributes:
        names: components, action type first, then by stage.
        distributions: one for each group of components, over [B, G].
        choices: int32 [B, K].
        used: float32 [B, K], 1 where the chosen action type takes the component.
    """

    names: tuple[str, ...]
    distributions: tuple[categorical.MaskedCategorical, ...]
    choices: tf.Tensor
    used: tf.Tensor


class StageHeads(keras.layers.Layer):
    """Logits of all arguments of one stage: one product for the flat ones, one for each map."""

    def __init__(self, groups: Sequence[action_plan.Group], hidden_size: int, conditioned: bool,
                 place_gain: float):
        super().__init__()
        self._groups = groups
        self.hidden = keras.layers.Dense(
            hidden_size, activation="relu", kernel_initializer="he_normal") if conditioned else None
        self._splits = [len(g.names) * g.width for g in groups if g.plane is None]
        if self._splits:
            self.flat = keras.layers.Dense(
                sum(self._splits),
                kernel_initializer=keras.initializers.RandomNormal(stddev=_SMALL))
        self.places = [
            spatial.VectorPlaceHead(len(g.names), g.plane) if g.source is None else
            spatial.PlaceHead(len(g.names), g.plane, conditioned, place_gain)
            for g in groups if g.plane is not None]

    def call(self, context, maps):
        """Args:
            context: float32 [B, D].
            maps: name of a planes array -> float32 [B, H, W, C].

        Returns:
            for each group, float32 [B, G, A].
        """
        hidden = context if self.hidden is None else self.hidden(context)
        flat = iter(tf.split(self.flat(hidden), self._splits, axis=-1) if self._splits else ())
        places = iter(self.places)
        logits = []
        for group in self._groups:
            if group.plane is None:
                logits.append(tf.reshape(next(flat), [-1, len(group.names), group.width]))
            elif group.source is None:
                logits.append(next(places)(hidden))
            else:
                logits.append(next(places)(maps[group.source], context=hidden))
        return logits


class ChoiceEmbedding(keras.layers.Layer):
    """What was chosen in a stage, as one vector: the sum over the arguments that are used.

    A place is the sum of a code of its row and a code of its column.
    """

    def __init__(self, groups: Sequence[action_plan.Group], size: int):
        super().__init__()
        self._size = size
        self._groups = groups

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


class HeadSizes(NamedTuple):
    """Sizes of the heads.

    Attributes:
        autoregressive: whether an argument knows what was chosen before it.
        hidden: width of the action type's head and of each stage.
        num_blocks: residual blocks of the action type's head.
        embedding: size of the autoregressive embedding.
        place_gain: factor of the logits of places.
    """

    autoregressive: bool
    hidden: int
    num_blocks: int
    embedding: int
    place_gain: float


class ActionHeads(keras.layers.Layer):
    """Chooses, or is told, an action; says how probable it was.

    Attributes:
        names: the K components in the order of `Decision`.
        groups: their groups, in the order of `Decision.distributions`.
    """

    def __init__(self, action_spec: specs.ActionSpec, planes: Sequence[specs.ArraySpec],
                 sizes: HeadSizes):
        super().__init__()
        stages = action_plan.plan(action_spec, planes, sizes.autoregressive)
        num_types = action_spec.num_action_types
        self.groups = (action_plan.Group((specs.ACTION_TYPE,), (num_types,)),
                       *(group for stage in stages for group in stage))
        self.names = tuple(name for group in self.groups for name in group.names)
        self._stages = stages
        self._uses = np.stack(
            [action_spec.used_by[name] for name in self.names], axis=1).astype(np.float32)
        small = keras.initializers.RandomNormal(stddev=_SMALL)
        if sizes.autoregressive:
            self.action_type = ActionTypeHead(num_types, sizes.hidden, sizes.num_blocks)
            self.embed_type = ActionTypeEmbedding(num_types, sizes.embedding, sizes.hidden)
            self.embed_choices = [ChoiceEmbedding(s, sizes.embedding) for s in stages[:-1]]
        else:
            self.action_type = keras.layers.Dense(num_types, kernel_initializer=small)
        self._autoregressive = sizes.autoregressive
        self.stages = [StageHeads(s, sizes.hidden, sizes.autoregressive, sizes.place_gain)
                       for s in stages]

    def call(self, core, context, maps: Mapping[str, tf.Tensor], available, choose: Choose):
        """Args:
            core: float32 [B, D].
            context: float32 [B, K], what gates the action type; not read by independent heads.
            maps: name of a planes array -> float32 [B, H, W, C].
            available: bool [B, A], action types that may be chosen; None allows all.
            choose: takes each choice.

        Returns:
            A `Decision`.
        """
        if self._autoregressive:
            type_logits = self.action_type(core, context=context)
        else:
            type_logits = self.action_type(core)
        type_logits = categorical.mask_logits(type_logits, available)
        distributions = [categorical.MaskedCategorical(type_logits[:, tf.newaxis, :])]
        choices = [choose(self.groups[0].names, distributions[0])]
        action_type = choices[0][:, 0]
        used = tf.gather(self._uses, action_type)  # [B, K]
        if self._autoregressive:
            core = self.embed_type(action_type, core=core, context=context)
        column = 1
        for index, stage in enumerate(self._stages):
            stage_choices = []
            for group, logits in zip(stage, self.stages[index](core, maps=maps), strict=True):
                logits = categorical.mask_logits(logits, group.choice_mask)
                distributions.append(categorical.MaskedCategorical(logits))
                stage_choices.append(choose(group.names, distributions[-1]))
            end = column + sum(len(group.names) for group in stage)
            if self._autoregressive and index + 1 < len(self._stages):
                core += self.embed_choices[index](
                    tf.concat(stage_choices, axis=-1), used=used[:, column:end])
            choices += stage_choices
            column = end
        return Decision(self.names, tuple(distributions), tf.concat(choices, axis=-1), used)
