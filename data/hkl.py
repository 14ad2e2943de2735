"""Episodes as .hkl files: one file an episode, read by any program through `hickle.load`.

`hickle.load(path)` returns

    {"observation": {name: [N, ...]}, "action": {name: [N]}, "game_loop": [N], "delay": [N],
     "reward": [N], "strategy": {name: [...]}, "metadata": {...},
     "spec": {"format": 2, "observation": fingerprint, "action": fingerprint, "description": JSON}}

with the types and shapes of the specs. It unpickles what the file says: on files from elsewhere
call `check` first, or read them through `EpisodeReader`, which never runs code.

Arrays are cut into chunks of consecutive steps, so that a window of steps is read without the
rest, and compressed by gzip. A chunk of planes holds a single layer: then the picture of the step
before lies within the 32 kB that gzip looks back, which is worth half of the size.
"""

import contextlib
import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import hickle
import numpy as np

from data import hkl_layout, seal, spec_text, strategy
from data.episode import Episode, Metadata
from data.seal import EpisodeError
from environment.specs import Kind

FORMAT = 2

_GZIP_LEVEL = 6
_CHUNK_STEPS = 64
_SMALL_CHUNK_BYTES = 1 << 16
_LARGE_CHUNK_BYTES = 1 << 20
# HDF5 keeps so many bytes of decompressed chunks of each array: all layers of 64 steps at 64x64.
_CACHE_BYTES = 1 << 24
# What is smaller is read at once and kept: asking HDF5 costs more than the few bytes.
_SMALL_ARRAY_BYTES = 1 << 20
_VERSIONS = ("v110", "v110")
"""Of HDF5, the oldest and the newest whose structures are used; 1.10 has the compact ones."""


class Steps(NamedTuple):
    """Consecutive steps of an episode, [T, ...]; see `Episode`."""

    observations: dict[str, np.ndarray]
    actions: dict[str, np.ndarray]
    game_loops: np.ndarray
    delays: np.ndarray
    rewards: np.ndarray


def write(path: str | Path, episode: Episode) -> None:
    """Writes a file so that it is there as a whole or not at all.

    Args:
        path: ends in .hkl; a file that is there is replaced.
        episode: is validated first.

    Raises:
        ValueError: the episode does not fit its specs, or another file name.
        OSError: the file cannot be written.
    """
    path = Path(path)
    if path.suffix != ".hkl":
        raise ValueError(f"Episode file {path}: expected a name that ends in .hkl.")
    episode.validate()
    data = _file_bytes(episode)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Makes a renaming last through a power failure, where folders can be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _file_bytes(episode: Episode) -> bytearray:
    """The whole file. It is made in memory, so that a full disk meets plain Python and not HDF5."""
    tree, arrays = _tree(episode)
    memory = io.BytesIO()
    with h5py.File(memory, "w", libver=_VERSIONS, userblock_size=seal.BLOCK_BYTES) as file:
        # hickle gives all arrays the same chunks. It writes empty ones here, and each is replaced
        # by its real array, which keeps what hickle has noted about it.
        hickle.dump(tree, file)
        for (group, name), (value, chunks) in arrays.items():
            parent, key = file[f'data/"{group}"' if group else "data"], f'"{name}"'
            attributes = dict(parent[key].attrs)
            del parent[key]
            dataset = parent.create_dataset(key, data=value, chunks=chunks, shuffle=True,
                                            compression="gzip", compression_opts=_GZIP_LEVEL)
            dataset.attrs.update(attributes)
        hkl_layout.read_tree(file)
    data = bytearray(memory.getbuffer())
    seal.seal(data)
    return data


def _tree(episode: Episode) -> tuple[dict[str, Any], dict]:
    """What hickle writes, and (group, name) -> (array, chunks) of what comes in its place."""
    specs = spec_text.Specs(episode.observation_spec, episode.action_spec)
    planes = {array.name for array in specs.observation.of_kind(Kind.PLANES)}
    arrays = {("observation", name): (value, _chunks(value, name in planes))
              for name, value in episode.observations.items()}
    arrays |= {("action", name): (value, _chunks(value)) for name, value in episode.actions.items()}
    arrays |= {("", name): (value, _chunks(value)) for name, value in (
        ("game_loop", episode.game_loops), ("delay", episode.delays),
        ("reward", episode.rewards))}
    observation_fingerprint, action_fingerprint = spec_text.fingerprints(specs)
    tree: dict[str, Any] = {
        "observation": {}, "action": {}, "strategy": episode.strategy.to_dict(),
        "metadata": _unshared(episode.metadata.to_dict()),
        "spec": {"format": FORMAT, "observation": observation_fingerprint,
                 "action": action_fingerprint}}
    for (group, name), (value, _) in arrays.items():
        (tree[group] if group else tree)[name] = np.zeros(0, value.dtype)
    text = np.frombuffer(spec_text.encode(specs).encode(), np.dtype("S1"))[np.newaxis]
    tree["spec"]["description"] = "JSON"
    arrays["spec", "description"] = (text, text.shape)
    return tree, arrays


def _chunks(value: np.ndarray, is_planes: bool = False) -> tuple[int, ...]:
    """How an array [N, ...] is cut: many steps of small arrays, few of very large ones."""
    rest = (*value.shape[1:-1], 1) if is_planes else value.shape[1:]
    step_bytes = max(int(np.prod(rest)) * value.itemsize, 1)
    steps = max(_CHUNK_STEPS, _SMALL_CHUNK_BYTES // step_bytes)
    return (max(1, min(steps, _LARGE_CHUNK_BYTES // step_bytes, len(value))), *rest)


def _unshared(value: Any) -> Any:
    """A copy in which no two texts are one object: hickle would write a reference for the second,
    which `hkl_layout` refuses."""
    if isinstance(value, dict):
        return {key: _unshared(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unshared(item) for item in value]
    return "".join(list(value)) if isinstance(value, str) else value


@contextlib.contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Turns whatever HDF5 and h5py raise on a file that is not what it should be."""
    try:
        yield
    except EpisodeError:
        raise
    except hkl_layout.LayoutError as error:
        raise EpisodeError(path, f"it is refused: {error}") from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, IndexError,
            MemoryError, OverflowError) as error:
        raise EpisodeError(path, f"it is damaged or no episode file ({type(error).__name__}: "
                           f"{error})") from error


def check(path: str | Path) -> None:
    """Reads a file once and checks everything about it that can be checked without its values.

    Raises:
        EpisodeError: it is damaged, is no episode file, or holds what could run code.
        OSError: it cannot be opened.
    """
    EpisodeReader(path).close()


class EpisodeReader(contextlib.AbstractContextManager):
    """An open episode file. Arrays are read when they are asked for; closes as a context manager.

    Attributes:
        path: of the file.
        specs: what the arrays mean.
        metadata: where the episode comes from.
        num_steps: N.
    """

    def __init__(self, path: str | Path):
        """Compares the file with its seal and checks its layout.

        Raises:
            EpisodeError: it is damaged, is no episode file, or holds what could run code.
            OSError: it cannot be opened.
        """
        self.path = Path(path)
        self._small: dict[h5py.Dataset, np.ndarray] = {}
        seal.verify(self.path)
        with contextlib.ExitStack() as stack, _damage_named(self.path):
            # Other programs may read it meanwhile, and folders may be read-only: no locks.
            self._file = stack.enter_context(h5py.File(
                self.path, "r", locking=False, rdcc_nbytes=_CACHE_BYTES, rdcc_nslots=4001,
                rdcc_w0=1.0))
            tree = hkl_layout.read_tree(self._file)
            self._read_header(tree)
            self._stack = stack.pop_all()

    def _read_header(self, tree: dict[str, Any]) -> None:
        expected = {"observation", "action", "game_loop", "delay", "reward", "strategy",
                    "metadata", "spec"}
        if set(tree) != expected:
            raise ValueError(f"it has {sorted(tree)}, expected {sorted(expected)}")
        spec = tree["spec"]
        if spec["format"] != FORMAT:
            raise ValueError(f"it has format {spec['format']}, this program reads {FORMAT}")
        self.specs = spec_text.decode(spec["description"])
        if (spec["observation"], spec["action"]) != spec_text.fingerprints(self.specs):
            raise ValueError("the fingerprints are not those of the specs")
        self.metadata = Metadata.from_dict(tree["metadata"])
        self.num_steps = tree["game_loop"].shape[0]
        leading = (self.num_steps,)
        self._observations = _expect(tree["observation"], {
            array.name: ((*leading, *array.shape), array.dtype)
            for array in self.specs.observation.arrays})
        self._actions = _expect(tree["action"], {
            name: (leading, "int32") for name in self.specs.action.sizes})
        self._rest = _expect({name: tree[name] for name in ("game_loop", "delay", "reward")}, {
            "game_loop": (leading, "int32"), "delay": (leading, "int32"),
            "reward": (leading, "float32")})
        self._strategy = _expect(tree["strategy"], strategy.ARRAYS)

    def read(self, start: int, stop: int) -> Steps:
        """The steps [start, stop), which must be in the episode.

        Raises:
            ValueError: they are not.
            EpisodeError: they are damaged, or an action is out of its range.
        """
        self._require_steps(start, stop)
        with _damage_named(self.path):
            observations, actions, rest = (
                {name: self._cut(array, start, stop) for name, array in arrays.items()}
                for arrays in (self._observations, self._actions, self._rest))
            steps = Steps(observations, actions, *rest.values())
            self.specs.action.validate(steps.actions, (stop - start,))
            return steps

    def read_actions(self, start: int, stop: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """What was done in the steps [start, stop), and the game loops until the next one of each.

        Nothing of the observations is read.

        Raises:
            ValueError: they are not in the episode.
            EpisodeError: they are damaged, or an action is out of its range.
        """
        self._require_steps(start, stop)
        with _damage_named(self.path):
            actions = {name: self._cut(array, start, stop)
                       for name, array in self._actions.items()}
            self.specs.action.validate(actions, (stop - start,))
            return actions, self._cut(self._rest["delay"], start, stop)

    def _require_steps(self, start: int, stop: int) -> None:
        if not 0 <= start < stop <= self.num_steps:
            raise ValueError(f"{self.path}: steps [{start}, {stop}) are not among its "
                             f"{self.num_steps}.")

    def _cut(self, array: h5py.Dataset, start: int, stop: int) -> np.ndarray:
        if array not in self._small:
            if array.nbytes > _SMALL_ARRAY_BYTES:
                return array[start:stop]
            self._small[array] = array[()]
        return self._small[array][start:stop].copy()

    def read_strategy(self) -> strategy.Strategy:
        """How the player played.

        Raises:
            EpisodeError: it is damaged.
        """
        with _damage_named(self.path):
            return strategy.Strategy(**{name: array[()] for name, array in self._strategy.items()})

    def storage(self) -> dict[str, int]:
        """Array -> bytes in the file."""
        groups: dict[str, Mapping[str, h5py.Dataset]] = {
            "observation/": self._observations, "action/": self._actions, "": self._rest,
            "strategy/": self._strategy}
        return {f"{prefix}{name}": array.id.get_storage_size()
                for prefix, arrays in groups.items() for name, array in arrays.items()}

    def close(self) -> None:
        self._stack.close()

    def __exit__(self, *_: object) -> None:
        self.close()


def read(path: str | Path) -> Episode:
    """Reads a whole episode into memory.

    Raises:
        EpisodeError: the file is damaged, is no episode file, or holds what could run code.
        OSError: it cannot be opened.
    """
    with EpisodeReader(path) as reader:
        steps = reader.read(0, reader.num_steps)
        episode = Episode(
            observation_spec=reader.specs.observation, action_spec=reader.specs.action,
            observations=steps.observations, actions=steps.actions, game_loops=steps.game_loops,
            rewards=steps.rewards, strategy=reader.read_strategy(), metadata=reader.metadata)
    with _damage_named(Path(path)):
        episode.validate()
    return episode


def _expect(arrays: Mapping[str, h5py.Dataset],
            expected: Mapping[str, tuple[tuple[int, ...], str]]) -> dict[str, h5py.Dataset]:
    """The arrays in the order of `expected`; raises ValueError unless names and shapes fit."""
    if set(arrays) != set(expected):
        raise ValueError(f"it has the arrays {sorted(arrays)}, expected {sorted(expected)}")
    for name, (shape, dtype) in expected.items():
        if arrays[name].shape != shape or arrays[name].dtype != np.dtype(dtype):
            raise ValueError(f"array {name!r} is {arrays[name].dtype} {list(arrays[name].shape)}, "
                             f"expected {dtype} {list(shape)}")
    return {name: arrays[name] for name in expected}

