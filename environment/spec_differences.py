"""What is different first between two pairs of specs, in words for people."""

from typing import Any

from environment.specs import ActionSpec, ObservationSpec

Specs = tuple[ObservationSpec, ActionSpec]


def first(saved: Specs, wanted: Specs, where: str = "in the file") -> str | None:
    """What is different first, with both values; None for equal specs.

    Args:
        saved: what there is.
        wanted: what there should be.
        where: the saved one is.
    """
    saved_facts, wanted_facts = _facts(*saved), _facts(*wanted)
    for fact in wanted_facts | saved_facts:
        pair = saved_facts.get(fact), wanted_facts.get(fact)
        if pair[0] != pair[1]:
            return f"{fact} is {_brief(*pair)} {where}, {_brief(*pair[::-1])} is wanted"
    is_same = all(one.to_json() == other.to_json()
                  for one, other in zip(saved, wanted, strict=True))
    return None if is_same else "the descriptions differ"


def _facts(observation: ObservationSpec, action: ActionSpec) -> dict[str, Any]:
    """Everything that can differ, what says most first."""
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
