"""Trains an agent to play StarCraft II, and plays with a trained one.

Learn from the replays of others (trajectory_generator.py makes the dataset), watch, count:

    python run.py --training --sl_training --replay_hkl_file_path ./dataset/simple64/
    python run.py --load --visualize
    python run.py --load --episodes 100 --opponent_difficulty easy

Learn by playing:

    python run.py --training --environment MoveToBeacon --max_minutes 2
    python run.py --load --environment MoveToBeacon --episodes 20 --video clip.mp4

The curves of both: tensorboard --logdir ./workspace/tensorboard

A training that is stopped with Ctrl-C saves first, and goes on where it was with
`--training --load`. A loaded model brings its flags with it.
"""

import contextlib
import dataclasses
import functools
import json
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
RACES = ("random", "protoss", "terran", "zerg")
DIFFICULTIES = ("very_easy", "easy", "medium", "medium_hard", "hard", "harder", "very_hard",
                "cheat_vision", "cheat_money", "cheat_insane")
SCHEDULES = ("constant", "linear", "cosine")
BUNDLED = Path(__file__).parent / "evaluation" / "bundled"
LEARNER_PRESETS: dict[str, dict[str, Any]] = {"fullyconv": {}, "alphastar": {}}
"""By model: what differs from the defaults of `ActorCriticSettings`."""

PLAYING_DEFAULTS = {"environment": "MoveToBeacon", "model_name": "fullyconv", "num_threads": 1,
                    "race": "random"}
"""By flag, for who learns by playing: more threads only fight with the games for the cores."""

SUPERVISED_DEFAULTS = {"environment": "Simple64", "model_name": "alphastar", "num_threads": 0,
                       "race": "terran", "batch_size": 8, "unroll_len": 16}
"""By flag, for an agent that learns from replays."""

SUPERVISED = "supervised"
"""What the description of a model says that has learned from replays."""

DATASET_FACTS = ("interface", "step_mul", "camera_width")
"""Of a dataset, what decides how its agent sees a game."""

MODEL_FLAGS = ("environment", "model_name", "size", "screen_size", "step_mul")
"""What a model is made for."""

LEARNING_FLAGS = ("learning_rate", "gradient_clipping", "entropy_cost", "discount", "unroll_len")
"""How it learns by playing. A loaded checkpoint decides both where the command line does not."""

SUPERVISED_FLAGS = (
    "environment", "seed", "replay_hkl_file_path", "validation_share", "batch_size", "unroll_len",
    "learning_rate", "gradient_clipping", "schedule", "warmup_updates", "decay_updates", "l2",
    "head_weights", "label_smoothing", "num_parts", "mixed_precision", "race")
"""How it learns from replays, likewise."""


def define_flags() -> flags.FlagValues:
    """Every flag of this program; new values each time, so that importing defines nothing."""
    values = flags.FlagValues()
    section = ""

    def define(kind: str, name: str, default: Any, text: str, **limits: Any) -> None:
        getattr(flags, f"DEFINE_{kind}")(name, default=default, help=text, flag_values=values,
                                         module_name=section, **limits)

    section = "What is done"
    define("boolean", "training", False, "Trains an agent: by playing, or with --sl_training.")
    define("boolean", "sl_training", False, "Supervised learning: the agent learns to act as the "
           "players in a dataset did.")
    define("boolean", "load_model", False, "Begins with the model saved in the workspace; training "
           "goes on exactly where it was.")
    flags.DEFINE_alias("load", "load_model", flag_values=values, module_name=section)
    define("integer", "episodes", None, "Episodes that are played to evaluate the agent, after "
           "training if there is any (default: 0; 10 with --load alone; 3 to watch a mini-game, 1 "
           "to watch a match).", lower_bound=0)
    define("boolean", "describe", False, "Prints the parts of the network with their sizes.")
    define("boolean", "help", False, "Shows this list.", short_name="h")

    section = "Agent and game"
    define("string", "environment", None, "Name of the map that is played (default: MoveToBeacon; "
           "Simple64 with --sl_training).")
    define("enum", "model_name", None, "Network of the agent (default: fullyconv; alphastar with "
           "--sl_training).", enum_values=MODEL_NAMES)
    define("enum", "size", "small", "Size of the network.", enum_values=SIZES)
    define("integer", "screen_size", 16, "Width and height of the screen and of the minimap, in "
           "pixels. A dataset brings its own.", lower_bound=8, upper_bound=256)
    define("integer", "step_mul", 8, "Game loops between two observations. A dataset brings its "
           "own.", lower_bound=1)
    define("enum", "race", None, "Race of the agent, on maps for two players (default: random; "
           "terran with --sl_training).", enum_values=RACES)
    define("enum", "game", "auto", "Which game is played; auto takes StarCraft II where it is "
           "installed and else the embedded game.", enum_values=GAMES)

    section = "Machine and workspace"
    define("string", "workspace_path", "./workspace/", "Folder that everything is written to.")
    define("boolean", "save_model", True, "Saves the model in the workspace while it is trained.")
    define("float", "save_interval_seconds", 60, "Seconds between two saves.", lower_bound=0)
    define("integer", "log_interval", 10, "Updates between two points in TensorBoard.",
           lower_bound=1)
    define("integer", "seed", 1, "Seed of the weights, the games, the order of the data and the "
           "agent's choices.", lower_bound=0, upper_bound=2**31 - 1)
    define("boolean", "gpu_use", False, "Computes on a GPU if there is one, on all there are with "
           "--sl_training.")
    define("integer", "num_threads", None, "Threads that TensorFlow uses for one operation; 0 lets "
           "it choose (default: 1; 0 with --sl_training).", lower_bound=0)
    define("integer", "num_workers", None, "Processes that the games are spread over; 0 plays them "
           "in this process (default: the number of cores, at most 8).", lower_bound=0)

    section = "Training of both kinds"
    define("float", "max_minutes", None, "Training ends after so many minutes (default: 60 with "
           "--sl_training and neither --max_updates nor --max_epochs).", lower_bound=0)
    define("float", "learning_rate", None, "Step size of the optimizer (default: the learner's).",
           lower_bound=0)
    define("float", "gradient_clipping", None, "Greatest norm of a gradient (default: the "
           "learner's).", lower_bound=0)
    define("integer", "unroll_len", None, "Agent steps of a game between two updates, or actions "
           "of a window of data (default: 16).", lower_bound=1)

    section = "Supervised learning"
    define("string", "replay_hkl_file_path", "./dataset/simple64/", "Folder of the .hkl files that "
           "trajectory_generator.py has made.")
    define("integer", "batch_size", None, "Episodes that are learned from side by side (default: "
           "8).", lower_bound=1)
    define("integer", "max_updates", None, "Training ends after so many updates, those before "
           "--load included.", lower_bound=1)
    define("integer", "max_epochs", None, "Training ends when the data was seen so often.",
           lower_bound=1)
    define("enum", "schedule", "constant", "What becomes of the learning rate after the warm-up.",
           enum_values=SCHEDULES)
    define("integer", "warmup_updates", 100, "Updates in which the learning rate rises to its full "
           "size.", lower_bound=0)
    define("integer", "decay_updates", 0, "Updates after which a linear or cosine schedule has "
           "reached 0.", lower_bound=0)
    define("float", "l2", 1e-5, "Weight of half the sum of the squared weights.", lower_bound=0)
    define("list", "head_weights", ["uniform"], "How much each head counts: uniform, or the "
           "published sets unplugged or di_star, or any of action_type, delay, flat, sequence, "
           "pointer, place as NAME=NUMBER, or both, with commas: unplugged,place=20.")
    define("float", "label_smoothing", 0.0, "Share of each target that is spread over all allowed "
           "choices.", lower_bound=0, upper_bound=1)
    define("integer", "num_parts", 1, "Parts that a batch is worked through in, gradients added "
           "up: less memory, the same update.", lower_bound=1)
    define("boolean", "mixed_precision", False, "Computes products in 16 bits on a GPU.")
    define("float", "validation_share", 0.1, "Share of the matches that is kept for validation.",
           lower_bound=0, upper_bound=0.9)
    define("integer", "validation_interval", 500, "Updates between two validations.",
           lower_bound=1)
    define("integer", "validation_batches", 100, "Batches of a validation at most.", lower_bound=1)
    define("integer", "patience", 20, "Training ends when so many validations in a row were no "
           "better than the best; 0 never ends it.", lower_bound=0)
    define("string", "fine_tune", None, "Checkpoint whose network a new training begins with.")

    section = "Learning by playing"
    define("integer", "num_environments", 32, "Games that are played at once.", lower_bound=1)
    define("integer", "max_agent_steps", 1_000_000, "Training ends after so many agent steps, "
           "those before --load included.", lower_bound=1)
    define("float", "target_score", None, "Training ends when the mean score of the last 100 "
           "episodes reaches this.")
    define("float", "entropy_cost", None, "Weight of the entropy bonus at the start (default: the "
           "learner's).", lower_bound=0)
    define("float", "discount", None, "What a reward one agent step later is worth (default: the "
           "learner's).", lower_bound=0, upper_bound=1)

    section = "Evaluation"
    define("boolean", "greedy", False, "Plays the likeliest action instead of sampling it.")
    define("enum", "opponent_difficulty", "very_easy", "The computer player on maps for two "
           "players.", enum_values=DIFFICULTIES)
    define("enum", "opponent_race", "random", "Its race; the embedded game has Terran alone.",
           enum_values=RACES)
    define("boolean", "visualize", False, "Shows the evaluation in pysc2's window.")
    define("string", "video", None, "File for a clip of the evaluation, .mp4 or .gif.")
    define("string", "save_replays", None, "Folder for a replay of every evaluated episode.")
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
    del options.load  # the other name of load_model
    if options.help:
        print(f"{__doc__}\n{utils.flags_help(values)}")
        return None
    if options.load_model:
        options.checkpoint = _find_checkpoint(options)
        header = utils.read_header(options.checkpoint)
        saved = header["description"] | header["notes"]["flags"]
        saved["sl_training"] = saved.get("learning") == SUPERVISED
        for name in ("sl_training", *MODEL_FLAGS, *LEARNING_FLAGS, *SUPERVISED_FLAGS):
            if not values[name].present and name in saved:
                setattr(options, name, saved[name])
        options.sl_training = options.sl_training if options.training else saved["sl_training"]
    for name, value in (SUPERVISED_DEFAULTS if options.sl_training else PLAYING_DEFAULTS).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    _complete(options)
    return options


def _complete(options: types.SimpleNamespace) -> None:
    """Fills in what depends on several flags, and refuses what does not go together."""
    if options.episodes is None:
        watches = options.visualize or options.video or options.save_replays
        plays = options.load_model and not options.training and not options.describe
        options.episodes = (1 if options.sl_training else 3) if watches else 10 if plays else 0
    if not (options.training or options.episodes or options.describe):
        raise utils.UsageError("There is nothing to do: give --training True, --episodes N, "
                               "--visualize True or --video FILE. (--help lists every flag.)")
    if options.sl_training and not (options.training or options.load_model):
        raise utils.UsageError("--sl_training True says how to train: give --training True too, or "
                               "--load True to play with a trained model.")
    if options.fine_tune and (options.load_model or not options.sl_training):
        raise utils.UsageError("--fine_tune FILE begins a new training from replays: give "
                               "--training True --sl_training True and not --load.")
    if options.video and Path(options.video).suffix not in (".mp4", ".gif"):
        raise utils.UsageError(f"--video {options.video}: expected a file name that ends in .mp4 "
                               "or .gif.")
    if options.sl_training and (options.max_minutes, options.max_updates, options.max_epochs) == (
            None, None, None):
        options.max_minutes = 60.0


def _find_checkpoint(options: types.SimpleNamespace) -> Path:
    """Training goes on with the last model; the best one plays, or else the bundled one."""
    saved = Path(options.workspace_path) / "checkpoints"
    if options.training:
        return saved / "last.npz"
    environment = options.environment or PLAYING_DEFAULTS["environment"]
    bundled = [BUNDLED / environment / name / "best.npz"
               for name in ([options.model_name] if options.model_name else MODEL_NAMES)]
    for path in (saved / "best.npz", saved / "last.npz", *bundled):
        if path.exists():
            if path in bundled:
                print(f"The workspace {options.workspace_path} has no saved model; using the "
                      f"bundled one, {path}.")
            return path
    return saved / "last.npz"


class World(NamedTuple):
    """What an agent sees, what it can do, and where that comes from."""

    observation_spec: Any
    action_spec: Any
    description: dict[str, Any]  # what its checkpoints must agree with
    settings: Any  # StarcraftSettings
    data: Any = None  # ImitationData, when it learns from replays


class Session(NamedTuple):
    """What training and evaluation share."""

    options: types.SimpleNamespace
    folder: utils.RunFolder
    world: World
    agent: Any
    checkpointer: utils.Checkpointer
    strategy: Any = None  # tf.distribute.Strategy, with several GPUs


def open_session(options: types.SimpleNamespace) -> Session:
    """Checks everything that can be wrong and makes the agent.

    Raises:
        utils.UserError: the environment, a size, the dataset or the workspace is impossible.
    """
    from environment import starcraft_game

    folder = utils.RunFolder(options.workspace_path)
    with _user_errors(ValueError):
        starcraft_game.check_map(options.environment, options.game)
    num_gpus = utils.set_up_tensorflow(options.gpu_use, options.num_threads)
    import tensorflow as tf

    import agent as agent_module
    import network

    with _user_errors(ValueError):
        world = _world_of_replays(options) if options.sl_training else _world_of_games(options)
    strategy = tf.distribute.MirroredStrategy() if options.sl_training and num_gpus > 1 else None
    utils.seed_everything(options.seed)
    with strategy.scope() if strategy else contextlib.nullcontext():
        model = network.build(options.model_name, world.observation_spec, world.action_spec,
                              options.size)
        agent = agent_module.Agent(model, world.observation_spec, world.action_spec, options.seed)
    return Session(options, folder, world, agent, utils.Checkpointer(world.description), strategy)


def _world_of_games(options: types.SimpleNamespace) -> World:
    """Of an agent that learns by playing: the flags decide."""
    import network
    from environment import starcraft

    pixels = (options.screen_size, options.screen_size)
    settings = starcraft.StarcraftSettings(
        map_name=options.environment, screen_size=pixels, minimap_size=pixels,
        step_mul=options.step_mul, game=options.game,
        arrays=network.default_arrays(options.model_name), race=options.race,
        opponent_race=options.opponent_race, opponent_difficulty=options.opponent_difficulty)
    specs = starcraft.specs_for(settings)
    description = {name: getattr(options, name) for name in MODEL_FLAGS}
    return World(*specs, description | _described(*specs), settings)


def _described(observation_spec: Any, action_spec: Any) -> dict[str, Any]:
    return {"observations": observation_spec.to_json(), "actions": action_spec.to_json()}


def _world_of_replays(options: types.SimpleNamespace) -> World:
    """Of an agent that learns from replays: the dataset decides, or the saved model."""
    from data import imitation, spec_text

    data = None
    if options.training:
        data = imitation.ImitationData(options.replay_hkl_file_path, options.validation_share)
        specs = data.observation_spec, data.action_spec
        facts = {name: getattr(data.facts, name) for name in DATASET_FACTS}
    else:
        description = utils.read_header(options.checkpoint)["description"]
        specs = spec_text.decode(json.dumps(
            {"observation": description["observations"], "action": description["actions"]},
            separators=(",", ":")))
        facts = {name: description[name] for name in DATASET_FACTS}
    description = {"learning": SUPERVISED, "model_name": options.model_name, "size": options.size,
                   **facts, **_described(*specs)}
    return World(*specs, description, None, data)


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
        functools.partial(utils.make_environment, session.world.settings, seed), num_environments,
        min(workers, num_environments), session.world.observation_spec, session.world.action_spec)


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
           more_scalars: Callable[[], dict[str, float]],
           make_outlets: Callable[..., Any] | None = None) -> None:
    """Gives a training loop its outlets and says how it ended.

    Args:
        session: of the run.
        models: what is saved.
        progress: of the loop.
        counter: its attribute that curves are drawn over, `num_<what is counted>`.
        total: where the bar ends.
        loop: takes the outlets and returns why it ended.
        more_scalars: what else belongs into a report, by tag.
        make_outlets: given a stack, the folder of the curves and what `RunOutlets` takes; None
            makes these.
    """
    import learners
    from learners import outlets

    options = session.options
    unit = counter.removeprefix("num_").removesuffix("s").replace("_", " ")
    run_name = f"{options.environment}-{options.model_name}-seed{options.seed}"
    with contextlib.ExitStack() as stack:
        folder = session.folder.metrics_folder(run_name, options.load_model)
        metrics = stack.enter_context(contextlib.closing(utils.MetricsWriter(folder)))
        bar = stack.enter_context(contextlib.closing(utils.ProgressBar(
            total, getattr(progress, counter), unit)))
        interruption = stack.enter_context(utils.noticing_interruption())
        parts = (operator.attrgetter(counter), metrics, bar, models, interruption, more_scalars)
        told = make_outlets(stack, folder, *parts) if make_outlets else outlets.RunOutlets(*parts)
        try:
            reason = loop(told)
        except learners.DivergenceError as error:
            kept = f" The last good model is {models.last}." if models.last.exists() else ""
            raise utils.UserError(f"Learning diverged. {error}{kept}") from error
    print(f"{reason} {getattr(progress, counter):,} {unit}s, {progress.seconds:.0f} s. "
          + (f"Saved in {models.last}." if options.save_model else "Nothing was saved."))
    if interruption.signal_number:
        raise Interrupted(interruption.signal_number)


class ImitationTraining:
    """Trains the agent of a session to act as the players of a dataset did."""

    def __init__(self, session: Session):
        from learners import supervised, supervised_training

        options, agent = session.options, session.agent
        self._session, self._options = session, options
        with _user_errors(ValueError):
            self._settings = _supervised_settings(options)
            self._limits = supervised_training.Limits(
                patience=options.patience or None, **{name: getattr(options, name) for name in (
                    "max_updates", "max_epochs", "max_minutes", "validation_interval",
                    "log_interval", "save_interval_seconds")})
        self._learner = supervised.SupervisedLearner(agent, self._settings, session.strategy)
        self._lanes = supervised_training.Lanes(agent, options.batch_size)
        self._models = utils.ModelFiles(session.folder, session.checkpointer, {
            "network": agent.network.variables, "optimizer": self._learner.variables,
            "lanes": self._lanes.variables, "random": [agent.random_generator.state]},
            {name: getattr(options, name) for name in SUPERVISED_FLAGS}, options.save_model)
        self._progress = supervised_training.Progress()
        if options.load_model:
            restored = self._models.restore(options.checkpoint)
            self._progress = supervised_training.Progress(**restored["progress"])
        elif options.fine_tune:
            self._models.restore(Path(options.fine_tune), ["network"])

    def run(self) -> None:
        """Trains, and takes the best model.

        Raises:
            utils.UserError: learning diverged.
            Interrupted: by a signal; the model is saved.
        """
        from learners import supervised_training

        data = self._session.world.data
        _prepare_folder(self._session, self._settings)
        with _user_errors(ValueError):
            batches = self._batches()
        num_files = {split: len(files) for split, files in data.files.items()}
        print(f"{num_files['training']} episodes for training, {num_files['validation']} for "
              f"validation, {data.num_damaged} damaged; "
              f"{data.num_transitions('training'):,} actions in an epoch.")

        def loop(told: Any) -> str:
            return supervised_training.train(batches, self._learner, self._lanes, self._progress,
                                             self._limits, told)

        _train(self._session, self._models, self._progress, "num_updates",
               self._options.max_updates, loop,
               lambda: {"data/damaged_files": data.num_damaged},
               functools.partial(_supervised_outlets, self._session, self._limits))
        if self._models.best.exists():
            self._models.restore(self._models.best, ["network"])
            print(f"The best model, {self._models.best}, is the one that plays.")

    def _batches(self) -> Any:
        from data import imitation, lanes
        from learners import supervised_training

        data, options = self._session.world.data, self._options
        settings = lanes.LaneSettings(batch_size=options.batch_size, unroll_len=options.unroll_len,
                                      seed=options.seed)
        validation, num_episodes = None, len(data.files[imitation.VALIDATION])
        if num_episodes:
            # More lanes than in training: nothing is kept for gradients, and it is over sooner.
            once = dataclasses.replace(settings, num_epochs=1, shuffle=False,
                                       batch_size=min(4 * options.batch_size, num_episodes))
            batches = data.batches(imitation.VALIDATION, once)
            validation = lambda: batches.take(options.validation_batches)
        return supervised_training.Batches(
            training=lambda first: data.batches(imitation.TRAINING, settings, first),
            validation=validation, epoch_transitions=data.num_transitions(imitation.TRAINING))


def _supervised_settings(options: types.SimpleNamespace) -> Any:
    """The numbers of the learner; raises ValueError for what cannot be."""
    from learners import schedules, supervised
    from losses import head_weights

    words = [word.partition("=") for word in options.head_weights]
    presets = [name for name, equals, _ in words if not equals]
    if len(presets) > 1:
        raise ValueError(f"--head_weights: expected one preset, got {', '.join(presets)}.")
    weights = head_weights.preset(*presets or ["uniform"])
    changes = {name: float(value) for name, equals, value in words if equals}
    given = {name: getattr(options, name) for name in ("learning_rate", "gradient_clipping")}
    return supervised.SupervisedSettings(
        schedule=schedules.Schedule(
            name=options.schedule, warmup_updates=options.warmup_updates,
            decay_updates=options.decay_updates),
        head_weights=dataclasses.replace(weights, **changes),
        **{name: getattr(options, name) for name in (
            "l2", "label_smoothing", "num_parts", "mixed_precision")},
        **{name: value for name, value in given.items() if value is not None})


def _supervised_outlets(session: Session, limits: Any, stack: contextlib.ExitStack, folder: Path,
                        *arguments: Any) -> Any:
    """The outlets of supervised learning; validations have the same tags, in a run of their own."""
    from data import imitation
    from evaluation import figures
    from learners import outlets

    validation = stack.enter_context(contextlib.closing(utils.MetricsWriter(
        folder / "validation")))
    return outlets.SupervisedOutlets(
        *arguments, validation_metrics=validation, limits=limits,
        epoch_transitions=session.world.data.num_transitions(imitation.TRAINING),
        draw=functools.partial(figures.of_counts, session.world.action_spec.action_types))


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
                    stack, session.world.settings, seed, session.world.action_spec,
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
        (ImitationTraining if options.sl_training else Training)(session).run()
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
