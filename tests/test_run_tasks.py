"""The command line on tasks of Gymnasium, and for agents that learn from the episodes of others."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import run
import utils
from commands import sessions
from learners import presets

TINY = ["--size", "tiny", "--num_workers", "0", "--game", "minisc2"]
PLAYING = ["--training", "--num_environments", "2", "--unroll_len", "4", "--max_agent_steps", "64"]
IMITATION = ["--training", "--sl_training", "--batch_size", "2", "--unroll_len", "4",
             "--max_updates", "3", "--validation_interval", "2", "--log_interval", "1"]


@pytest.fixture(autouse=True, scope="module")
def in_process():
    """Lets several sessions share this process, where TensorFlow is set up already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "set_up_tensorflow", lambda *unused: 0)
        yield


def call(workspace: Path, *words: str) -> int:
    return run.main(["run.py", "--workspace_path", str(workspace), *TINY, *words])


def read(path: Path) -> dict:
    return json.loads(path.read_text())


def best(workspace: Path) -> Path:
    """What plays of a workspace."""
    found = workspace / "checkpoints" / "best.npz"
    return found if found.exists() else found.with_name("last.npz")


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Episodes of Gymnasium's own agent."""
    folder = tmp_path_factory.mktemp("landed")
    assert call(folder, "--environment", "LunarLander-v3", "--expert", "scripted",
                "--collect_path", str(folder / "episodes"), "--episodes", "3") == 0
    return folder


@pytest.fixture(scope="module")
def clone(tmp_path_factory, landed):
    """The workspace of an agent that has learned from them."""
    workspace = tmp_path_factory.mktemp("clone")
    assert call(workspace, *IMITATION, "--replay_hkl_file_path", str(landed / "episodes"),
                "--model_name", "alphastar") == 0
    return workspace


@pytest.fixture(scope="module")
def player(tmp_path_factory):
    """The workspace of an agent that has learned by playing."""
    workspace = tmp_path_factory.mktemp("player")
    assert call(workspace, *PLAYING, "--environment", "CartPole-v1") == 0
    return workspace


@pytest.fixture(scope="module")
def pupil(tmp_path_factory, clone):
    """The workspace of an agent that has learned by playing, close to the clone."""
    workspace = tmp_path_factory.mktemp("pupil")
    assert call(workspace, *PLAYING, "--environment", "LunarLander-v3", "--teacher_path",
                str(clone), "--kl_decay_steps", "1000") == 0
    return workspace


@pytest.fixture(scope="module")
def beacons(tmp_path_factory):
    """Episodes of pysc2's own agent."""
    folder = tmp_path_factory.mktemp("beacons")
    assert call(folder, "--environment", "MoveToBeacon", "--expert", "scripted", "--screen_size",
                "8", "--step_mul", "64", "--collect_path", str(folder / "episodes"), "--episodes",
                "2") == 0
    return folder


def test_the_expert_writes_a_file_an_episode(landed):
    collection = read(landed / "collection.json")
    assert len(list((landed / "episodes").glob("*.hkl"))) == len(collection["scores"]) == 3
    assert collection["expert"] == "scripted" and collection["environment"] == "LunarLander-v3"
    assert max(collection["scores"]) > 100  # chance has about -200


def test_a_dataset_says_which_environment_it_is_of(clone, capsys):
    assert read(clone / "settings.json")["flags"]["environment"] == "LunarLander-v3"
    assert call(clone, "--load", "--episodes", "2") == 0
    evaluation = read(clone / "evaluation.json")
    assert evaluation["environment"] == "LunarLander-v3" and len(evaluation["scores"]) == 2
    assert evaluation["model"] == str(best(clone))


def test_a_trained_agent_plays_and_is_learned_from(player, tmp_path):
    episodes = tmp_path / "episodes"
    assert call(player, "--load", "--environment", "CartPole-v1", "--collect_path", str(episodes),
                "--episodes", "4", "--num_environments", "2") == 0
    assert len(list(episodes.glob("*.hkl"))) == 4
    assert read(player / "collection.json")["model"] == str(best(player))
    assert call(tmp_path / "clone", *IMITATION, "--environment", "CartPole-v1",
                "--replay_hkl_file_path", str(episodes), "--episodes", "1") == 0
    assert len(read(tmp_path / "clone" / "evaluation.json")["scores"]) == 1


def test_training_of_a_task_goes_on(player, capsys):
    assert call(player, "--training", "--load", "--num_environments", "2", "--max_agent_steps",
                "72") == 0
    assert "72 agent steps" in capsys.readouterr().out


def groups(checkpoint: Path) -> set[str]:
    with np.load(checkpoint) as file:
        return {name.split("/")[0] for name in file.files}


def test_a_teacher_is_listened_to_and_remembered(pupil, clone):
    learner = read(pupil / "settings.json")["learner"]
    assert (learner["kl_cost"], learner["kl_decay_agent_steps"]) == (1.0, 1000)
    assert learner["reward_scale"] == presets.actor_critic("LunarLander-v3")["reward_scale"] != 1
    model = sessions.load_agent(best(clone), seed=1)
    assert len(model.network.variables) == len([
        name for name in np.load(best(clone)).files if name.startswith("network/")])
    # The clone has a memory, and its state in the middle of episodes is saved.
    assert "teacher" in groups(pupil / "checkpoints" / "last.npz")


def test_metrics_of_the_readme_are_those_that_a_teacher_adds(pupil):
    from tensorboard.backend.event_processing import event_accumulator

    events = event_accumulator.EventAccumulator(
        str(next((pupil / "tensorboard").iterdir())), size_guidance={"tensors": 0})
    events.Reload()
    written = {re.sub("^kl/.*", "kl/<argument>", tag) for tag in events.Tags()["tensors"]
               if re.match("kl|loss/kl", tag)}
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    section = readme.split("#### With a teacher")[1].split("\n#")[0]
    assert written == set(re.findall(r"^\| `(.*?)` \|", section, re.MULTILINE))


def test_training_with_a_teacher_goes_on_with_it(pupil, clone, capsys):
    assert call(pupil, "--training", "--load", "--num_environments", "2", "--max_agent_steps",
                "72") == 0
    settings = read(pupil / "settings.json")
    assert settings["flags"]["teacher_path"] == str(clone)
    assert settings["learner"]["kl_cost"] == 1.0
    assert call(pupil, "--load", "--episodes", "1") == 0  # who plays needs no teacher
    assert read(pupil / "settings.json")["flags"]["episodes"] == 0


@pytest.mark.slow
def test_a_clone_of_a_mini_game_plays_it(beacons, tmp_path):
    assert call(tmp_path, *IMITATION, "--replay_hkl_file_path", str(beacons / "episodes"),
                "--episodes", "1") == 0
    evaluation = read(tmp_path / "evaluation.json")
    assert (evaluation["environment"], evaluation["model_name"]) == ("MoveToBeacon", "fullyconv")
    # ... and teaches an agent that has the settings of the episodes.
    assert call(tmp_path / "pupil", *PLAYING, "--environment", "MoveToBeacon", "--screen_size",
                "8", "--step_mul", "64", "--teacher_path", str(tmp_path)) == 0


@pytest.mark.parametrize("words, status, told", [
    (["--training", "--environment", "LunarLander-v99"], 1, "LunarLander-v99"),
    (["--training", "--environment", "Pendulum-v1"], 1, "action space"),
    (["--training", "--environment", "Blackjack-v1"], 1, "observation space"),
    (["--episodes", "1", "--environment", "CartPole-v1", "--video", "a.mp4"], 1,
     "--video is for maps of StarCraft II"),
    (["--environment", "CartPole-v1", "--expert", "scripted", "--collect_path", "{tmp}/new"], 1,
     "no scripted agent for 'CartPole-v1'"),
    (["--environment", "CartPole-v1", "--collect_path", "{landed}/episodes"], 1,
     "holds episodes (*.hkl) already"),
    (["--collect_path", "{tmp}/new", "--episodes", "0"], 2, "--episodes N"),
    (["--collect_path", "{tmp}/new", "--video", "a.mp4"], 2, "shows none"),
    (["--expert", "scripted", "--training"], 2, "--collect_path FOLDER"),
    (["--training", "--environment", "CartPole-v1", "--teacher_path", "{clone}"], 1,
     "The teacher was made for something else"),
    (["--training", "--environment", "CartPole-v1", "--teacher_path", "{tmp}/none"], 1,
     "There is no checkpoint {tmp}/none"),
    (["--training", "--kl_cost", "0.5"], 2, "--kl_cost 0.5 is the weight of a teacher"),
    ([*IMITATION, "--teacher_path", "{clone}"], 2, "for learning by playing"),
    (["--expert", "novice", "--collect_path", "{tmp}/new"], 2, "agent|scripted"),
    ([*IMITATION, "--environment", "CartPole-v1", "--replay_hkl_file_path", "{landed}/episodes"], 1,
     "were played in LunarLander-v3, not in CartPole-v1: give --environment LunarLander-v3"),
])
def test_bad_input_is_told_in_one_line(tmp_path, landed, clone, capsys, words, status, told):
    words = [word.format(tmp=tmp_path, landed=landed, clone=clone) for word in words]
    capsys.readouterr()
    assert call(tmp_path / "w", *words) == status
    error = capsys.readouterr().err
    assert told.format(tmp=tmp_path) in error
    assert error.startswith("run.py: ") and error.count("\n") == 1
    assert not (tmp_path / "w" / "checkpoints").exists()


def test_a_clone_of_one_task_does_not_play_another(clone, capsys):
    assert call(clone, "--load", "--environment", "CartPole-v1") == 1
    error = capsys.readouterr().err
    assert 'environment is "LunarLander-v3" in it and "CartPole-v1" in this run' in error
    assert error.count("\n") == 1
