"""Actions of pysc2's raw interface: a function, its units, and a unit or a place it is meant for.

An action is a dictionary of int32: `action_type`, the id of one of pysc2's 564 raw functions,
`queued`, the units `unit_0`, `unit_1`, ..., `target_unit` and `world`. Units are named by their
rows in the array `raw_units` of the observation (see `raw_observations.unit_rows`); `unit_k` is the
row + 1, and 0 behind the last of them. `world` is the flat index `y * resolution + x`.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from environment import last_named, pysc2_compat
from environment.raw_observations import RAW_UNITS
from environment.specs import ACTION_TYPE, Action, ActionSpec, ArgumentSpec

pysc2_compat.install()

from pysc2.lib import actions as pysc2_actions

_TYPES = pysc2_actions.RAW_TYPES


class UnitsBeyondRowsError(ValueError):
    """A function call names units that have no row in the observation."""


class NoSuchUnitError(ValueError):
    """An action names no unit, or rows in which there is none."""


class RawActionCodec:
    """Turns actions of `spec` into pysc2's raw function calls and back.

    Args:
        resolution: pixels of a side of the whole map.
        max_units: rows of the array `raw_units`.
        max_selected: units that an action can name.

    Raises:
        ValueError: there is no room for a unit.
    """

    def __init__(self, resolution: int, max_units: int, max_selected: int):
        if min(max_units, max_selected, resolution) < 1:
            raise ValueError(f"Raw actions: expected room for at least one unit and pixel, got "
                             f"max_units {max_units}, max_selected {max_selected}, raw_resolution "
                             f"{resolution}.")
        self._units = tuple(f"unit_{number}" for number in range(max_selected))
        self._resolution, self._max_units = resolution, max_units
        arguments = (
            ArgumentSpec("queued", _TYPES.queued.sizes[0]),
            *(ArgumentSpec(name, max_units + 1, points_to=RAW_UNITS, sequence="units")
              for name in self._units),
            ArgumentSpec("target_unit", max_units, points_to=RAW_UNITS),
            ArgumentSpec("world", resolution**2, (resolution, resolution)))
        columns = {_TYPES.queued.name: ("queued",), _TYPES.unit_tags.name: self._units,
                   _TYPES.target_unit_tag.name: ("target_unit",), _TYPES.world.name: ("world",)}
        functions = list(pysc2_actions.RAW_FUNCTIONS)
        uses = np.zeros((len(functions), len(arguments)), np.bool_)
        for function in functions:
            taken = {name for argument in function.args for name in columns[argument.name]}
            uses[function.id] = [argument.name in taken for argument in arguments]
        self.spec = ActionSpec(tuple(function.name for function in functions), arguments, uses)
        self._arguments = [tuple(argument.name for argument in function.args)
                           for function in functions]

    def decode(self, action: Mapping[str, np.ndarray], rows: np.ndarray
               ) -> pysc2_actions.FunctionCall:
        """Makes the function call that an action means.

        Args:
            action: int32 [] each; arguments which the function does not take are not looked at.
            rows: of the observation in which it is done, by `raw_observations.unit_rows`.

        Raises:
            NoSuchUnitError: a row holds no unit, or there is no unit that is to act.
            ValueError: a value is out of its range.
        """
        function_id = int(action[ACTION_TYPE])
        if not 0 <= function_id < len(self._arguments):
            raise ValueError(f"Action component {ACTION_TYPE!r}: expected a function id in "
                             f"[0, {len(self._arguments)}), got {function_id}.")
        values = []
        for argument in self._arguments[function_id]:
            if argument == "unit_tags":
                named = last_named.named_rows(action, self._units)
                if not named:
                    raise NoSuchUnitError(f"{self.spec.action_types[function_id]}: expected a "
                                          "unit that is to do it, got none.")
                values.append([_unit(rows, row) for row in named])
            elif argument == "target_unit_tag":
                values.append([_unit(rows, int(action["target_unit"]))])
            elif argument == "world":
                place = _in_range("world", int(action["world"]), self._resolution**2)
                values.append([place % self._resolution, place // self._resolution])
            else:
                values.append([_in_range("queued", int(action["queued"]), 2)])
        return pysc2_actions.FunctionCall(function_id, values)

    def encode(self, call: pysc2_actions.FunctionCall, rows: np.ndarray) -> Action:
        """Makes the action that means this function call.

        Args:
            call: for example from pysc2's `reverse_raw_action`.
            rows: of the observation in which it was done, by `raw_observations.unit_rows`.

        Returns:
            int32 [] for every component, 0 for the arguments that the function does not take.
            Units beyond the rows, and beyond as many as an action can name, are left out.

        Raises:
            UnitsBeyondRowsError: none of its units is in the rows, or its target is not.
            ValueError: no such function, a wrong number of arguments, or a value out of range.
        """
        function_id = int(call.function)
        if not 0 <= function_id < len(self._arguments):
            raise ValueError(f"Function call: expected a function id in "
                             f"[0, {len(self._arguments)}), got {function_id}.")
        action = self.spec.zeros()
        action[ACTION_TYPE][...] = function_id
        row_of = {int(index): row for row, index in enumerate(rows)}
        for argument, value in zip(self._arguments[function_id], call.arguments, strict=True):
            numbers = [int(number) for number in np.ravel(value)]
            if argument == "unit_tags":
                self._encode_units(action, numbers, row_of)
            elif argument == "target_unit_tag":
                if numbers[0] not in row_of:
                    raise UnitsBeyondRowsError("The target is not among the rows.")
                action["target_unit"][...] = row_of[numbers[0]]
            elif argument == "world":
                x, y = (_in_range("world", number, self._resolution) for number in numbers)
                action["world"][...] = y * self._resolution + x
            else:
                action["queued"][...] = _in_range("queued", numbers[0], 2)
        return action

    def _encode_units(self, action: Action, indices: Sequence[int], row_of: Mapping[int, int]
                      ) -> None:
        named = [row_of[index] for index in indices if index in row_of]
        if not named:
            raise UnitsBeyondRowsError("None of the units is among the rows.")
        for name, row in zip(self._units, named, strict=False):
            action[name][...] = row + 1


def _in_range(name: str, value: int, size: int) -> int:
    if not 0 <= value < size:
        raise ValueError(f"Argument {name!r}: expected a value in [0, {size}), got {value}.")
    return value


def _unit(rows: np.ndarray, row: int) -> int:
    if not 0 <= row < len(rows):
        raise NoSuchUnitError(f"Units: expected rows in [0, {len(rows)}), got {row}.")
    return int(rows[row])
