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
import os
import signal
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
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
    _set_up_tensorflow(options)
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


def _set_up_tensorflow(options: types.SimpleNamespace) -> None:
    with utils.quiet_native_code():  # it greets with what it was compiled with and without
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
    if options.gpu_use and not gpus:
        print("--gpu_use True, but TensorFlow finds no GPU here: computing on the CPU.")
    tf.config.set_visible_devices(gpus if options.gpu_use else [], "GPU")
    for gpu in gpus if options.gpu_use else []:
        tf.config.experimental.set_memory_growth(gpu, True)
    # More threads only fight with the workers for the cores.
    tf.config.threading.set_intra_op_parallelism_threads(options.num_threads)


def _seed_of(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


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
    """Trains the agent of a session; the outlets of `learners.training`."""

    def __init__(self, session: Session):
        from learners import actor_critic, training

        options = session.options
        given = {name: getattr(options, name) for name in LEARNING_FLAGS}
        with _user_errors(ValueError):
            self._settings = actor_critic.ActorCriticSettings(
                **LEARNER_PRESETS[options.model_name]
                | {name: value for name, value in given.items() if value is not None})
        self._session, self._options, self._given = session, options, given
        self._learner = actor_critic.ActorCriticLearner(session.agent, self._settings)
        self._last = session.folder.checkpoints / "last.npz"
        self._best = session.folder.checkpoints / "best.npz"
        self._signal: int | None = None
        self._progress = training.Progress()
        if options.load_model:
            restored = session.checkpointer.restore(options.checkpoint, self._variables())
            self._progress = training.Progress(**restored["progress"])

    def run(self) -> None:
        """Trains.

        Raises:
            utils.UserError: learning diverged.
            Interrupted: by a signal; the model is saved.
        """
        import learners
        from learners import actor, training

        options, folder, progress = self._options, self._session.folder, self._progress
        self._prepare_folder()
        run_name = f"{options.environment}-{options.model_name}-seed{options.seed}"
        limits = training.Limits(options.max_agent_steps, options.max_minutes,
                                 options.target_score, options.log_interval,
                                 options.save_interval_seconds)
        with contextlib.ExitStack() as stack:
            # A resumed run must not see the games from the beginning again.
            self._environments = stack.enter_context(_parallel(
                self._session, options.num_environments,
                _seed_of(options.seed, progress.num_agent_steps)))
            self._metrics = stack.enter_context(contextlib.closing(utils.MetricsWriter(
                folder.metrics_folder(run_name, options.load_model))))
            self._bar = stack.enter_context(contextlib.closing(utils.ProgressBar(
                options.max_agent_steps, progress.num_agent_steps, "agent step")))
            stack.enter_context(self._catching_signals())
            collector = actor.Actor(self._session.agent, self._environments,
                                    self._settings.unroll_len)
            try:
                reason = training.train(collector, self._learner, progress, limits, self)
            except learners.DivergenceError as error:
                kept = f" The last good model is {self._last}." if self._last.exists() else ""
                raise utils.UserError(f"Learning diverged. {error}{kept}") from error
        print(f"{reason} {progress.num_agent_steps:,} agent steps, {progress.seconds:.0f} s. "
              + (f"Saved in {self._last}." if options.save_model else "Nothing was saved."))
        if self._signal:
            raise Interrupted(self._signal)

    def _prepare_folder(self) -> None:
        folder = self._session.folder
        if not self._options.load_model and (aside := folder.set_checkpoints_aside()):
            print(f"The saved model of an earlier run was moved to {aside}.")
        flag_values = {name: str(value) if isinstance(value, Path) else value
                       for name, value in vars(self._options).items()}
        folder.write_json("settings.json", {"flags": flag_values,
                                            "learner": dataclasses.asdict(self._settings)})

    def updated(self, progress: Any) -> None:
        self._bar.update(progress.num_agent_steps, str(progress))

    def report(self, progress: Any, scalars: Mapping[str, float]) -> None:
        self._metrics.scalars(progress.num_agent_steps, scalars | {
            "episode/dropped": self._environments.num_dropped_episodes,
            "environment/restarts": self._environments.num_restarts,
            "memory/megabytes": utils.memory_megabytes()})

    def save_last(self, progress: Any) -> None:
        self._metrics.flush()
        self._save(self._last, self._variables(), progress)

    def save_best(self, progress: Any) -> None:
        if self._options.save_model and not self._best.exists():
            self._bar.say(f"The best model is kept in {self._best} from now on.")
        # Only the network: the best model is for playing, the last one to go on.
        self._save(self._best, {"network": self._variables()["network"]}, progress)

    def interruption(self) -> str | None:
        return f"Stopped by {signal.Signals(self._signal).name}." if self._signal else None

    def _save(self, path: Path, variables: dict[str, list[Any]], progress: Any) -> None:
        if self._options.save_model:
            self._session.checkpointer.save(path, variables, {
                "progress": dataclasses.asdict(progress), "flags": self._given})

    def _variables(self) -> dict[str, list[Any]]:
        agent, learner = self._session.agent, self._learner
        return {"network": agent.network.variables,
                "optimizer": [*learner.optimizer.variables, learner.num_agent_steps],
                "random": [agent.random_generator.state]}

    @contextlib.contextmanager
    def _catching_signals(self) -> Iterator[None]:
        """The first Ctrl-C (or SIGTERM) ends training after the running update; the next kills."""
        before = {}

        def interrupt(number: int, unused_frame: Any) -> None:
            self._signal = number
            signal.signal(number, before[number])

        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, interrupt)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def evaluate(session: Session) -> None:
    """Plays episodes, prints a table of their scores and writes evaluation.json and the clip.

    Raises:
        utils.UserError: a file cannot be written.
    """
    from evaluation import matches, statistics, watching

    options = session.options
    print(f"Playing {options.episodes} episodes of {options.environment}.")
    seed = _seed_of(options.seed, 0, 1)  # other games than those of training
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
