"""Where a player puts structures: cells that are free, out of the workers' way, with lanes left."""

import random
from collections.abc import Callable

import numpy as np

from minisc2.scripted import knowledge as knowledge_lib

SIZES = {"SupplyDepot": (2, 2), "Barracks": (3, 3), "Factory": (3, 3), "Starport": (3, 3),
         "EngineeringBay": (3, 3), "Armory": (3, 3), "Bunker": (3, 3), "MissileTurret": (2, 2),
         "CommandCenter": (5, 5), "OrbitalCommand": (5, 5), "PlanetaryFortress": (5, 5),
         "Refinery": (3, 3)}
"""(width, height) of structures in cells, as a player sees them stand on the grid."""

ADD_ON_CELLS = 2
"""Cells to the right that Barracks, Factory and Starport need for an add-on."""

_WITH_ADD_ON = frozenset(("Barracks", "Factory", "Starport"))
_MAX_STEP = 6
"""Cells whose heights differ by more than this (of 255) are not on the same level."""

_RAMP_MARGIN = 3

Place = tuple[float, float]


class Ground:
    """The player's idea of the building ground: what the map allows less what is in use."""

    def __init__(self, knowledge: knowledge_lib.MapKnowledge):
        """Everything that the map allows, except close to ramps, is free."""
        self._placement = knowledge.placement
        self._allowed = knowledge.placement.copy()
        self._height = knowledge.height.astype(np.int16)
        self._taken = np.zeros_like(self._allowed)
        self._bad: set[tuple[str, int, int]] = set()
        slopes = knowledge.pathing & ~knowledge.placement
        for y, x in np.argwhere(slopes):
            self._allowed[max(0, y - _RAMP_MARGIN):y + _RAMP_MARGIN + 1,
                          max(0, x - _RAMP_MARGIN):x + _RAMP_MARGIN + 1] = False

    def keep_free(self, start: Place, end: Place, width: float) -> None:
        """Nothing will be built within `width` cells of the line between two points."""
        rows, columns = np.indices(self._allowed.shape)
        x, y = columns + 0.5 - start[0], rows + 0.5 - start[1]
        dx, dy = end[0] - start[0], end[1] - start[1]
        along = np.clip((x * dx + y * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
        self._allowed &= np.hypot(x - along * dx, y - along * dy) > width

    def take(self, name: str, xy: Place) -> None:
        """A structure stands at a point, or is going to."""
        self._mark(name, xy, True)

    def release(self, name: str, xy: Place) -> None:
        """It does not stand there any more."""
        self._mark(name, xy, False)

    def refuse(self, name: str, xy: Place) -> None:
        """The game did not allow a structure at a point: it is not tried again."""
        self._bad.add((name, round(2 * xy[0]), round(2 * xy[1])))

    def is_free(self, name: str, xy: Place) -> bool:
        """Whether nothing known keeps a structure from standing at a point."""
        width, height = SIZES[name]
        left, bottom = round(xy[0] - width / 2), round(xy[1] - height / 2)
        if left < 0 or bottom < 0 or (name, round(2 * xy[0]), round(2 * xy[1])) in self._bad:
            return False
        cells = slice(bottom, bottom + height), slice(left, left + width)
        return bool(self._placement[cells].all() and not self._taken[cells].any())

    def _mark(self, name: str, xy: Place, is_taken: bool) -> None:
        width, height = SIZES[name]
        left, bottom = round(xy[0] - width / 2), round(xy[1] - height / 2)
        room = width + (ADD_ON_CELLS if name in _WITH_ADD_ON else 0)
        self._taken[bottom:bottom + height, left:left + room] = is_taken

    def find(self, name: str, wanted: Place, was_seen: Callable[[Place], bool],
             rng: random.Random, spread: float = 1.5, lane: int = 1) -> Place | None:
        """The free place for a structure nearest to a point, give or take some cells.

        Args:
            name: of the structure.
            wanted: world point; the structure will stand on its level.
            was_seen: whether the player ever saw a point: nobody builds elsewhere.
            rng: draws how far from the nearest place the choice may be.
            spread: standard deviation of the distances' noise in cells.
            lane: cells to leave between it and other structures.

        Returns:
            The world point of its centre; None without a free place.
        """
        width, height = SIZES[name]
        room = width + (ADD_ON_CELLS if name in _WITH_ADD_ON else 0)
        level = self._height[int(wanted[1]), int(wanted[0])]
        usable = self._allowed & (np.abs(self._height - level) <= _MAX_STEP)
        fits = _all_in_window(usable, room, height)
        fits &= _all_in_window(np.pad(~self._taken, lane, constant_values=True),
                               room + 2 * lane, height + 2 * lane)
        bottoms, lefts = np.nonzero(fits)
        if not bottoms.size:
            return None
        xs, ys = lefts + width / 2, bottoms + height / 2
        noise = np.random.default_rng(rng.getrandbits(32)).normal(0, spread, xs.size)
        for index in np.argsort(np.hypot(xs - wanted[0], ys - wanted[1]) + noise, kind="stable"):
            xy = (float(xs[index]), float(ys[index]))
            corners = [(xy[0] + side * width / 2, xy[1] + end * height / 2)
                       for side in (-1, 1) for end in (-1, 1)]
            if (name, round(2 * xy[0]), round(2 * xy[1])) not in self._bad and (
                    all(map(was_seen, corners))):
                return xy
        return None


def _all_in_window(cells: np.ndarray, width: int, height: int) -> np.ndarray:
    """Whether all cells of the window whose lower left cell is [row, column] are true."""
    sums = np.pad(cells.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    full = (sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width]
            + sums[:-height, :-width])
    return full == width * height
