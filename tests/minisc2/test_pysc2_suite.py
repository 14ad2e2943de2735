"""pysc2's own tests, unmodified, against the embedded game: in this process and over a socket.

Each module runs in a process of its own; two at a time, because most of the time is pysc2's.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator

import pytest

from minisc2 import install

_RUNNER = pathlib.Path(__file__).with_name("run_pysc2_test.py")
_TIMEOUT_SECONDS = 300
_PARALLEL = 2

_BOTH = (
    "random_agent_test", "easy_scripted_test", "multi_player_env_test", "obs_spec_test",
    "actions_test", "render_test", "ping_test", "versions_test", "step_mul_override_test",
    "debug_test", "general_actions_test", "protocol_error_test", "dummy_observation_test",
    "multi_player_test", "observer_test", "obs_test", "replay_obs_test",
)
# Its agents connect to the game's port, which a game in the client's process has not.
_SOCKET_ONLY = ("host_remote_agent_test",)

_RUNS = ([("in_process", module) for module in _BOTH]
         + [("socket", module) for module in (*_BOTH, *_SOCKET_ONLY)])

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[
        dict[tuple[str, str], "concurrent.futures.Future[subprocess.CompletedProcess]"]]:
    """Starts the selected modules, two at a time, in the order in which the tests ask for them."""
    folder = install.install(tmp_path_factory.mktemp("installation") / "StarCraftII")
    selected = [item.callspec.params["run"] for item in request.session.items
                if item.path == request.path]
    with concurrent.futures.ThreadPoolExecutor(_PARALLEL) as pool:
        yield {run: pool.submit(_run, folder, *run) for run in selected}


def _run(folder: pathlib.Path, transport: str, module: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if key != "SC2PATH"}
    if transport == "socket":
        environment["SC2PATH"] = str(folder)
    return subprocess.run(
        [sys.executable, str(_RUNNER), transport, module],
        env=environment, text=True, check=False, cwd=folder.parent, timeout=_TIMEOUT_SECONDS,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.mark.parametrize("run", _RUNS, ids="-".join)
def test_pysc2_test_passes(
        run: tuple[str, str],
        runs: dict[tuple[str, str], "concurrent.futures.Future[subprocess.CompletedProcess]"],
) -> None:
    finished = runs[run].result()
    assert finished.returncode == 0, finished.stdout[-8000:]
    # absltest exits with 0 as well if it finds no test.
    assert "\nRan 0 tests" not in finished.stdout
    assert "\nOK" in finished.stdout
