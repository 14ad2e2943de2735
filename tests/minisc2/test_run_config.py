"""pysc2 finds the embedded game, prefers the real one, and plays in-process without a socket."""

import pathlib

import pytest
from absl import flags
from absl.testing import flagsaver

from environment import pysc2_compat

pysc2_compat.install()

import websocket
from pysc2 import run_configs
from pysc2.lib import protocol, remote_controller, stopwatch
from pysc2.run_configs import lib
from s2clientprotocol import sc2api_pb2 as sc_pb

from minisc2 import in_process, maps, run_config


@pytest.fixture(autouse=True)
def parsed_flags() -> None:
    if not flags.FLAGS.is_parsed():
        flags.FLAGS(["test"])


@pytest.fixture
def no_real_game(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.delenv("SC2PATH", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(run_config.platform, "system", lambda: "Linux")


def test_chosen_where_no_real_game_is(no_real_game: None) -> None:
    assert run_config.installed_game() is None
    assert type(run_configs.get()) is run_config.Minisc2


@pytest.mark.parametrize("where", ["SC2PATH", "home"])
def test_real_game_wins_where_it_is_installed(
        no_real_game: None, where: str, monkeypatch: pytest.MonkeyPatch,
        tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "StarCraftII"
    (folder / "Versions" / "Base75689").mkdir(parents=True)
    if where == "SC2PATH":
        monkeypatch.setenv("SC2PATH", str(folder))
        monkeypatch.setenv("HOME", "/nonexistent")
    assert run_config.installed_game() == str(folder)
    assert type(run_configs.get()).__name__ == "Linux"
    with flagsaver.flagsaver(sc2_run_config="Minisc2"):
        assert type(run_configs.get()) is run_config.Minisc2


def test_versions() -> None:
    config = run_config.Minisc2()
    assert set(config.get_versions()) == {"4.10.0", "latest"}
    assert run_config.Minisc2("4.10").version == lib.VERSIONS["4.10.0"]
    with pytest.raises(ValueError, match=r"4\.12\.0.*serves: 4\.10\.0"):
        run_config.Minisc2("4.12.0")


def test_map_data_is_what_the_game_understands() -> None:
    data = run_config.Minisc2().map_data("mini_games/MoveToBeacon.SC2Map", players=1)
    assert maps.get(data).name == "MoveToBeacon"
    with pytest.raises(ValueError, match="NoSuchMap"):
        run_config.Minisc2().map_data("NoSuchMap")


def test_starts_pings_and_closes() -> None:
    stopwatch.sw.enable()
    stopwatch.sw.clear()
    try:
        game = run_config.Minisc2().start(want_rgb=False, extra_ports=[1, 2])
        with game as controller:
            assert controller.ping().base_build == 75689
            assert controller.status == remote_controller.Status.launched
            assert stopwatch.sw["ping"].num == 1  # the first ping counts as start-up
            assert game.running
        assert not game.running
        game.close()  # again, as pysc2 does
    finally:
        stopwatch.sw.disable()


def test_closed_game_says_so() -> None:
    game = run_config.Minisc2().start()
    controller = game.controller
    socket = controller._client._sock
    game.close()
    with pytest.raises(websocket.WebSocketConnectionClosedException, match="closed"):
        socket.send(b"")


def test_malformed_request_gets_an_error_and_the_game_lives_on() -> None:
    with run_config.Minisc2().start() as controller:
        socket = controller._client._sock
        socket.send(b"\xff\xff\xff")
        assert sc_pb.Response.FromString(socket.recv()).error
        assert controller.ping().base_build == 75689


def test_error_of_the_game_reaches_the_client() -> None:
    with run_config.Minisc2().start() as controller, pytest.raises(protocol.ProtocolError):
        controller._client.send(join_game=sc_pb.RequestJoinGame())


def test_controller_of_two_games_are_apart() -> None:
    with run_config.Minisc2().start() as first, run_config.Minisc2().start() as second:
        assert isinstance(first, in_process.InProcessController)
        first.quit()
        assert second.ping().base_build == 75689
