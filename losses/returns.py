"""Targets of value functions and advantages of actions: n-step, lambda, and GAE.

All are time-major and share one alignment: `rewards[t]` and `discounts[t]` belong to the step from
state t to state t+1, and `values` holds one more state than there are steps, so that `values[t+1]`
is where step t led and `values[T]` is the bootstrap.

Two things end a trace before the trajectory does:
- a terminal state: its discount is 0, nothing behind it counts;
- a void step (`losses.masking.valid_steps`): state t closed an episode and the action was ignored.
  Its return is by definition `values[t]`, so its advantage is 0, and the step before it, which led
  into the closing state, bootstraps from that state's value times its own discount: 0 when the
  state is terminal, the value itself when the episode was only cut by its time limit.

Everything returned is a target: gradients stop, none flows to any argument.
"""

import tensorflow as tf

from losses import shapes


def lambda_returns(rewards: tf.Tensor, discounts: tf.Tensor, values: tf.Tensor, lambda_: float,
                   valid: tf.Tensor | None = None) -> tf.Tensor:
    """Returns mixed over all horizons by powers of lambda.

        G_t = r_t + discount_t * ((1 - lambda) * V_{t+1} + lambda * G_{t+1}),   G_T = V_T
        G_t = V_t where step t is void

    lambda = 0 gives one-step targets, lambda = 1 the discounted sum of all rewards up to the end of
    the trajectory plus the bootstrap. Sutton and Barto, Reinforcement Learning (2nd edition),
    equation 12.18 in its recursive form for state values.

    Args:
        rewards: float32 [T, B].
        discounts: float32 [T, B], the discount factor included; 0 where a terminal state follows.
        values: float32 [T+1, B], value of every state.
        lambda_: in [0, 1].
        valid: bool [T, B], False at void steps; None when all steps are valid.

    Returns:
        float32 [T, B]; no gradient.

    Raises:
        ValueError: when the shapes do not fit or lambda is outside [0, 1].
    """
    if not 0.0 <= lambda_ <= 1.0:
        raise ValueError(f"lambda_: expected a number in [0, 1], got {lambda_}.")
    rewards, discounts, values, valid = _checked(rewards, discounts, values, valid)

    def step_back(return_tp1, step):
        reward_t, discount_t, value_t, value_tp1, valid_t = step
        mixed_tp1 = (1.0 - lambda_) * value_tp1 + lambda_ * return_tp1
        return tf.where(valid_t, reward_t + discount_t * mixed_tp1, value_t)

    steps = (rewards, discounts, values[:-1], values[1:], valid)
    return tf.stop_gradient(tf.scan(step_back, steps, initializer=values[-1], reverse=True))


def n_step_returns(rewards: tf.Tensor, discounts: tf.Tensor, values: tf.Tensor, num_steps: int,
                   valid: tf.Tensor | None = None) -> tf.Tensor:
    """Discounted sums of the next `num_steps` rewards, and the value of where they lead.

        G^0_t = V_t
        G^n_t = r_t + discount_t * G^{n-1}_{t+1},   G^n_T = V_T
        G^n_t = V_t where step t is void

    Near the end of the trajectory fewer steps are left, and the sum ends with V_T. With
    `num_steps` >= T every sum does: the returns of A3C (Mnih et al. 2016, algorithm S3), equal to
    `lambda_returns` with lambda = 1.

    Args:
        rewards: float32 [T, B].
        discounts: float32 [T, B], the discount factor included; 0 where a terminal state follows.
        values: float32 [T+1, B], value of every state.
        num_steps: n, at least 1.
        valid: bool [T, B], False at void steps; None when all steps are valid.

    Returns:
        float32 [T, B]; no gradient.

    Raises:
        ValueError: when the shapes do not fit or `num_steps` is below 1.
    """
    if num_steps < 1:
        raise ValueError(f"num_steps: expected at least 1, got {num_steps}.")
    rewards, discounts, values, valid = _checked(rewards, discounts, values, valid)
    horizon = num_steps if rewards.shape[0] is None else min(num_steps, rewards.shape[0])
    returns = values[:-1]
    for _ in range(horizon):
        returns_tp1 = tf.concat([returns[1:], values[-1:]], axis=0)  # [T, B]
        returns = tf.where(valid, rewards + discounts * returns_tp1, values[:-1])
    return tf.stop_gradient(returns)


def generalized_advantages(rewards: tf.Tensor, discounts: tf.Tensor, values: tf.Tensor,
                           lambda_: float, valid: tf.Tensor | None = None) -> tf.Tensor:
    """Generalized advantage estimation: how much better an action was than its state promised.

        delta_t = r_t + discount_t * V_{t+1} - V_t
        A_t = delta_t + discount_t * lambda * A_{t+1},   A_T = 0
        A_t = 0 where step t is void

    Schulman et al. 2016 (arXiv:1506.02438), equation 16. It equals `lambda_returns` minus the
    values, and is computed so: the value loss and the advantage then share one recurrence.
    lambda = 0 gives the temporal difference error, lambda = 1 the A3C advantage.

    Args:
        rewards: float32 [T, B].
        discounts: float32 [T, B], the discount factor included; 0 where a terminal state follows.
        values: float32 [T+1, B], value of every state.
        lambda_: in [0, 1].
        valid: bool [T, B], False at void steps; None when all steps are valid.

    Returns:
        float32 [T, B]; no gradient.

    Raises:
        ValueError: when the shapes do not fit or lambda is outside [0, 1].
    """
    values = tf.convert_to_tensor(values)
    returns = lambda_returns(rewards, discounts, values, lambda_, valid)
    return tf.stop_gradient(returns - values[:-1])


def _checked(rewards, discounts, values, valid):
    rewards, discounts = tf.convert_to_tensor(rewards), tf.convert_to_tensor(discounts)
    values = tf.convert_to_tensor(values)
    valid = tf.ones_like(rewards, tf.bool) if valid is None else tf.convert_to_tensor(valid)
    shapes.require_time_batch(rewards=rewards, discounts=discounts, valid=valid)
    shapes.require_one_step_more(values=values, rewards=rewards)
    return rewards, discounts, values, valid
