"""Ways around ground that cannot be walked on.

A `Ground` holds the cells that are blocked: cliffs of the map and footprints of structures. Ways
are found with A* over cells and pulled straight wherever the line of sight is free. Units are
points here; that they are round is `collision`'s business.
"""

import heapq
import math

import numpy as np

Point = tuple[float, float]
_DIAGONAL = math.sqrt(2.0)
_STEPS = tuple((dx, dy, _DIAGONAL if dx and dy else 1.0)
               for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy)

ROUNDED_WIDTH = 5
"""Units can walk over the corner cells of footprints this wide: town halls are round."""


class Ground:
    """Which cells can be walked on.

    Args:
        pathing_grid: uint8 [H, W], 1 where the map can be walked on.
        playable: (x0, y0, x1, y1), outside of which nothing moves.

    Attributes:
        has_obstacles: False while the whole playable area is free, so that every way is straight.
        version: changes with every change of the blocked cells.
    """

    def __init__(self, pathing_grid: np.ndarray, playable: tuple[int, int, int, int]):
        self._num_blockers = (pathing_grid == 0).astype(np.int16)
        self._playable = playable
        self.version = 0
        self._refresh()

    def _refresh(self) -> None:
        x0, y0, x1, y1 = self._playable
        self.has_obstacles = bool(self._num_blockers[y0:y1, x0:x1].any())
        # Nested lists are several times faster than NumPy for single cells.
        self._blocked = (self._num_blockers > 0).tolist()
        self.version += 1

    def block(self, x: float, y: float, size: tuple[int, int], amount: int = 1) -> None:
        """A structure of `size` cells (width, height) centred on a point appears (or goes, -1)."""
        width, height = size
        if width == 0:
            return
        left, bottom = round(x - width / 2), round(y - height / 2)
        self._num_blockers[max(0, bottom):bottom + height, max(0, left):left + width] += amount
        if width == height == ROUNDED_WIDTH:
            for row in (bottom, bottom + height - 1):
                for column in (left, left + width - 1):
                    if 0 <= row < self._num_blockers.shape[0] and (
                            0 <= column < self._num_blockers.shape[1]):
                        self._num_blockers[row, column] -= amount
        self._refresh()

    def grid(self) -> np.ndarray:
        """uint8 [H, W], 1 where ground units can walk now."""
        return (self._num_blockers <= 0).astype(np.uint8)

    def is_blocked(self, x: float, y: float) -> bool:
        """Whether the cell of a point cannot be walked on; points off the map cannot."""
        column, row = int(x), int(y)
        if column < 0 or row < 0 or row >= len(self._blocked) or column >= len(self._blocked[0]):
            return True
        return self._blocked[row][column]

    def clamp(self, x: float, y: float) -> Point:
        """The nearest point of the playable area."""
        x0, y0, x1, y1 = self._playable
        return min(max(x, x0), x1), min(max(y, y0), y1)

    def is_straight_way_free(self, x: float, y: float, goal_x: float, goal_y: float) -> bool:
        """Whether no blocked cell lies on a straight line (cell by cell along it)."""
        dx, dy = goal_x - x, goal_y - y
        length = math.hypot(dx, dy)
        num_samples = int(length * 4) + 1
        return not any(self.is_blocked(x + dx * i / num_samples, y + dy * i / num_samples)
                       for i in range(1, num_samples + 1))

    def nearest_free(self, x: float, y: float, start: Point | None = None) -> Point | None:
        """The point itself, or the centre of a free cell as near as possible.

        Args:
            x: of the point.
            y: of the point.
            start: of cells that are about equally near, the one nearest to here is taken, so that
                structures are approached from the side one comes from.

        Returns:
            The free point; None if all is blocked.
        """
        if not self.is_blocked(x, y):
            return x, y
        free_y, free_x = np.nonzero(self._num_blockers <= 0)
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

    def find_way(self, start: Point, goal: Point) -> list[Point]:
        """Way points from `start` (not included) to `goal`, or to the free point nearest to it.

        Returns:
            The way; empty when there is none.
        """
        free_goal = self.nearest_free(*goal, start)
        if free_goal is None:
            return []
        if not self.has_obstacles or self.is_straight_way_free(*start, *free_goal):
            return [free_goal]
        # Whoever stands on blocked ground (a structure was put there) first steps off it.
        free_start = self.nearest_free(*start)
        cells = self._search((int(free_start[0]), int(free_start[1])),
                             (int(free_goal[0]), int(free_goal[1])))
        if not cells:
            return []
        points = [(column + 0.5, row + 0.5) for column, row in cells[:-1]] + [free_goal]
        return self._pull_straight(start, points)

    def _search(self, start: tuple[int, int], goal: tuple[int, int]) -> list[tuple[int, int]]:
        """A* from cell to cell without cutting blocked corners; cells after `start`."""
        blocked = self._blocked
        height, width = len(blocked), len(blocked[0])
        cost = {start: 0.0}
        parent: dict[tuple[int, int], tuple[int, int]] = {}
        queue = [(0.0, start)]
        closed = set()
        while queue:
            _, cell = heapq.heappop(queue)
            if cell == goal:
                return self._trace(parent, start, goal)
            if cell in closed:
                continue
            closed.add(cell)
            column, row = cell
            for dx, dy, length in _STEPS:
                x, y = column + dx, row + dy
                if not (0 <= x < width and 0 <= y < height) or blocked[y][x]:
                    continue
                if dx and dy and (blocked[row][x] or blocked[y][column]):
                    continue
                total = cost[cell] + length
                if total < cost.get((x, y), math.inf):
                    cost[(x, y)] = total
                    parent[(x, y)] = cell
                    away_x, away_y = abs(goal[0] - x), abs(goal[1] - y)
                    estimate = max(away_x, away_y) + (_DIAGONAL - 1) * min(away_x, away_y)
                    heapq.heappush(queue, (total + estimate, (x, y)))
        return []

    @staticmethod
    def _trace(parent: dict[tuple[int, int], tuple[int, int]], start: tuple[int, int],
               goal: tuple[int, int]) -> list[tuple[int, int]]:
        cells = [goal]
        while cells[-1] != start:
            cells.append(parent.get(cells[-1], start))
        return cells[-2::-1] if len(cells) > 1 else cells

    def _pull_straight(self, start: Point, points: list[Point]) -> list[Point]:
        way = []
        here = start
        index = 0
        while index < len(points):
            furthest = index
            for candidate in range(len(points) - 1, index, -1):
                if self.is_straight_way_free(*here, *points[candidate]):
                    furthest = candidate
                    break
            here = points[furthest]
            way.append(here)
            index = furthest + 1
        return way

    def way_length(self, start: Point, goal: Point) -> float:
        """Length of the way between two points; 0 when there is none or it has no length."""
        if self.is_blocked(*goal):
            return 0.0
        way = self.find_way(start, goal)
        length = 0.0
        for x, y in way:
            length += math.hypot(x - start[0], y - start[1])
            start = (x, y)
        return length
