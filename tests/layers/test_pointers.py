"""Heads that point: what they may choose, what they say of it, and that drawing is evaluating."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from layers import categorical, choosing, pointers

_SLOTS = ("unit_0", "unit_1", "unit_2")


def _head(names=_SLOTS, seed=0):
    keras.utils.set_random_seed(seed)
    head = pointers.SequenceHead(names, key_size=4, hidden_size=6, embedding_size=5)
    head(tf.zeros([1, 3]), tf.zeros([1, 4, 2]), present=tf.ones([1, 4], bool),
         takes=tf.ones([1]), chooser=choosing.MostProbable())
    for variable in head.trainable_variables:  # not near uniform: probabilities must differ
        variable.assign_add(np.random.default_rng(seed).normal(size=variable.shape))
    return head


def _call(head, choices=None, present=((True, True, True, False),), takes=None, batch=1,
          chooser=None, seed=0):
    """All rows of the batch see the same context and entities."""
    rng = np.random.default_rng(seed)
    context = np.tile(rng.normal(size=(1, 3)), (batch, 1)).astype(np.float32)
    embeddings = np.tile(rng.normal(size=(1, 4, 2)), (batch, 1, 1)).astype(np.float32)
    present = np.tile(np.array(present), (batch // len(present), 1))
    if choices is not None:
        chooser = choosing.Given({name: tf.constant(column) for name, column in zip(
            head._names, np.array(choices, np.int32).T, strict=True)})
    takes = np.ones(batch) if takes is None else takes
    return head(tf.constant(context), tf.constant(embeddings), present=tf.constant(present),
                takes=tf.constant(takes, tf.float32), chooser=chooser)


def _log_probs(result):
    return (categorical.MaskedCategorical(result.logits).log_prob(result.choices)
            * result.used).numpy()


def _all_sequences(num_rows):
    """Every sequence of one to three different rows, with its end and zeros behind."""
    for length in (1, 2, 3):
        for rows in itertools.permutations(range(1, num_rows + 1), length):
            yield (*rows, *[0] * (3 - length))


def test_probabilities_of_all_sequences_sum_to_one():
    sequences = list(_all_sequences(3))
    assert len(sequences) == 3 + 6 + 6
    result = _call(_head(), sequences, batch=len(sequences))
    probabilities = np.exp(_log_probs(result).sum(axis=1))
    assert probabilities.max() > 0.1 and probabilities.std() > 0.01
    np.testing.assert_allclose(probabilities.sum(), 1.0, atol=1e-5)


def test_masks_are_exact():
    result = _call(_head(), [(2, 3, 0), (1, 0, 0)], batch=2)
    allowed = result.logits.numpy() > categorical.FORBIDDEN / 2  # end, row 0, .., row 3
    np.testing.assert_array_equal(allowed[0], [
        [False, True, True, True, False],  # no end yet; row 3 does not exist
        [True, True, False, True, False],  # row 1 was chosen
        [True, True, False, False, False]])
    np.testing.assert_array_equal(allowed[1], [
        [False, True, True, True, False],
        [True, False, True, True, False],
        [True, False, False, False, False]])  # it has ended
    probabilities = tf.nn.softmax(result.logits).numpy()
    assert (probabilities[~allowed] == 0.0).all()
    np.testing.assert_array_equal(result.used, [[1, 1, 1], [1, 1, 0]])


def test_sequence_without_rows_ends_at_once():
    result = _call(_head(), present=((False,) * 4,), chooser=choosing.MostProbable())
    np.testing.assert_array_equal(result.choices, [[0, 0, 0]])
    np.testing.assert_array_equal(result.used, [[1, 0, 0]])
    np.testing.assert_allclose(_log_probs(result), 0.0)


def test_types_without_units_choose_none():
    result = _call(_head(), batch=2, takes=[0.0, 1.0], chooser=choosing.MostProbable())
    assert (result.choices.numpy()[0] == 0).all() and result.choices.numpy()[1, 0] > 0
    assert (result.used.numpy()[0] == 0.0).all()
    assert (result.embedding.numpy()[0] == 0.0).all() and result.embedding.numpy()[1].any()
    others = _call(_head(), [(3, 3, 3), tuple(result.choices.numpy()[1])], batch=2,
                   takes=[0.0, 1.0])  # what is given there means nothing
    np.testing.assert_array_equal(others.embedding, result.embedding)
    np.testing.assert_array_equal(others.logits[1], result.logits[1])


def test_batch_in_which_nobody_takes_the_sequence():
    head = _head()
    call = tf.function(lambda context, embeddings, present: head(
        context, embeddings, present=present, takes=tf.zeros_like(context[:, 0]),
        chooser=choosing.MostProbable()), input_signature=[
            tf.TensorSpec([None, 3]), tf.TensorSpec([None, 4, 2]), tf.TensorSpec([None, 4], bool)],
        autograph=False)
    result = call(tf.ones([2, 3]), tf.ones([2, 4, 2]), tf.ones([2, 4], bool))
    assert not result.used.numpy().any() and not result.embedding.numpy().any()
    assert (result.choices.numpy() == 0).all()


def test_drawn_sequences_follow_the_probabilities():
    head, batch = _head(), 6000
    drawn = _call(head, batch=batch, chooser=choosing.Drawn(tf.constant([[3], [5]], tf.int64)))
    sequences = list(_all_sequences(3))
    expected = np.exp(_log_probs(_call(head, sequences, batch=len(sequences))).sum(axis=1))
    counts = {sequence: 0 for sequence in sequences}
    for sequence in drawn.choices.numpy():
        counts[tuple(sequence)] += 1
    np.testing.assert_allclose([counts[s] / batch for s in sequences], expected,
                               atol=0.03)  # > 4 standard errors


def test_most_probable_slot_after_slot_is_the_best_of_each_distribution():
    result = _call(_head(), chooser=choosing.MostProbable())
    best = tf.argmax(result.logits, axis=-1).numpy()
    np.testing.assert_array_equal(result.choices, best * result.used.numpy())


def test_what_was_chosen_before_changes_what_comes():
    result = _call(_head(), [(1, 0, 0), (2, 0, 0), (1, 2, 0), (2, 1, 0)], batch=4)
    logits = result.logits.numpy()
    np.testing.assert_array_equal(logits[0, 0], logits[1, 0])
    assert abs(logits[0, 1, 0] - logits[1, 1, 0]) > 1e-4  # of the end
    assert np.abs(result.embedding[0] - result.embedding[1]).max() > 1e-4
    # The set is embedded, not its order.
    np.testing.assert_allclose(result.embedding[2], result.embedding[3], atol=1e-5)


def test_permuted_rows_have_permuted_probabilities():
    head = _head()
    rng = np.random.default_rng(4)
    context = tf.constant(rng.normal(size=(1, 3)), tf.float32)
    embeddings = rng.normal(size=(1, 4, 2)).astype(np.float32)
    present = np.array([[True, False, True, True]])
    order = np.array([2, 0, 3, 1])  # new row i is old row order[i]
    new_row = np.argsort(order)

    def logits(rows, exists, choices):
        given = choosing.Given({n: tf.constant([c]) for n, c in zip(_SLOTS, choices, strict=True)})
        return head(context, tf.constant(rows), present=tf.constant(exists), takes=tf.ones([1]),
                    chooser=given).logits.numpy()[0]

    one = logits(embeddings, present, (1, 4, 0))
    other = logits(embeddings[:, order], present[:, order], (new_row[0] + 1, new_row[3] + 1, 0))
    np.testing.assert_allclose(other[:, 0], one[:, 0], atol=1e-5)
    np.testing.assert_allclose(other[:, 1:], one[:, 1:][:, order], rtol=1e-5, atol=1e-5)


def test_gradients_reach_no_forbidden_row():
    head = _head()
    embeddings = tf.constant(np.random.default_rng(0).normal(size=(1, 4, 2)), tf.float32)
    given = choosing.Given({n: tf.constant([c]) for n, c in zip(_SLOTS, (1, 0, 0), strict=True)})
    with tf.GradientTape() as tape:
        tape.watch(embeddings)
        result = head(tf.ones([1, 3]), embeddings, present=tf.constant([[True, True, True, False]]),
                      takes=tf.ones([1]), chooser=given)
        loss = tf.reduce_sum(categorical.MaskedCategorical(result.logits).log_prob(result.choices)
                             * result.used)
    gradient = tape.gradient(loss, embeddings).numpy()[0]
    assert (gradient[3] == 0.0).all() and np.abs(gradient[:3]).min() > 0.0


def test_graph_equals_eager_and_takes_any_batch():
    head = _head()
    draw = tf.function(lambda context, embeddings, present, seeds: head(
        context, embeddings, present=present, takes=tf.ones_like(context[:, 0]),
        chooser=choosing.Drawn(seeds)), input_signature=[
            tf.TensorSpec([None, 3]), tf.TensorSpec([None, 4, 2]), tf.TensorSpec([None, 4], bool),
            tf.TensorSpec([2, 1], tf.int64)], autograph=False)
    for batch in (1, 3):
        rng = np.random.default_rng(batch)
        arguments = (tf.constant(rng.normal(size=(batch, 3)), tf.float32),
                     tf.constant(rng.normal(size=(batch, 4, 2)), tf.float32),
                     tf.constant(rng.random((batch, 4)) < 0.7))
        seeds = tf.constant([[1], [batch]], tf.int64)
        eager = head(*arguments[:2], present=arguments[2], takes=tf.ones([batch]),
                     chooser=choosing.Drawn(seeds))
        graph = draw(*arguments, seeds)
        np.testing.assert_array_equal(graph.choices, eager.choices)
        np.testing.assert_allclose(graph.logits, eager.logits, atol=1e-5)


@pytest.mark.parametrize("num_arguments", [1, 2])
def test_pointer_is_a_product_of_query_and_keys(num_arguments):
    head = pointers.PointerHead(num_arguments, key_size=3)
    rng = np.random.default_rng(0)
    context = tf.constant(rng.normal(size=(2, 5)), tf.float32)
    rows = tf.constant(rng.normal(size=(2, 4, 6)), tf.float32)
    present = np.array([[True, True, False, True], [True, False, False, False]])
    logits = head(context, rows, present=tf.constant(present)).numpy()
    query = head.query(context).numpy().reshape(2, num_arguments, 3)
    expected = 3.0 * np.einsum("bgk,bnk->bgn", query, head.keys(rows))
    expected = np.where(present[:, None], expected, categorical.FORBIDDEN)
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_pointed_rows_are_summed_where_used():
    layer = pointers.PointedEmbedding(3)
    rows = tf.constant([[[1.0, 0.0], [0.0, 2.0]]])
    out = layer(rows, choices=tf.constant([[1, 0]]), used=tf.constant([[1.0, 0.0]])).numpy()
    np.testing.assert_allclose(out[0], 2.0 * layer.leave.kernel.numpy()[1], rtol=1e-6)
