"""Stages and groups of arguments."""

import numpy as np
import pytest

from environment import specs
from layers import action_plan
from tests import spec_library


def test_arguments_of_starcraft_fall_into_three_stages():
    action_spec = spec_library.starcraft_actions()
    stages = dict(zip([a.name for a in action_spec.arguments],
                      action_plan.stage_of_arguments(action_spec.uses), strict=True))
    assert stages["screen2"] == 2
    assert {n for n, s in stages.items() if s == 1} == {
        "screen", "minimap", "control_group_id", "select_unit_id"}


def test_two_arguments_of_one_type_are_never_in_one_stage():
    rng = np.random.default_rng(0)
    for _ in range(20):
        uses = rng.random((30, 8)) < 0.15
        stages = action_plan.stage_of_arguments(uses)
        for row in uses:
            used = [stages[i] for i in np.flatnonzero(row)]
            assert used == sorted(set(used))  # in order, each in a stage of its own


@pytest.mark.parametrize("autoregressive", [True, False])
def test_every_argument_is_planned_once(autoregressive):
    observation_spec, action_spec = spec_library.starcraft_like((16, 12), (8, 8))
    planes = observation_spec.of_kind(specs.Kind.PLANES)
    stages = action_plan.plan(action_spec, planes, (), autoregressive)
    assert len(stages) == (3 if autoregressive else 1)
    sizes = {name: size for stage in stages for group in stage
             for name, size in zip(group.names, group.sizes, strict=True)}
    assert sizes == {a.name: a.size for a in action_spec.arguments}
    for group in (g for stage in stages for g in stage):
        if group.choice_mask is not None:
            np.testing.assert_array_equal(group.choice_mask.sum(axis=1), group.sizes)


def test_places_find_their_map_by_name_then_by_size_then_any():
    screen = specs.ArraySpec("screen", specs.Kind.PLANES, (8, 8, 1), "uint8",
                             (specs.Feature("a"),))
    minimap = specs.ArraySpec("minimap", specs.Kind.PLANES, (4, 4, 1), "uint8",
                              (specs.Feature("a"),))
    arguments = tuple(specs.ArgumentSpec(n, p[0] * p[1], p) for n, p in
                      (("screen2", (8, 8)), ("world", (4, 4)), ("other", (5, 6))))
    action_spec = specs.ActionSpec(("a",), arguments, np.ones((1, 3), bool))
    for planes, expected in (
            ((screen, minimap), {"screen2": "screen", "world": "minimap", "other": "screen"}),
            ((), {"screen2": None, "world": None, "other": None})):
        groups = [g for s in action_plan.plan(action_spec, planes, (), True) for g in s]
        assert {g.names[0]: g.source for g in groups} == expected


def test_a_sequence_is_one_member_of_a_stage():
    observation_spec, action_spec = spec_library.raw_like()
    stages = action_plan.plan(action_spec, observation_spec.of_kind(specs.Kind.PLANES),
                              observation_spec.of_kind(specs.Kind.ENTITIES), True)
    names = [[group.names for group in stage] for stage in stages]
    assert names == [[("delay",)], [("queued",)], [tuple(f"unit_{slot}" for slot in range(5))],
                     [("target_unit",), ("world",)]]
    sequence = stages[2][0]
    assert sequence.is_sequence and sequence.points_to == "raw_units" and sequence.width == 13


def test_sequences_must_not_be_interrupted():
    arguments = [specs.ArgumentSpec("a", 4, points_to="units", sequence="s"),
                 specs.ArgumentSpec("b", 2),
                 specs.ArgumentSpec("c", 4, points_to="units", sequence="s")]
    with pytest.raises(ValueError, match="'s': expected its arguments side by side"):
        action_plan.members_of_stages(arguments)


def test_no_arguments_make_no_stages():
    _, action_spec = spec_library.gymnasium_like()
    assert action_plan.plan(action_spec, (), (), True) == ()
