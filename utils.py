"""What the command lines share: flags, the run folder, checkpoints, metrics, progress and seeds.

Nothing heavy is imported before it is needed, so that `--help` and a wrong flag answer at once.
"""

import contextlib
import dataclasses
import io
import json
import os
import random
import signal
import sys
import tempfile
import textwrap
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

import numpy as np
from absl import flags

from data import folder_lock


class UserError(Exception):
    """Something that the user can mend. The message is one line and says how."""

    exit_status = 1


class UsageError(UserError):
    """The command line is wrong."""

    exit_status = 2


# Flags


def parse_flags(flag_values: flags.FlagValues, argv: Sequence[str]) -> None:
    """Parses a whole command line into `flag_values`.

    A boolean may be written `--flag`, `--flag True`, `--flag=True` or `--noflag`; absl itself
    does not know the second form. Every word must belong to a flag.

    Args:
        flag_values: the defined flags; values are set in place.
        argv: the command line, its first element being the name of the program.

    Raises:
        UsageError: a flag is unknown, a value has the wrong type, or a word belongs to no flag.
    """
    try:
        stray_words = flag_values(_join_booleans(flag_values, argv), known_only=False)[1:]
    except flags.Error as error:
        raise UsageError(f"{' '.join(str(error).split())} (--help lists every flag.)") from error
    if stray_words:
        raise UsageError(f"{stray_words[0]!r} belongs to no flag; write --flag VALUE. "
                         "(--help lists every flag.)")


def _join_booleans(flag_values: flags.FlagValues, argv: Sequence[str]) -> list[str]:
    """Writes `--flag word` as `--flag=word` where the flag is a boolean."""
    joined, words = list(argv[:1]), list(argv[1:])
    while words:
        word = words.pop(0)
        name, equals, value = word.lstrip("-").partition("=")
        if word.startswith("-") and name in flag_values and flag_values[name].boolean:
            if not equals and words and not words[0].startswith("-"):
                equals, value = "=", words.pop(0)
            if equals and value.lower() not in ("true", "false", "t", "f", "1", "0"):
                raise UsageError(f"--{name} {value}: expected True or False.")
            joined.append(f"--{name}{equals}{value}")
        elif word.startswith("-") and name in flag_values and not equals:
            joined += [word, *words[:1]]
            del words[:1]
        else:
            joined.append(word)
    return joined


def flags_help(flag_values: flags.FlagValues) -> str:
    """Every flag with its kind, default and sentence, in the order of definition.

    Flags that were defined with different `module_name`s stand below these as titles.
    """
    groups = {title: [flag for flag in members if flag.name not in ("flagfile", "undefok")]
              for title, members in flag_values.flags_by_module_dict().items()}
    groups = {title: members for title, members in groups.items() if members}  # absl's own: none
    lines = []
    for title, members in groups.items():
        lines += [f"\n{title}"] if len(groups) > 1 else []
        for flag in members:
            lines += _flag_help(flag)
    return "\n".join(lines).lstrip("\n")


def _flag_help(flag: flags.Flag) -> list[str]:
    kind = "|".join(getattr(flag.parser, "enum_values", ()))
    sentence = flag.help.removeprefix(f"<{kind}>: ")
    default = "" if flag.default is None else f", default {flag.default}"
    return [f"  --{flag.name} ({kind or flag.flag_type()}{default})", *textwrap.wrap(
        sentence, 96, initial_indent=" " * 6, subsequent_indent=" " * 6)]


def end_with(main: Callable[[], int]) -> NoReturn:
    """Runs a command line and ends the process with the status that it returns.

    Where the reader of the output goes away first, as in `--help | head`, the process ends as
    quietly as a program that the signal SIGPIPE ends, and with the same status. The signal itself
    must stay off: it would end this process for every socket and pipe that another one closes.

    Raises:
        BrokenPipeError: of another pipe.
    """
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        try:
            print(flush=True)  # tells whether it was the output and no other pipe
        except BrokenPipeError:
            # The interpreter flushes once more when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(128 + signal.SIGPIPE)
        raise
    sys.exit(status)


# Run folder


class RunFolder:
    """The folder that everything of one run is written to.

    Attributes:
        path: the folder itself.
        checkpoints: folder of the saved models, `last.npz` and `best.npz`.
        tensorboard: folder for `tensorboard --logdir`, one folder a run in it.
    """

    def __init__(self, path: str | os.PathLike):
        """Makes the folder.

        Raises:
            UserError: it cannot be made or nothing can be written to it.
        """
        self.path = Path(path)
        self.checkpoints = self.path / "checkpoints"
        self.tensorboard = self.path / "tensorboard"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            raise UserError(f"The workspace {str(path)!r} cannot be written to: {error.strerror}. "
                            "Give another --workspace_path.") from error

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other trainings out: two would write the same checkpoints.

        Raises:
            UserError: one is there already.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(folder_lock.held(self.path))
            except folder_lock.HeldError as error:
                raise UserError(f"Another training (process {error.holder}) uses the workspace "
                                f"{str(self.path)!r}. Wait for it, or give another "
                                "--workspace_path.") from error
            yield

    def write_json(self, name: str, value: Any) -> Path:
        """Writes `value` into the file `name`, whole or not at all."""
        with _replacing(self.path / name) as file:
            file.write((json.dumps(value, indent=2) + "\n").encode())
        return self.path / name

    def set_checkpoints_aside(self) -> Path | None:
        """Moves the checkpoints of an earlier run to a folder of their own and returns it."""
        saved = sorted(self.checkpoints.glob("*.npz"))
        if not saved:
            return None
        folder = _first_free(self.checkpoints / "earlier")
        folder.mkdir()
        for file in saved:
            file.rename(folder / file.name)
        return folder

    def metrics_folder(self, name: str, resume: bool) -> Path:
        """The folder for the metrics of a run: a free one, or the latest if it is resumed."""
        taken = sorted(self.tensorboard.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime)
        return taken[-1] if resume and taken else _first_free(self.tensorboard / name)

    def free_folder(self, name: str) -> Path:
        """A folder that is not there yet: `name` and a number."""
        return _first_free(self.path / name)


def _first_free(path: Path) -> Path:
    number = 1
    while (candidate := path.with_name(f"{path.name}-{number}")).exists():
        number += 1
    return candidate


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[io.BufferedWriter]:
    """Opens a file that takes the place of `path` once it is complete and on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


# Checkpoints


class CheckpointError(UserError):
    """A checkpoint is missing, damaged or of something else."""


class Checkpointer:
    """Saves and restores variables and progress in `.npz` files, without pickle.

    A file holds the arrays of named groups of variables, the `description` of what they belong to
    (specs and model settings) and notes (counters, scores). It is replaced whole: an interrupted
    save leaves the file before it.

    Variables are told apart by group and position, not by their names, which Keras numbers anew
    in every process that builds more than one model.
    """

    def __init__(self, description: Mapping[str, Any]):
        """Args:
        description: what a checkpoint must agree with, of JSON types.
        """
        self._description = json.loads(json.dumps(description))

    def save(self, path: Path, variables: Mapping[str, Sequence[Any]],
             notes: Mapping[str, Any]) -> None:
        """Writes a checkpoint.

        Args:
            path: of the file, which ends in `.npz`.
            variables: groups of variables (anything that `numpy.asarray` takes).
            notes: what else is to be remembered, of JSON types.
        """
        arrays = {_key(group, index): np.asarray(variable)
                  for group, members in variables.items() for index, variable in enumerate(members)}
        header = json.dumps({"description": self._description, "notes": notes})
        with _replacing(path) as file:
            np.savez(file, header=np.frombuffer(header.encode(), np.uint8), **arrays)

    def restore(self, path: Path, variables: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        """Assigns the saved values to `variables` and returns the notes.

        Groups that the file holds and `variables` lacks are left out (playing needs no optimizer).
        Nothing is assigned unless everything fits.

        Raises:
            CheckpointError: the file is missing, damaged or does not fit.
        """
        header, arrays = _read(path)
        difference = first_difference(header["description"], self._description)
        if difference:
            where, saved, wanted = difference
            raise CheckpointError(f"The checkpoint {path} does not fit: {where} is {saved} in it "
                                  f"and {wanted} in this run. Use the settings that it was "
                                  "trained with, or another --workspace_path.")
        pairs = [(variable, _key(group, index)) for group, members in variables.items()
                 for index, variable in enumerate(members)]
        for variable, key in pairs:
            saved = arrays[key].shape if key in arrays else None
            if saved != tuple(variable.shape):
                raise CheckpointError(f"The checkpoint {path} does not fit: {key} has the shape "
                                      f"{saved} in it and {tuple(variable.shape)} in this run.")
        for group, members in variables.items():
            if _key(group, len(members)) in arrays:
                raise CheckpointError(f"The checkpoint {path} does not fit: it has more than the "
                                      f"{len(members)} variables of {group} in this run.")
        for variable, key in pairs:
            variable.assign(arrays[key])
        return header["notes"]


class ModelFiles:
    """The saved models of a run: the last one to go on with, the best one to play with.

    Attributes:
        last: path of the file that holds everything.
        best: path of the file that holds the network alone.
    """

    def __init__(self, folder: RunFolder, checkpointer: Checkpointer,
                 variables: Mapping[str, Sequence[Any]], flag_values: Mapping[str, Any],
                 is_saving: bool = True):
        """Args:
        folder: of the run.
        checkpointer: knows what the models belong to.
        variables: groups of them, one of which is `network`.
        flag_values: what a resumed run takes over, of JSON types.
        is_saving: False writes nothing.
        """
        self.last, self.best = folder.checkpoints / "last.npz", folder.checkpoints / "best.npz"
        self._checkpointer, self._variables = checkpointer, variables
        self._flag_values, self._is_saving = dict(flag_values), is_saving

    def restore(self, path: Path, groups: Sequence[str] | None = None) -> dict[str, Any]:
        """Assigns the saved values (of some groups only, if they are named); returns the notes.

        Raises:
            CheckpointError: the file is missing, damaged or does not fit.
        """
        wanted = self._variables if groups is None else {
            name: self._variables[name] for name in groups}
        return self._checkpointer.restore(path, wanted)

    def save_last(self, progress: Any) -> None:
        """Saves all variables; `progress` is a dataclass of JSON types."""
        self._save(self.last, self._variables, progress)

    def save_best(self, progress: Any) -> Path | None:
        """Saves the network; returns the path if there was no best model before."""
        is_new = self._is_saving and not self.best.exists()
        self._save(self.best, {"network": self._variables["network"]}, progress)
        return self.best if is_new else None

    def _save(self, path: Path, variables: Mapping[str, Sequence[Any]], progress: Any) -> None:
        if self._is_saving:
            self._checkpointer.save(path, variables, {
                "progress": dataclasses.asdict(progress), "flags": self._flag_values})


def read_header(path: Path) -> dict[str, Any]:
    """The `description` and the `notes` that a checkpoint was saved with.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    return _read(path)[0]


def _key(group: str, index: int) -> str:
    return f"{group}/{index:04d}"


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop("header").tobytes())
        return {key: header[key] for key in ("description", "notes")}, arrays
    except FileNotFoundError as error:
        raise CheckpointError(f"There is no checkpoint {path}. Train with --save_model True first, "
                              "or give the --workspace_path of a trained model.") from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, AttributeError,
            zipfile.BadZipFile, zlib.error) as error:
        raise CheckpointError(f"{path} is damaged or no checkpoint of this program ({error}). "
                              "Delete it or give another --workspace_path.") from error


def first_difference(saved: Any, wanted: Any, where: str = "") -> tuple[str, Any, Any] | None:
    """The first place where two values of JSON types differ, with both values there."""
    if isinstance(saved, dict) and isinstance(wanted, dict):
        pairs = [(f"{where}.{key}" if where else key, saved.get(key), wanted.get(key))
                 for key in wanted | saved]
    elif isinstance(saved, list) and isinstance(wanted, list) and len(saved) == len(wanted):
        pairs = [(f"{where}[{index}]", *pair)
                 for index, pair in enumerate(zip(saved, wanted, strict=True))]
    else:
        return None if saved == wanted else (where, _brief(saved), _brief(wanted))
    differences = (first_difference(a, b, path) for path, a, b in pairs)
    return next(filter(None, differences), None)


def _brief(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 80 else f"{text[:60]}... ({len(value)} elements)"


# Metrics, progress, seeds


class MetricsWriter:
    """Writes scalars and pictures for TensorBoard."""

    def __init__(self, folder: Path):
        import tensorflow as tf

        self._summary = tf.summary
        self._writer = tf.summary.create_file_writer(str(folder))

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Writes one value a tag; `step` is what the tag is drawn over."""
        with self._writer.as_default(step):
            for tag, value in values.items():
                self._summary.scalar(tag, value)

    def images(self, step: int, pictures: Mapping[str, np.ndarray]) -> None:
        """Writes one picture a tag, uint8 [H, W, 3]."""
        with self._writer.as_default(step):
            for tag, picture in pictures.items():
                self._summary.image(tag, picture[np.newaxis])

    def flush(self) -> None:
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


class ProgressBar:
    """A bar on a terminal; elsewhere a line from time to time, so that a log stays readable."""

    def __init__(self, total: int | None, initial: int, unit: str, stream: TextIO | None = None,
                 seconds_between_lines: float = 10.0):
        from tqdm import tqdm

        self._stream = stream or sys.stderr
        self._bar = tqdm(total=total, initial=initial, unit=unit, unit_scale=True,
                         file=self._stream, disable=not self._stream.isatty(), dynamic_ncols=True)
        self._total, self._done, self._unit = total, initial, unit
        self._seconds_between_lines = seconds_between_lines
        self._last_line = time.monotonic()

    def update(self, done: int, words: str) -> None:
        """Moves to `done` units; `words` are shown behind the bar."""
        amount, self._done = done - self._done, done
        if not self._bar.disable:
            self._bar.set_postfix_str(words, refresh=False)
            self._bar.update(amount)
        elif time.monotonic() - self._last_line >= self._seconds_between_lines:
            self._last_line = time.monotonic()
            total = f" of {self._total:,}" if self._total else ""
            self.say(f"{self._done:,}{total} {self._unit}s: {words}")

    def say(self, line: str) -> None:
        """Prints a line without tearing the bar."""
        self._bar.write(line, file=self._stream)
        self._stream.flush()

    def close(self) -> None:
        self._bar.close()


@contextlib.contextmanager
def quiet_native_code() -> Iterator[None]:
    """Holds back what native libraries print to stderr; shows it if the block raises.

    TensorFlow prints warnings about the processor and missing drivers before it reads the
    variables that should silence it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    before = os.dup(2)
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except BaseException:
            held_back.seek(0)
            os.write(before, held_back.read())
            raise
        finally:
            os.dup2(before, 2)
            os.close(before)


@dataclasses.dataclass
class Interruption:
    """Whether somebody wants this process to end.

    Attributes:
        signal_number: of the signal that said so; None before.
    """

    signal_number: int | None = None

    @property
    def reason(self) -> str | None:
        """As a sentence."""
        return f"Stopped by {signal.Signals(self.signal_number).name}." if (
            self.signal_number) else None


@contextlib.contextmanager
def noticing_interruption() -> Iterator[Interruption]:
    """Inside, the first Ctrl-C (or SIGTERM) is only noted; the next one kills."""
    interruption, before = Interruption(), {}

    def note(number: int, unused_frame: Any) -> None:
        interruption.signal_number = number
        signal.signal(number, before[number])

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, note)
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def set_up_tensorflow(gpu_use: bool, num_threads: int) -> int:
    """Chooses what TensorFlow computes on; it must not have computed anything before.

    Args:
        gpu_use: takes the GPUs, if there are any, and says so if there are none.
        num_threads: of one operation; 0 lets TensorFlow choose.

    Returns:
        How many GPUs it takes.
    """
    with quiet_native_code():  # it greets with what it was compiled with and without
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
    if gpu_use and not gpus:
        print("--gpu_use True, but TensorFlow finds no GPU here: computing on the CPU.")
    taken = gpus if gpu_use else []
    tf.config.set_visible_devices(taken, "GPU")
    for gpu in taken:
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.threading.set_intra_op_parallelism_threads(num_threads)
    return len(taken)


def seed_of(*numbers: int) -> int:
    """A seed that differs for different numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def seed_everything(seed: int) -> None:
    """Seeds Python, NumPy and TensorFlow: same seed, same first weights."""
    import tensorflow as tf

    random.seed(seed)
    np.random.seed(seed)
    tf.random.set_seed(seed)
    tf.keras.utils.set_random_seed(seed)


def make_environment(settings: Any, seed: int, number: int) -> Any:
    """Makes the StarCraft II environment of a number, for worker processes.

    Args:
        settings: `environment.starcraft.StarcraftSettings`.
        seed: of a run.
        number: of the environment; each number gets games of its own.
    """
    from environment import starcraft  # and never TensorFlow, which workers have no room for

    return starcraft.StarcraftEnvironment(settings, seed_of(seed, number))


def make_task(name: str, seed: int, number: int) -> Any:
    """Makes the environment of a number that plays a task of Gymnasium; see `make_environment`."""
    from environment import gymnasium_environment

    return gymnasium_environment.GymnasiumEnvironment(name, seed_of(seed, number))


def memory_megabytes() -> float:
    """Resident memory of this process and of the processes it started, in MB."""
    import psutil

    process, total = psutil.Process(), 0
    for member in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):  # it may have ended since it was listed
            total += member.memory_info().rss
    return total / 1e6
