"""The agent: acting equals learning, unused arguments are nothing, forbidden is forbidden."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import agent as agent_lib
import network
from environment import specs
from environment.specs import StepType
from layers import categorical
from tests import spec_library

_BATCH = 3
SPECS = {"starcraft": lambda: spec_library.starcraft_like((8, 12), (8, 8)),
         "raw": spec_library.raw_like}


def _agent(model_name, spec=None, seed=0, size="tiny"):
    observation_spec, action_spec = spec or spec_library.starcraft_like((8, 12), (8, 8))
    keras.utils.set_random_seed(0)
    model = network.build(model_name, observation_spec, action_spec, size=size)
    for variable in model.trainable_variables:  # not near zero: heads must disagree visibly
        noise = np.random.default_rng(hash(variable.shape) % 1000).normal(size=variable.shape)
        variable.assign_add(0.05 * noise)
    return agent_lib.Agent(model, observation_spec, action_spec, seed=seed)


def _experience(agent, length, seed=0, batch=_BATCH):
    rng = np.random.default_rng(seed)
    observations = spec_library.random_observation(
        agent.observation_spec, rng, (length + 1, batch))
    step_types = np.full((length + 1, batch), StepType.MID, np.int8)
    step_types[0, 0] = step_types[2:3, 1] = step_types[3:4] = StepType.FIRST
    return observations, step_types


def _play(agent, observations, step_types, state, greedy=False):
    steps = []
    for t in range(len(step_types) - 1):
        observation = {name: value[t] for name, value in observations.items()}
        step, state = agent.step(observation, step_types[t], state, greedy=greedy)
        steps.append(step)
    actions = {n: np.stack([s.action[n] for s in steps]) for n in agent.action_spec.sizes}
    return steps, actions, state


def _random_state(agent, batch=_BATCH):
    rng = np.random.default_rng(7)
    return tf.nest.map_structure(lambda leaf: tf.constant(rng.normal(size=leaf.shape), tf.float32),
                                 agent.initial_state(batch))


@pytest.mark.parametrize("spec_name", list(SPECS))
@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_step_equals_unroll(model_name, spec_name):
    agent = _agent(model_name, SPECS[spec_name]())
    observations, step_types = _experience(agent, length=5)
    state = _random_state(agent)
    steps, actions, final_state = _play(agent, observations, step_types, state)
    unroll = agent.unroll(observations, step_types, actions, state)
    for name in agent.action_spec.sizes:
        np.testing.assert_allclose(unroll.logits[name], [s.logits[name] for s in steps],
                                   rtol=1e-4, atol=1e-4, err_msg=name)
    total = sum(unroll.log_probs.values())
    np.testing.assert_allclose(total, [s.log_prob for s in steps], rtol=1e-4, atol=1e-4)
    assert unroll.values.shape == (6, _BATCH)
    np.testing.assert_allclose(unroll.values[:-1], [s.value for s in steps], rtol=1e-4, atol=1e-4)
    for a, b in zip(tf.nest.flatten(unroll.final_state), tf.nest.flatten(final_state),
                    strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("spec_name", list(SPECS))
def test_batch_equals_batches_of_one(spec_name):
    agent = _agent("alphastar", SPECS[spec_name]())
    observations, step_types = _experience(agent, length=3)
    state = _random_state(agent)
    _, actions, _ = _play(agent, observations, step_types, state)
    whole = agent.unroll(observations, step_types, actions, state)
    for lane in range(_BATCH):
        one = agent.unroll({n: v[:, lane:lane + 1] for n, v in observations.items()},
                           step_types[:, lane:lane + 1],
                           {n: v[:, lane:lane + 1] for n, v in actions.items()},
                           tf.nest.map_structure(lambda leaf, i=lane: leaf[i:i + 1], state))
        for part in ("logits", "log_probs", "entropies", "used"):
            for name, value in getattr(one, part).items():
                np.testing.assert_allclose(
                    value[:, 0], getattr(whole, part)[name][:, lane], rtol=1e-4, atol=1e-4,
                    err_msg=f"{part} of {name}")
        np.testing.assert_allclose(one.values[:, 0], whole.values[:, lane], rtol=1e-4, atol=1e-4)


def _unroll_of_units(agent, observations, actions):
    step_types = np.full(observations["player"].shape[:2], StepType.MID, np.int8)
    return agent.unroll(observations, step_types, actions, agent.initial_state(_BATCH))


def _raw_batch(num_rows=7):
    """Some rows exist in front, the rest is padding; actions name rows that exist."""
    agent = _agent("alphastar", spec_library.raw_like())
    observations, _ = _experience(agent, length=2)
    units = observations["raw_units"]
    units[..., 0] = np.arange(1, 1 + units.shape[-2])
    units[..., num_rows:, :] = 0
    actions = _teacher(agent.action_spec, np.random.default_rng(1), 2)
    for argument in agent.action_spec.arguments:
        if argument.points_to is not None:
            limit = num_rows + (argument.sequence is not None)
            actions[argument.name] = np.minimum(actions[argument.name], limit - 1)
    for t, b in np.ndindex(2, _BATCH):  # limiting may have named a row twice
        seen = set()
        for slot in ("unit_0", "unit_1", "unit_2", "unit_3", "unit_4"):
            row = int(actions[slot][t, b])
            actions[slot][t, b] = 0 if row in seen or 0 in seen else row
            seen.add(int(actions[slot][t, b]))
    return agent, observations, actions


def test_permuted_units_have_permuted_probabilities_and_nothing_else_changes():
    agent, observations, actions = _raw_batch()
    one = _unroll_of_units(agent, observations, actions)
    order = np.random.default_rng(2).permutation(12)
    new_row = np.argsort(order)
    permuted = {**observations, "raw_units": observations["raw_units"][:, :, order]}
    moved = dict(actions)
    columns = {}
    for argument in agent.action_spec.arguments:
        if argument.sequence is not None:
            value = actions[argument.name]
            moved[argument.name] = np.where(value > 0, new_row[value - 1] + 1, 0).astype(np.int32)
            columns[argument.name] = np.concatenate([[0], order + 1])
        elif argument.points_to is not None:
            moved[argument.name] = new_row[actions[argument.name]].astype(np.int32)
            columns[argument.name] = order
    other = _unroll_of_units(agent, permuted, moved)
    assert len(columns) == 6
    for name in agent.action_spec.sizes:
        expected = one.logits[name].numpy()
        if name in columns:
            expected = expected[..., columns[name]]
        np.testing.assert_allclose(other.logits[name], expected, rtol=1e-4, atol=1e-4,
                                   err_msg=name)
        np.testing.assert_allclose(other.log_probs[name], one.log_probs[name], atol=1e-4)
    np.testing.assert_allclose(other.values, one.values, atol=1e-5)


def test_padding_changes_nothing():
    agent, observations, actions = _raw_batch()
    one = _unroll_of_units(agent, observations, actions)
    filled = {**observations, "raw_units": observations["raw_units"].copy()}
    filled["raw_units"][:, :, 7:, 1:] = 3  # the first feature stays 0: no rows
    other = _unroll_of_units(agent, filled, actions)
    for name in agent.action_spec.sizes:
        np.testing.assert_allclose(other.logits[name], one.logits[name], atol=1e-4, err_msg=name)
    np.testing.assert_allclose(other.values, one.values, atol=1e-5)


def test_rows_that_do_not_exist_have_no_probability_and_are_never_chosen():
    agent, observations, _ = _raw_batch(num_rows=2)
    observations["raw_units"][:, 0] = 0  # and in the first lane there is none at all
    takes_rows = agent.action_spec.used_by["unit_0"] | agent.action_spec.used_by["target_unit"]
    state = agent.initial_state(_BATCH)
    for _ in range(10):
        step, state = agent.step({n: v[0] for n, v in observations.items()},
                                 np.full(_BATCH, StepType.MID, np.int8), state)
        agent.action_spec.validate(step.action, (_BATCH,))
        assert not takes_rows[step.action[specs.ACTION_TYPE][0]]
        units = np.stack([step.action[f"unit_{slot}"] for slot in range(5)], axis=-1)
        assert units.max() <= 2
        for lane in (1, 2):
            named = units[lane][units[lane] > 0]
            assert len(set(named)) == len(named)
            assert bool(len(named)) == bool(agent.action_spec.used_by["unit_0"][
                step.action[specs.ACTION_TYPE][lane]])
        probabilities = tf.nn.softmax(step.logits["target_unit"]).numpy()
        assert (probabilities[1:, 2:] == 0.0).all()


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_second_unroll_goes_on_where_the_first_ended(model_name):
    agent = _agent(model_name)
    observations, step_types = _experience(agent, length=6)
    step_types[4] = StepType.MID
    state = _random_state(agent)
    _, actions, _ = _play(agent, observations, step_types, state)

    def part(begin, end, state):
        return agent.unroll({n: v[begin:end + 1] for n, v in observations.items()},
                            step_types[begin:end + 1],
                            {n: v[begin:end] for n, v in actions.items()}, state)

    whole = part(0, 6, state)
    first = part(0, 4, state)
    second = part(4, 6, first.final_state)
    np.testing.assert_allclose(second.values, whole.values[4:], rtol=1e-4, atol=1e-5)


def test_state_is_reset_where_an_episode_begins():
    agent = _agent("alphastar")
    observations, _ = _experience(agent, length=1)
    observation = {n: v[0] for n, v in observations.items()}
    first = np.array([StepType.FIRST, StepType.MID, StepType.FIRST], np.int8)
    dirty, _ = agent.step(observation, first, _random_state(agent), greedy=True)
    clean, _ = agent.step(observation, first, agent.initial_state(_BATCH), greedy=True)
    same = np.isclose(dirty.value, clean.value, atol=1e-6)
    np.testing.assert_array_equal(same, [True, False, True])


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_unused_arguments_are_exactly_nothing(model_name):
    agent = _agent(model_name)
    observations, step_types = _experience(agent, length=4)
    spec = agent.action_spec
    rng = np.random.default_rng(0)
    actions = {n: rng.integers(0, s, (4, _BATCH)).astype(np.int32) for n, s in spec.sizes.items()}
    # Types 0 to 11 take every combination of arguments, among them some of later stages.
    actions[specs.ACTION_TYPE] = np.arange(12, dtype=np.int32).reshape(4, _BATCH)
    observations["available_actions"][..., :12] = True
    unroll = agent.unroll(observations, step_types, actions, agent.initial_state(_BATCH))
    used = spec.uses[actions[specs.ACTION_TYPE]]  # [T, B, arguments]
    assert used.any() and not used.all()
    for index, argument in enumerate(spec.arguments):
        unused = ~used[..., index]
        assert (unroll.log_probs[argument.name].numpy()[unused] == 0.0).all()
        assert (unroll.entropies[argument.name].numpy()[unused] == 0.0).all()
        assert (unroll.log_probs[argument.name].numpy()[~unused] < 0.0).all()
        assert (unroll.entropies[argument.name].numpy()[~unused] > 0.0).all()

    # What an unused argument says changes nothing at all.
    other = {n: rng.integers(0, s, (4, _BATCH)).astype(np.int32) for n, s in spec.sizes.items()}
    other[specs.ACTION_TYPE] = actions[specs.ACTION_TYPE]
    for index, argument in enumerate(spec.arguments):
        other[argument.name] = np.where(used[..., index], actions[argument.name],
                                        other[argument.name])
    again = agent.unroll(observations, step_types, other, agent.initial_state(_BATCH))
    for name in spec.sizes:
        np.testing.assert_array_equal(again.log_probs[name], unroll.log_probs[name])


def test_own_choices_are_those_of_greedy_steps_whatever_is_told_of_them():
    agent = _agent("alphastar", spec_library.raw_like())
    observations, step_types = _experience(agent, length=5)
    state = _random_state(agent)
    _, actions, _ = _play(agent, observations, step_types, state, greedy=True)
    slots = [a.name for a in agent.action_spec.arguments if a.sequence is not None]
    told = {**actions, **{name: np.zeros_like(actions[name]) for name in slots}}
    assert any(np.any(actions[name]) for name in slots)
    own = agent.own_choices(observations, step_types, told, state, slots)
    assert list(own) == slots
    for name in slots:
        np.testing.assert_array_equal(own[name], actions[name], err_msg=name)


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_unused_heads_get_no_gradient(model_name):
    agent = _agent(model_name)
    observations, step_types = _experience(agent, length=4)
    observations["available_actions"][:] = True
    actions = agent.action_spec.zeros((4, _BATCH))  # type 0 takes no argument
    with tf.GradientTape() as tape:
        unroll = agent.unroll(observations, step_types, actions, agent.initial_state(_BATCH))
        loss = tf.add_n([tf.reduce_sum(v) for v in (*unroll.log_probs.values(),
                                                    *unroll.entropies.values())])
    heads = agent.network.heads
    argument_weights = [v for stage in heads.stages for v in stage.trainable_variables]
    type_weights = heads.action_type.trainable_variables
    gradients = tape.gradient(loss, argument_weights + type_weights,
                              unconnected_gradients=tf.UnconnectedGradients.ZERO)
    for gradient in gradients[:len(argument_weights)]:
        np.testing.assert_array_equal(tf.convert_to_tensor(gradient), 0.0)
    assert all(np.abs(g).max() > 0.0 for g in gradients[len(argument_weights):])


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_unavailable_types_have_no_probability_and_are_never_chosen(model_name):
    agent = _agent(model_name)
    observation = agent.observation_spec.zeros((64,))
    available = np.random.default_rng(1).random((64, 573)) < 0.02
    available[:, 5] = True
    observation["available_actions"] = available
    state = agent.initial_state(64)
    step_type = np.full(64, StepType.MID, np.int8)
    for _ in range(20):
        step, state = agent.step(observation, step_type, state)
        assert available[np.arange(64), step.action[specs.ACTION_TYPE]].all()
        agent.action_spec.validate(step.action, (64,))
    logits = step.logits[specs.ACTION_TYPE].numpy()
    assert (logits[~available] == categorical.FORBIDDEN).all()
    assert (tf.nn.softmax(logits).numpy()[~available] == 0.0).all()


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_drawn_choices_follow_the_logits(model_name):
    agent = _agent(model_name, spec_library.gymnasium_like(3))
    observation = {"vector": np.tile(np.float32([0.3, -0.2, 0.5, 1.0]), (4000, 1))}
    step_type = np.zeros(4000, np.int8)
    step, _ = agent.step(observation, step_type, agent.initial_state(4000))
    probabilities = tf.nn.softmax(step.logits[specs.ACTION_TYPE][0]).numpy()
    frequencies = np.bincount(step.action[specs.ACTION_TYPE], minlength=3) / 4000
    np.testing.assert_allclose(frequencies, probabilities, atol=0.035)  # > 4 standard errors
    np.testing.assert_allclose(step.log_prob, np.log(probabilities)[
        step.action[specs.ACTION_TYPE]], rtol=1e-4)


def test_at_a_low_temperature_the_likeliest_choices_are_drawn():
    agent = _agent("alphastar", seed=3)
    observations, step_types = _experience(agent, length=6)
    state = agent.initial_state(_BATCH)
    _, likeliest, _ = _play(agent, observations, step_types, state, greedy=True)
    _, drawn, _ = _play(agent, observations, step_types, state)
    agent.temperature = 1e-6
    _, cold, _ = _play(agent, observations, step_types, state)
    assert any(not np.array_equal(drawn[name], likeliest[name]) for name in likeliest)
    for name, values in likeliest.items():
        np.testing.assert_array_equal(cold[name], values, name)


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_greedy_takes_the_most_probable(model_name):
    agent = _agent(model_name)
    observations, step_types = _experience(agent, length=4)
    steps, actions, _ = _play(agent, observations, step_types, agent.initial_state(_BATCH), True)
    for t, step in enumerate(steps):
        used = agent.action_spec.uses[actions[specs.ACTION_TYPE][t]]
        for name in agent.action_spec.sizes:
            best = step.logits[name].numpy().argmax(axis=-1)
            if name != specs.ACTION_TYPE:
                index = [a.name for a in agent.action_spec.arguments].index(name)
                best = best * used[:, index]
            np.testing.assert_array_equal(step.action[name], best)


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_equal_seeds_act_equally(model_name):
    plays = []
    for seed in (1, 1, 2):
        agent = _agent(model_name, seed=seed)
        observations, step_types = _experience(agent, length=4)
        plays.append(_play(agent, observations, step_types, agent.initial_state(_BATCH))[1])
    names = list(plays[0])
    assert all(np.array_equal(plays[0][n], plays[1][n]) for n in names)
    assert any(not np.array_equal(plays[0][n], plays[2][n]) for n in names)


def test_restored_generator_and_weights_go_on_alike():
    agent = _agent("alphastar", seed=1)
    observations, step_types = _experience(agent, length=4)
    _play(agent, observations, step_types, agent.initial_state(_BATCH))
    saved = [v.numpy() for v in (*agent.network.variables, agent.random_generator.state)]
    _, expected, _ = _play(agent, observations, step_types, agent.initial_state(_BATCH))

    keras.utils.set_random_seed(5)
    specs_ = agent.observation_spec, agent.action_spec
    other = agent_lib.Agent(network.build("alphastar", *specs_, size="tiny"), *specs_, seed=9)
    restored = (*other.network.variables, other.random_generator.state)
    for variable, value in zip(restored, saved, strict=True):
        variable.assign(value)
    _, actions, _ = _play(other, observations, step_types, other.initial_state(_BATCH))
    for name, action in expected.items():
        np.testing.assert_array_equal(actions[name], action)


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_nothing_is_traced_twice(model_name):
    agent = _agent(model_name)
    traces = []
    original = agent.network.encode
    agent.network.encode = lambda *args: traces.append(0) or original(*args)
    learn = tf.function(agent.unroll)
    for seed in range(3):
        observations, step_types = _experience(agent, length=4, seed=seed)
        _, actions, _ = _play(agent, observations, step_types, agent.initial_state(_BATCH))
        to_tensors = {n: tf.constant(v) for n, v in observations.items()}
        learn(to_tensors, tf.constant(step_types), {n: tf.constant(v) for n, v in actions.items()},
              agent.initial_state(_BATCH))
    assert len(traces) == 2  # one of step, one of unroll
    one = {n: v[0, :1] for n, v in observations.items()}  # another batch size is no new graph
    agent.step(one, step_types[0, :1], agent.initial_state(1))
    assert len(traces) == 2


def _teacher(spec, rng, length):
    """Actions of all types, with every argument that they take: what is to be learned by heart."""
    actions = {n: rng.integers(0, size, (length, _BATCH)).astype(np.int32)
               for n, size in spec.sizes.items()}
    actions[specs.ACTION_TYPE] = (np.arange(length * _BATCH, dtype=np.int32)
                                  % min(12, spec.num_action_types)).reshape(length, _BATCH)
    slots = [a.name for a in spec.arguments if a.sequence is not None]
    for t, b in np.ndindex(length, _BATCH):
        if slots:
            rows = rng.permutation(spec.sizes[slots[0]] - 1)[:rng.integers(1, len(slots) + 1)] + 1
            for slot, row in zip(slots, np.pad(rows, (0, len(slots) - len(rows))), strict=True):
                actions[slot][t, b] = row
    return actions


@pytest.mark.parametrize("spec_name", list(SPECS))
@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_learns_one_batch_by_heart(model_name, spec_name):
    agent = _agent(model_name, SPECS[spec_name]())
    observations, step_types = _experience(agent, length=4)
    rng = np.random.default_rng(0)
    for array in agent.observation_spec.of_kind(specs.Kind.MASK):
        observations[array.name][..., :12] = True
    if spec_name == "raw":  # every row exists
        units = observations["raw_units"]
        units[...] = rng.integers(1, 5, units.shape)
    actions = _teacher(agent.action_spec, rng, length=4)
    optimizer = keras.optimizers.Adam(1e-2)
    targets = rng.normal(size=(5, _BATCH)).astype(np.float32)

    @tf.function(autograph=False)
    def learn():
        with tf.GradientTape() as tape:
            unroll = agent.unroll(observations, step_types, actions,
                                  agent.initial_state(_BATCH))
            losses = {name: -tf.reduce_sum(unroll.log_probs[name])
                      / tf.maximum(tf.reduce_sum(used), 1.0) for name, used in unroll.used.items()}
            error = tf.reduce_mean(tf.square(unroll.values - targets))
            loss = error + tf.add_n(list(losses.values()))
        gradients = tape.gradient(loss, agent.trainable_variables)
        optimizer.apply_gradients(zip(gradients, agent.trainable_variables, strict=True))
        used = {name: tf.reduce_sum(used) for name, used in unroll.used.items()}
        return losses, error, used

    first, first_error, used = learn()
    for _ in range(30):
        for _ in range(20):
            last, error, _ = learn()
        if max(last.values()) < 0.04 and error < 0.04:
            break
    assert min(used.values()) > 0.0, used  # no head is left out
    assert max(first.values()) > 1.0 and first_error > 0.5
    assert max(last.values()) < 0.05, {n: float(v) for n, v in last.items()}
    assert error < 0.05


def test_unknown_length_is_refused():
    agent = _agent("fullyconv", spec_library.gymnasium_like())

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.int8)])
    def unroll(step_types):
        return agent.unroll({}, step_types, {}, ()).values

    with pytest.raises(ValueError, match="known number of steps"):
        unroll(np.zeros((3, 2), np.int8))
