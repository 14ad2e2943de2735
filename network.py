"""The whole network in reading order: encoders, core, heads.

`build` makes a network for any observation spec and any action spec: the arrays of an observation
choose the encoders, the arguments of an action choose the heads. Two architectures:

- `fullyconv`: convolutions that keep the resolution of the map, a 1x1 convolution for places, one
  dense layer for everything else (two where nothing observed is a map); no memory; arguments
  independent of each other given the observation. Source: the FullyConv agent of SC2LE (Vinyals et
  al. 2017), section 4.3.
- `alphastar`: scalar, entity and spatial encoders joined by a scatter connection, an LSTM core and
  autoregressive heads. Source: AlphaStar (Nature 2019), supplementary architecture description.

A network takes [T * B] observations, time-major, so that acting (T = 1) and learning are the same
graph. The blocks live in `layers/`.
"""

import abc
from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from environment import specs
from layers import (
    action_heads,
    choosing,
    entities,
    pointers,
    preprocessing,
    pyramid,
    recurrent,
    residual,
    scalars,
    scatter,
    spatial,
    stage_heads,
)
from layers import sizes as sizes_lib

MODEL_NAMES = ("fullyconv", "alphastar")
SIZES = tuple(sizes_lib.ALPHA_STAR)

_DEFAULT_ARRAYS = {
    "fullyconv": ("screen", "player", "available_actions"),
    "alphastar": ("screen", "player", "available_actions", "feature_units", "control_groups",
                  "single_select", "multi_select"),
}

_STRATEGY = ("races", "build_order", "cumulative_")
"""How the names of arrays begin that say what to do, not what is the case."""

_ORDER = "build_order"

State = Any
"""Nested tuple of float32 tensors [B, ...]; () for a network without memory."""


class Encoding(NamedTuple):
    """What the heads read.

    Attributes:
        core: float32 [T * B, D].
        context: float32 [T * B, K], scalars that gate the action type.
        maps: name of a planes array -> float32 [T * B, H, W, C], or its `pyramid.PyramidMap`.
        rows: name of an entities array that is pointed to -> its rows.
        states: the state after each of the T steps.
    """

    core: tf.Tensor
    context: tf.Tensor
    maps: dict[str, Any]
    rows: dict[str, pointers.Rows]
    states: list[State]


class NetworkOutput(NamedTuple):
    """What a network says about T * B observations.

    Attributes:
        decision: distributions and choices of every component of the action.
        values: float32 [T * B], expected return.
        states: the state after each of the T steps.
    """

    decision: action_heads.Decision
    values: tf.Tensor
    states: list[State]


def default_arrays(model_name: str) -> tuple[str, ...]:
    """Names of the StarCraft II observation arrays that a network is usually given."""
    _require("model", model_name, MODEL_NAMES)
    return _DEFAULT_ARRAYS[model_name]


def _require(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise ValueError(f"Unknown {what} {given!r}; known are {', '.join(known)}.")


class PolicyNetwork(keras.Model, abc.ABC):
    """Encoders, core and heads of one agent. All variables exist after construction."""

    def __init__(self, observation_spec: specs.ObservationSpec, action_spec: specs.ActionSpec):
        super().__init__()
        self._planes = observation_spec.of_kind(specs.Kind.PLANES)
        self._entities = observation_spec.of_kind(specs.Kind.ENTITIES)
        self._vectors = observation_spec.of_kind(specs.Kind.VECTOR)
        self._masks = observation_spec.of_kind(specs.Kind.MASK)
        self._pointed = {argument.points_to for argument in action_spec.arguments}
        for mask in self._masks:
            if len(self._masks) > 1 or mask.shape != (action_spec.num_action_types,):
                raise ValueError(
                    f"Expected at most one mask, of {action_spec.num_action_types} action types; "
                    f"got {[(m.name, m.shape) for m in self._masks]}.")

    def make_variables(self, observation_spec: specs.ObservationSpec) -> None:
        """Runs once on a dummy observation, so that checkpoints find every variable."""
        observation = {k: tf.constant(v) for k, v in observation_spec.zeros((1,)).items()}
        self(observations=observation, is_first=tf.constant([True]),
             state=self.initial_state(1), num_steps=1,
             chooser=choosing.MostProbable())

    @abc.abstractmethod
    def initial_state(self, batch_size: int) -> State:
        """The state before an episode, [B, ...]."""

    @abc.abstractmethod
    def encode(self, observations: dict[str, tf.Tensor], is_first: tf.Tensor, state: State,
               num_steps: int) -> Encoding:
        """From observations to what the heads read."""

    @abc.abstractmethod
    def encoders(self) -> dict[str, list[keras.layers.Layer]]:
        """The layers that `encode` asks, by what they are for."""

    def call(self, observations: dict[str, tf.Tensor], is_first: tf.Tensor, state: State,
             num_steps: int, chooser: choosing.Chooser) -> NetworkOutput:
        """Args:
            observations: named arrays [T * B, ...], time-major.
            is_first: bool [T * B], where an episode begins: there the state is reset.
            state: before step 0, [B, ...].
            num_steps: T, a Python number.
            chooser: takes the choices.

        Returns:
            A `NetworkOutput`, differentiable w.r.t. the weights.
        """
        encoding = self.encode(observations, is_first, state, num_steps)
        available = observations[self._masks[0].name] if self._masks else None
        decision = self.heads(encoding.core, context=encoding.context, maps=encoding.maps,
                              rows=encoding.rows, available=available, chooser=chooser)
        values = tf.squeeze(self.value(encoding.core), axis=-1)
        return NetworkOutput(decision, values, encoding.states)


def describe(model: PolicyNetwork) -> str:
    """A table of how many parameters each part of a network has, without a newline at its end."""
    parts = {**model.encoders(), **model.heads.parts(), "head of value": [model.value]}
    counts = {what: sum(layer.count_params() for layer in layers) for what, layers in parts.items()}
    counts = {what: count for what, count in counts.items() if count}
    total = model.count_params()
    width = max(map(len, counts))
    lines = [f"{what:{width}s}  {count:>11,d}  {count / total:6.1%}"
             for what, count in (*counts.items(), ("all", total))]
    return "\n".join(lines)


class FullyConv(PolicyNetwork):
    """Convolutions that keep the resolution; no memory."""

    def __init__(self, observation_spec: specs.ObservationSpec, action_spec: specs.ActionSpec,
                 sizes: sizes_lib.FullyConvSizes):
        super().__init__(observation_spec, action_spec)
        self.plane_features = [preprocessing.FeatureEncoder(a.features, sizes.gain)
                               for a in self._planes]
        self.map_encoders = [_map_encoder(sizes) for _ in self._planes]
        self.vector_features = [preprocessing.FeatureEncoder(a.features) for a in self._vectors]
        self._units = [a for a in self._entities if a.name in self._pointed]
        self._lists = [a for a in self._entities if a.name not in self._pointed]
        self.list_encoders = [entities.ListEncoder(a.features, sizes.vector) for a in self._lists]
        self.unit_encoders = [
            entities.EntityEncoder(a.features, sizes.vector, num_blocks=0, num_heads=0,
                                   head_size=0, mlp_size=0) for a in self._units]
        relu = {"activation": "relu", "kernel_initializer": "he_normal"}
        # What convolutions do for maps, a layer must do for vectors: one alone is too simple.
        self.first = [] if self._planes else [keras.layers.Dense(sizes.vector, **relu)]
        self.core = keras.layers.Dense(sizes.vector, **relu)
        self.heads = action_heads.ActionHeads(
            action_spec, self._planes, self._entities, stage_heads.HeadSizes(
                autoregressive=False, hidden=0, num_blocks=0, embedding=0,
                place_gain=sizes.place_gain, key=sizes_lib.FULLY_CONV_KEY), pyramids={})
        # Without maps, what the policy reads is shaped by what the value needs to know: with small
        # weights that comes late, and LunarLander takes twice as long or is not learned at all.
        self.value = _value_head(0) if self._planes else _value_head(0, sizes.vector**-0.5)
        self.make_variables(observation_spec)

    def encoders(self):
        return {"scalar encoder": self.vector_features,
                "entity encoder": [*self.list_encoders, *self.unit_encoders],
                "spatial encoder": [*self.plane_features, *self.map_encoders],
                "core": [*self.first, self.core]}

    def initial_state(self, batch_size: int) -> State:
        return ()

    def encode(self, observations, is_first, state, num_steps) -> Encoding:
        # Maps: [T * B, H, W, C] each, and a vector of each.
        maps, vectors = {}, []
        for array, features, encoder in zip(
                self._planes, self.plane_features, self.map_encoders, strict=True):
            maps[array.name], vector = encoder(features(observations[array.name]))
            vectors.append(vector)

        # Everything that is not a map: [T * B, D] each.
        for array, features in zip(self._vectors, self.vector_features, strict=True):
            vectors.append(features(observations[array.name]))
        for array, encoder in zip(self._lists, self.list_encoders, strict=True):
            vectors.append(encoder(observations[array.name]))
        rows = {}
        for array, encoder in zip(self._units, self.unit_encoders, strict=True):
            embedded, summary, present = encoder(observations[array.name])
            rows[array.name] = pointers.Rows(embedded, present)
            vectors.append(summary)

        joined = _concat(vectors, is_first)
        for layer in self.first:
            joined = layer(joined)
        core = self.core(joined)
        return Encoding(core, core, maps, rows, [()] * num_steps)


class AlphaStar(PolicyNetwork):
    """Scalar, entity and spatial encoders, an LSTM core, autoregressive heads."""

    def __init__(self, observation_spec: specs.ObservationSpec, action_spec: specs.ActionSpec,
                 sizes: sizes_lib.AlphaStarSizes):
        super().__init__(observation_spec, action_spec)
        relu = {"activation": "relu", "kernel_initializer": "he_normal"}
        self._units = [a for a in self._entities
                       if entities.has_places(a.features) or a.name in self._pointed]
        self._orders = [a for a in self._entities if a.name == _ORDER and a not in self._units]
        self._lists = [a for a in self._entities if a not in (*self._units, *self._orders)]

        # Scalar encoder.
        self.vector_encoders = [
            scalars.VectorEncoder(a.features, _scalar_size(a, sizes), sizes.scalar // 2)
            for a in self._vectors]
        self.mask_encoders = [keras.layers.Dense(_scalar_size(a, sizes), **relu)
                              for a in self._masks]
        self.order_encoders = [
            scalars.OrderEncoder(a.features, sizes.order_row, sizes.entity_heads, sizes.order_head,
                                 _scalar_size(a, sizes)) for a in self._orders]

        # Entity encoder.
        self.entity_encoders = [
            # A single row has no others to be seen in the light of.
            entities.EntityEncoder(a.features, sizes.entity,
                                   sizes.entity_blocks if a.shape[0] > 1 else 0,
                                   sizes.entity_heads, sizes.entity_head_size, sizes.entity_mlp,
                                   sizes.embedding)
            for a in self._units]
        self.list_encoders = [entities.ListEncoder(a.features, sizes.entity) for a in self._lists]

        # Spatial encoder; entities are scattered onto the first map.
        self._placed = [a for a in self._units if entities.has_places(a.features)]
        self.scatter_encoders = [keras.layers.Dense(sizes.scattered, **relu)
                                 for _ in self._placed if self._planes]
        large = [a for a in self._planes if max(a.shape[:2]) > sizes.flat_side]
        self.plane_features = [
            preprocessing.FeatureEncoder(a.features, 1.0 if a in large else sizes.spatial.gain)
            for a in self._planes]
        self.map_encoders = [
            pyramid.PyramidEncoder(sizes.pyramid) if a in large else _map_encoder(sizes.spatial)
            for a in self._planes]

        # Core and heads.
        self.core = recurrent.ResettingLSTM(sizes.lstm, sizes.lstm_layers)
        self.heads = action_heads.ActionHeads(
            action_spec, self._planes, self._entities, sizes.heads,
            {a.name: sizes.pyramid for a in large})
        self.value = _value_head(sizes.value_blocks)
        self.make_variables(observation_spec)

    def encoders(self):
        return {"scalar encoder": [*self.vector_encoders, *self.mask_encoders,
                                   *self.order_encoders],
                "entity encoder": [*self.entity_encoders, *self.list_encoders],
                "spatial encoder": [*self.scatter_encoders, *self.plane_features,
                                    *self.map_encoders],
                "core": [self.core]}

    def initial_state(self, batch_size: int) -> State:
        return self.core.initial_state(batch_size)

    def encode(self, observations, is_first, state, num_steps) -> Encoding:
        # Scalars: [T * B, S] each, and those of them that gate the action type.
        embedded_scalars = self._scalars(observations)
        context = _concat(_context(embedded_scalars), is_first)

        # Entities: [T * B, N, entity], and a summary of each array: [T * B, entity].
        embedded = {array.name: encoder(observations[array.name]) for array, encoder in zip(
            self._units, self.entity_encoders, strict=True)}
        summaries = [summary for _, summary, _ in embedded.values()]
        summaries += [encoder(observations[array.name]) for array, encoder in zip(
            self._lists, self.list_encoders, strict=True)]

        # Maps: [T * B, H, W, C] each, and a vector of each.
        maps, vectors = {}, []
        for index, (array, features, encoder) in enumerate(zip(
                self._planes, self.plane_features, self.map_encoders, strict=True)):
            planes = [features(observations[array.name])]
            if index == 0:
                planes += self._scatter(observations, embedded, array)
            maps[array.name], vector = encoder(tf.concat(planes, axis=-1))
            vectors.append(vector)

        joined = _concat([*embedded_scalars.values(), *summaries, *vectors], is_first)
        outputs, states = self.core(
            joined, is_first=is_first, state=state, num_steps=num_steps)
        rows = {name: pointers.Rows(embeddings, present)
                for name, (embeddings, _, present) in embedded.items()}
        return Encoding(outputs, context, maps, rows, states)

    def _scalars(self, observations) -> dict[str, tf.Tensor]:
        embedded = {}
        for arrays, encoders in ((self._vectors, self.vector_encoders),
                                 (self._masks, self.mask_encoders),
                                 (self._orders, self.order_encoders)):
            for array, encode in zip(arrays, encoders, strict=True):
                value = observations[array.name]
                if array.kind is specs.Kind.MASK:
                    value = tf.cast(value, tf.float32)
                embedded[array.name] = encode(value)
        return embedded

    def _scatter(self, observations, embedded, planes: specs.ArraySpec) -> list[tf.Tensor]:
        height, width = planes.shape[:2]
        scattered = []
        for array, dense in zip(self._placed, self.scatter_encoders, strict=True):
            rows, _, mask = embedded[array.name]
            cells = entities.cells_of(observations[array.name], array.features, height, width)
            scattered.append(scatter.scatter(dense(rows), cells, mask, height, width))
        return scattered


def _scalar_size(array: specs.ArraySpec, sizes: sizes_lib.AlphaStarSizes) -> int:
    for beginning, size in sizes.scalar_sizes.items():
        if array.name.startswith(beginning):
            return size
    return sizes.scalar


def _context(embedded_scalars: Mapping[str, tf.Tensor]) -> list[tf.Tensor]:
    """The scalars that gate the action type: the strategy and what is available.

    Where nobody tells a strategy it is all scalars.
    """
    told = [value for name, value in embedded_scalars.items()
            if name.startswith((*_STRATEGY, "available_actions"))]
    if any(name.startswith(_STRATEGY) for name in embedded_scalars):
        return told
    return list(embedded_scalars.values())


def _map_encoder(sizes: sizes_lib.FullyConvSizes) -> spatial.MapEncoder:
    return spatial.MapEncoder(sizes.filters, sizes.kernel_sizes, sizes.vector, sizes.bottleneck,
                              sizes.coordinate_gain)


def _value_head(num_blocks: int, stddev: float = 0.01) -> keras.Sequential:
    blocks = [residual.ResidualDense() for _ in range(num_blocks)]
    return keras.Sequential([*blocks, keras.layers.Dense(
        1, kernel_initializer=keras.initializers.RandomNormal(stddev=stddev))])


def _concat(parts: list[tf.Tensor], is_first: tf.Tensor) -> tf.Tensor:
    """Joins [N, D] parts; a constant [N, 1] when there are none."""
    if not parts:
        return tf.ones_like(is_first, tf.float32)[:, tf.newaxis]
    return parts[0] if len(parts) == 1 else tf.concat(parts, axis=-1)


def build(model_name: str, observation_spec: specs.ObservationSpec,
          action_spec: specs.ActionSpec, size: str = "small") -> PolicyNetwork:
    """Makes a network, with all its variables.

    Args:
        model_name: one of `MODEL_NAMES`.
        observation_spec: chooses the encoders.
        action_spec: chooses the heads.
        size: "tiny" for tests, "small" for a CPU, "full" as published, approximately.

    Returns:
        The network, a `keras.Model`.

    Raises:
        ValueError: unknown name or size, or a mask that does not fit the action types.
    """
    _require("model", model_name, MODEL_NAMES)
    _require("size", size, SIZES)
    if model_name == "fullyconv":
        return FullyConv(observation_spec, action_spec, sizes_lib.FULLY_CONV[size])
    return AlphaStar(observation_spec, action_spec, sizes_lib.ALPHA_STAR[size])
