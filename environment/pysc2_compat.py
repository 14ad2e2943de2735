"""Lets the official, unpatched pysc2 4.0.0 import on Python 3.10 to 3.13.

`install()` comes before the first import of pysc2. It loads nothing itself: it registers an import
hook that treats four modules as they are loaded, and nobody but those modules sees a difference.

- `pysc2.lib.colors` calls `random.shuffle(x, random)`; Python 3.11 dropped the second argument.
- `pysc2/lib/replay/` (a package) hides `pysc2/lib/replay.py` (a module), so that programs which
  need `replay.get_replay_version` fail; the package gets the functions of the hidden module.
- `s2protocol.versions` needs the module `imp`, which Python 3.12 removed.
- `pysc2.lib.video_writer` is loaded when it is first used: with it come SciPy and scikit-video,
  0.9 of the 1.1 seconds in which `SC2Env` is imported, and only pysc2's recorder needs them.

pysc2 also depends on `s2clientprotocol`, whose modules are too old for current protobuf. The
distribution `pys2clientprotocol` holds the same package regenerated; both write to one folder, so
the one installed last wins. `install()` says how to mend it when the old one is there.
"""

import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import os
import random
import sys
import types
from collections.abc import Callable, MutableSequence, Sequence
from typing import Any

_PROTOCOL_REQUIREMENT = "pys2clientprotocol==1.0.2"


class ProtocolError(ImportError):
    """The StarCraft II protocol package is missing or was generated for another protobuf."""


def shuffle(x: MutableSequence[Any], f: Callable[[], float] = random.random) -> None:
    """Shuffles `x` in place as `random.shuffle(x, f)` did before Python 3.11.

    Args:
        x: what to shuffle.
        f: returns a number in [0, 1), called once for each element but the first.
    """
    for i in range(len(x) - 1, 0, -1):
        j = int(f() * (i + 1))
        x[i], x[j] = x[j], x[i]


def _random_with_two_argument_shuffle() -> types.ModuleType:
    module = types.ModuleType("random", "The module random with the shuffle of Python 3.10.")
    module.__dict__.update({k: v for k, v in vars(random).items() if not k.startswith("__")})
    module.shuffle = shuffle
    return module


def _find_module(name: str, path: Sequence[str]) -> tuple[None, str, None]:
    spec = importlib.machinery.PathFinder.find_spec(name, path)
    if spec is None or spec.origin is None:
        raise ImportError(f"No module named {name!r} in {list(path)}", name=name)
    return None, spec.origin, None


def _load_module(name: str, file: None, pathname: str, description: None) -> types.ModuleType:
    del file, description
    spec = importlib.util.spec_from_file_location(name, pathname)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _imp() -> types.ModuleType:
    module = types.ModuleType("imp", "The two functions of the former imp that s2protocol uses.")
    module.find_module = _find_module
    module.load_module = _load_module
    return module


def _replace_import(module: types.ModuleType, name: str, replacement: types.ModuleType) -> None:
    """Makes `import name` inside `module`, and only there, give `replacement`."""

    def import_(wanted: str, *args: Any, **kwargs: Any) -> types.ModuleType:
        if wanted == name:
            return replacement
        return builtins.__import__(wanted, *args, **kwargs)

    # A module's code looks `__import__` up in its own `__builtins__`; changing sys.modules instead
    # would show the replacement to every other thread that happens to import meanwhile.
    module.__builtins__ = {**vars(builtins), "__import__": import_}


def _add_hidden_replay_module(package: types.ModuleType) -> None:
    """Gives the package `pysc2.lib.replay` the functions of the module file beside it."""
    path = os.path.dirname(package.__file__) + ".py"
    spec = importlib.util.spec_from_file_location("pysc2.lib._replay_module", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, function in inspect.getmembers(module, inspect.isfunction):
        setattr(package, name, function)


_BEFORE: dict[str, Callable[[types.ModuleType], None]] = {
    "pysc2.lib.colors": lambda m: _replace_import(m, "random", _random_with_two_argument_shuffle()),
    "s2protocol.versions": lambda m: _replace_import(m, "imp", _imp()),
}
_LAZY = ("pysc2.lib.video_writer",)
_AFTER: dict[str, Callable[[types.ModuleType], None]] = {
    "pysc2.lib.replay": _add_hidden_replay_module,
}


class _Loader(importlib.abc.Loader):
    """Runs the mending of one module around the loading of it."""

    def __init__(self, loader: importlib.abc.Loader):
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: types.ModuleType) -> None:
        before, after = _BEFORE.get(module.__name__), _AFTER.get(module.__name__)
        if before:
            before(module)
        self._loader.exec_module(module)
        if after:
            after(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)  # get_source and the like, for tracebacks


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules to mend where they are, and wraps their loaders."""

    def find_spec(self, fullname: str, path: Sequence[str] | None,
                  target: types.ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        if fullname not in (*_BEFORE, *_AFTER, *_LAZY):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            lazy = fullname in _LAZY
            spec.loader = (importlib.util.LazyLoader if lazy else _Loader)(spec.loader)
        return spec


def _check_protocol() -> None:
    """Raises ProtocolError unless the regenerated protocol modules are the ones installed."""
    remedy = f"{sys.executable} -m pip install --force-reinstall --no-deps {_PROTOCOL_REQUIREMENT}"
    try:
        from s2clientprotocol import common_pb2
    except ImportError as error:
        raise ProtocolError(f"The package s2clientprotocol cannot be imported ({error}). It comes "
                            f"with `{remedy}`.") from error
    except TypeError as error:  # what protobuf raises for modules of an old protoc
        common_pb2, cause = None, error
    else:
        cause = None
    # The old modules do import with protobuf's pure Python parser, which is 300 times slower. Only
    # the regenerated ones check the version of the runtime.
    if common_pb2 is None or not hasattr(common_pb2, "_runtime_version"):
        raise ProtocolError("The installed s2clientprotocol was generated for protobuf 3. Install "
                            f"the regenerated one over it: `{remedy}`.") from cause


def install() -> None:
    """Makes pysc2 importable; call before importing pysc2. Calling again changes nothing.

    Raises:
        ProtocolError: s2clientprotocol is missing or older than protobuf needs; the message holds
            the command that mends it.
    """
    _check_protocol()
    # pysc2 loads pygame, whose advertisement would land in the output of every command and worker.
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    loaded = sys.modules.get("pysc2.lib.replay")
    if loaded is not None and not hasattr(loaded, "get_replay_version"):
        _add_hidden_replay_module(loaded)
