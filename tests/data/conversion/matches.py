"""Short matches of the embedded game, played live by an agent of random actions."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from data import hkl
from data.conversion import episodes, interfaces, players
from data.episode import Episode
from environment import observations, starcraft, starcraft_replay
from environment.specs import ACTION_TYPE, Action, Observation

SETTINGS: dict[str, Any] = {
    "screen_size": (16, 20), "minimap_size": (24, 16), "arrays": observations.ARRAY_NAMES,
    "screen_layers": interfaces.DEFAULT_SCREEN_LAYERS, "num_last_actions": 3}
"""Not square, and every array there is."""
STEPS = {"step_mul": 8, "no_op_interval": 8}
SEED = 5


class Played(NamedTuple):
    """A match as the agent saw it.

    Attributes:
        observations: of each step, the last one included.
        actions: of each step but the last.
        rewards: of each step but the last: what the action earned.
        replay: the file that was saved at the end.
    """

    observations: list[Observation]
    actions: list[Action]
    rewards: list[float]
    replay: Path


def make_environment(map_name: str) -> starcraft.StarcraftEnvironment:
    return starcraft.StarcraftEnvironment(starcraft.StarcraftSettings(
        map_name=map_name, race="terran", opponent_race="terran", game="minisc2", **SETTINGS), SEED)


def random_action(environment: Any, observation: Observation, rng: np.random.Generator) -> Action:
    """Something that is available, every third time nothing."""
    spec = environment.action_spec
    action = spec.zeros()
    if rng.random() < 0.67:
        chosen = rng.choice(np.flatnonzero(observation["available_actions"]))
        action[ACTION_TYPE][...] = chosen
        for argument, column in zip(spec.arguments, spec.uses.T, strict=True):
            if column[chosen]:
                action[argument.name][...] = rng.integers(argument.size)
    return action


def play(map_name: str, num_steps: int, folder: Path) -> Played:
    """Plays so many steps, or to the end if it comes earlier."""
    rng = np.random.default_rng(SEED)
    environment = make_environment(map_name)
    try:
        step = environment.reset()
        seen, done, rewards = [step.observation], [], []
        while len(done) < num_steps and not (done and step.step_type == 2):
            done.append(random_action(environment, step.observation, rng))
            step = environment.step(done[-1])
            seen.append(step.observation)
            rewards.append(float(step.reward))
        return Played(seen, done, rewards, Path(environment.save_replay(str(folder))))
    finally:
        environment.close()


def convert(replay: Path, player_id: int = 1, **changes: Any) -> Episode:
    """What the file of a player's episode holds, by the way through the file."""
    settings = interfaces.ConversionSettings(**SETTINGS | STEPS | changes)
    with starcraft_replay.ReplayGame("minisc2") as game:
        opened = game.open(replay.read_bytes())
        match = players.match(opened.info)
        episode = episodes.convert(game, opened, match, match.players[player_id - 1],
                                   interfaces.FeatureLayers(settings), settings)
    hkl.write(replay.with_suffix(".hkl"), episode)
    return hkl.read(replay.with_suffix(".hkl"))
