"""The specs of an episode as text in its file: so that a file says itself what its arrays mean."""

import functools
import hashlib
import json
from typing import Any, NamedTuple

import numpy as np

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
    saved_facts, wanted_facts = _facts(saved), _facts(wanted)
    for fact in wanted_facts | saved_facts:
        pair = saved_facts.get(fact), wanted_facts.get(fact)
        if pair[0] != pair[1]:
            return f"{fact} is {_brief(*pair)} in the file, {_brief(*pair[::-1])} is wanted"
    return "the descriptions differ"


def _facts(specs: Specs) -> dict[str, Any]:
    """Everything that can differ, what says most first."""
    observation, action = specs
    facts: dict[str, Any] = {"the list of observation arrays": [a.name for a in observation.arrays]}
    for array in observation.arrays:
        where = f"observation array {array.name!r}:"
        facts[f"{where} the list of features"] = [feature.name for feature in array.features]
        facts[f"{where} the shape"] = list(array.shape)
        facts[f"{where} the type"] = f"{array.dtype} {array.kind.value}"
        for feature in array.features:
            facts[f"{where} feature {feature.name!r}"] = feature
    facts["the list of action arguments"] = [argument.name for argument in action.arguments]
    for argument in action.arguments:
        facts[f"action argument {argument.name!r}: the size"] = argument.size
        facts[f"action argument {argument.name!r}: the plane"] = argument.plane
        facts[f"action argument {argument.name!r}: what it points to"] = (
            argument.points_to, argument.sequence)
    facts["the list of action types"] = list(action.action_types)
    return facts


def _brief(value: Any, other: Any) -> str:
    """A value; of a long list only what the other one lacks."""
    if isinstance(value, list) and len(value) > 12:
        own = [item for item in value if not isinstance(other, list) or item not in other]
        return f"{len(value)} long (only there: {', '.join(map(str, own[:5])) or 'nothing'})"
    return str(value)
