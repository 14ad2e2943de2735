"""Where a replay says that units will be: places and loops that their movement has to lead to."""

import bisect
import collections
from collections.abc import Iterable

from minisc2.reconstruction import chronicle, inputs

Point = tuple[float, float]


class Appointments:
    """Known places of each unit, by loop: where it fought, was aimed at, or died."""

    def __init__(self, story: chronicle.Chronicle, given: Iterable[inputs.Input]):
        """Collects them from what happened and from what commands were aimed at."""
        found: dict[int, list[tuple[int, Point]]] = collections.defaultdict(list)
        for one in story.happenings:
            if isinstance(one, chronicle.Placed):
                for tag, xy in one.places:
                    found[tag].append((one.loop, xy))
            elif isinstance(one, chronicle.Died):
                found[one.tag].append((one.loop, one.xy))
        for one in given:
            if isinstance(one, inputs.Command) and one.target_tag and one.target_xy is not None:
                found[one.target_tag].append((one.loop, one.target_xy))
        self._places = {tag: sorted(places) for tag, places in found.items()}

    def following(self, tag: int, loop: int) -> tuple[int, Point] | None:
        """The first known place of a unit after a loop, or None."""
        places = self._places.get(tag)
        if places is None:
            return None
        index = bisect.bisect_right(places, loop, key=lambda place: place[0])
        return places[index] if index < len(places) else None
