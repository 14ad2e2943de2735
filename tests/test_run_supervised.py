"""The command line of supervised learning: from a folder of hkl files to an agent that plays."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import run
import utils
from commands import command_line, sessions
from data import hkl, synthetic
from environment import observations

ROOT = Path(__file__).resolve().parents[1]
FEW_LAYERS = {"max_units": 6, "max_selected": 3, "screen_layers": ("player_relative", "selected"),
              "minimap_layers": ("camera",),
              "arrays": ("screen", "minimap", "player", "available_actions", "feature_units")}
TINY = ["--training", "True", "--sl_training", "True", "--environment", "Simple64", "--game",
        "minisc2", "--size", "tiny", "--batch_size", "2", "--unroll_len", "4", "--log_interval",
        "1", "--validation_interval", "4", "--validation_share", "0.3"]


def make_dataset(folder: Path, pixels: int = 8, num_files: int = 5) -> Path:
    folder.mkdir(parents=True)
    settings = observations.ObservationSettings(
        screen_size=(pixels, pixels), minimap_size=(pixels, pixels), **FEW_LAYERS)
    for seed in range(num_files):
        hkl.write(folder / f"episode-{seed}.hkl", synthetic.make(settings, 20, seed))
    return folder


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("data") / "simple64")


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    """Lets several sessions share this process, where TensorFlow is set up already."""
    monkeypatch.setattr(utils, "set_up_tensorflow", lambda *unused: 0)


def call(workspace: Path, *words: str) -> int:
    return run.main(["run.py", "--workspace_path", str(workspace), *words])


def learn(workspace: Path, dataset: Path, num_updates: int, *words: str) -> int:
    return call(workspace, *TINY, "--replay_hkl_file_path", str(dataset), "--max_updates",
                str(num_updates), *words)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, dataset):
    """The workspace of a short training."""
    workspace = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "set_up_tensorflow", lambda *unused: 0)
        assert learn(workspace, dataset, 8) == 0
    return workspace


def last(workspace: Path) -> Path:
    return workspace / "checkpoints" / "last.npz"


def arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return {name: file[name] for name in file.files if name != "header"}


def assert_same_run(one: Path, other: Path) -> None:
    """Weights, optimizer, lanes, random numbers, counters and losses, bit by bit."""
    first, second = arrays(last(one)), arrays(last(other))
    assert first.keys() == second.keys()
    assert {name.split("/")[0] for name in first} == {"network", "optimizer", "lanes", "random"}
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)
    notes = [utils.read_header(last(workspace))["notes"]["progress"] for workspace in (one, other)]
    for progress in notes:
        progress.pop("seconds")
    assert notes[0] == notes[1]


def num_updates(workspace: Path) -> int:
    return utils.read_header(last(workspace))["notes"]["progress"]["num_updates"]


def events(folder: Path):
    from tensorboard.backend.event_processing import event_accumulator

    found = event_accumulator.EventAccumulator(str(folder), size_guidance={"tensors": 0})
    found.Reload()
    return found


def test_a_short_training_ends_with_a_model_that_plays(trained, capsys):
    import agent as agent_module

    options = command_line.resolve(["run.py", "--workspace_path", str(trained), "--load", "True",
                           "--environment", "Simple64", "--episodes", "1", "--game", "minisc2"])
    assert options.checkpoint == trained / "checkpoints" / "best.npz"
    assert (options.sl_training, options.size, options.model_name) == (True, "tiny", "alphastar")
    session = sessions.open_session(options)
    session.checkpointer.restore(options.checkpoint,
                                 {"network": session.agent.network.variables})
    assert isinstance(session.agent, agent_module.Agent)
    environment = utils.make_environment(session.world.settings, 1, 0)
    try:
        step, state = environment.reset(), session.agent.initial_state(1)
        for _ in range(5):
            acted, state = session.agent.step(
                {name: value[None] for name, value in step.observation.items()},
                step.step_type[None], state)
            step = environment.step({name: value[0] for name, value in acted.action.items()})
        assert int(environment.pysc2_observation["game_loop"][0]) > 0
    finally:
        environment.close()


def test_settings_say_what_was_learned_from_and_how(trained, dataset):
    settings = json.loads((trained / "settings.json").read_text())
    assert settings["flags"]["replay_hkl_file_path"] == str(dataset)
    assert settings["flags"]["race"] == "terran"  # that of the episodes
    assert settings["learner"]["learning_rate"] > 0


def test_validations_and_pictures_are_a_run_of_their_own(trained):
    (folder,) = (trained / "tensorboard").iterdir()
    training, validation = events(folder), events(folder / "validation")
    assert [event.step for event in training.Tensors("loss/total")] == list(range(1, 9))
    assert [event.step for event in validation.Tensors("loss/total")] == [4, 8]
    assert "confusion/action_type" in validation.Tags()["tensors"]


def test_metrics_of_the_readme_are_the_metrics_that_are_written(trained):
    (folder,) = (trained / "tensorboard").iterdir()
    heads = {"action_type", *(name for name in utils.read_header(last(trained))["description"]
                              ["actions"]["arguments"] for name in [name["name"]])}
    written = set()
    for part in (folder, folder / "validation"):
        for tag in events(part).Tags()["tensors"]:
            kind, _, name = tag.partition("/")
            # Tags that one head alone has are written out in the README.
            is_of_head = name in heads and kind not in ("confusion", "accuracy_top5")
            written.add(f"{kind}/<head>" if is_of_head else tag)
    section = (ROOT / "README.md").read_text().split("### Learning from replays")[1]
    told = set(re.findall(r"`([^`]+)`", "".join(re.findall(
        r"^\| (.*?) \|", section.split("\n#")[0], re.MULTILINE)))) - {"tag"}
    assert written <= told
    # The synthetic players sometimes do without a head, the table has them all.
    assert told - written <= {"overlap/<head>", "mixed_precision/loss_scale",
                              "mixed_precision/skipped"}


def test_resume_equals_no_interruption(tmp_path, dataset):
    assert learn(tmp_path / "whole", dataset, 11) == 0
    # Another interval of validations changes nothing in what is learned.
    assert learn(tmp_path / "parts", dataset, 5, "--validation_interval", "100") == 0
    # The flags of learning are taken from the checkpoint.
    assert call(tmp_path / "parts", "--training", "--load", "--max_updates", "11", "--game",
                "minisc2", "--validation_interval", "100") == 0
    first, second = arrays(last(tmp_path / "whole")), arrays(last(tmp_path / "parts"))
    assert first.keys() == second.keys()
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)
    assert len(list((tmp_path / "parts" / "tensorboard").iterdir())) == 1


def test_parts_of_the_network_are_described(trained, capsys):
    assert call(trained, "--load", "--describe", "--game", "minisc2") == 0
    assert re.search(r"all +[\d,]+ +100\.0%", capsys.readouterr().out)


def test_a_workspace_in_which_somebody_trains_is_left_alone(trained, dataset, capsys):
    before = last(trained).read_bytes()
    with utils.RunFolder(trained).held():
        assert learn(trained, dataset, 1) == 1
    assert "Another training" in capsys.readouterr().err
    assert last(trained).read_bytes() == before


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="processes are killed as on POSIX")
def test_a_killed_training_goes_on_to_the_same_weights(tmp_path, dataset):
    words = [*TINY, "--replay_hkl_file_path", str(dataset), "--max_updates", "40",
             "--save_interval_seconds", "0"]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "run.py"), "--workspace_path", str(tmp_path / "killed"),
         *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 240
        while not (last(tmp_path / "killed").exists() and num_updates(tmp_path / "killed") >= 6):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    assert 6 <= num_updates(tmp_path / "killed") < 40
    for name, more in (("killed", ["--load"]), ("whole", [])):
        result = subprocess.run(
            [sys.executable, str(ROOT / "run.py"), "--workspace_path", str(tmp_path / name),
             *words, *more], capture_output=True, text=True, timeout=300, check=False)
        assert result.returncode == 0, result.stderr
    assert_same_run(tmp_path / "killed", tmp_path / "whole")


def test_fine_tuning_begins_with_the_weights_alone(tmp_path, trained, dataset):
    assert learn(tmp_path / "tuned", dataset, 1, "--fine_tune", str(last(trained)),
                 "--learning_rate", "0", "--l2", "0", "--validation_share", "0") == 0
    assert num_updates(tmp_path / "tuned") == 1
    before, after = arrays(last(trained)), arrays(last(tmp_path / "tuned"))
    for name, value in before.items():
        if name.startswith("network/"):
            np.testing.assert_array_equal(value, after[name])


def test_one_damaged_file_among_good_ones_is_left_out_and_counted(tmp_path, capsys):
    folder = make_dataset(tmp_path / "data")
    path = folder / "episode-2.hkl"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert learn(tmp_path / "w", folder, 1, "--validation_share", "0") == 0
    assert "4 episodes for training and 0 for validation, 1 damaged" in capsys.readouterr().out


@pytest.mark.parametrize("words, status, told", [
    (["--replay_hkl_file_path", "{tmp}/none"], 1, "There is no folder {tmp}/none"),
    (["--replay_hkl_file_path", "{tmp}/empty"], 1, "holds no episode file"),
    (["--replay_hkl_file_path", "{tmp}/foreign"], 1, "2 damaged, the first"),
    (["--replay_hkl_file_path", "{tmp}/mixed"], 1, "does not fit: "),
    (["--head_weights", "unplugged,place=many"], 1, "a number after 'place='"),
    (["--head_weights", "mine"], 1, "'unplugged'"),
    (["--decay_updates", "100"], 1, "decay_updates: expected more than the 100"),
    (["--num_parts", "3"], 1, "2 lanes cannot be divided evenly among num_parts 3"),
    (["--label_smoothing", "1"], 1, "label_smoothing: expected a number in [0, 1)"),
    (["--fine_tune", "{tmp}/none.npz"], 1, "There is no checkpoint {tmp}/none.npz"),
    (["--fine_tune", "{tmp}/none.npz", "--load"], 2, "not --load"),
    (["--training", "False"], 2, "nothing to do"),
    (["--training", "False", "--episodes", "1"], 2, "--training True too"),
    (["--opponent_difficulty", "impossible"], 2, "very_easy|easy"),
    (["--environment", "Simple46"], 1, "Simple64"),
])
def test_bad_input_is_told_in_one_line(tmp_path, dataset, capsys, words, status, told):
    (tmp_path / "empty").mkdir()
    (tmp_path / "foreign").mkdir()
    for name in ("a.hkl", "b.hkl"):
        (tmp_path / "foreign" / name).write_bytes(b"something else")
    if "{tmp}/mixed" in words:
        make_dataset(tmp_path / "mixed", num_files=1)
        other = make_dataset(tmp_path / "other", pixels=16, num_files=1)
        (other / "episode-0.hkl").rename(tmp_path / "mixed" / "episode-9.hkl")
    words = [word.format(tmp=tmp_path) for word in words]
    assert learn(tmp_path / "w", dataset, 1, *words) == status
    error = capsys.readouterr().err
    assert told.format(tmp=tmp_path) in error
    assert error.startswith("run.py: ") and error.count("\n") == 1
    assert not (tmp_path / "w" / "checkpoints").exists()


def test_a_checkpoint_of_another_size_is_refused(trained, dataset, capsys):
    assert call(trained, "--load", "--size", "small", "--describe", "--game", "minisc2") == 1
    error = capsys.readouterr().err
    assert 'size is "tiny" in it and "small" in this run' in error and error.count("\n") == 1


def test_a_dataset_of_another_resolution_is_refused(trained, tmp_path, capsys):
    other = make_dataset(tmp_path / "other", pixels=16)
    assert call(trained, "--training", "--load", "--replay_hkl_file_path", str(other), "--game",
                "minisc2") == 1
    error = capsys.readouterr().err
    assert "does not fit" in error and error.count("\n") == 1


def test_models_that_learned_otherwise_are_refused(trained, capsys):
    assert call(trained, "--training", "--load", "--sl_training", "False", "--environment",
                "MoveToBeacon", "--game", "minisc2") == 1
    assert "does not fit" in capsys.readouterr().err
