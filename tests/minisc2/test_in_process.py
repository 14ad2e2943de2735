"""SC2Env on the embedded game: seeds, restarts, replays and two players in two processes."""

import pathlib
import re
import subprocess
import sys
import threading

import numpy as np
import portpicker
import pytest
from absl import flags
from absl.testing import flagsaver

from environment import pysc2_compat

pysc2_compat.install()

from pysc2.env import sc2_env
from pysc2.lib import actions, protocol, remote_controller, stopwatch
from s2clientprotocol import common_pb2
from s2clientprotocol import sc2api_pb2 as sc_pb

from minisc2 import maps, run_config

_ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def embedded_game() -> object:
    if not flags.FLAGS.is_parsed():
        flags.FLAGS(["test"])
    with flagsaver.flagsaver(sc2_run_config=run_config.Minisc2.name()):
        yield


def _environment(seed: int | None) -> sc2_env.SC2Env:
    return sc2_env.SC2Env(
        map_name="MoveToBeacon", players=[sc2_env.Agent(sc2_env.Race.terran)], step_mul=8,
        random_seed=seed, agent_interface_format=sc2_env.AgentInterfaceFormat(
            feature_dimensions=sc2_env.Dimensions(screen=32, minimap=32)))


def _screens(env: sc2_env.SC2Env, num_episodes: int) -> np.ndarray:
    """The screens of the first steps of some episodes, the Marine walking to one corner."""
    screens = []
    for _ in range(num_episodes):
        (timestep,) = env.reset()
        for _ in range(5):
            screens.append(timestep.observation.feature_screen.unit_type)
            (timestep,) = env.step(
                [actions.FUNCTIONS.Move_screen("now", (3, 3))
                 if actions.FUNCTIONS.Move_screen.id in timestep.observation.available_actions
                 else actions.FUNCTIONS.select_army("select")])
    return np.stack(screens)


def test_same_seed_same_episodes_other_seed_others() -> None:
    with _environment(7) as first, _environment(7) as second, _environment(8) as third:
        screens = _screens(first, 3)
        np.testing.assert_array_equal(screens, _screens(second, 3))
        assert (screens != _screens(third, 3)).any()
    assert (screens[:5] != screens[5:10]).any()  # a restart draws a new seed


def test_saved_replay_is_played_again_to_the_same_observations(tmp_path: pathlib.Path) -> None:
    with _environment(7) as env:
        _screens(env, 2)
        controller = env._controllers[0]
        options = controller.game_info().options
        last = controller.observe().observation
        data = pathlib.Path(env.save_replay(str(tmp_path), "mine")).read_bytes()
    with run_config.Minisc2().start() as viewer:
        info = viewer.replay_info(data)
        assert (info.map_name, info.game_duration_loops) == ("MoveToBeacon", last.game_loop)
        viewer.start_replay(sc_pb.RequestStartReplay(
            replay_data=data, map_data=maps.file_bytes("MoveToBeacon"), options=options,
            observed_player_id=1))
        viewer.step(last.game_loop)
        seen = viewer.observe().observation
    assert seen.feature_layer_data == last.feature_layer_data
    assert seen.score == last.score


def test_host_in_this_process_and_guest_in_another() -> None:
    ports = [portpicker.pick_unused_port() for _ in range(4)]
    process = subprocess.Popen([sys.executable, "-m", "minisc2", "-port", "0"], cwd=_ROOT,
                               stdout=subprocess.PIPE, text=True)
    try:
        guest_port = int(process.stdout.readline().split()[-1])
        guest = remote_controller.RemoteController("127.0.0.1", guest_port, timeout_seconds=20)
        with run_config.Minisc2().start() as host:
            create = sc_pb.RequestCreateGame(
                local_map=sc_pb.LocalMap(map_path="Melee/Simple64.SC2Map"))
            create.player_setup.add(type=sc_pb.Participant)
            create.player_setup.add(type=sc_pb.Participant)
            host.create_game(create)
            join = sc_pb.RequestJoinGame(race=common_pb2.Terran,
                                         options=sc_pb.InterfaceOptions(raw=True))
            join.server_ports.game_port, join.server_ports.base_port = ports[:2]
            join.client_ports.add(game_port=ports[2], base_port=ports[3])
            _in_parallel(lambda: host.join_game(join), lambda: guest.join_game(join))
            _in_parallel(lambda: host.step(10), lambda: guest.step(10))
            observations = [controller.observe().observation for controller in (host, guest)]
            assert [one.game_loop for one in observations] == [10, 10]
            assert [one.player_common.player_id for one in observations] == [1, 2]
            tags = [{unit.tag for unit in one.raw_data.units if unit.alliance == 1}
                    for one in observations]
            assert all(tags)
            assert not tags[0] & tags[1]
            # The guest's process dies: the host must not wait for it, and wins.
            process.kill()
            _in_parallel(lambda: host.step(10))
            assert host.observe().player_result[0].result == sc_pb.Victory
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _in_parallel(*calls: object) -> None:
    """Runs calls that wait for one another; fails if one of them does not come back."""
    threads = [threading.Thread(target=call, daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def test_example_of_the_documentation_runs() -> None:
    text = (_ROOT / "docs" / "minisc2.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    program = ("from environment import pysc2_compat; pysc2_compat.install()\n"
               + example.replace('"program"]', '"program", "--sc2_run_config=Minisc2"]'))
    subprocess.run([sys.executable, "-c", program], cwd=_ROOT, check=True, timeout=60)


def test_every_way_of_a_request_gives_the_same_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with run_config.Minisc2().start() as controller:
        short = controller.ping()
        stopwatch.sw.enable()
        stopwatch.sw.clear()
        try:
            assert controller.ping() == short
            assert any(name.endswith("write_request") for name in stopwatch.sw.times)
        finally:
            stopwatch.sw.disable()
            stopwatch.sw.clear()
        assert capsys.readouterr().err == ""
        with flagsaver.flagsaver(sc2_verbose_protocol=5):
            assert controller.ping() == short
        assert "Writing request: ping" in capsys.readouterr().err


def test_errors_are_those_of_pysc2() -> None:
    with run_config.Minisc2().start() as controller:
        client = controller._client
        with pytest.raises(protocol.ProtocolError, match="game_info is not valid") as raised:
            client.send(game_info=sc_pb.RequestGameInfo())
        standard = protocol.StarcraftProtocol(client._sock)
        with pytest.raises(protocol.ProtocolError) as expected:
            standard.send(game_info=sc_pb.RequestGameInfo())
        assert str(raised.value) == str(expected.value)
        assert client.status == protocol.Status.launched
        assert controller.ping().base_build  # nothing is left over to be read
        client._sock.close()
        with pytest.raises(protocol.ConnectionError, match="Connection already closed"):
            client.send(ping=sc_pb.RequestPing())


def test_status_follows_the_game() -> None:
    with _environment(3) as env:
        (controller,) = env._controllers
        assert controller.status == protocol.Status.in_game
        controller.step(10_000)
        assert controller.status == protocol.Status.ended
        with pytest.raises(protocol.ProtocolError, match="valid"):
            controller.step(1)
        controller.restart()
        assert controller.status == protocol.Status.in_game
