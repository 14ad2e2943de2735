"""Plays episodes to learn from: an expert's, as .hkl files."""

from pathlib import Path
from typing import Any

from data import recording
from evaluation import matches


def collect(agent: Any, environments: recording.Environments, num_episodes: int,
            folder: str | Path, source: recording.Source, greedy: bool = False,
            observers: tuple[matches.Observer, ...] = ()) -> list[float]:
    """Plays until `num_episodes` have ended and are written, one file each.

    Args:
        agent: has `initial_state(batch_size)` and `step(observation, step_type, state, greedy)`:
            an `agent.Agent`, or one of `environment.scripted_agents`.
        environments: are reset first; of equal specs as the agent.
        num_episodes: at least 1.
        folder: is made; must hold no .hkl file.
        source: what the files say of where they come from.
        greedy: takes the likeliest action instead of sampling.
        observers: are told of every step and every episode.

    Returns:
        The scores of the episodes in the files, by environment and then by time.

    Raises:
        ValueError: there are episodes in the folder, or `num_episodes` is below 1.
        OSError: the folder or a file cannot be written.
    """
    recorded = recording.RecordedEnvironments(
        environments, num_episodes, recording.prepare_folder(folder), source)
    return matches.play(agent, recorded, num_episodes, greedy, observers)
