"""The game as a process: flags of SC2_x64, start, quit, and mistakes on the command line."""

import socket
import subprocess
import sys

import pytest
import websocket
from s2clientprotocol import sc2api_pb2 as sc_pb

from minisc2 import __main__


def test_process_serves_and_quits(tmp_path: object) -> None:
    # What pysc2 gives to the real game on Linux, and on Windows.
    process = subprocess.Popen(
        [sys.executable, "-m", "minisc2", "-listen", "127.0.0.1", "-port", "0", "-dataDir", "/x/",
         "-tempDir", f"{tmp_path}/", "-dataVersion", __main__.DATA_VERSION, "-headlessNoRender",
         "-displayMode", "0", "-windowwidth", "640", "-windowx", "50", "-eglpath", "libEGL.so"],
        stdout=subprocess.PIPE, text=True)
    try:
        words = process.stdout.readline().split()
        assert words[:3] == ["minisc2:", "listening", "on"]
        connection = websocket.create_connection(f"ws://127.0.0.1:{words[-1]}/sc2api", timeout=20)
        connection.send(sc_pb.Request(ping=sc_pb.RequestPing(), id=5).SerializeToString())
        response = sc_pb.Response.FromString(connection.recv())
        assert (response.id, response.status) == (5, sc_pb.launched)
        assert response.ping.data_version == __main__.DATA_VERSION
        connection.send(sc_pb.Request(quit=sc_pb.RequestQuit()).SerializeToString())
        assert sc_pb.Response.FromString(connection.recv()).status == sc_pb.quit
        connection.close()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("arguments", [
    [], ["-port", "x"], ["-port", "70000"], ["-port", "1", "-unknown"], ["-port", "1", "stray"],
    ["-port", "1", "-dataVersion", "0000"],
], ids=" ".join)
def test_mistakes_end_with_status_2_and_their_name(
        arguments: list[str], capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as exit_:
        __main__.main(arguments)
    assert exit_.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_taken_port_is_one_line_and_status_1(capsys: pytest.CaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert __main__.main(["-port", str(taken)]) == 1
    error = capsys.readouterr().err
    assert str(taken) in error
    assert error.count("\n") == 1


def test_help_teaches(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as exit_:
        __main__.main(["--help"])
    assert exit_.value.code == 0
    text = capsys.readouterr().out
    for word in ("-port", "-listen", "/sc2api", "minisc2.install", "without effect"):
        assert word in text
