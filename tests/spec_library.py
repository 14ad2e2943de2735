"""Specs that tests of network and agent run on: StarCraft-like, Gymnasium-like, odd ones."""

import numpy as np

from environment import specs
from environment.specs import ArraySpec, Feature, Kind

_NUM_ACTION_TYPES = 573


def starcraft_like(screen=(16, 16), minimap=(16, 16), num_units=16, entities=True):
    """Feature layers, player, entities; 573 action types over pysc2's 13 arguments.

    Which action types take which arguments follows the counts of pysc2 4.0.0's FUNCTIONS.
    """
    arrays = [
        ArraySpec("screen", Kind.PLANES, (*screen, 2), "uint8",
                  (Feature("player_relative", 5), Feature("selected", 2))),
        ArraySpec("player", Kind.VECTOR, (4,), "int32",
                  tuple(Feature(n, scale=5.0, log=True) for n in "abcd")),
        ArraySpec("available_actions", Kind.MASK, (_NUM_ACTION_TYPES,), "bool"),
    ]
    if entities:
        arrays += [
            ArraySpec("feature_units", Kind.ENTITIES, (num_units, 6), "int32",
                      (Feature("unit_type", 2000), Feature("alliance", 5),
                       Feature("x", scale=float(screen[1])), Feature("y", scale=float(screen[0])),
                       Feature("health", scale=100.0), Feature("is_selected", 2))),
            ArraySpec("control_groups", Kind.ENTITIES, (10, 2), "int32",
                      (Feature("unit_type", 2000), Feature("count", scale=10.0))),
        ]
    return specs.ObservationSpec(tuple(arrays)), starcraft_actions(screen, minimap)


def starcraft_actions(screen=(16, 16), minimap=(16, 16)):
    """573 action types over 13 arguments."""
    sizes = {"queued": 2, "control_group_act": 5, "control_group_id": 10, "select_point_act": 4,
             "select_add": 2, "select_unit_act": 4, "select_unit_id": 500, "select_worker": 4,
             "build_queue_id": 10, "unload_id": 500}
    arguments = [specs.ArgumentSpec(n, s) for n, s in sizes.items()]
    for name, plane in (("screen", screen), ("minimap", minimap), ("screen2", screen)):
        arguments.append(specs.ArgumentSpec(name, plane[0] * plane[1], plane))
    names = [a.name for a in arguments]
    signatures = [(), ("minimap",), ("select_point_act", "screen"),
                  ("select_add", "screen", "screen2"), ("control_group_act", "control_group_id"),
                  ("select_unit_act", "select_unit_id"), ("select_worker",), ("select_add",),
                  ("unload_id",), ("build_queue_id",), ("queued", "screen"), ("queued", "minimap")]
    uses = np.zeros((_NUM_ACTION_TYPES, len(names)), bool)
    for row in range(_NUM_ACTION_TYPES):
        signature = signatures[row] if row < len(signatures) else ("queued",)
        uses[row, [names.index(n) for n in signature]] = True
    return specs.ActionSpec(tuple(f"type_{i}" for i in range(_NUM_ACTION_TYPES)),
                            tuple(arguments), uses)


def raw_like(num_units=12, num_slots=5, resolution=16, minimap=(8, 8), num_delays=6):
    """The raw interface in small: delay, queued, a sequence of units, a target, a place.

    Which action types take which arguments is as in pysc2's RAW_FUNCTIONS: nothing, a place, units,
    and units with a place or with a target. No mask says what is available.
    """
    rows = (Feature("unit_type", 2000), Feature("alliance", 5), Feature("health", scale=100.0),
            Feature("x", scale=float(resolution)), Feature("y", scale=float(resolution)))
    observation_spec = specs.ObservationSpec((
        ArraySpec("raw_units", Kind.ENTITIES, (num_units, len(rows)), "uint16", rows),
        ArraySpec("minimap", Kind.PLANES, (*minimap, 2), "uint8",
                  (Feature("height_map", scale=255.0), Feature("player_relative", 5))),
        ArraySpec("player", Kind.VECTOR, (4,), "int32",
                  tuple(Feature(n, scale=5.0, log=True) for n in "abcd"))))
    units = [f"unit_{slot}" for slot in range(num_slots)]
    arguments = (
        specs.ArgumentSpec("delay", num_delays), specs.ArgumentSpec("queued", 2),
        *(specs.ArgumentSpec(n, num_units + 1, points_to="raw_units", sequence="units")
          for n in units),
        specs.ArgumentSpec("target_unit", num_units, points_to="raw_units"),
        specs.ArgumentSpec("world", resolution**2, (resolution, resolution)))
    taken = {"no_op": (), "camera": ("world",), "autocast": tuple(units),
             "stop": ("queued", *units), "move": ("queued", *units, "world"),
             "attack": ("queued", *units, "target_unit")}
    uses = np.array([[a.name == "delay" or a.name in names for a in arguments]
                     for names in taken.values()])
    return observation_spec, specs.ActionSpec(tuple(taken), arguments, uses)


def gymnasium_like(num_actions=3):
    """One vector, one discrete action, nothing forbidden."""
    features = tuple(Feature(n) for n in "abcd")
    return (specs.ObservationSpec((ArraySpec("vector", Kind.VECTOR, (4,), "float32", features),)),
            specs.ActionSpec(tuple(f"action_{i}" for i in range(num_actions)), (),
                             np.zeros((num_actions, 0), bool)))


def random_observation(spec, rng, leading):
    """Values that fit a spec: categories in range, some rows of entities absent."""
    observation = {}
    for array in spec.arrays:
        shape = (*leading, *array.shape)
        if array.kind is Kind.MASK:
            value = rng.random(shape) < 0.1
            value[..., 0] = True
        else:
            high = [f.num_categories or 10 for f in array.features]
            value = (rng.random(shape) * high).astype(array.dtype)
        if array.kind is Kind.ENTITIES:
            num_rows = rng.integers(0, array.shape[0] + 1, leading)
            present = np.arange(array.shape[0]) < num_rows[..., np.newaxis]
            value[..., 0] = np.maximum(value[..., 0], 1)
            value *= present[..., np.newaxis].astype(value.dtype)
        observation[array.name] = value
    spec.validate(observation, leading)
    return observation
