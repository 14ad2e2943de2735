"""The specs of an episode as text in its file: so that a file says itself what its arrays mean."""

import functools
import hashlib
import json
from typing import NamedTuple

import numpy as np

from environment import spec_differences
from environment.specs import ActionSpec, ArgumentSpec, ArraySpec, Feature, Kind, ObservationSpec


class Specs(NamedTuple):
    """What the arrays of an episode mean."""

    observation: ObservationSpec
    action: ActionSpec


def encode(specs: Specs) -> str:
    """JSON; equal specs give equal texts."""
    return json.dumps({"observation": specs.observation.to_json(),
                       "action": specs.action.to_json()}, separators=(",", ":"))


@functools.lru_cache(maxsize=16)  # the files of a folder have one and the same
def decode(text: str) -> Specs:
    """The inverse of `encode`; equal texts give the same object.

    Raises:
        ValueError: the text describes no specs.
    """
    try:
        described = json.loads(text)
        arrays = tuple(ArraySpec(
            array["name"], Kind(array["kind"]), tuple(array["shape"]), array["dtype"],
            tuple(Feature(**feature) for feature in array["features"]))
            for array in described["observation"])
        action = described["action"]
        arguments = tuple(ArgumentSpec(
            argument["name"], argument["size"], argument["plane"] and tuple(argument["plane"]),
            argument.get("points_to"), argument.get("sequence"))
            for argument in action["arguments"])
        uses = np.zeros((len(action["action_types"]), len(arguments)), np.bool_)
        for row, columns in zip(uses, action["uses"], strict=True):
            row[columns] = True
        specs = Specs(ObservationSpec(arrays),
                      ActionSpec(tuple(action["action_types"]), arguments, uses))
    except (KeyError, TypeError, IndexError, AttributeError, RecursionError, ValueError) as error:
        raise ValueError(f"The text describes no specs: {type(error).__name__}: {error}") from error
    if encode(specs) != text:
        raise ValueError("The text describes specs with more or other fields than are known.")
    return specs


@functools.lru_cache(maxsize=16)
def fingerprints(specs: Specs) -> tuple[str, str]:
    """Of the observation and the action spec, 16 hexadecimal digits each; equal for equal specs."""
    return tuple(hashlib.sha256(json.dumps(spec.to_json()).encode()).hexdigest()[:16]
                 for spec in specs)


def first_difference(saved: Specs, wanted: Specs) -> str | None:
    """What is different first, with both values, as words; None for equal specs."""
    if saved is wanted or encode(saved) == encode(wanted):
        return None
    return spec_differences.first(saved, wanted)
