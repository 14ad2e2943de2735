"""Where one kind of unit can walk, and its ways there.

A way is found once for everybody: from the goal a field of distances grows over the cells (by
Dijkstra's algorithm, without cutting blocked corners) until it covers whoever asks, and is kept
while nothing changes in it. A unit follows the field to its turning points and goes straight
between those that see each other.
"""

import array
import functools
import math

import numpy as np

Point = tuple[float, float]

_DIAGONAL = math.sqrt(2.0)
_MAX_FIELDS = 48
"""Fields kept; the one unused for longest goes first."""


class _Field:
    """Distances from one goal cell, grown as far as they were needed.

    No step is shorter than a cell, so those whose distances are cut to the same whole number do not
    depend on each other: the field grows from one such ring to the next, each in the order of
    distances, then of cells. That is the order of a priority queue without its price.

    Attributes:
        distances: cells to the goal by the index of the padded grid; infinite where not known yet.
        parents: index of the next cell on the way to the goal.
        turns: the way point that follows each way point, for those asked for.
    """

    __slots__ = ("_closed", "_end", "_rings", "distances", "parents", "turns")

    def __init__(self, goal: int, num_cells: int):
        self.distances = [math.inf] * num_cells
        self.parents = array.array("i", (goal,)) * num_cells  # a list would be dearer to collect
        self.turns: dict[int, int] = {}
        self._closed = bytearray(num_cells)
        self._end = 1.0  # distances in the first of the rings are smaller
        self._rings: tuple[list[int], list[int], list[int]] = [goal], [], []
        self.distances[goal] = 0.0

    def reaches(self, start: int, links: "_Links") -> bool:
        """Grows until `start` is covered; False when it cannot be."""
        closed, distances, parents = self._closed, self.distances, self.parents
        steps, steps_of = links.steps, _Links.steps_of(links.stride)
        ring, following, last = self._rings
        end = self._end
        while not closed[start] and (ring or following or last):
            end += 1.0
            ring.sort()
            ring.sort(key=distances.__getitem__)
            for cell in ring:
                if closed[cell]:
                    continue
                closed[cell] = 1
                beside, across = steps_of[cell - parents[cell]][steps[cell]]
                length = distances[cell] + 1.0
                for step in beside:
                    other = cell + step
                    if length < distances[other]:
                        distances[other] = length
                        parents[other] = cell
                        following.append(other)
                length = distances[cell] + _DIAGONAL
                outer = following if length < end else last
                for step in across:
                    other = cell + step
                    if length < distances[other]:
                        distances[other] = length
                        parents[other] = cell
                        outer.append(other)
            ring, following, last = following, last, []
        self._rings, self._end = (ring, following, last), end
        return bool(closed[start])


class _Links:
    """Which cells can be entered from each cell.

    Args:
        padded: bool [H + 2, W + 2], the free cells with a border of blocked ones.

    Attributes:
        steps: for each cell of the padded grid a set of steps, as `steps_of` numbers them.
        stride: cells in a row of it.
    """

    __slots__ = ("steps", "stride")

    def __init__(self, padded: np.ndarray):
        self.stride = padded.shape[1]
        free = padded[1:-1, 1:-1]
        right, left = padded[1:-1, 2:], padded[1:-1, :-2]
        up, down = padded[2:, 1:-1], padded[:-2, 1:-1]
        # Nobody cuts the corner of a blocked cell.
        possible = (right, left, up, down,
                    right & up & padded[2:, 2:], left & up & padded[2:, :-2],
                    right & down & padded[:-2, 2:], left & down & padded[:-2, :-2])
        steps = np.zeros(padded.shape, np.uint8)
        inner = steps[1:-1, 1:-1]
        for bit, is_possible in enumerate(possible):
            inner |= (free & is_possible).view(np.uint8) << bit
        self.steps = steps.tobytes()

    @staticmethod
    @functools.cache
    def steps_of(stride: int) -> dict[int, list[tuple[tuple[int, ...], tuple[int, ...]]]]:
        """Where a field grows from a cell, by the step from the cell's parent to it.

        Returns:
            For each of the steps, and for 0 at the goal: (steps to cells beside, steps across a
            corner) in each of the 256 sets of steps.
        """
        found = {}
        for came in ((0, 0), *_STEPS):
            found[came[1] * stride + came[0]] = rows = []
            for number in range(256):
                possible = [step for bit, step in enumerate(_STEPS) if number >> bit & 1]
                ahead = [step for step in possible if _is_ahead(step, came, possible)]
                rows.append(tuple([
                    tuple([y * stride + x for x, y in ahead if (x != 0 and y != 0) == is_across])
                    for is_across in (False, True)]))
        return found


_STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""From a cell to its neighbours, (columns, rows), by the bits of a set of steps."""


def _is_ahead(step: tuple[int, int], came: tuple[int, int], possible: list[tuple[int, int]]
              ) -> bool:
    """Whether a step can be part of a shortest way that came to its cell by another step.

    All other neighbours are nearer to the goal by the cell's parent, or by one beside both.
    """
    (x, y), (came_x, came_y) = step, came
    if came_x and came_y:
        return x * came_x >= 0 and y * came_y >= 0
    along = x * came_x + y * came_y
    # To the side, too, where the way across the corner before it is blocked; at the goal anywhere.
    return along > 0 or (along == 0 and (
        came == (0, 0) or (x - came_x, y - came_y) not in possible))


class Passages:
    """The free cells of one kind of unit.

    Args:
        free: bool [H, W], row is y.
        half_width: straight ways keep this far from blocked cells.

    Attributes:
        rows: a byte for each cell, row by row, 1 where it is free; with a border of blocked cells.
        stride: bytes in a row of it. The cell of a point of the map has the index
            (int(y) + 1) * stride + int(x) + 1.
    """

    def __init__(self, free: np.ndarray, half_width: float):
        self.half_width = half_width
        self._height, self._width = free.shape
        # A border of blocked cells spares every test for the edge of the map.
        self.stride = self._width + 2
        self._column_stride = self._height + 2
        self._fields: dict[int, _Field] = {}
        self._set(free)

    def _set(self, free: np.ndarray) -> None:
        padded = np.pad(free, 1)
        self._free = free
        self.rows = padded.tobytes()
        self._columns = padded.T.tobytes()
        self._links = _Links(padded)
        self._regions: list[int] | None = None
        self._region_grid: np.ndarray | None = None  # the same, in rows

    def update(self, free: np.ndarray, changed: tuple[int, int, int, int]) -> None:
        """Cells have changed, all of them in the rectangle `changed` (x0, y0, x1, y1)."""
        self._set(free)
        x0, y0, x1, y1 = changed
        cells = [(y + 1) * self.stride + x + 1
                 for y in range(max(y0 - 1, 0), min(y1 + 1, self._height))
                 for x in range(max(x0 - 1, 0), min(x1 + 1, self._width))]
        # A field that has not grown to a change is as good as before.
        self._fields = {
            goal: field for goal, field in self._fields.items()
            if all(field.distances[cell] == math.inf for cell in cells)}

    def _index(self, x: float, y: float) -> int:
        return (int(y) + 1) * self.stride + int(x) + 1

    def _center(self, cell: int) -> Point:
        row, column = divmod(cell, self.stride)
        return column - 0.5, row - 0.5

    def is_free(self, x: float, y: float) -> bool:
        """Whether the cell of a point is free; points off the map are not."""
        if not (0 <= x < self._width and 0 <= y < self._height):
            return False
        return bool(self.rows[(int(y) + 1) * self.stride + int(x) + 1])

    def is_clear(self, start: Point, goal: Point, half_width: float | None = None) -> bool:
        """Whether a straight strip between two points touches free cells only.

        Args:
            start: one end.
            goal: the other end.
            half_width: to both sides, in cells; None takes that of this kind of unit.
        """
        (a0, b0), (a1, b1) = start, goal
        cells, stride = self._columns, self._column_stride
        if abs(a1 - a0) < abs(b1 - b0):  # go along the longer axis, one line of cells at a time
            a0, b0, a1, b1 = b0, a0, b1, a1
            cells, stride = self.rows, self.stride
        if a0 > a1:
            a0, b0, a1, b1 = a1, b1, a0, b0
        slope = (b1 - b0) / (a1 - a0) if a1 > a0 else 0.0
        margin = ((self.half_width if half_width is None else half_width)
                  * math.sqrt(1.0 + slope * slope))
        first = int(a0)
        end = max(math.ceil(a1), first + 1)
        find, offset = cells.find, (first + 1) * stride + 1
        here = b0
        for line in range(first + 1, end + 1):
            there = b0 + slope * ((line if line < end else a1) - a0)
            low, high = ((here - margin, there + margin) if slope >= 0
                         else (there - margin, here + margin))
            if find(0, offset + int(low) if low > 0.0 else offset, offset + int(high) + 1) >= 0:
                return False
            offset += stride
            here = there
        return True

    def nearest_free(self, x: float, y: float, start: Point | None = None,
                     region_of: Point | None = None) -> Point | None:
        """The point itself, or the centre of a free cell as near as possible.

        Args:
            x: of the point.
            y: of the point.
            start: of cells that are about equally near, the one nearest to here is taken, so that
                structures are approached from the side one comes from.
            region_of: only cells that can be reached from this free point count.

        Returns:
            The free point; None if all is blocked.
        """
        if region_of is None and self.is_free(x, y):
            return x, y
        candidates = self._free
        if region_of is not None:
            regions = self._region_table()
            if self._region_grid is None:
                self._region_grid = np.array(regions, np.int32).reshape(-1, self.stride)
            candidates = self._region_grid[1:-1, 1:-1] == regions[self._index(*region_of)]
        free_y, free_x = np.nonzero(candidates)
        if free_x.size == 0:
            return None
        distances = (free_x + 0.5 - x) ** 2 + (free_y + 0.5 - y) ** 2
        if start is None:
            best = int(distances.argmin())
        else:
            is_near = np.sqrt(distances) <= math.sqrt(distances.min()) + 1.0
            to_start = (free_x + 0.5 - start[0]) ** 2 + (free_y + 0.5 - start[1]) ** 2
            best = int(np.where(is_near, to_start, np.inf).argmin())
        return float(free_x[best]) + 0.5, float(free_y[best]) + 0.5

    def are_connected(self, start: Point, goal: Point) -> bool:
        """Whether there is a way between two points of free cells."""
        regions = self._region_table()
        region = regions[self._index(*start)]
        return region > 0 and region == regions[self._index(*goal)]

    def _region_table(self) -> list[int]:
        """The number of the region of each cell of the padded grid, 0 where it is blocked."""
        if self._regions is None:
            self._regions = _regions(self.rows, self.stride)
        return self._regions

    def way(self, start: Point, goal: Point) -> list[Point]:
        """Way points between two points of free cells that are connected, without `start`."""
        first, last = self._index(*start), self._index(*goal)
        field = self._fields.pop(last, None)
        if field is None:
            if len(self._fields) >= _MAX_FIELDS:
                del self._fields[next(iter(self._fields))]
            field = _Field(last, len(self.rows))
        self._fields[last] = field
        if not field.reaches(first, self._links):
            raise ValueError(f"No way leads from {start} to {goal}; ask are_connected first.")
        points = []
        cell = self._furthest_seen(field, start, first)
        corner = self._center(cell)
        if not self.is_clear(start, goal if cell == last else corner, 0.0):
            points.append(self._center(first))
        while cell != last:
            points.append(self._center(cell))
            following = field.turns.get(cell)
            if following is None:
                following = field.turns[cell] = self._furthest_seen(
                    field, self._center(cell), cell)
            cell = following
        points.append(goal)
        return points

    def _furthest_seen(self, field: _Field, here: Point, cell: int) -> int:
        """The last cell of the way from `cell` on that can be walked to straight from `here`.

        Turning points are tried in a row, then the cells between the last one that is seen and the
        first one that is not. At least the way's next turning point or cell is taken.
        """
        parents = field.parents
        seen = first_hidden = before_hidden = 0
        last = cell
        while parents[cell] != cell:
            step = parents[cell] - cell
            while parents[cell] - cell == step:
                cell = parents[cell]
            if self.is_clear(here, self._center(cell)):
                seen, first_hidden = cell, 0
            elif first_hidden:
                break
            else:
                first_hidden, before_hidden = cell, last
            last = cell
        if not first_hidden:
            return seen or cell
        # Between two turning points all steps are alike.
        step = parents[before_hidden] - before_hidden
        near, far = 0, (first_hidden - before_hidden) // step
        while far - near > 1:
            middle = (near + far) // 2
            if self.is_clear(here, self._center(before_hidden + middle * step)):
                near = middle
            else:
                far = middle
        if near:
            return before_hidden + near * step
        return seen or parents[before_hidden]


def _regions(rows: bytes, stride: int) -> list[int]:
    """Numbers from 1 for connected free cells; runs of a row are joined with those below."""
    table = [0] * len(rows)
    parents = [0]

    def root(number: int) -> int:
        while parents[number] != number:
            number = parents[number]
        return number

    for row_start in range(0, len(rows), stride):
        cell = rows.find(1, row_start, row_start + stride)
        while cell >= 0:
            end = rows.find(0, cell, row_start + stride)
            number = len(parents)
            parents.append(number)
            table[cell:end] = [number] * (end - cell)
            for below in set(table[cell - stride:end - stride]) - {0}:
                low, high = sorted((root(below), root(number)))
                parents[high] = low
            cell = rows.find(1, end, row_start + stride)
    roots = [root(number) for number in range(len(parents))]
    return [roots[number] for number in table]
