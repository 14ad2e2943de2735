"""What a series of matches says: win rate, pace, what was built, and how near to a dataset."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from environment.conditioning import Conditioning
from evaluation import build_orders, match_records, statistics, window
from evaluation.match_records import MatchRecord

OPENING: Mapping[str, int] = {"SupplyDepot": 1, "Barracks": 2, "Marine": 2}
"""What a Terran who plays with Marines has finished, by name of the unit type, at the least."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Closeness:
    """Edit distances of the first 20 units and structures to a dataset's (see `build_orders`).

    Attributes:
        types: mean distance to the nearest build order of the dataset, types only.
        types_and_places: likewise, with the places.
        dataset_types: the same between the build orders of the dataset; None for a single one.
        dataset_types_and_places: likewise.
        num_references: build orders of the dataset.
    """

    types: float
    types_and_places: float
    dataset_types: float | None
    dataset_types_and_places: float | None
    num_references: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """Figures over all matches of a series.

    Attributes:
        num_matches: all of them; how many ended in which way is in `results`.
        results: by name out of `match_records.RESULTS`.
        won: share of all matches that were won; who has not won by the limit has not won.
        mean_game_loops: length of a match; `min_` and `max_game_loops` the extremes.
        actions_per_minute: mean over matches of what is not a no_op.
        limited_share: of the wanted actions, how many the limit did not let through.
        refused_share: of the actions, how many commands the game did not take.
        finished: unit type -> share of matches in which at least one was finished, and the mean
            number.
        attacked: share of matches with an attack that did damage.
        opening: share of matches in which everything of `wanted` was finished.
        opening_and_attack: share of matches in which both happened.
        wanted: unit type -> how many at least.
        closeness: to the build orders of a dataset; None without one.
        edits_from_told: mean edit distance, types only, to the build order that the agent was told
            to follow; None if it was told none.
    """

    num_matches: int
    results: dict[str, int]
    won: statistics.Share
    mean_game_loops: float
    min_game_loops: int
    max_game_loops: int
    actions_per_minute: float
    limited_share: float
    refused_share: float
    finished: dict[str, tuple[statistics.Share, float]]
    attacked: statistics.Share
    opening: statistics.Share
    opening_and_attack: statistics.Share
    wanted: dict[str, int]
    closeness: Closeness | None
    edits_from_told: float | None

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON types."""
        return _plain(dataclasses.asdict(self) | {"finished": {
            name: {"matches": share, "mean": mean} for name, (share, mean) in
            self.finished.items()}})


def _plain(value: Any) -> Any:
    if isinstance(value, statistics.Share):
        return {"value": value.value, "num": value.num_hits, "of": value.num_trials,
                "interval": list(value.interval)}
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value


def make(records: Sequence[MatchRecord], references: build_orders.BuildOrders | None = None,
         wanted: Mapping[str, int] = OPENING, strategies: Sequence[Conditioning] = ()) -> Report:
    """Sums matches up.

    Args:
        records: at least one.
        references: build orders to compare with.
        wanted: what belongs to the opening that is looked for.
        strategies: that the agent was told, by the numbers in the records.

    Raises:
        ValueError: there is no match.
    """
    if not records:
        raise ValueError("records: expected at least one match, got none.")
    num = len(records)

    def share(holds: Sequence[bool]) -> statistics.Share:
        return statistics.share(sum(map(bool, holds)), num)

    opened = [all(r.finished.get(name, 0) >= least for name, least in wanted.items())
              for r in records]
    attacked = [r.first_attack is not None for r in records]
    lengths = [r.game_loops for r in records]
    num_actions = sum(r.num_actions for r in records)
    num_limited = sum(r.num_limited for r in records)
    names = sorted({name for r in records for name in r.finished})
    finished = {name: (share([r.finished.get(name, 0) for r in records]),
                       float(np.mean([r.finished.get(name, 0) for r in records])))
                for name in names}
    return Report(
        num_matches=num,
        results={name: sum(r.result == name for r in records) for name in match_records.RESULTS},
        won=share([r.result == match_records.VICTORY for r in records]),
        mean_game_loops=float(np.mean(lengths)), min_game_loops=min(lengths),
        max_game_loops=max(lengths),
        actions_per_minute=float(np.mean([r.actions_per_minute for r in records])),
        limited_share=num_limited / max(1, num_actions + num_limited),
        refused_share=sum(r.num_refused for r in records) / max(1, num_actions),
        finished=dict(sorted(finished.items(), key=lambda item: -item[1][0].num_hits)),
        attacked=share(attacked), opening=share(opened),
        opening_and_attack=share([a and b for a, b in zip(opened, attacked, strict=True)]),
        wanted=dict(wanted),
        closeness=_closeness(records, references) if references else None,
        edits_from_told=_edits_from_told(records, strategies))


def _closeness(records: Sequence[MatchRecord], references: build_orders.BuildOrders) -> Closeness:
    orders = build_orders.of_matches(records)
    return Closeness(
        types=float(build_orders.nearest(orders, references, False).mean()),
        types_and_places=float(build_orders.nearest(orders, references, True).mean()),
        dataset_types=build_orders.apart(references, False),
        dataset_types_and_places=build_orders.apart(references, True),
        num_references=len(references))


def _edits_from_told(records: Sequence[MatchRecord], strategies: Sequence[Conditioning]
                     ) -> float | None:
    followed = [record for record in records if record.told is not None]
    if not followed:
        return None
    told = build_orders.of_strategies([strategies[record.told] for record in followed])
    played = build_orders.of_matches(followed)
    return float(np.mean([
        build_orders.nearest(played.take(np.array([row])), told.take(np.array([row])), False)
        for row in range(len(followed))]))


def table(report: Report) -> str:
    """The report for the terminal."""
    minutes = report.mean_game_loops / window.GAME_LOOPS_PER_SECOND / 60
    results = ", ".join(f"{count} {name}" for name, count in report.results.items() if count)
    wanted = ", ".join(f"{least} {name}" for name, least in report.wanted.items())
    rows = [
        ("matches", f"{report.num_matches}: {results}"),
        ("win rate (95 % interval)", str(report.won)),
        ("game loops", (f"{report.mean_game_loops:,.0f} ({report.min_game_loops:,} to "
                        f"{report.max_game_loops:,}), {minutes:.1f} minutes")),
        ("actions a minute", (f"{report.actions_per_minute:.0f}; "
                              f"{100 * report.limited_share:.1f} % held back by the limit, "
                              f"{100 * report.refused_share:.1f} % refused by the game")),
        (f"finished {wanted}", str(report.opening)),
        ("attacked with damage", str(report.attacked)),
        ("both", str(report.opening_and_attack)),
    ]
    if report.closeness:
        close = report.closeness
        rows += [
            ("build order, edit distance", (f"{close.types:.1f} to the nearest of "
                                            f"{close.num_references} (theirs: "
                                            f"{_or_dash(close.dataset_types)})")),
            ("  places included", (f"{close.types_and_places:.1f} (theirs: "
                                   f"{_or_dash(close.dataset_types_and_places)})"))]
    if report.edits_from_told is not None:
        rows.append(("  from what it was told", f"{report.edits_from_told:.1f}"))
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {text}" for name, text in rows]
    if report.finished:
        lines += ["", f"{'finished':<24}  {'in matches (95 %)':<22}  mean number"]
        lines += [f"{name:<24}  {share!s:<22}  {mean:.1f}"
                  for name, (share, mean) in report.finished.items()]
    return "\n".join(lines)


def _or_dash(number: float | None) -> str:
    return "-" if number is None else f"{number:.1f}"
