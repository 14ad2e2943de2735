"""Shows what a cloned teacher is worth: learning alone, cloning the best, learning close to it.

    python -m evaluation.teaching workspace/lunar image/lunar_lander.png --seeds 5 --target 200 \\
        --environment LunarLander-v3 -- --max_minutes 60

1. Trains every seed alone, until the target is reached.
2. Lets the best of them play, and writes its episodes as files (or, with `--expert scripted`, lets
   the scripted agent of the environment play).
3. Trains a clone on these files.
4. Trains every seed again with the clone as teacher.

Everything after `--` goes to both trainings of run.py. What is already in the folder is not made
again, so a run that was stopped goes on. The picture has the scores over episodes; the table goes
to the terminal and to `teaching.json`.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from data import command_line
from evaluation import curves, learning_curves, program


class Findings(NamedTuple):
    """What came out.

    Attributes:
        alone: curves of the seeds that learned alone.
        taught: curves of those that learned with the teacher.
        expert: mean score of the episodes that were cloned.
        clone: mean score of the clone.
    """

    alone: list[curves.Curve]
    taught: list[curves.Curve]
    expert: float
    clone: float


def best_seed(results: Sequence[dict[str, Any]]) -> int:
    """The seed whose model scored best when it was evaluated."""
    return max(results, key=lambda result: result["evaluation"]["mean"])["seed"]


def collect(folder: Path, environment: str, expert: Path | None, num_episodes: int) -> float:
    """Writes an expert's episodes into `folder` / "episodes"; returns their mean score.

    Args:
        folder: of everything about the expert.
        environment: that is played.
        expert: workspace of an agent; None for the scripted one.
        num_episodes: that it plays.
    """
    found = folder / "collection.json"
    if not found.exists():
        workspace = expert or folder
        who = ("--load_model",) if expert else ("--expert", "scripted")
        program.run(*who, "--environment", environment, "--workspace_path", str(workspace),
                    "--episodes", str(num_episodes), "--collect_path", str(folder / "episodes"))
        if expert:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(expert / "collection.json", found)
    return json.loads(found.read_text())["mean"]


def clone(workspace: Path, environment: str, episodes: Path, num_episodes: int, num_epochs: int
          ) -> float:
    """Trains a clone on written episodes; returns its mean score.

    Args:
        workspace: of the clone.
        environment: that is played.
        episodes: folder of the files.
        num_episodes: that the clone plays.
        num_epochs: how often it sees each episode.
    """
    found = workspace / "evaluation.json"
    if not found.exists():
        same = ("--environment", environment, "--workspace_path", str(workspace))
        program.run("--training", "--sl_training", *same, "--model_name", "fullyconv",
                    "--replay_hkl_file_path", str(episodes), "--max_epochs", str(num_epochs))
        program.run("--load_model", *same, "--episodes", str(num_episodes))
    return json.loads(found.read_text())["mean"]


def table(findings: Findings, target: float) -> str:
    """How many episodes it took to reach a score, alone and with the teacher, as Markdown.

    A mean is given where all seeds reached it; the spread is the standard deviation over seeds.
    """
    rows = [f"| learning | episodes to {target:g}, by seed | mean | spread |",
            "| --- | --- | --- | --- |"]
    for label, runs in (("alone", findings.alone), ("with the teacher", findings.taught)):
        counts = episodes_to(runs, target)
        have_all = None not in counts
        mean, spread = (f"{np.mean(counts):.0f}", f"{np.std(counts):.0f}") if have_all else (
            "-", "-")
        told = ", ".join("never" if count is None else str(count) for count in counts)
        rows.append(f"| {label} | {told} | {mean} | {spread} |")
    scores = f"The expert scores {findings.expert:.1f}, its clone {findings.clone:.1f}."
    return "\n".join([*rows, "", scores])


def episodes_to(runs: Sequence[curves.Curve], target: float) -> list[int | None]:
    """Episodes until the mean of 100 was at least `target`, by run; None where it never was."""
    crossings = [curves.crossing(run, target) for run in runs]
    return [crossing and crossing.num_episodes for crossing in crossings]


def find(options: argparse.Namespace, flags: Sequence[str]) -> Findings:
    """Makes what is not there yet.

    Raises:
        program.RunError: run.py failed.
    """
    folder, environment = options.folder, options.environment
    training = ("--environment", environment, "--target_score", str(options.target), *flags)
    results, alone = learning_curves.train_seeds(
        folder / "alone", options.seeds, training, options.episodes)
    expert = None if options.expert == "scripted" else (
        folder / "alone" / f"seed-{best_seed(results)}")
    expert_score = collect(folder / "expert", environment, expert, options.episodes)
    clone_score = clone(folder / "clone", environment, folder / "expert" / "episodes",
                        options.episodes, options.epochs)
    teacher = ("--teacher_path", str(folder / "clone"),
               *(("--kl_cost", str(options.kl_cost)) if options.kl_cost is not None else ()))
    _, taught = learning_curves.train_seeds(
        folder / "taught", options.seeds, training, options.episodes, teacher)
    return Findings(alone, taught, expert_score, clone_score)


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], prog="teaching",
                                     epilog="Flags of run.py come last, behind --.")
    parser.add_argument("folder", type=Path, help="where everything goes")
    parser.add_argument("picture", type=Path, help="the file to write, .png or .svg")
    parser.add_argument("--environment", default="LunarLander-v3", help="that is played")
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 1")
    parser.add_argument("--target", type=float, default=200.0, help="score to be reached")
    parser.add_argument("--expert", choices=("agent", "scripted"), default="agent",
                        help="who is cloned: the best of those who learned alone, or the scripted "
                        "agent of the environment")
    parser.add_argument("--episodes", type=int, default=100,
                        help="episodes to clone, and of every evaluation")
    parser.add_argument("--epochs", type=int, default=20,
                        help="how often the clone sees the episodes")
    parser.add_argument("--kl_cost", type=float, help="weight of the teacher (default: of run.py)")
    words, flags = command_line.split_at_dashes(sys.argv[1:] if argv is None else argv)
    options = parser.parse_args(words)
    try:
        findings = find(options, flags)
    except program.RunError as error:
        print(f"teaching: {error}", file=sys.stderr)
        return 1
    curves.draw_episodes(
        options.picture, {"A2C": findings.alone, "A2C with a teacher": findings.taught},
        options.environment, {"the clone": findings.clone})
    (options.folder / "teaching.json").write_text(json.dumps({
        "target": options.target, "expert": findings.expert, "clone": findings.clone,
        "alone": episodes_to(findings.alone, options.target),
        "taught": episodes_to(findings.taught, options.target)}, indent=2))
    print(f"{table(findings, options.target)}\nWritten to {options.picture}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
