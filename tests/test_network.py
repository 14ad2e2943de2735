"""Networks for any spec: shapes, parameters, what reaches which head."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import network
from environment import specs
from environment.specs import ArraySpec, Feature, Kind
from layers import categorical, choosing
from tests import spec_library


def _odd_plane_spec():
    """A minimap only, not square; places on it, and on a plane that no array has."""
    observation_spec = specs.ObservationSpec((ArraySpec(
        "minimap", Kind.PLANES, (6, 10, 2), "uint16", (Feature("height", scale=255.0),
                                                       Feature("unit_type", 300))),))
    arguments = (specs.ArgumentSpec("minimap", 60, (6, 10)), specs.ArgumentSpec("how", 3),
                 specs.ArgumentSpec("elsewhere", 15, (3, 5)))
    uses = np.array([[True, True, True], [False, False, False]])
    return observation_spec, specs.ActionSpec(("act", "wait"), arguments, uses)


def _no_plane_spec():
    """Entities and a mask without any map; still an argument that is a place."""
    observation_spec = specs.ObservationSpec((
        ArraySpec("units", Kind.ENTITIES, (5, 3), "int32",
                  (Feature("type", 9), Feature("x", scale=8.0), Feature("y", scale=8.0))),
        ArraySpec("available", Kind.MASK, (2,), "bool")))
    arguments = (specs.ArgumentSpec("where", 24, (4, 6)),)
    return observation_spec, specs.ActionSpec(("go", "stay"), arguments,
                                              np.array([[True], [False]]))


SPECS = {
    "starcraft": lambda: spec_library.starcraft_like(),
    "starcraft_not_square": lambda: spec_library.starcraft_like((10, 18), (7, 5)),
    "gymnasium": spec_library.gymnasium_like,
    "raw": spec_library.raw_like,
    "odd_planes": _odd_plane_spec,
    "no_planes": _no_plane_spec,
}


def _run(model, observation_spec, leading, seed=0, **changes):
    rng = np.random.default_rng(seed)
    observation = spec_library.random_observation(observation_spec, rng, (int(np.prod(leading)),))
    observation.update(changes)
    return model(observations={k: tf.constant(v) for k, v in observation.items()},
                 is_first=tf.zeros([leading[0] * leading[1]], bool),
                 state=model.initial_state(leading[1]), num_steps=leading[0],
                 chooser=choosing.MostProbable())


@pytest.mark.parametrize("spec_name", list(SPECS))
@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
@pytest.mark.parametrize("leading", [(1, 1), (3, 2)])
def test_shapes_follow_from_specs(model_name, spec_name, leading):
    observation_spec, action_spec = SPECS[spec_name]()
    model = network.build(model_name, observation_spec, action_spec, size="tiny")
    num_rows = leading[0] * leading[1]
    output = _run(model, observation_spec, leading)
    decision = output.decision
    assert decision.names[0] == specs.ACTION_TYPE
    assert sorted(decision.names) == sorted(action_spec.sizes)
    assert decision.choices.shape == decision.used.shape == (num_rows, len(action_spec.sizes))
    assert output.values.shape == (num_rows,)
    assert len(output.states) == leading[0]
    expected_state = model.initial_state(leading[1])
    tf.nest.assert_same_structure(output.states[-1], expected_state)
    for group, distribution in zip(model.heads.groups, decision.distributions, strict=True):
        assert distribution.logits.shape == (num_rows, len(group.names), group.width)
        assert np.isfinite(distribution.logits).all()
    for name, column in zip(decision.names, decision.choices.numpy().T, strict=True):
        assert (column >= 0).all() and (column < action_spec.sizes[name]).all()


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_small_size_fits_the_repository(model_name):
    model = network.build(model_name, *spec_library.starcraft_like(), size="small")
    assert model.count_params() * 4 < 5_000_000  # float32 bytes


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_all_variables_exist_after_build_and_no_more_come(model_name):
    observation_spec, action_spec = spec_library.starcraft_like()
    model = network.build(model_name, observation_spec, action_spec, size="tiny")
    before = [v.path for v in model.variables]
    assert len(before) > 10 and model.trainable_variables
    _run(model, observation_spec, (2, 3))
    assert [v.path for v in model.variables] == before


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_equal_seeds_make_equal_weights(model_name):
    weights = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        model = network.build(model_name, *spec_library.starcraft_like(), size="tiny")
        weights.append([v.numpy() for v in model.variables])
    assert all(np.array_equal(a, b) for a, b in zip(weights[0], weights[1], strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(weights[0], weights[2], strict=True))


@pytest.mark.parametrize("spec_name", ["starcraft", "starcraft_large", "raw"])
@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_untrained_policy_is_near_uniform(model_name, spec_name):
    keras.utils.set_random_seed(0)
    observation_spec, action_spec = (
        spec_library.raw_like() if spec_name == "raw" else
        spec_library.starcraft_like((32, 32), (32, 32)) if spec_name == "starcraft_large" else
        spec_library.starcraft_like())
    model = network.build(model_name, observation_spec, action_spec, size="small")
    available = np.zeros((4, action_spec.num_action_types), bool)
    available[:, :20] = True
    changes = {"available_actions": available} if spec_name != "raw" else {}
    decision = _run(model, observation_spec, (1, 4), **changes).decision
    for group, distribution in zip(model.heads.groups, decision.distributions, strict=True):
        allowed = distribution.logits.numpy() > categorical.FORBIDDEN / 2
        missing = np.log(np.maximum(allowed.sum(axis=-1), 1)) - distribution.entropy().numpy()
        assert missing[allowed.any(axis=-1)].max() < 0.4, group.names


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_every_array_reaches_policy_and_value(model_name):
    observation_spec, action_spec = spec_library.starcraft_like()
    keras.utils.set_random_seed(0)
    model = network.build(model_name, observation_spec, action_spec, size="tiny")
    rng = np.random.default_rng(0)
    base = spec_library.random_observation(observation_spec, rng, (2,))
    other = spec_library.random_observation(observation_spec, rng, (2,))
    reference = _run(model, observation_spec, (1, 2), **base)
    for array in observation_spec.arrays:
        if array.kind is Kind.MASK and model_name == "fullyconv":
            continue  # there it only forbids
        changed = _run(model, observation_spec, (1, 2), **{**base, array.name: other[array.name]})
        assert np.abs(changed.values - reference.values).max() > 1e-7, array.name


def _logits_after(model, observation_spec, action_type):
    """Logits of every group when this action type and every argument 0 are forced."""
    observation = spec_library.random_observation(observation_spec, np.random.default_rng(0), (1,))
    decision = model(
        observations={k: tf.constant(v) for k, v in observation.items()},
        is_first=tf.constant([True]), state=model.initial_state(1), num_steps=1,
        chooser=choosing.Given({
            name: tf.constant([action_type if name == specs.ACTION_TYPE else 0])
            for name in model.heads.names})).decision
    return {g.names: d.logits.numpy() for g, d in zip(
        model.heads.groups, decision.distributions, strict=True)}


@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_earlier_choices_change_later_logits_only_in_alphastar(model_name):
    observation_spec, action_spec = spec_library.starcraft_like()
    keras.utils.set_random_seed(0)
    model = network.build(model_name, observation_spec, action_spec, size="tiny")
    one, other = (_logits_after(model, observation_spec, t) for t in (3, 10))
    for names in one:
        changed = not np.array_equal(one[names], other[names])
        assert changed == (model_name == "alphastar" and names != (specs.ACTION_TYPE,))


def test_the_small_network_has_a_layer_more_where_it_sees_no_map():
    vectors = network.build("fullyconv", *spec_library.gymnasium_like(), "tiny")
    maps = network.build("fullyconv", *spec_library.starcraft_like(entities=False), "tiny")
    # 4 numbers, two layers of 16, 3 action types and a value.
    assert vectors.count_params() == (4 + 1) * 16 + (16 + 1) * 16 + (16 + 1) * (3 + 1)
    assert len(vectors.encoders()["core"]) == len(maps.encoders()["core"]) + 1


@pytest.mark.parametrize(("arguments", "message"), [
    (("resnet",), "Unknown model 'resnet'; known are fullyconv, alphastar"),
    (("fullyconv", "huge"), "Unknown size 'huge'; known are tiny, small, full")])
def test_unknown_names_are_refused(arguments, message):
    observation_spec, action_spec = spec_library.gymnasium_like()
    with pytest.raises(ValueError, match=message):
        network.build(arguments[0], observation_spec, action_spec, *arguments[1:])
    with pytest.raises(ValueError, match="Unknown model"):
        network.default_arrays("resnet")


def test_strategy_gates_the_action_type_where_it_is_told():
    observation_spec, action_spec = spec_library.starcraft_like()
    strategy = (
        ArraySpec("races", Kind.VECTOR, (2,), "uint8", (Feature("own", 4), Feature("other", 4))),
        ArraySpec("build_order", Kind.ENTITIES, (5, 2), "uint16",
                  (Feature("unit_type", 300), Feature("position", 6))),
        ArraySpec("cumulative_units", Kind.VECTOR, (70,), "uint8",
                  tuple(Feature(f"flag_{i}", 2) for i in range(70))))
    sizes = []
    for arrays in ((), strategy):
        spec = specs.ObservationSpec((*observation_spec.arrays, *arrays))
        model = network.build("alphastar", spec, action_spec, size="tiny")
        observation = {k: tf.constant(v) for k, v in spec_library.random_observation(
            spec, np.random.default_rng(0), (2,)).items()}
        encoding = model.encode(observation, tf.zeros([2], bool), model.initial_state(2), 1)
        sizes.append(encoding.context.shape[-1])
    # 8 numbers each: player and available_actions; then available_actions and the strategy.
    assert sizes == [2 * 8, 4 * 8]


@pytest.mark.parametrize(("points_to", "size", "message"), [
    ("cargo", 16, "points to 'cargo'; the entities observed are feature_units, control_groups"),
    ("feature_units", 15, "expected 16 choices for the 16 rows of 'feature_units', got 15")])
def test_pointers_to_nowhere_are_refused(points_to, size, message):
    observation_spec, _ = spec_library.starcraft_like()
    argument = specs.ArgumentSpec("target", size, points_to=points_to)
    action_spec = specs.ActionSpec(tuple(f"type_{i}" for i in range(573)), (argument,),
                                   np.ones((573, 1), bool))
    with pytest.raises(ValueError, match=message):
        network.build("alphastar", observation_spec, action_spec, size="tiny")


def test_mask_of_another_length_is_refused():
    observation_spec = specs.ObservationSpec((ArraySpec("mask", Kind.MASK, (5,), "bool"),))
    with pytest.raises(ValueError, match="at most one mask, of 3 action types"):
        network.build("fullyconv", observation_spec, spec_library.gymnasium_like(3)[1])


@pytest.mark.parametrize("spec_name", list(SPECS))
@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_description_counts_every_parameter_once(model_name, spec_name):
    model = network.build(model_name, *SPECS[spec_name](), size="tiny")
    lines = network.describe(model).split("\n")
    counts = {line.rsplit(maxsplit=2)[0].strip(): int(line.rsplit(maxsplit=2)[1].replace(",", ""))
              for line in lines}
    total = counts.pop("all")
    assert total == model.count_params() == sum(counts.values())
    assert {"head of action type", "head of value"} <= set(counts)
    if spec_name == "raw":
        assert {"head of unit_0 .. unit_4 (5)", "head of target_unit",
                "head of world"} <= set(counts)


@pytest.mark.slow
@pytest.mark.parametrize("spec_name", ["starcraft", "raw"])
@pytest.mark.parametrize("model_name", network.MODEL_NAMES)
def test_full_size_runs(model_name, spec_name):
    observation_spec, action_spec = (
        spec_library.starcraft_like((64, 64), (64, 64)) if spec_name == "starcraft"
        else spec_library.raw_like(num_units=512, num_slots=64, resolution=256, minimap=(128, 128)))
    model = network.build(model_name, observation_spec, action_spec, size="full")
    assert np.isfinite(_run(model, observation_spec, (2, 1)).values).all()
