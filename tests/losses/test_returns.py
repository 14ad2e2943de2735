"""Returns: published values, the definitions in plain loops, identities, gradients, shapes."""

import numpy as np
import pytest
import tensorflow as tf

from losses import returns

# Inputs of rlax `multistep_test.py` and trfl `sequence_ops_test.py`; there values are V_1 .. V_T.
REWARDS = np.array([[1, 0, -1, 0, 1], [0.5, 0.8, -0.7, 0, 2.1]], np.float32).T
DISCOUNTS = np.array([[0.5, 0.9, 1, 0.5, 0.8], [0.9, 0.5, 0.3, 0.8, 0.7]], np.float32).T
VALUES = np.array([[np.nan, 3, 1, 5, -5, 3], [np.nan, -1.7, 1.2, 2.3, 2.2, 2.7]], np.float32).T


def column(*numbers):
    return np.array(numbers, np.float32)[:, None]


def random_inputs(seed=0, num_steps=12, batch=7, void=0.3):
    rng = np.random.default_rng(seed)
    rewards = rng.normal(size=(num_steps, batch)).astype(np.float32)
    discounts = (0.9 * (rng.random((num_steps, batch)) > 0.2)).astype(np.float32)
    values = rng.normal(size=(num_steps + 1, batch)).astype(np.float32)
    return rewards, discounts, values, rng.random((num_steps, batch)) > void


def slow_n_step_return(rewards, discounts, values, valid, t, num_steps):
    """The sum in the definition, for one sequence: up to n rewards, then the value."""
    if not valid[t]:
        return values[t]
    total, factor = 0.0, 1.0
    for k in range(t, min(t + num_steps, len(rewards))):
        if not valid[k]:  # state k closed an episode: nothing behind it belongs to this one
            return total + factor * values[k]
        total += factor * rewards[k]
        factor *= discounts[k]
    return total + factor * values[min(t + num_steps, len(rewards))]


def slow_lambda_return(rewards, discounts, values, valid, t, lambda_):
    """(1 - lambda) * sum over n of lambda^(n-1) * n-step return, the last one with what is left."""
    horizon = len(rewards) - t
    total = 0.0
    for n in range(1, horizon):
        n_step = slow_n_step_return(rewards, discounts, values, valid, t, n)
        total += (1 - lambda_) * lambda_ ** (n - 1) * n_step
    return total + lambda_ ** (horizon - 1) * slow_n_step_return(
        rewards, discounts, values, valid, t, horizon)


def by_element(slow, rewards, discounts, values, valid, parameter):
    return np.array([[slow(rewards[:, b], discounts[:, b], values[:, b], valid[:, b], t, parameter)
                      for b in range(rewards.shape[1])] for t in range(len(rewards))])


def test_lambda_returns_known_values():
    expected = np.array([[1.6460547, 0.7228125, 0.7375, 0.65, 3.4],
                         [0.7866317, 0.9913063, 0.11015, 2.834, 3.99]]).T
    actual = returns.lambda_returns(REWARDS, DISCOUNTS, VALUES, 0.75)
    np.testing.assert_allclose(actual, expected, rtol=1e-5)


@pytest.mark.parametrize("lambda_, expected", [
    # Second step: .5 + .8 * .1 = .58. First: .4 + .9 * ((1 - lambda) * .3 + lambda * .58).
    (0.25, [0.733, 0.58]), (0.5, [0.796, 0.58]), (1.0, [0.922, 0.58])])
def test_lambda_returns_of_trfl_value_ops(lambda_, expected):
    actual = returns.lambda_returns(column(0.4, 0.5), column(0.9, 0.8), column(0.2, 0.3, 0.1),
                                    lambda_)
    np.testing.assert_allclose(actual, column(*expected), rtol=1e-5)


def test_td_lambda_of_a_won_game():
    # From the end: 1; .8 * 1 + .2 * .6 = .92; .8 * .92 + .2 * .2 = .776; .8 * .776 + .2 * .5.
    values = column(0.1, 0.5, 0.2, 0.6, 0.0)
    actual = returns.lambda_returns(column(0, 0, 0, 1), column(1, 1, 1, 0), values, 0.8)
    np.testing.assert_allclose(actual, column(0.7208, 0.776, 0.92, 1.0), rtol=1e-5)


@pytest.mark.parametrize("num_steps, expected", [
    (3, [[2.8, -3.15, 0.7, 1.7, 3.4], [1.2155, 0.714, 0.2576, 3.192, 3.99]]),
    (5, [[1.315, 0.63, 0.7, 1.7, 3.4], [1.33592, 0.9288, 0.2576, 3.192, 3.99]]),
    (7, [[1.315, 0.63, 0.7, 1.7, 3.4], [1.33592, 0.9288, 0.2576, 3.192, 3.99]])])
def test_n_step_returns_of_rlax_multistep(num_steps, expected):
    actual = returns.n_step_returns(REWARDS, DISCOUNTS, VALUES, num_steps)
    np.testing.assert_allclose(actual, np.array(expected).T, rtol=1e-5)


@pytest.mark.parametrize("lambda_, expected", [
    (1.0, [[-1.45118, -4.4557, 2.5396, 0.5249, -0.49], [3, 2, 1, 0, -4.9]]),
    (0.7, [[-0.676979, -5.248167, 2.4846, 0.6704, -0.49], [2.2899, 1.73, 1, 0, -4.9]]),
    (0.4, [[0.56731, -6.042, 2.3431, 0.815, -0.49], [1.725, 1.46, 1, 0, -4.9]])])
def test_generalized_advantages_of_rlax_multistep(lambda_, expected):
    rewards = np.array([[0, 0, 1, 0, -0.5], [0, 0, 0, 0, 1]], np.float32).T
    values = np.array([[1, 4, -3, -2, -1, -1], [-3, -2, -1, 0, 5, -1]], np.float32).T
    discounts = np.array([[0.99] * 5, [0.9, 0.9, 0.9, 0, 0.9]], np.float32).T
    actual = returns.generalized_advantages(rewards, discounts, values, lambda_)
    np.testing.assert_allclose(actual, np.array(expected).T, atol=1e-3)  # rlax rounds to 1e-4


@pytest.mark.parametrize("lambda_", [0.0, 0.3, 0.95, 1.0])
def test_lambda_returns_are_the_mixture_of_their_definition(lambda_):
    inputs = random_inputs()
    actual = returns.lambda_returns(*inputs[:3], lambda_, inputs[3])
    np.testing.assert_allclose(actual, by_element(slow_lambda_return, *inputs, lambda_), atol=1e-5)


@pytest.mark.parametrize("num_steps", [1, 2, 5, 12, 20])
def test_n_step_returns_are_the_sums_of_their_definition(num_steps):
    inputs = random_inputs()
    actual = returns.n_step_returns(*inputs[:3], num_steps, inputs[3])
    expected = by_element(slow_n_step_return, *inputs, num_steps)
    np.testing.assert_allclose(actual, expected, atol=1e-5)


@pytest.mark.parametrize("lambda_", [0.0, 0.6, 1.0])
def test_generalized_advantages_are_the_sum_of_temporal_differences(lambda_):
    rewards, discounts, values, valid = random_inputs()
    expected = np.zeros_like(rewards)
    for t in range(len(rewards)):
        for b in range(rewards.shape[1]):
            factor = 1.0
            for k in range(t, len(rewards)):
                if not valid[k, b]:
                    break
                delta = rewards[k, b] + discounts[k, b] * values[k + 1, b] - values[k, b]
                expected[t, b] += factor * delta
                factor *= discounts[k, b] * lambda_
    actual = returns.generalized_advantages(rewards, discounts, values, lambda_, valid)
    np.testing.assert_allclose(actual, expected, atol=1e-5)


def test_lambda_1_is_the_n_step_return_of_the_whole_trajectory():
    rewards, discounts, values, valid = random_inputs()
    np.testing.assert_allclose(returns.lambda_returns(rewards, discounts, values, 1.0, valid),
                               returns.n_step_returns(rewards, discounts, values, 12, valid),
                               atol=1e-5)


def test_lambda_0_is_the_one_step_return():
    rewards, discounts, values, valid = random_inputs()
    np.testing.assert_allclose(returns.lambda_returns(rewards, discounts, values, 0.0, valid),
                               returns.n_step_returns(rewards, discounts, values, 1, valid),
                               atol=1e-6)


@pytest.mark.parametrize("last_discount, expected", [
    # Steps 0 and 1 earn 1 each and end the episode in a state worth 10, step 2 is void, step 3
    # earns 5 and leads to a state worth 2.
    (0.0, [2, 1, 10, 7]),  # terminal: 1 + 1 and 1
    (1.0, [12, 11, 10, 7])])  # time-out: the last state's value comes on top
@pytest.mark.parametrize("compute", [
    lambda *args: returns.lambda_returns(*args[:3], 1.0, args[3]),
    lambda *args: returns.n_step_returns(*args[:3], 9, args[3])])
def test_an_episode_end_cuts_and_only_a_time_out_bootstraps(compute, last_discount, expected):
    actual = compute(column(1, 1, 0, 5), column(1, last_discount, 1, 1), column(-7, -7, 10, -7, 2),
                     np.array([[True], [True], [False], [True]]))
    np.testing.assert_allclose(actual, column(*expected))


def test_void_steps_have_no_advantage_and_their_reward_and_discount_no_influence():
    rewards, discounts, values, valid = random_inputs()
    expected = returns.generalized_advantages(rewards, discounts, values, 0.9, valid)
    np.testing.assert_array_equal(np.asarray(expected)[~valid], 0.0)
    actual = returns.generalized_advantages(np.where(valid, rewards, 99), np.where(
        valid, discounts, 0.5).astype(np.float32), values, 0.9, valid)
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("compute", [
    lambda *inputs: returns.lambda_returns(*inputs, 0.9),
    lambda *inputs: returns.n_step_returns(*inputs, 3),
    lambda *inputs: returns.generalized_advantages(*inputs, 0.9)])
def test_no_gradient_flows(compute):
    inputs = [tf.constant(x) for x in random_inputs()[:3]]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        target = compute(*inputs)
    assert tape.gradient(target, inputs) == [None, None, None]


@pytest.mark.parametrize("jit_compile", [False, True])
def test_a_graph_gives_what_eager_gives(jit_compile):
    rewards, discounts, values, valid = random_inputs()
    expected = returns.lambda_returns(rewards, discounts, values, 0.9, valid)
    graph = tf.function(returns.lambda_returns, jit_compile=jit_compile)
    np.testing.assert_allclose(graph(rewards, discounts, values, 0.9, valid), expected, atol=1e-6)


@pytest.mark.parametrize("changed, message", [
    ({"values": np.zeros((5, 2), np.float32)}, r"values has shape \(5, 2\) .*T\+1, B"),
    ({"values": np.zeros((6, 1), np.float32)}, r"values has shape"),
    ({"discounts": np.zeros((5, 1), np.float32)}, r"discounts has shape \(5, 1\)"),
    ({"discounts": np.zeros((5,), np.float32)}, r"discounts: expected shape \[T, B\]"),
    ({"rewards": np.zeros((5, 2, 1), np.float32)}, r"rewards: expected shape \[T, B\]"),
    ({"valid": np.ones((6, 2), bool)}, r"valid has shape \(6, 2\)"),
    ({"lambda_": 1.5}, r"lambda_: expected a number in \[0, 1\], got 1.5")])
def test_wrong_shapes_and_numbers_are_refused(changed, message):
    arguments = {"rewards": REWARDS, "discounts": DISCOUNTS, "values": VALUES, "lambda_": 0.5}
    with pytest.raises(ValueError, match=message):
        returns.lambda_returns(**arguments | changed)


def test_a_return_has_at_least_one_step():
    with pytest.raises(ValueError, match="num_steps: expected at least 1, got 0"):
        returns.n_step_returns(REWARDS, DISCOUNTS, VALUES, 0)
