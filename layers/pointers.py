"""Heads that point at entities: at one of them, or at several of them one after another.

Source: pointer networks (Vinyals et al. 2015); AlphaStar (Nature 2019), supplementary architecture
description, selected units and target unit.
"""

from collections.abc import Sequence
from typing import NamedTuple

import keras
import tensorflow as tf

from layers import categorical, choosing, recurrent

# Queries start small, so that an untrained policy points everywhere; the gain makes them grow fast
# enough (a sequence of two rows of 64 is learnt in two thirds of the updates that it takes with 1).
_SMALL = 0.01
_GAIN = 3.0


class Rows(NamedTuple):
    """Entities that can be pointed at.

    Attributes:
        embeddings: float32 [B, N, E].
        present: bool [B, N], rows that exist.
    """

    embeddings: tf.Tensor
    present: tf.Tensor


class PointerHead(keras.layers.Layer):
    """Logits of the rows: logits[b, g, n] = 3 (Q c[b])_g . (K e[b, n]); absent ones are forbidden.
    """

    def __init__(self, num_arguments: int, key_size: int):
        """Args:
            num_arguments: G, arguments that point at these rows.
            key_size: size of keys and queries.
        """
        super().__init__()
        self._num_arguments = num_arguments
        self._key_size = key_size
        self.keys = keras.layers.Dense(key_size)
        self.query = keras.layers.Dense(
            num_arguments * key_size,
            kernel_initializer=keras.initializers.RandomNormal(stddev=_SMALL))

    def call(self, context, embeddings, present):
        """float32 [B, D], float32 [B, N, E], bool [B, N] -> float32 [B, G, N]."""
        query = tf.reshape(self.query(context), [-1, self._num_arguments, self._key_size])
        logits = tf.matmul(_GAIN * query, self.keys(embeddings), transpose_b=True)
        return categorical.mask_logits(logits, present[:, tf.newaxis])


class PointedEmbedding(keras.layers.Layer):
    """What was pointed at: the sum of W e over the arguments that are used."""

    def __init__(self, size: int):
        super().__init__()
        self.leave = keras.layers.Dense(size, use_bias=False)

    def call(self, embeddings, choices, used):
        """Args:
            embeddings: float32 [B, N, E].
            choices: int32 [B, G], rows.
            used: float32 [B, G].

        Returns:
            float32 [B, size].
        """
        chosen = tf.gather(embeddings, choices, batch_dims=1)  # [B, G, E]
        return self.leave(tf.squeeze(tf.matmul(used[:, tf.newaxis], chosen), axis=1))


class SequenceChoice(NamedTuple):
    """What a `SequenceHead` decided in its S slots.

    Attributes:
        logits: float32 [B, S, N + 1], choice 0 ends the sequence and choice n + 1 is row n.
        choices: int32 [B, S].
        used: float32 [B, S], 1 where the action type takes the sequence and it has not ended.
        embedding: float32 [B, embedding_size], what was chosen; None if nobody asks.
    """

    logits: tf.Tensor
    choices: tf.Tensor
    used: tf.Tensor
    embedding: tf.Tensor | None


class SequenceHead(keras.layers.Layer):
    """A pointer network: names rows one after another, none of them twice, until it ends.

    k_n = K e_n;  m_s = mean of the keys that were chosen before slot s
    q_s = 3 Q LSTM(relu(W c + V [m_s, log(1 + s)]));  logits_s = [k_end, k_1 .. k_N] . q_s

    Forbidden are absent rows, rows that were chosen before, and the end in slot 0 (unless there is
    no row at all). Behind the end only the end is allowed.

    What was chosen before slot s reaches the LSTM as the update that it means for the
    autoregressive embedding, in one product V. Given all choices, everything but the LSTM is one
    product for all slots, and the LSTM runs only as far as a sequence of the batch does; drawing
    them goes slot by slot, and is then evaluated as if given. Published is the mean over all
    entities of a one-hot code times their keys, which would vanish among 512.
    """

    def __init__(self, names: Sequence[str], key_size: int, hidden_size: int,
                 embedding_size: int | None):
        """Args:
            names: of the S slots.
            key_size: size of keys, queries and LSTM.
            hidden_size: width of the layer that reads the context.
            embedding_size: of the embedding of what was chosen; None makes none.
        """
        super().__init__()
        self._names = tuple(names)
        self._num_slots = len(self._names)
        self.keys = keras.layers.Dense(key_size)
        self.enter = keras.layers.Dense(hidden_size, kernel_initializer="he_normal")
        self.recall = keras.layers.Dense(hidden_size, use_bias=False)
        self.lstm = recurrent.LayerNormLSTMCell(key_size)
        self.query = keras.layers.Dense(
            key_size, kernel_initializer=keras.initializers.RandomNormal(stddev=_SMALL))
        self.leave = None if embedding_size is None else keras.layers.Dense(embedding_size)
        self._key_size = key_size

    def build(self, context_shape, embeddings_shape, present_shape, takes_shape):
        del present_shape, takes_shape
        size = self._key_size
        self.end_key = self.add_weight(shape=(1, 1, size), name="end_key",
                                       initializer=keras.initializers.RandomNormal(stddev=0.1))
        # Built here, because a loop must not make variables.
        self.keys.build(embeddings_shape)
        self.enter.build((None, context_shape[-1]))
        self.recall.build((None, size + 1))
        self.lstm.build((None, self.enter.units))
        self.query.build((None, size))
        if self.leave is not None:
            self.leave.build((None, size + 1))

    def call(self, context, embeddings, present, takes, chooser: choosing.Chooser
             ) -> SequenceChoice:
        """Args:
            context: float32 [B, D].
            embeddings: float32 [B, N, E], of the rows.
            present: bool [B, N], rows that exist.
            takes: float32 [B], 1 where the action type takes the sequence.
            chooser: takes the choices.

        Returns:
            A `SequenceChoice`.
        """
        keys = self.keys(embeddings)
        hidden = self.enter(context)
        choices = chooser.given(self._names)
        if choices is None:
            choices = tf.stop_gradient(self._walk(hidden, keys, present, takes, chooser))
        is_end = tf.equal(choices, 0)
        ended_before = tf.cumsum(tf.cast(is_end, tf.int32), axis=1, exclusive=True) > 0  # [B, S]
        used = tf.where(ended_before, 0.0, takes[:, tf.newaxis])
        named = tf.where(is_end, 0.0, used)

        chosen = tf.gather(keys, tf.maximum(choices - 1, 0), batch_dims=1)
        chosen *= named[:, :, tf.newaxis]  # [B, S, key_size]
        before = tf.cumsum(chosen, axis=1, exclusive=True)
        inputs = self.lstm.project(self._inputs(
            hidden[:, tf.newaxis], before, tf.range(self._num_slots, dtype=tf.float32)))
        # At least one: an empty loop has nothing to stack.
        num_slots = tf.maximum(
            tf.cast(tf.reduce_max(tf.reduce_sum(used, axis=1)), tf.int32), 1)
        # Where nobody asks, the query is zero, however far the others of the batch go.
        queries = _GAIN * self.query(self._remember(inputs, num_slots)) * used[:, :, tf.newaxis]
        end = tf.broadcast_to(self.end_key, [tf.shape(keys)[0], 1, self._key_size])
        logits = tf.matmul(queries, tf.concat([end, keys], axis=1), transpose_b=True)
        logits = categorical.mask_logits(logits, _allowed(choices, named, present, ended_before))

        embedding = None
        if self.leave is not None:
            count = tf.reduce_sum(named, axis=1, keepdims=True)
            mean = tf.reduce_sum(chosen, axis=1) / tf.maximum(count, 1.0)
            embedding = self.leave(tf.concat([mean, tf.math.log1p(count)], axis=-1))
            embedding *= takes[:, tf.newaxis]
        return SequenceChoice(logits, choices, used, embedding)

    def _inputs(self, hidden, before, slots):
        """The LSTM's input.

        Args:
            hidden: float32 [B, 1, hidden_size].
            before: float32 [B, S, key_size], sum of the keys that were chosen before each slot.
            slots: float32 [S], their numbers; as many rows were chosen before.

        Returns:
            float32 [B, S, hidden_size].
        """
        slots = tf.reshape(slots, [1, -1, 1])
        counts = tf.broadcast_to(tf.math.log1p(slots), tf.shape(before[:, :, :1]))
        mean = before / tf.maximum(slots, 1.0)
        return tf.nn.relu(hidden + self.recall(tf.concat([mean, counts], axis=-1)))

    def _remember(self, projected, num_slots):
        """The LSTM over the first `num_slots` slots: [B, S, 4 * size] -> [B, S, size].

        What stands in the slots behind is zero.
        """
        by_slot = tf.transpose(projected, [1, 0, 2])
        zeros = tf.zeros_like(projected[:, 0, :self._key_size])
        outputs = tf.TensorArray(tf.float32, size=num_slots, element_shape=zeros.shape)

        def advance(slot, hidden, cell, outputs):
            hidden, cell = self.lstm.advance(by_slot[slot], hidden, cell)
            return slot + 1, hidden, cell, outputs.write(slot, hidden)

        *_, outputs = tf.while_loop(
            lambda slot, *_: slot < num_slots, advance, (0, zeros, zeros, outputs),
            maximum_iterations=self._num_slots)
        outputs = tf.transpose(outputs.stack(), [1, 0, 2])
        outputs = tf.pad(outputs, [[0, 0], [0, self._num_slots - num_slots], [0, 0]])
        return tf.ensure_shape(outputs, [None, self._num_slots, self._key_size])

    def _walk(self, hidden, keys, present, takes, chooser):
        """Chooses slot by slot, until every sequence has ended: int32 [B, S]."""
        batch_size = tf.shape(keys)[0]
        num_rows = keys.shape[1]
        zeros = tf.zeros([batch_size, self._key_size])

        def choose(slot, hidden_state, cell, before, allowed, ended, choices):
            inputs = self._inputs(hidden[:, tf.newaxis], before[:, tf.newaxis],
                                  tf.cast(slot, tf.float32)[tf.newaxis])[:, 0]
            hidden_state, cell = self.lstm(inputs, hidden_state, cell)
            query = _GAIN * self.query(hidden_state)
            logits = tf.concat([tf.matmul(query, self.end_key[0], transpose_b=True),
                                tf.linalg.matvec(keys, query)], axis=-1)
            may_end = ended | (slot > 0) | ~tf.reduce_any(allowed, axis=-1)
            mask = tf.concat([may_end[:, tf.newaxis], allowed & ~ended[:, tf.newaxis]], axis=-1)
            choice = chooser.choose(self._names, categorical.MaskedCategorical(
                categorical.mask_logits(logits, mask)), slot)
            named = tf.one_hot(choice - 1, num_rows, on_value=True, off_value=False)
            before += tf.squeeze(tf.matmul(tf.cast(named, tf.float32)[:, tf.newaxis], keys), 1)
            here = tf.equal(tf.range(self._num_slots), slot)
            return (slot + 1, hidden_state, cell, before, allowed & ~named, ended | (choice == 0),
                    tf.where(here, choice[:, tf.newaxis], choices))

        *_, choices = tf.while_loop(
            lambda slot, *loop: tf.logical_not(tf.reduce_all(loop[4])), choose,
            (0, zeros, zeros, zeros, present, takes < 0.5,
             tf.zeros([batch_size, self._num_slots], tf.int32)),
            maximum_iterations=self._num_slots)
        return choices


def _allowed(choices, named, present, ended_before):
    """Which choices each slot has.

    Args:
        choices: int32 [B, S].
        named: float32 [B, S], 1 where a choice names a row.
        present: bool [B, N].
        ended_before: bool [B, S].

    Returns:
        bool [B, S, N + 1].
    """
    num_slots, num_rows = choices.shape[1], present.shape[1]
    batch_size = tf.shape(choices)[0]
    slots = tf.range(num_slots)
    first_rows = tf.range(batch_size)[:, tf.newaxis] * num_rows
    rows = tf.where(named > 0.0, first_rows + choices - 1, -1)
    slot_of_row = tf.math.unsorted_segment_min(
        tf.broadcast_to(slots, tf.shape(rows)), rows, batch_size * num_rows)
    slot_of_row = tf.reshape(slot_of_row, [-1, 1, num_rows])  # as good as never where not named
    free = present[:, tf.newaxis] & (slot_of_row >= slots[:, tf.newaxis])
    free &= ~ended_before[:, :, tf.newaxis]
    nothing = ~tf.reduce_any(present, axis=-1, keepdims=True)
    may_end = ended_before | nothing | (slots > 0)
    return tf.concat([may_end[:, :, tf.newaxis], free], axis=-1)
