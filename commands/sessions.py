"""Sessions: a workspace, a world and an agent in it, shared by training and evaluation."""

import contextlib
import functools
import os
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import utils
from commands import worlds


class Session(NamedTuple):
    """What training and evaluation share."""

    options: types.SimpleNamespace
    folder: utils.RunFolder
    world: worlds.World
    agent: Any
    checkpointer: utils.Checkpointer
    strategy: Any = None  # tf.distribute.Strategy, with several GPUs

    def who_plays(self) -> dict[str, Any]:
        """What has to be known to play the same episodes again, for a file of results."""
        options = self.options
        return {"environment": options.environment, "model_name": options.model_name,
                "model": str(options.checkpoint) if options.checkpoint else None,
                "seed": options.seed, "greedy": options.greedy, "temperature": options.temperature}


def open_session(options: types.SimpleNamespace) -> Session:
    """Checks everything that can be wrong and makes the agent.

    Raises:
        utils.UserError: the environment, a size, the dataset or the workspace is impossible.
    """
    folder = utils.RunFolder(options.workspace_path)
    if options.environment:  # a dataset has its own
        with user_errors(ValueError):
            worlds.check_environment(options)
    num_gpus = utils.set_up_tensorflow(options.gpu_use, options.num_threads)
    import tensorflow as tf

    with user_errors(ValueError):
        world = worlds.make_world(options)
    strategy = tf.distribute.MirroredStrategy() if options.sl_training and num_gpus > 1 else None
    utils.seed_everything(options.seed)
    with strategy.scope() if strategy else contextlib.nullcontext():
        agent = make_agent(options, world)
    return Session(options, folder, world, agent, utils.Checkpointer(world.description), strategy)


def make_agent(options: types.SimpleNamespace, world: worlds.World) -> Any:
    """An agent with new weights."""
    return _build(options.model_name, options.size, (world.observation_spec, world.action_spec),
                  options.seed)


def load_agent(checkpoint: Path, seed: int) -> Any:
    """The agent that a checkpoint was saved of.

    Raises:
        utils.UserError: the checkpoint is missing or damaged.
    """
    description = utils.read_header(checkpoint)["description"]
    loaded = _build(description["model_name"], description["size"],
                    worlds.described_specs(description), seed)
    utils.Checkpointer(description).restore(checkpoint, {"network": loaded.network.variables})
    return loaded


def _build(model_name: str, size: str, specs: tuple[Any, Any], seed: int) -> Any:
    import agent
    import network

    return agent.Agent(network.build(model_name, *specs, size), *specs, seed)


@contextlib.contextmanager
def user_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Around what can only fail because of what the user gave."""
    try:
        yield
    except kinds as error:
        raise utils.UserError(" ".join(str(error).split())) from error


def parallel(session: Session, num_environments: int, seed: int) -> Any:
    """Environments in worker processes; `seed` decides their games."""
    from environment import parallel as games

    world = session.world
    make = functools.partial(utils.make_task, world.task, seed) if world.task else (
        functools.partial(utils.make_environment, world.settings, seed))
    return games.ParallelEnvironments(
        make, num_environments,
        min(num_workers(session.options), num_environments), world.observation_spec,
        world.action_spec)


def num_workers(options: types.SimpleNamespace) -> int:
    """Processes that the games are spread over."""
    return min(os.cpu_count() or 1, 8) if options.num_workers is None else options.num_workers
