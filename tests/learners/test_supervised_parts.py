"""What the supervised learner is made of: tallies, Adam, clipping, counted arithmetic, batches."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import learners
from environment import specs
from learners import adam, benchmark, flops, gradients, precision, random_batches, tally
from tests import spec_library
from tests.learners import supervised_fakes as fakes


def test_tallies_add_up_to_exact_means():
    first = tally.Tally({"a": (6.0, 2.0), "b": (1.0, 1.0)}, {"x": np.array([1, 2])})
    second = tally.Tally({"a": (0.0, 4.0), "c": (0.0, 0.0)}, {"x": np.array([3, 4])})
    total = tally.Tally() + first + second
    assert total.scalars() == {"a": 1.0, "b": 1.0}  # 6 / 6, not the mean of 3 and 0
    assert (total.count("a"), total.count("c"), total.count("z")) == (6.0, 0.0, 0.0)
    np.testing.assert_array_equal(total.counts["x"], [4, 6])
    np.testing.assert_array_equal(first.counts["x"], [1, 2])  # and nothing is changed in place


def test_pairs_and_clicks_are_counted_where_they_count():
    true, chosen = np.array([[0, 1], [1, 5]]), np.array([[0, 1], [0, 5]])
    mask = np.array([[True, True], [True, False]])
    np.testing.assert_array_equal(tally.pair_counts(true, chosen, mask, 2), [[1, 0], [1, 1]])
    clicks = tally.click_counts(true, chosen, mask, (2, 3))
    np.testing.assert_array_equal(clicks[0], [[1, 2, 0], [0, 0, 0]])
    np.testing.assert_array_equal(clicks[1], [[2, 1, 0], [0, 0, 0]])


def test_adam_moves_as_that_of_keras():
    rng = np.random.default_rng(0)
    start = [rng.normal(size=shape).astype("f4") for shape in ((3, 2), (4,))]
    mine, theirs = ([keras.Variable(value) for value in start] for _ in range(2))
    optimizer = adam.Adam(mine, 0.8, 0.95, 1e-3)
    reference = keras.optimizers.Adam(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3)
    for _ in range(5):
        steps = [tf.constant(rng.normal(size=value.shape), tf.float32) for value in start]
        optimizer.apply(steps, tf.constant(0.1))
        reference.apply(steps, theirs)
    for weight, expected in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-5)
    assert int(np.asarray(optimizer.iterations)) == 5
    assert len(optimizer.variables) == 1 + 2 * 2


def test_gradients_are_clipped_together():
    given = [tf.constant([3.0, 0.0]), tf.constant([[4.0]])]
    clipped, norms, norm = gradients.clip(given, 2.5)
    assert float(norm) == pytest.approx(5.0)
    np.testing.assert_allclose(norms, [3.0, 4.0], rtol=1e-6)
    np.testing.assert_allclose(clipped[0], [1.5, 0.0], rtol=1e-6)
    np.testing.assert_allclose(clipped[1], [[2.0]], rtol=1e-6)
    for limit in (None, 5.1):
        np.testing.assert_array_equal(gradients.clip(given, limit)[0][0], given[0])


def test_what_is_not_finite_is_named():
    weights = [keras.Variable(np.zeros(2), name="first"), tf.Variable(0.0, name="second")]
    good = {"loss/total": 1.0, "gradient/norm": 1.0, "other": np.nan}
    gradients.require_finite(good, [1.0, 1.0], weights, 3)
    with pytest.raises(learners.DivergenceError, match="after 3 updates: loss/total"):
        gradients.require_finite(good | {"loss/total": np.inf}, [1.0, np.nan], weights, 3)
    with pytest.raises(learners.DivergenceError, match="gradient of second"):
        gradients.require_finite(good, [1.0, np.nan], weights, 3)
    with pytest.raises(learners.DivergenceError, match="gradient/norm"):
        gradients.require_finite(good | {"gradient/norm": np.inf}, [1.0, 1.0], weights, 3)


def test_without_a_gpu_mixed_precision_is_left_off(caplog):
    assert not precision.enable(False) and not caplog.messages
    assert not precision.enable(True) and "there is no GPU" in caplog.text
    constant = precision.LossScale(False)
    assert constant.value == 1.0 and not constant.variables and not constant.scalars()


def test_the_loss_scale_halves_at_an_overflow_and_doubles_after_a_while(monkeypatch):
    monkeypatch.setattr(precision, "_GROWTH_INTERVAL_UPDATES", 3)
    scale, iterations = precision.LossScale(True), tf.Variable(0, dtype=tf.int64)
    found = []
    for finite in (True, False, True, True, True, False):
        scale.update(tf.constant(finite), iterations)
        scalars = {tag: float(value) for tag, value in scale.scalars().items()}
        found.append((scalars["mixed_precision/loss_scale"] / 2**15, scale.forgives(scalars)))
    assert found == [(1, False), (0.5, True), (0.5, False), (0.5, False), (1, False), (0.5, True)]
    assert int(iterations) == 2  # the updates that were left out, for batches are counted by it
    scale.variables[0].assign(1.0)
    scale.update(tf.constant(False), iterations)
    assert not scale.forgives({t: float(v) for t, v in scale.scalars().items()})


def test_the_arithmetic_of_products_and_convolutions_is_counted():
    image, kernel = tf.ones([2, 8, 8, 3]), tf.Variable(tf.ones([3, 3, 3, 4]))
    left, right = tf.ones([5, 7]), tf.Variable(tf.ones([7, 6]))

    @tf.function(autograph=False)
    def both(image, left):
        with tf.GradientTape() as tape:
            convolved = tf.nn.conv2d(image, kernel, 2, "SAME")  # [2, 4, 4, 4]
            product = tf.matmul(left, right)
            total = tf.reduce_sum(convolved) + tf.reduce_sum(tf.square(product))
        tf.matmul(left, right)  # of no use to anybody
        return tape.gradient(total, [kernel, right])

    found = flops.count(both.get_concrete_function(image, left))
    # 2 * 3*3*3 * 2*4*4*4 each way; nobody asked for the gradient of the image. The product itself
    # (its square has a gradient), and the gradient of `right`.
    assert found == {"Conv2DBackpropFilter": 6912, "MatMul": 2 * 2 * 5 * 7 * 6}
    forward = tf.function(lambda image: tf.nn.conv2d(image, kernel, 2, "SAME"), autograph=False)
    assert flops.count(forward.get_concrete_function(image)) == {"Conv2D": 6912}
    batched = tf.function(lambda x: tf.matmul(x, x, transpose_a=True), autograph=False)
    (number,) = flops.count(batched.get_concrete_function(tf.TensorSpec([9, 4, 3]))).values()
    assert number == 2 * 4 * 9 * 3 * 3


def test_arithmetic_that_cannot_be_counted_is_refused():
    product = tf.function(lambda x: tf.matmul(x, x), autograph=False)
    with pytest.raises(flops.UncountableError, match="not known before"):
        flops.count(product.get_concrete_function(tf.TensorSpec([None, None])))
    assert flops.count(product.get_concrete_function(tf.TensorSpec([None, None])), 3) == {
        "MatMul": 2 * 3 * 3 * 3}
    summed = tf.function(lambda x: tf.einsum("ab,bc->ac", x, x), autograph=False)
    with pytest.raises(flops.UncountableError, match="Einsum"):
        flops.count(summed.get_concrete_function(tf.TensorSpec([2, 2])))


@pytest.mark.parametrize("make_specs", [spec_library.starcraft_like, spec_library.gymnasium_like])
def test_random_batches_fit_their_specs(make_specs):
    observation_spec, action_spec = make_specs()
    batch = random_batches.make(observation_spec, action_spec, 5, 3, 0)
    observation_spec.validate(batch.observations, (6, 3))
    action_spec.validate(batch.actions, (5, 3))
    again = random_batches.make(observation_spec, action_spec, 5, 3, 0)
    for name, values in batch.actions.items():
        np.testing.assert_array_equal(values, again.actions[name])
    for array in observation_spec.of_kind(specs.Kind.MASK):
        available = batch.observations[array.name][:-1]
        assert np.take_along_axis(available, batch.actions["action_type"][..., np.newaxis],
                                  -1).all()


def test_random_batches_name_rows_that_exist_and_none_twice():
    rows = specs.ArraySpec("rows", specs.Kind.ENTITIES, (fakes.ROWS, 1), "int32",
                           (specs.Feature("unit_type", 9),))
    batch = random_batches.make(specs.ObservationSpec((rows,)), fakes.ACTION_SPEC, 20, 5, 0)
    exists = batch.observations["rows"][:-1, :, :, 0] > 0
    takes = fakes.ACTION_SPEC.used_by["unit_0"][batch.actions["action_type"]]
    lengths = set()
    for t, b in np.argwhere(takes):
        named = [batch.actions[f"unit_{k}"][t, b] for k in range(fakes.SLOTS)]
        found = [row for row in named if row]
        assert found and len(set(found)) == len(found) and named[:len(found)] == found
        assert all(exists[t, b, row - 1] for row in found)
        lengths.add(len(found))
    assert lengths == {1, 2}
    assert not any(batch.actions[f"unit_{k}"][~takes].any() for k in range(fakes.SLOTS))


def test_the_benchmark_refuses_a_wrong_command_line(capsys, tmp_path):
    for wrong in (["--batches", "8by16"], ["--batches", "0x4"], ["--resolution", "0"], ["--siz"]):
        with pytest.raises(SystemExit) as error:
            benchmark.parse_arguments(wrong)
        assert error.value.code == 2
    assert benchmark.parse_arguments(["--batches", "8x16", "1x8"]).batches == [(8, 16), (1, 8)]
    assert benchmark.main(["--folder", str(tmp_path)]) == 1
    assert str(tmp_path) in capsys.readouterr().err.strip().splitlines()[-1]
