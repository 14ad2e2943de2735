"""How much each head of an action counts in a supervised loss."""

import dataclasses
from collections.abc import Sequence

from losses import supervised


@dataclasses.dataclass(frozen=True, kw_only=True)
class HeadWeights:
    """Weights by the kind of a head, so that one set serves every interface.

    Published sets are for the raw interface. In them `place` is the weight of the target location,
    `pointer` that of the target unit and `sequence` that of one slot of the selected units. The
    places of feature layers are weighted as a `place`, and their small arguments as `flat`.

    Attributes:
        action_type: of the action type.
        delay: of the argument "delay".
        flat: of arguments that are neither places nor rows, such as "queued".
        sequence: of each slot of a sequence of rows.
        pointer: of a single row.
        place: of a place.
        by_head: True divides the loss of a head by the number of steps that use it, False by the
            number of all steps. With True a rare argument is learned as eagerly as a frequent one.
    """

    action_type: float = 1.0
    delay: float = 1.0
    flat: float = 1.0
    sequence: float = 1.0
    pointer: float = 1.0
    place: float = 1.0
    by_head: bool = False

    def of(self, heads: Sequence[supervised.Head]) -> dict[str, float]:
        """The weight of every head by its name."""
        return {head.name: self._of(head) for head in heads}

    def _of(self, head: supervised.Head) -> float:
        if head.name in ("action_type", "delay"):
            return getattr(self, head.name)
        if head.is_sequence:
            return self.sequence
        if head.points_to is not None:
            return self.pointer
        return self.flat if head.plane is None else self.place


PRESETS = {
    "uniform": HeadWeights(),
    "unplugged": HeadWeights(action_type=40.0, delay=9.0, flat=1.0, sequence=5.0, pointer=30.0,
                             place=11.0),
    "di_star": HeadWeights(action_type=30.0, delay=9.0, flat=1.0, sequence=4.0, pointer=4.0,
                           place=8.0, by_head=True),
}
"""`uniform` is the plain sum of AlphaStar (Nature 2019), which publishes no weights. `unplugged` is
AlphaStar Unplugged (Mathieu et al. 2023, arXiv:2308.03526): its 320 for the mean over 64 slots is 5
a slot. `di_star` is DI-star (OpenDILab), supervised learning."""


def preset(name: str) -> HeadWeights:
    """A set of `PRESETS`.

    Raises:
        ValueError: there is none of this name.
    """
    if name not in PRESETS:
        raise ValueError(f"head weights: expected one of {list(PRESETS)}, got {name!r}.")
    return PRESETS[name]


def parse(words: Sequence[str]) -> HeadWeights:
    """Weights as a command line gives them: a preset, changes of single numbers, or both.

    Args:
        words: the name of a preset (`uniform` where there is none) and NAME=NUMBER.

    Raises:
        ValueError: two presets, an unknown one, an unknown number, or what is no number.
    """
    names = [word for word in words if "=" not in word]
    if len(names) > 1:
        raise ValueError(f"head weights: expected one preset, got {', '.join(names)}.")
    known = [field.name for field in dataclasses.fields(HeadWeights) if field.name != "by_head"]
    changes = {}
    for name, _, value in (word.partition("=") for word in words if "=" in word):
        if name not in known:
            raise ValueError(f"head weights: expected one of {known} before '=', got {name!r}.")
        try:
            changes[name] = float(value)
        except ValueError as error:
            raise ValueError(f"head weights: expected a number after '{name}=', got {value!r}."
                             ) from error
    return dataclasses.replace(preset(*names or ["uniform"]), **changes)
