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
import shutil
import signal
import sys
import types
from collections.abc import Iterator, Sequence
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
                       "batch_size": 8, "unroll_len": 16}
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
    "environment", "race", "seed", "replay_hkl_file_path", "winners_only", "validation_share",
    "batch_size", "unroll_len", "learning_rate", "gradient_clipping", "schedule",
    "warmup_updates", "decay_updates", "l2", "head_weights", "label_smoothing", "num_parts",
    "mixed_precision", "build_order_share", "statistics_share")
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
           "that of the dataset with --sl_training).", enum_values=RACES)
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
    define("enum", "schedule", "cosine", "What becomes of the learning rate after the warm-up; "
           "linear and cosine keep a twentieth of it in the end.", enum_values=SCHEDULES)
    define("integer", "warmup_updates", 100, "Updates in which the learning rate rises to its full "
           "size.", lower_bound=0)
    define("integer", "decay_updates", 10_000, "Updates after which a linear or cosine schedule "
           "has reached its end; an hour on two cores does about as many.", lower_bound=0)
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
    define("float", "build_order_share", 0.8, "Share of the episodes in which the agent is told "
           "the build order that it will follow.", lower_bound=0, upper_bound=1)
    define("float", "statistics_share", 0.5, "Share of the episodes in which it is told what it "
           "will have had by the end.", lower_bound=0, upper_bound=1)
    define("boolean", "winners_only", False, "Learns from players who won alone.")
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
    define("string", "against", None, "Checkpoint of another agent that plays matches in place of "
           "the computer player.")
    define("string", "follow", None, "Folder of .hkl files; in each match the agent is told the "
           "strategy of one of them.")
    define("integer", "mmr", None, "Rating that the agent is told to play like, on maps for two "
           "players.", lower_bound=0)
    define("integer", "action_limit", None, "Actions that the agent may do in any 5 seconds of a "
           "match; AlphaStar had 22.", lower_bound=1)
    define("integer", "reaction_game_loops", 0, "Game loops between what the agent sees in a match "
           "and what it does about it.", lower_bound=0)
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
    if options.load_model and options.fine_tune:
        raise utils.UsageError("--fine_tune FILE begins a new training, and not --load: give one "
                               "of the two.")
    if options.load_model:
        given = {name for name in values if values[name].present}
        _take_over(options, _find_checkpoint(options), given)
    for name, value in (SUPERVISED_DEFAULTS if options.sl_training else PLAYING_DEFAULTS).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    _complete(options)
    return options


def _take_over(options: types.SimpleNamespace, checkpoint: Path, given: set[str]) -> None:
    """Takes the flags that were not given from a saved model."""
    header = utils.read_header(checkpoint)
    saved = header["description"] | header["notes"]["flags"]
    saved["sl_training"] = saved.get("learning") == SUPERVISED
    for name in {"sl_training", *MODEL_FLAGS, *LEARNING_FLAGS, *SUPERVISED_FLAGS} - given:
        if name in saved:
            setattr(options, name, saved[name])
    options.checkpoint = checkpoint
    options.sl_training = options.sl_training if options.training else saved["sl_training"]


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
    if options.fine_tune and not (options.training and options.sl_training):
        raise utils.UsageError("--fine_tune FILE begins a new training from replays: give "
                               "--training True --sl_training True.")
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
    settings: Any  # StarcraftSettings, None when nothing is played
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

    world = _make_world(options)
    strategy = tf.distribute.MirroredStrategy() if options.sl_training and num_gpus > 1 else None
    utils.seed_everything(options.seed)
    with strategy.scope() if strategy else contextlib.nullcontext():
        agent = _make_agent(options, world)
    return Session(options, folder, world, agent, utils.Checkpointer(world.description), strategy)


def _make_world(options: types.SimpleNamespace) -> World:
    with _user_errors(ValueError):
        return _world_of_replays(options) if options.sl_training else _world_of_games(options)


def _make_agent(options: types.SimpleNamespace, world: World) -> Any:
    import agent
    import network

    specs = world.observation_spec, world.action_spec
    return agent.Agent(network.build(options.model_name, *specs, options.size), *specs,
                       options.seed)


def _world_of_games(options: types.SimpleNamespace) -> World:
    """Of an agent that learns by playing: the flags decide."""
    import network
    from environment import starcraft

    pixels = (options.screen_size, options.screen_size)
    settings = starcraft.StarcraftSettings(
        screen_size=pixels, minimap_size=pixels, step_mul=options.step_mul,
        arrays=network.default_arrays(options.model_name), **_match_settings(options))
    specs = starcraft.specs_for(settings)
    description = {name: getattr(options, name) for name in MODEL_FLAGS}
    return World(*specs, description | _described(*specs), settings)


def _world_of_replays(options: types.SimpleNamespace) -> World:
    """Of an agent that learns from replays: the dataset decides, or the saved model."""
    from data import conditioning as coins
    from data import imitation, spec_text
    from environment import conditioning, starcraft_settings

    data, settings = None, None
    if options.training:
        data = imitation.ImitationData(
            options.replay_hkl_file_path, options.validation_share, coins=coins.Coins(
                build_order=options.build_order_share, cumulative=options.statistics_share,
                seed=options.seed), winners_only=options.winners_only)
        specs = data.observation_spec, data.action_spec
        facts = {name: getattr(data.facts, name) for name in DATASET_FACTS}
        races = data.facts.races
        options.race = options.race or (races[0] if len(races) == 1 else "random")
    else:
        description = utils.read_header(options.checkpoint)["description"]
        specs = spec_text.decode(json.dumps(
            {"observation": description["observations"], "action": description["actions"]},
            separators=(",", ":")))
        facts = {name: description[name] for name in DATASET_FACTS}
    if options.episodes:
        settings = starcraft_settings.settings_for(
            *specs, step_mul=facts["step_mul"], camera_width=facts["camera_width"],
            told=conditioning.Conditioning(mmr=options.mmr), **_match_settings(options))
    description = {"learning": SUPERVISED, "model_name": options.model_name, "size": options.size,
                   **facts, **_described(*specs)}
    return World(*specs, description, settings, data)


def _match_settings(options: types.SimpleNamespace) -> dict[str, Any]:
    return {"map_name": options.environment, "game": options.game, "race": options.race,
            "opponent_race": options.opponent_race,
            "opponent_difficulty": options.opponent_difficulty}


def _described(observation_spec: Any, action_spec: Any) -> dict[str, Any]:
    return {"observations": observation_spec.to_json(), "actions": action_spec.to_json()}


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

    world = session.world
    return parallel.ParallelEnvironments(
        functools.partial(utils.make_environment, world.settings, seed), num_environments,
        min(_num_workers(session.options), num_environments), world.observation_spec,
        world.action_spec)


def _num_workers(options: types.SimpleNamespace) -> int:
    return min(os.cpu_count() or 1, 8) if options.num_workers is None else options.num_workers


class Interrupted(Exception):
    """Training was stopped by a signal, and the model is saved."""

    def __init__(self, signal_number: int):
        super().__init__(signal_number)
        self.signal_number = signal_number


def _playing(session: Session) -> Any:
    """The course of an agent that learns by playing."""
    from learners import actor_critic, courses, training

    options = session.options
    settings = actor_critic.ActorCriticSettings(
        **LEARNER_PRESETS[options.model_name] | _given(options, LEARNING_FLAGS))
    limits = training.Limits(**{name: getattr(options, name) for name in (
        "max_agent_steps", "max_minutes", "target_score", "log_interval",
        "save_interval_seconds")})
    return courses.Playing(
        session.agent, lambda num_agent_steps: _parallel(
            session, options.num_environments, utils.seed_of(options.seed, num_agent_steps)),
        settings, limits)


def _imitation(session: Session) -> Any:
    """The course of an agent that learns from replays."""
    from data import lanes
    from learners import courses, schedules, supervised, supervised_training
    from losses import head_weights

    options, data = session.options, session.world.data
    settings = supervised.SupervisedSettings(
        schedule=schedules.Schedule(
            name=options.schedule, warmup_updates=options.warmup_updates,
            decay_updates=options.decay_updates, final_fraction=0.05),
        head_weights=head_weights.parse(options.head_weights),
        **_given(options, ("learning_rate", "gradient_clipping", "l2", "label_smoothing",
                           "num_parts", "mixed_precision")))
    limits = supervised_training.Limits(
        patience=options.patience or None, **{name: getattr(options, name) for name in (
            "max_updates", "max_epochs", "max_minutes", "validation_interval", "log_interval",
            "save_interval_seconds")})
    windows = lanes.LaneSettings(batch_size=options.batch_size, unroll_len=options.unroll_len,
                                 seed=options.seed)
    print(f"{len(data.files['training'])} episodes for training and "
          f"{len(data.files['validation'])} for validation, {data.num_damaged} damaged; "
          f"{data.num_transitions('training'):,} actions in an epoch.")
    return courses.Imitation(session.agent, data, windows, settings, limits,
                             options.validation_batches, session.strategy)


def _given(options: types.SimpleNamespace, names: Sequence[str]) -> dict[str, Any]:
    """The flags that have a value; the learner knows the others."""
    return {name: getattr(options, name) for name in names if getattr(options, name) is not None}


def train(session: Session) -> None:
    """Trains the agent, from where a saved model was if one is loaded.

    Raises:
        utils.UserError: a setting that cannot be, or learning diverged.
        Interrupted: by a signal; the model is saved.
    """
    import learners

    options, folder = session.options, session.folder
    with _user_errors(ValueError):
        course = (_imitation if options.sl_training else _playing)(session)
    names = SUPERVISED_FLAGS if options.sl_training else LEARNING_FLAGS
    models = utils.ModelFiles(folder, session.checkpointer, course.variables, {
        name: getattr(options, name) for name in names}, options.save_model)
    if options.load_model:
        course.restore(models.restore(options.checkpoint)["progress"])
    elif options.fine_tune:
        models.restore(Path(options.fine_tune), ["network"])
    if not options.load_model and (aside := folder.set_checkpoints_aside()):
        print(f"The saved model of an earlier run was moved to {aside}.")
    folder.write_json("settings.json", {
        "flags": {name: str(value) if isinstance(value, Path) else value
                  for name, value in vars(options).items()},
        "learner": dataclasses.asdict(course.settings)})

    unit = course.counter.removeprefix("num_").removesuffix("s").replace("_", " ")
    with contextlib.ExitStack() as stack:
        interruption = stack.enter_context(utils.noticing_interruption())
        try:
            reason = course.train(_outlets(session, course, models, unit, interruption, stack))
        except learners.DivergenceError as error:
            kept = f" The last good model is {models.last}." if models.last.exists() else ""
            raise utils.UserError(f"Learning diverged. {error}{kept}") from error
    done, seconds = getattr(course.progress, course.counter), course.progress.seconds
    print(f"{reason} {done:,} {unit}s, {seconds:.0f} s. "
          + (f"Saved in {models.last}." if options.save_model else "Nothing was saved."))
    if interruption.signal_number:
        raise Interrupted(interruption.signal_number)
    if options.sl_training and models.best.exists():
        models.restore(models.best, ["network"])


def _outlets(session: Session, course: Any, models: utils.ModelFiles, unit: str,
             interruption: utils.Interruption, stack: contextlib.ExitStack) -> Any:
    """Opens the curves and the progress bar of a course."""
    from evaluation import figures
    from learners import outlets

    options, count = session.options, operator.attrgetter(course.counter)
    name = f"{options.environment}-{options.model_name}-seed{options.seed}"
    folder = session.folder.metrics_folder(name, options.load_model)
    metrics = stack.enter_context(contextlib.closing(utils.MetricsWriter(folder)))
    bar = stack.enter_context(contextlib.closing(utils.ProgressBar(
        course.total, count(course.progress), unit)))
    parts = (count, metrics, bar, models, interruption)
    if not options.sl_training:
        return outlets.RunOutlets(*parts, lambda: course.scalars() | {
            "memory/megabytes": utils.memory_megabytes()})
    # A validation has the same tags, in a run of its own: TensorBoard draws both into one picture.
    validation = stack.enter_context(contextlib.closing(utils.MetricsWriter(
        folder / "validation")))
    return outlets.SupervisedOutlets(
        *parts, course.scalars, validation_metrics=validation, limits=course.limits,
        epoch_transitions=course.epoch_transitions,
        draw=functools.partial(figures.of_counts, session.world.action_spec.action_types))


def evaluate(session: Session) -> None:
    """Plays, prints a table and writes evaluation.json.

    Raises:
        utils.UserError: a file cannot be written.
    """
    from pysc2 import maps

    options = session.options
    is_match = maps.get(options.environment).players > 1 and not options.visualize
    print(f"Playing {options.episodes} {'matches' if is_match else 'episodes'} of "
          f"{options.environment}.")
    with _user_errors(ValueError, OSError):
        table, found = (_evaluate_matches if is_match else _evaluate_scores)(session)
    path = session.folder.write_json("evaluation.json", {
        "environment": options.environment, "model_name": options.model_name,
        "model": str(options.checkpoint) if options.checkpoint else None, "seed": options.seed,
        "greedy": options.greedy, **found})
    print(f"{table}\nWritten to {path}.")
    for written in filter(None, (options.video, options.save_replays)):
        print(f"Written to {written}.")


def _evaluate_scores(session: Session) -> tuple[str, dict[str, Any]]:
    """Of any map: the scores of the episodes. It can be watched."""
    from evaluation import matches, statistics, watching

    options = session.options
    seed = utils.seed_of(options.seed, 0, 1)  # other games than those of training
    with contextlib.ExitStack() as stack:
        if options.visualize or options.video or options.save_replays:
            environments, observers = watching.open_watched(
                stack, session.world.settings, seed, session.world.action_spec,
                _title(options), options.visualize, options.video, options.save_replays)
        else:
            count = min(options.num_environments, options.episodes)
            environments, observers = stack.enter_context(_parallel(session, count, seed)), ()
        scores = matches.play(session.agent, environments, options.episodes, options.greedy,
                              observers)
    summary = statistics.summarize(scores)
    return statistics.table(summary), summary._asdict() | {"scores": scores}


def _evaluate_matches(session: Session) -> tuple[str, dict[str, Any]]:
    """Of a map for two players: who won, how fast, and what was built."""
    from evaluation import match_evaluation, match_report

    options = session.options
    folder = session.folder.free_folder(
        f"evaluation/{options.environment}-{options.opponent_difficulty}")
    has_dataset = options.sl_training and Path(options.replay_hkl_file_path).is_dir()
    with contextlib.closing(utils.ProgressBar(options.episodes, 0, "game")) as bar:
        report = match_evaluation.evaluate(
            session.agent, session.world.settings, num_matches=options.episodes,
            seed=utils.seed_of(options.seed, 0, 1), folder=folder, greedy=options.greedy,
            opponent=_other_agent(options) if options.against else None, follow=options.follow,
            num_environments=min(16, options.num_environments),
            num_workers=_num_workers(options), action_limit=options.action_limit,
            reaction_game_loops=options.reaction_game_loops,
            save_replays=options.save_replays is not None,
            clip=(options.video, _title(options)) if options.video else None,
            dataset=options.replay_hkl_file_path if has_dataset else None,
            description={"model": str(options.checkpoint), "against": options.against},
            told=lambda told: bar.update(told.num_finished, told.words))
    if options.save_replays:
        shutil.copytree(folder / "replays", options.save_replays, dirs_exist_ok=True)
    return match_report.table(report), {
        "opponent": options.against or options.opponent_difficulty, "folder": str(folder),
        **report.to_json()}


def _other_agent(options: types.SimpleNamespace) -> Any:
    """The agent of another checkpoint, as an opponent."""
    from evaluation import match_evaluation

    other = types.SimpleNamespace(**vars(options) | {"training": False})
    _take_over(other, Path(options.against), {"environment", "seed"})
    world = _make_world(other)
    agent = _make_agent(other, world)
    utils.Checkpointer(world.description).restore(
        other.checkpoint, {"network": agent.network.variables})
    return match_evaluation.Opponent(agent, world.settings)


def _title(options: types.SimpleNamespace) -> str:
    return f"{options.environment}  ·  {options.model_name}"


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
    if options.describe:
        import network

        print(network.describe(session.agent.network))
    if options.training:
        train(session)
    elif options.checkpoint:
        session.checkpointer.restore(options.checkpoint,
                                     {"network": session.agent.network.variables})
        print(f"Loaded {options.checkpoint}.")
    elif options.episodes:
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
