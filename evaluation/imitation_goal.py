"""Measures whether an agent that learned from replays plays like its teachers, and wins like them.

    python -m evaluation.imitation_goal ./workspace --matches 4 --opponents very_easy
    python -m evaluation.imitation_goal ./workspace --matches 100
    python -m evaluation.imitation_goal ./workspace --matches 100 -- --greedy --num_workers 4

Loads the best model of a workspace and lets it play alone on Simple64, Terran against Terran, as
many matches against each opponent. Everything after `--` goes to run.py. An opponent that has been
played with the same flags is not played again. The tables go to the terminal, and everything to
`imitation_goal.json` in the workspace. The exit status is 0 if every goal is reached, 3 if one is
missed, 1 if something failed.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data import command_line
from evaluation import program, statistics, window

_RESULTS_FILE = "imitation_goal.json"
_GAME = ("--environment", "Simple64", "--race", "terran", "--opponent_race", "terran")
_FAILED, _MISSED = 1, 3

WIN_GOALS: Mapping[str, float] = {"very_easy": 0.8, "easy": 0.5}
"""By opponent: the share of matches to win."""

OPENING_GOAL = 0.9
"""Share of matches in which everything of `match_report.OPENING` is finished and an attack does
damage, over all opponents."""


def play(workspace: Path, opponent: str, num_matches: int, seed: int, flags: Sequence[str]
         ) -> dict[str, Any]:
    """Lets run.py play and returns what it has written.

    Raises:
        program.RunError: run.py failed.
    """
    program.run("--workspace_path", str(workspace), "--load", "--episodes", str(num_matches),
                "--opponent_difficulty", opponent, "--seed", str(seed), *_GAME, *flags)
    return json.loads((workspace / "evaluation.json").read_text())


def goals(played: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, statistics.Share, float]]:
    """What was to be reached.

    Args:
        played: by opponent, what run.py has written.

    Returns:
        Each goal in words, the share that was measured, and the share that is wanted.
    """
    found = [(f"wins against {name}", _share(figures["won"]), WIN_GOALS[name])
             for name, figures in played.items() if name in WIN_GOALS]
    both = [figures["opening_and_attack"] for figures in played.values()]
    wanted = ", ".join(f"{least} {name}" for name, least in
                       next(iter(played.values()))["wanted"].items())
    return [*found, (f"finishes {wanted} and attacks", statistics.share(
        sum(one["num"] for one in both), sum(one["of"] for one in both)), OPENING_GOAL)]


def _share(figures: Mapping[str, Any]) -> statistics.Share:
    return statistics.share(figures["num"], figures["of"])


def matches_table(played: Mapping[str, Mapping[str, Any]]) -> str:
    """One row an opponent, as Markdown."""
    columns = ("opponent", "matches", "won (95 %)", "lost", "tied", "undecided",
               "opening and attack (95 %)", "minutes", "actions a minute", "build order: edits")
    rows = [columns, ("---",) * len(columns)]
    for name, figures in played.items():
        results, closeness = figures["results"], figures["closeness"]
        edits = "-" if closeness is None else (
            f"{closeness['types']:.1f} (data: {_or_dash(closeness['dataset_types'])})")
        rows.append((
            name, str(figures["num_matches"]), str(_share(figures["won"])),
            *(str(results[result]) for result in ("defeat", "tie", "undecided")),
            str(_share(figures["opening_and_attack"])),
            f"{figures['mean_game_loops'] / window.GAME_LOOPS_PER_SECOND / 60:.1f}",
            f"{figures['actions_per_minute']:.0f}", edits))
    return _markdown(rows)


def _or_dash(number: float | None) -> str:
    return "-" if number is None else f"{number:.1f}"


def build_table(played: Mapping[str, Mapping[str, Any]]) -> str:
    """One row a unit type, as Markdown: in how many matches it was finished, and how many of it."""
    names = sorted({name for figures in played.values() for name in figures["finished"]},
                   key=lambda name: -sum(figures["finished"].get(name, {"mean": 0})["mean"]
                                         for figures in played.values()))
    rows = [("finished", *(f"{text} {opponent}" for opponent in played
                           for text in ("matches against", "mean number against")))]
    rows.append(("---",) * len(rows[0]))
    for name in names:
        cells = []
        for figures in played.values():
            found = figures["finished"].get(name)
            cells += ["0 %", "0"] if found is None else [
                str(_share(found["matches"])), f"{found['mean']:.1f}"]
        rows.append((name, *cells))
    return _markdown(rows)


def goals_table(found: Sequence[tuple[str, statistics.Share, float]]) -> str:
    """One row a goal, as Markdown."""
    rows = [("goal", "wanted", "measured (95 %)", ""), ("---",) * 4]
    rows += [(words, f"{100 * wanted:.0f} %", str(share),
              "reached" if share.value >= wanted else "missed") for words, share, wanted in found]
    return _markdown(rows)


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    arguments, flags = command_line.split_at_dashes(arguments)
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.imitation_goal", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path, help="workspace of run.py with a trained model")
    parser.add_argument("--matches", type=int, default=100,
                        help="against each opponent (default %(default)s)")
    parser.add_argument("--opponents", nargs="+", default=list(WIN_GOALS),
                        help="difficulties of the computer player (default: "
                        + " ".join(WIN_GOALS) + ")")
    parser.add_argument("--seed", type=int, default=1, help="of the matches (default %(default)s)")
    parsed = parser.parse_args(arguments)
    if parsed.matches < 1:
        parser.error(f"--matches has to be at least 1, not {parsed.matches}")
    parsed.flags = flags
    return parsed


def measure(parsed: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Plays against every opponent that has not been played; returns what was found, by opponent.

    Raises:
        program.RunError: run.py failed.
    """
    path = parsed.workspace / _RESULTS_FILE
    asked = {"matches": parsed.matches, "seed": parsed.seed, "flags": parsed.flags,
             "model": _model_time(parsed.workspace)}
    known = json.loads(path.read_text()) if path.exists() else {}
    played = known["played"] if known.get("asked") == asked else {}
    for opponent in parsed.opponents:
        if opponent not in played:
            played[opponent] = play(
                parsed.workspace, opponent, parsed.matches, parsed.seed, parsed.flags)
            path.write_text(json.dumps({"asked": asked, "played": played}, indent=1) + "\n")
    return {opponent: played[opponent] for opponent in parsed.opponents}


def _model_time(workspace: Path) -> list[float]:
    """When the models of a workspace were written: results of others are not theirs."""
    return sorted(path.stat().st_mtime for path in (workspace / "checkpoints").glob("*.npz"))


def main(arguments: Sequence[str]) -> int:
    """Measures and prints. Returns the exit status."""
    parsed = _parse(arguments)
    try:
        played = measure(parsed)
    except program.RunError as error:
        print(f"imitation_goal: {error}\nWhat was played before is kept in "
              f"{parsed.workspace / _RESULTS_FILE}.", file=sys.stderr)
        return _FAILED
    except (OSError, ValueError, KeyError) as error:
        print(f"imitation_goal: {parsed.workspace}: {type(error).__name__}: {error}",
              file=sys.stderr)
        return _FAILED
    found = goals(played)
    choices = {"the likeliest" if figures["greedy"]
               else f"sampled at a temperature of {figures['temperature']:g}"
               for figures in played.values()}
    print(f"\n{matches_table(played)}\n\nThe agent's choices are {' and '.join(sorted(choices))}."
          f"\n\n{build_table(played)}\n\n{goals_table(found)}")
    return 0 if all(share.value >= wanted for _, share, wanted in found) else _MISSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
