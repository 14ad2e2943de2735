"""Trains over several seeds with run.py, one run after the other, and says what came out.

    python -m evaluation.learning_curves workspace/curves/fullyconv --seeds 5 --target 25 -- \\
        --environment MoveToBeacon --model_name fullyconv --max_agent_steps 200000

Everything after `--` goes to run.py. Every seed has a workspace of its own in the folder; a seed
that is already there is not trained again. When a run has ended, a fresh process loads its best
model and plays 100 episodes. The table goes to the terminal and to `results.json`.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data import command_line
from evaluation import curves, program


def train(workspace: Path, seed: int, flags: Sequence[str], num_episodes: int,
          training_flags: Sequence[str] = ()) -> dict[str, Any]:
    """Trains one seed, evaluates it in a fresh process and returns what happened.

    Args:
        workspace: of this seed.
        seed: of run.py.
        flags: of run.py, both times.
        num_episodes: of the evaluation.
        training_flags: of run.py when it trains, besides.

    Raises:
        program.RunError: run.py failed.
    """
    seeded = ("--workspace_path", str(workspace), "--seed", str(seed))
    started_at = time.time()
    program.run(*seeded, "--training", *flags, *training_flags)
    ended_at = time.time()
    program.run(*seeded, "--load_model", "--episodes", str(num_episodes), *flags)
    return {"seed": seed, "flags": [*flags, *training_flags], "started_at": started_at,
            "wall_seconds": ended_at - started_at,
            "evaluation": json.loads((workspace / "evaluation.json").read_text())}


def train_seeds(folder: Path, num_seeds: int, flags: Sequence[str], num_episodes: int,
                training_flags: Sequence[str] = ()
                ) -> tuple[list[dict[str, Any]], list[curves.Curve]]:
    """Trains the seeds 1, 2, ... that a folder lacks; returns results and curves of all of them.

    The arguments are as of `train`; every seed has a workspace in `folder`.

    Raises:
        program.RunError: run.py failed.
    """
    results, found = [], []
    for seed in range(1, num_seeds + 1):
        workspace = folder / f"seed-{seed}"
        file = workspace / "result.json"
        if not file.exists():
            print(f"Seed {seed} of {num_seeds}: {workspace}", flush=True)
            result = train(workspace, seed, flags, num_episodes, training_flags)
            file.write_text(json.dumps(result, indent=2))
        results.append(json.loads(file.read_text()))
        found.append(curves.read(workspace / "tensorboard"))
    (folder / "results.json").write_text(json.dumps(results, indent=2))
    return results, found


def table(results: Sequence[dict[str, Any]], found: Sequence[curves.Curve], target: float) -> str:
    """One row a seed, as Markdown: when the target was reached and what the model is worth.

    Time counts from the start of the process, imports included.
    """
    columns = ("seed", f"steps to {target:g}", f"episodes to {target:g}",
               f"seconds to {target:g}", "steps", "seconds", "evaluation (95 % interval)")
    rows = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    for result, curve in zip(results, found, strict=True):
        reached = curves.crossing(curve, target)
        steps, episodes, seconds = ("never",) * 3 if reached is None else (
            f"{reached.agent_steps:,}", f"{reached.num_episodes:,}",
            f"{reached.wall_seconds - result['started_at']:.0f}")
        evaluation = result["evaluation"]
        low, high = evaluation["interval"] or (np.nan, np.nan)
        rows.append(f"| {result['seed']} | {steps} | {episodes} | {seconds} | "
                    f"{curve.agent_steps[-1]:,} | {result['wall_seconds']:.0f} | "
                    f"{evaluation['mean']:.2f} ({low:.2f} to {high:.2f}) of "
                    f"{evaluation['num_episodes']} |")
    return "\n".join(rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], prog="learning_curves",
                                     epilog="Flags of run.py come last, behind --.")
    parser.add_argument("folder", type=Path, help="where the workspaces of the seeds go")
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 1")
    parser.add_argument("--target", type=float, default=25.0, help="score to be reached")
    parser.add_argument("--episodes", type=int, default=100, help="episodes of the evaluation")
    words, flags = command_line.split_at_dashes(sys.argv[1:] if argv is None else argv)
    options = parser.parse_args(words)
    try:
        results, found = train_seeds(options.folder, options.seeds, flags, options.episodes)
    except program.RunError as error:
        print(f"learning_curves: {error}", file=sys.stderr)
        return 1
    print(table(results, found, options.target))
    return 0


if __name__ == "__main__":
    sys.exit(main())
