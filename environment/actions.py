"""The one decoder from actions to pysc2's feature-layer function calls, and its inverse.

An action is a dictionary of int32: `action_type`, the id of one of pysc2's 573 functions, and the
13 kinds of argument. A place (screen, minimap, screen2) is the flat index `y * W + x`; pysc2 wants
(x, y).
"""

from collections.abc import Mapping

import numpy as np

from environment import pysc2_compat
from environment.specs import ACTION_TYPE, Action, ActionSpec, ArgumentSpec

pysc2_compat.install()

from pysc2.lib import actions as pysc2_actions

ARGUMENT_ORDER = (
    "queued", "control_group_act", "control_group_id", "select_point_act", "select_add",
    "select_unit_act", "select_unit_id", "select_worker", "build_queue_id", "unload_id",
    "screen", "minimap", "screen2",
)
"""Autoregressive order: what is to be done before where, and a corner before its opposite."""


def _argument_specs(screen_size: tuple[int, int],
                    minimap_size: tuple[int, int]) -> tuple[ArgumentSpec, ...]:
    planes = {"screen": screen_size, "screen2": screen_size, "minimap": minimap_size}
    specs = []
    for name in ARGUMENT_ORDER:
        if name in planes:
            height, width = planes[name]
            specs.append(ArgumentSpec(name, height * width, (height, width)))
        else:
            (size,) = getattr(pysc2_actions.TYPES, name).sizes
            specs.append(ArgumentSpec(name, size))
    return tuple(specs)


class ActionCodec:
    """Turns actions of `spec` into pysc2 function calls and back.

    Args:
        screen_size: (H, W) of the screen in pixels.
        minimap_size: (H, W) of the minimap in pixels.
    """

    def __init__(self, screen_size: tuple[int, int], minimap_size: tuple[int, int]):
        arguments = _argument_specs(screen_size, minimap_size)
        functions = list(pysc2_actions.FUNCTIONS)
        uses = np.zeros((len(functions), len(arguments)), np.bool_)
        for function in functions:
            for argument in function.args:
                uses[function.id, ARGUMENT_ORDER.index(argument.name)] = True
        self.spec = ActionSpec(tuple(function.name for function in functions), arguments, uses)
        by_name = {argument.name: argument for argument in arguments}
        # In the order in which pysc2 wants the arguments of each function.
        self._arguments = [tuple(by_name[argument.name] for argument in function.args)
                           for function in functions]

    def decode(self, action: Mapping[str, np.ndarray],
               available: np.ndarray | None = None) -> pysc2_actions.FunctionCall:
        """Makes the function call that an action means.

        Args:
            action: int32 [] each; arguments which the function does not take are not looked at.
            available: bool [573], which functions may be called, or None not to check this.

        Returns:
            A call for pysc2's `SC2Env.step`, of Python integers.

        Raises:
            ValueError: the function is not available, or a value is out of its range.
        """
        function_id = int(action[ACTION_TYPE])
        if not 0 <= function_id < len(self._arguments):
            raise ValueError(f"Action component {ACTION_TYPE!r}: expected a function id in "
                             f"[0, {len(self._arguments)}), got {function_id}.")
        if available is not None and not available[function_id]:
            names = [self.spec.action_types[i] for i in np.flatnonzero(available)]
            raise ValueError(f"Function {function_id} ({self.spec.action_types[function_id]}) is "
                             f"not available now; available are {', '.join(names)}. The agent "
                             "must mask its choice by the array available_actions.")
        values = []
        for argument in self._arguments[function_id]:
            value = int(action[argument.name])
            if not 0 <= value < argument.size:
                raise ValueError(f"Action component {argument.name!r}: expected a value in "
                                 f"[0, {argument.size}), got {value}.")
            if argument.plane is None:
                values.append([value])
            else:
                y, x = divmod(value, argument.plane[1])
                values.append([x, y])
        return pysc2_actions.FunctionCall(function_id, values)

    def encode(self, call: pysc2_actions.FunctionCall) -> Action:
        """Makes the action that means this function call; the inverse of `decode`.

        Args:
            call: a feature-layer function call, for example from pysc2's `reverse_action`.

        Returns:
            int32 [] for every component, 0 for the arguments that the function does not take.

        Raises:
            ValueError: no such function, a wrong number of arguments, or a value out of range.
        """
        function_id = int(call.function)
        if not 0 <= function_id < len(self._arguments):
            raise ValueError(f"Function call: expected a function id in "
                             f"[0, {len(self._arguments)}), got {function_id}.")
        arguments = self._arguments[function_id]
        if len(arguments) != len(call.arguments):
            raise ValueError(f"Function call of {self.spec.action_types[function_id]}: expected "
                             f"{len(arguments)} arguments, got {len(call.arguments)}.")
        action = self.spec.zeros()
        action[ACTION_TYPE][...] = function_id
        for argument, values in zip(arguments, call.arguments, strict=True):
            action[argument.name][...] = _flat_index(argument, [int(value) for value in values])
        return action


def _flat_index(argument: ArgumentSpec, values: list[int]) -> int:
    """The choice which pysc2's values of an argument mean: [index], or [x, y] of a place."""
    sizes = [argument.size] if argument.plane is None else [argument.plane[1], argument.plane[0]]
    if len(values) != len(sizes) or not all(
            0 <= value < size for value, size in zip(values, sizes, strict=True)):
        raise ValueError(f"Argument {argument.name!r}: expected a value below {sizes} for each of "
                         f"{len(sizes)}, got {values}.")
    return values[0] if argument.plane is None else values[1] * sizes[0] + values[0]
