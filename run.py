"""Trains an agent to play StarCraft II, and plays with a trained one.

    python run.py --training --max_minutes 2
    python run.py --load_model --episodes 20
    python run.py --load_model --visualize
    python run.py --load_model --episodes 1 --video clip.mp4
    python run.py --environment CollectMineralShards --model_name alphastar --training
    tensorboard --logdir ./workspace/tensorboard

`python run.py --help` lists every flag. A run that is stopped with Ctrl-C saves first, and goes on
where it was with `--training --load_model`.
"""

import contextlib
import dataclasses
import functools
import operator
import os
import signal
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from absl import flags

import utils

MODEL_NAMES = ("fullyconv", "alphastar")
SIZES = ("tiny", "small", "full")
GAMES = ("auto", "minisc2", "starcraft2")
BUNDLED = Path(__file__).parent / "evaluation" / "bundled"
LEARNER_PRESETS: dict[str, dict[str, Any]] = {"fullyconv": {}, "alphastar": {}}
"""By model: what differs from the defaults of `ActorCriticSettings`."""

MODEL_FLAGS = ("environment", "model_name", "size", "screen_size", "step_mul")
"""What a model is made for."""

LEARNING_FLAGS = ("learning_rate", "gradient_clipping", "entropy_cost", "discount", "unroll_len")
"""How it learns. A loaded checkpoint decides both where the command line does not."""


def define_flags() -> flags.FlagValues:
    """Every flag of this program; new values each time, so that importing defines nothing."""
    values = flags.FlagValues()

    def define(kind: str, name: str, default: Any, text: str, **limits: Any) -> None:
        getattr(flags, f"DEFINE_{kind}")(
            name, default=default, help=text, flag_values=values, **limits)

    define("string", "environment", "MoveToBeacon", "Name of the map that is played.")
    define("enum", "model_name", "fullyconv", "Network of the agent.", enum_values=MODEL_NAMES)
    define("enum", "size", "small", "Size of the network.", enum_values=SIZES)
    define("integer", "screen_size", 16, "Width and height of the screen and of the minimap, in "
           "pixels.", lower_bound=8, upper_bound=256)
    define("integer", "step_mul", 8, "Game loops between two actions.", lower_bound=1)
    define("enum", "game", "auto", "Which game is played; auto takes StarCraft II where it is "
           "installed and else the embedded game.", enum_values=GAMES)
    define("string", "workspace_path", "./workspace/", "Folder that everything is written to.")
    define("integer", "seed", 1, "Seed of the weights, the games and the agent's choices.",
           lower_bound=0, upper_bound=2**31 - 1)
    define("boolean", "gpu_use", False, "Computes on a GPU if there is one.")
    define("integer", "num_threads", 1, "Threads that TensorFlow uses for one operation; 0 lets it "
           "choose.", lower_bound=0)

    define("boolean", "training", False, "Trains the agent by playing.")
    define("boolean", "load_model", False, "Begins with the model saved in the workspace; training "
           "goes on exactly where it was.")
    define("boolean", "save_model", True, "Saves the model in the workspace while it is trained.")
    define("integer", "num_environments", 32, "Games that are played at once in training.",
           lower_bound=1)
    define("integer", "num_workers", None, "Processes that the games are spread over; 0 plays them "
           "in this process (default: the number of cores, at most 8).", lower_bound=0)
    define("integer", "max_agent_steps", 1_000_000, "Training ends after so many agent steps, "
           "those before --load_model included.", lower_bound=1)
    define("float", "max_minutes", None, "Training ends after so many minutes.", lower_bound=0)
    define("float", "target_score", None, "Training ends when the mean score of the last 100 "
           "episodes reaches this.")
    define("integer", "unroll_len", None, "Agent steps of every game between two updates (default: "
           "the model's).", lower_bound=1)
    define("float", "learning_rate", None, "Step size of the optimizer (default: the model's).",
           lower_bound=0)
    define("float", "gradient_clipping", None, "Greatest norm of a gradient (default: the "
           "model's).", lower_bound=0)
    define("float", "entropy_cost", None, "Weight of the entropy bonus at the start (default: the "
           "model's).", lower_bound=0)
    define("float", "discount", None, "What a reward one agent step later is worth (default: the "
           "model's).", lower_bound=0, upper_bound=1)
    define("integer", "log_interval", 10, "Updates between two points in TensorBoard.",
           lower_bound=1)
    define("float", "save_interval_seconds", 60, "Seconds between two checkpoints.", lower_bound=0)

    define("integer", "episodes", None, "Episodes that are played to evaluate the agent, after "
           "training if there is any (default: 0, and 3 with --visualize or --video).",
           lower_bound=0)
    define("boolean", "greedy", False, "Plays the likeliest action in evaluation instead of "
           "sampling it.")
    define("boolean", "visualize", False, "Shows the evaluation in pysc2's window.")
    define("string", "video", None, "File for a clip of the evaluation, .mp4 or .gif.")
    define("string", "save_replays", None, "Folder for a replay of every evaluated episode.")
    define("boolean", "help", False, "Shows this list.", short_name="h")
    return values


def resolve(argv: Sequence[str]) -> types.SimpleNamespace | None:
    """Reads the command line; what it leaves open comes from the saved model, if one is loaded.

    Returns:
        One attribute a flag and `checkpoint`, the file that is loaded or None. None where help was
        asked for.

    Raises:
        utils.UserError: the command line is wrong, or the saved model is missing or damaged.
    """
    values = define_flags()
    utils.parse_flags(values, argv)
    options = types.SimpleNamespace(**values.flag_values_dict(), checkpoint=None)
    if options.help:
        print(f"{__doc__}\n{utils.flags_help(values)}")
        return None
    if options.episodes is None:
        watches = options.visualize or options.video or options.save_replays
        plays = options.load_model and not options.training
        options.episodes = 3 if watches else 10 if plays else 0
    if not options.training and not options.episodes:
        raise utils.UsageError("There is nothing to do: give --training True, --episodes N, "
                               "--visualize True or --video FILE. (--help lists every flag.)")
    if options.video and Path(options.video).suffix not in (".mp4", ".gif"):
        raise utils.UsageError(f"--video {options.video}: expected a file name that ends in .mp4 "
                               "or .gif.")
    if options.load_model:
        options.checkpoint = _find_checkpoint(options)
        header = utils.read_header(options.checkpoint)
        saved = header["description"] | header["notes"]["flags"]
        for name in (*MODEL_FLAGS, *LEARNING_FLAGS):
            if not values[name].present and name in saved:
                setattr(options, name, saved[name])
    return options


def _find_checkpoint(options: types.SimpleNamespace) -> Path:
    """Training goes on with the last model; the best one plays, or else the bundled one."""
    saved = Path(options.workspace_path) / "checkpoints"
    if options.training:
        return saved / "last.npz"
    bundled = BUNDLED / options.environment / options.model_name / "best.npz"
    for path in (saved / "best.npz", saved / "last.npz"):
        if path.exists():
            return path
    if bundled.exists():
        print(f"The workspace {options.workspace_path} has no saved model; using the bundled one, "
              f"{bundled}.")
        return bundled
    return saved / "last.npz"


class Session(NamedTuple):
    """What training and evaluation share."""

    options: types.SimpleNamespace
    folder: utils.RunFolder
    settings: Any  # StarcraftSettings
    observation_spec: Any
    action_spec: Any
    agent: Any
    checkpointer: utils.Checkpointer


def open_session(options: types.SimpleNamespace) -> Session:
    """Checks everything that can be wrong and makes the agent.

    Raises:
        utils.UserError: the environment, a size or the workspace is impossible.
    """
    from environment import starcraft, starcraft_game

    folder = utils.RunFolder(options.workspace_path)
    with _user_errors(ValueError):
        starcraft_game.check_map(options.environment, options.game)
    utils.set_up_tensorflow(options.gpu_use, options.num_threads)
    import agent as agent_module
    import network

    pixels = (options.screen_size, options.screen_size)
    settings = starcraft.StarcraftSettings(
        map_name=options.environment, screen_size=pixels, minimap_size=pixels,
        step_mul=options.step_mul, game=options.game,
        arrays=network.default_arrays(options.model_name))
    with _user_errors(ValueError):
        observation_spec, action_spec = starcraft.specs_for(settings)
    utils.seed_everything(options.seed)
    model = network.build(options.model_name, observation_spec, action_spec, options.size)
    agent = agent_module.Agent(model, observation_spec, action_spec, options.seed)
    description = {name: getattr(options, name) for name in MODEL_FLAGS} | {
        "observations": observation_spec.to_json(), "actions": action_spec.to_json()}
    return Session(options, folder, settings, observation_spec, action_spec, agent,
                   utils.Checkpointer(description))


@contextlib.contextmanager
def _user_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Around what can only fail because of what the user gave."""
    try:
        yield
    except kinds as error:
        raise utils.UserError(" ".join(str(error).split())) from error


def _parallel(session: Session, num_environments: int, seed: int) -> Any:
    """Environments in worker processes; `seed` decides their games."""
    from environment import parallel

    workers = session.options.num_workers
    if workers is None:
        workers = min(os.cpu_count() or 1, 8)
    return parallel.ParallelEnvironments(
        functools.partial(utils.make_environment, session.settings, seed), num_environments,
        min(workers, num_environments), session.observation_spec, session.action_spec)


class Interrupted(Exception):
    """Training was stopped by a signal, and the model is saved."""

    def __init__(self, signal_number: int):
        super().__init__(signal_number)
        self.signal_number = signal_number


class Training:
    """Trains the agent of a session by playing."""

    def __init__(self, session: Session):
        from learners import actor_critic, training

        options, agent = session.options, session.agent
        given = {name: getattr(options, name) for name in LEARNING_FLAGS}
        with _user_errors(ValueError):
            self._settings = actor_critic.ActorCriticSettings(
                **LEARNER_PRESETS[options.model_name]
                | {name: value for name, value in given.items() if value is not None})
        self._session, self._options = session, options
        self._learner = actor_critic.ActorCriticLearner(agent, self._settings)
        self._models = utils.ModelFiles(session.folder, session.checkpointer, {
            "network": agent.network.variables,
            "optimizer": [*self._learner.optimizer.variables, self._learner.num_agent_steps],
            "random": [agent.random_generator.state]}, given, options.save_model)
        self._progress = training.Progress()
        if options.load_model:
            restored = self._models.restore(options.checkpoint)
            self._progress = training.Progress(**restored["progress"])

    def run(self) -> None:
        """Trains.

        Raises:
            utils.UserError: learning diverged.
            Interrupted: by a signal; the model is saved.
        """
        from learners import actor, training

        options, progress = self._options, self._progress
        _prepare_folder(self._session, self._settings)
        limits = training.Limits(options.max_agent_steps, options.max_minutes,
                                 options.target_score, options.log_interval,
                                 options.save_interval_seconds)
        # A resumed run must not see the games from the beginning again.
        seed = utils.seed_of(options.seed, progress.num_agent_steps)
        with _parallel(self._session, options.num_environments, seed) as environments:
            collector = actor.Actor(self._session.agent, environments, self._settings.unroll_len)
            _train(self._session, self._models, progress, "num_agent_steps",
                   options.max_agent_steps,
                   lambda told: training.train(collector, self._learner, progress, limits, told),
                   lambda: {"episode/dropped": environments.num_dropped_episodes,
                            "environment/restarts": environments.num_restarts,
                            "memory/megabytes": utils.memory_megabytes()})


def _prepare_folder(session: Session, settings: Any) -> None:
    """Moves models of an earlier run away and writes down what this one is."""
    options, folder = session.options, session.folder
    if not options.load_model and (aside := folder.set_checkpoints_aside()):
        print(f"The saved model of an earlier run was moved to {aside}.")
    flag_values = {name: str(value) if isinstance(value, Path) else value
                   for name, value in vars(options).items()}
    folder.write_json("settings.json", {"flags": flag_values,
                                        "learner": dataclasses.asdict(settings)})


def _train(session: Session, models: utils.ModelFiles, progress: Any, counter: str,
           total: int | None, loop: Callable[[Any], str],
           more_scalars: Callable[[], dict[str, float]]) -> None:
    """Gives a training loop its outlets and says how it ended.

    Args:
        session: of the run.
        models: what is saved.
        progress: of the loop.
        counter: its attribute that curves are drawn over, `num_<what is counted>`.
        total: where the bar ends.
        loop: takes the outlets and returns why it ended.
        more_scalars: what else belongs into a report, by tag.
    """
    import learners
    from learners import outlets

    options = session.options
    unit = counter.removeprefix("num_").removesuffix("s").replace("_", " ")
    run_name = f"{options.environment}-{options.model_name}-seed{options.seed}"
    with contextlib.ExitStack() as stack:
        metrics = stack.enter_context(contextlib.closing(utils.MetricsWriter(
            session.folder.metrics_folder(run_name, options.load_model))))
        bar = stack.enter_context(contextlib.closing(utils.ProgressBar(
            total, getattr(progress, counter), unit)))
        interruption = stack.enter_context(utils.noticing_interruption())
        told = outlets.RunOutlets(operator.attrgetter(counter), metrics, bar, models, interruption,
                                  more_scalars)
        try:
            reason = loop(told)
        except learners.DivergenceError as error:
            kept = f" The last good model is {models.last}." if models.last.exists() else ""
            raise utils.UserError(f"Learning diverged. {error}{kept}") from error
    print(f"{reason} {getattr(progress, counter):,} {unit}s, {progress.seconds:.0f} s. "
          + (f"Saved in {models.last}." if options.save_model else "Nothing was saved."))
    if interruption.signal_number:
        raise Interrupted(interruption.signal_number)


def evaluate(session: Session) -> None:
    """Plays episodes, prints a table of their scores and writes evaluation.json and the clip.

    Raises:
        utils.UserError: a file cannot be written.
    """
    from evaluation import matches, statistics, watching

    options = session.options
    print(f"Playing {options.episodes} episodes of {options.environment}.")
    seed = utils.seed_of(options.seed, 0, 1)  # other games than those of training
    with contextlib.ExitStack() as stack:
        if options.visualize or options.video or options.save_replays:
            with _user_errors(OSError):
                environments, observers = watching.open_watched(
                    stack, session.settings, seed, session.action_spec,
                    f"{options.environment}  ·  {options.model_name}", options.visualize,
                    options.video, options.save_replays)
        else:
            count = min(options.num_environments, options.episodes)
            environments, observers = stack.enter_context(_parallel(session, count, seed)), ()
        scores = matches.play(session.agent, environments, options.episodes, options.greedy,
                              observers)
    summary = statistics.summarize(scores)
    path = session.folder.write_json("evaluation.json", {
        "environment": options.environment, "model_name": options.model_name,
        "model": str(options.checkpoint) if options.checkpoint else None, "seed": options.seed,
        "greedy": options.greedy, **summary._asdict(), "scores": scores})
    print(f"{statistics.table(summary)}\nWritten to {path}.")
    for written in filter(None, (options.video, options.save_replays)):
        print(f"Written to {written}.")


def run(argv: Sequence[str]) -> None:
    """Does what the command line says; raises what `main` reports."""
    options = resolve(argv)
    if options is None:
        return
    session = open_session(options)
    from environment import parallel

    with _user_errors(parallel.WorkerError):
        play(session)


def play(session: Session) -> None:
    """Trains or loads the agent, and evaluates it."""
    options = session.options
    if options.training:
        Training(session).run()
    elif options.checkpoint:
        session.checkpointer.restore(options.checkpoint,
                                     {"network": session.agent.network.variables})
        print(f"Loaded {options.checkpoint}.")
    else:
        print("The agent is not trained; --load_model True loads a saved one.")
    if options.episodes:
        evaluate(session)


def main(argv: Sequence[str] = tuple(sys.argv)) -> int:
    """Returns the exit status: 0, 1 for a failure, 2 for a wrong command line, 130 for Ctrl-C."""
    try:
        run(argv)
    except utils.UserError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return error.exit_status
    except Interrupted as interrupted:
        return 128 + interrupted.signal_number
    except KeyboardInterrupt:
        print("run.py: stopped by Ctrl-C; nothing was saved by it.", file=sys.stderr)
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main())
