"""What a command line of run.py comes to, once a saved model has completed it."""

import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import utils
from commands import flags

BUNDLED = Path(__file__).parents[1] / "evaluation" / "bundled"

PLAYING_DEFAULTS = {"environment": "MoveToBeacon", "model_name": "fullyconv", "num_threads": 1,
                    "race": "random", "temperature": 1.0}
"""By flag, for who learns by playing: more threads only fight with the games for the cores."""

SUPERVISED_DEFAULTS = {"num_threads": 0, "batch_size": 8, "unroll_len": 16, "temperature": 0.8}
"""By flag, for an agent that learns from episodes. Its environment and its network are those that
suit the dataset: see `worlds`."""

SUPERVISED = "supervised"
"""What the description of a model says that has learned from replays."""

MODEL_FLAGS = ("environment", "model_name", "size", "screen_size", "step_mul")
"""What a model is made for."""

TEACHER_FLAGS = ("teacher_path", "kl_cost", "kl_decay_steps")
"""Whom it stays close to while it learns by playing."""

LEARNING_FLAGS = ("learning_rate", "gradient_clipping", "entropy_cost", "discount", "unroll_len",
                  *TEACHER_FLAGS)
"""How it learns by playing. A loaded checkpoint decides both where the command line does not."""

SUPERVISED_FLAGS = (
    "environment", "race", "seed", "replay_hkl_file_path", "winners_only", "validation_share",
    "batch_size", "unroll_len", "learning_rate", "gradient_clipping", "schedule",
    "warmup_updates", "decay_updates", "l2", "head_weights", "label_smoothing", "num_parts",
    "mixed_precision", "build_order_share", "statistics_share")
"""How it learns from replays, likewise."""


def resolve(argv: Sequence[str], introduction: str = "") -> types.SimpleNamespace | None:
    """Reads the command line; what it leaves open comes from the saved model, if one is loaded.

    Args:
        argv: the command line, its first element being the name of the program.
        introduction: what --help says before the list of the flags.

    Returns:
        One attribute a flag and `checkpoint`, the file that is loaded or None. None where help was
        asked for.

    Raises:
        utils.UserError: the command line is wrong, or the saved model is missing or damaged.
    """
    values = flags.define()
    utils.parse_flags(values, argv)
    options = types.SimpleNamespace(**values.flag_values_dict(), checkpoint=None)
    del options.load  # the other name of load_model
    if options.help:
        print(f"{introduction}\n{utils.flags_help(values)}")
        return None
    if options.load_model and options.fine_tune:
        raise utils.UsageError("--fine_tune FILE begins a new training, and not --load: give one "
                               "of the two.")
    if options.load_model:
        given = {name for name in values if values[name].present}
        take_over(options, _find_checkpoint(options), given)
    for name, value in defaults(options).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    _complete(options)
    return options


def defaults(options: types.SimpleNamespace) -> dict[str, Any]:
    """By flag, what holds where neither the command line nor a saved model says otherwise."""
    return SUPERVISED_DEFAULTS if options.sl_training else PLAYING_DEFAULTS


def take_over(options: types.SimpleNamespace, checkpoint: Path, given: set[str]) -> None:
    """Takes the flags that were not given from a saved model.

    Args:
        options: what is changed.
        checkpoint: file of the model.
        given: names of the flags that stay as they are.

    Raises:
        utils.UserError: the model is missing or damaged.
    """
    header = utils.read_header(checkpoint)
    saved = header["description"] | header["notes"]["flags"]
    saved["sl_training"] = saved.get("learning") == SUPERVISED
    names = {"sl_training", *MODEL_FLAGS, *LEARNING_FLAGS, *SUPERVISED_FLAGS} - given
    if not options.training:
        names -= {*TEACHER_FLAGS}  # who only plays needs none
    for name in names:
        if name in saved:
            setattr(options, name, saved[name])
    options.checkpoint = checkpoint
    options.sl_training = options.sl_training if options.training else saved["sl_training"]


def _complete(options: types.SimpleNamespace) -> None:
    """Fills in what depends on several flags, and refuses what does not go together."""
    if options.episodes is None:
        options.episodes = _num_episodes(options)
    if not (options.training or options.episodes or options.describe):
        raise utils.UsageError("There is nothing to do: give --training True, --episodes N, "
                               "--visualize True or --video FILE. (--help lists every flag.)")
    if options.sl_training and not (options.training or options.load_model):
        raise utils.UsageError("--sl_training True says how to train: give --training True too, or "
                               "--load True to play with a trained model.")
    _check_collection(options)
    _complete_teacher(options)
    if options.fine_tune and not (options.training and options.sl_training):
        raise utils.UsageError("--fine_tune FILE begins a new training from replays: give "
                               "--training True --sl_training True.")
    if options.video and Path(options.video).suffix not in (".mp4", ".gif"):
        raise utils.UsageError(f"--video {options.video}: expected a file name that ends in .mp4 "
                               "or .gif.")
    if options.sl_training and (options.max_minutes, options.max_updates, options.max_epochs) == (
            None, None, None):
        options.max_minutes = 60.0


def _num_episodes(options: types.SimpleNamespace) -> int:
    if options.collect_path:
        return 100
    if options.visualize or options.video or options.save_replays:
        return 1 if options.sl_training else 3
    return 10 if options.load_model and not (options.training or options.describe) else 0


def _check_collection(options: types.SimpleNamespace) -> None:
    is_scripted = options.expert == "scripted"
    if options.collect_path and not options.episodes:
        raise utils.UsageError("--collect_path FOLDER writes episodes: give --episodes N, at "
                               "least 1.")
    if options.collect_path and (options.visualize or options.video or options.save_replays):
        raise utils.UsageError("--collect_path FOLDER writes episodes and shows none: give it, or "
                               "--visualize, --video or --save_replays.")
    if is_scripted and (options.training or options.load_model or not options.collect_path):
        raise utils.UsageError("--expert scripted is who plays with --collect_path FOLDER, in "
                               "place of an agent: give no --training and no --load.")


def _complete_teacher(options: types.SimpleNamespace) -> None:
    if options.teacher_path and (options.sl_training or not options.training):
        raise utils.UsageError("--teacher_path WORKSPACE is for learning by playing: give "
                               "--training True, and no --sl_training.")
    if options.kl_cost and not options.teacher_path:
        raise utils.UsageError(f"--kl_cost {options.kl_cost:g} is the weight of a teacher: give "
                               "--teacher_path WORKSPACE.")
    if options.teacher_path and options.kl_cost is None:
        options.kl_cost = flags.KL_COST


def find_model(path: Path) -> Path:
    """The model that plays best of a workspace; a path of another kind is that of a checkpoint."""
    if not path.is_dir():
        return path
    best, last = (path / "checkpoints" / name for name in ("best.npz", "last.npz"))
    return best if best.exists() else last


def _find_checkpoint(options: types.SimpleNamespace) -> Path:
    """Training goes on with the last model; the best one plays, or else the bundled one."""
    saved = Path(options.workspace_path) / "checkpoints"
    if options.training:
        return saved / "last.npz"
    environment = options.environment or PLAYING_DEFAULTS["environment"]
    bundled = [BUNDLED / environment / name / "best.npz"
               for name in ([options.model_name] if options.model_name else flags.MODEL_NAMES)]
    for path in (saved / "best.npz", saved / "last.npz", *bundled):
        if path.exists():
            if path in bundled:
                print(f"The workspace {options.workspace_path} has no saved model; using the "
                      f"bundled one, {path}.")
            return path
    return saved / "last.npz"
