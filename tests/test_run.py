"""The command line: every form of the README, bad input, resuming, and what training does."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import run
import utils
from commands import command_line, flags, sessions, training
from data import hkl, synthetic

ROOT = Path(__file__).resolve().parents[1]
TINY = ["--size", "tiny", "--num_environments", "2", "--num_workers", "1", "--unroll_len", "4",
        "--max_agent_steps", "64", "--game", "minisc2"]
TINY_IMITATION = ["--size", "tiny", "--batch_size", "2", "--unroll_len", "4", "--max_updates", "3",
                  "--game", "minisc2"]


def call(*words: str, cwd: Path) -> subprocess.CompletedProcess:
    """Runs run.py as a user does."""
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    return subprocess.run([sys.executable, str(ROOT / "run.py"), *words], cwd=cwd, timeout=300,
                          capture_output=True, text=True, env=environment, check=False)


def readme_commands() -> list[list[str]]:
    blocks = re.findall(r"(?ms)^```\n(.*?)^```", (ROOT / "README.md").read_text())
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True)[2:] for line in lines
            if line.startswith("python run.py")]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A folder in which the README's commands run one after the other, with a dataset."""
    folder = tmp_path_factory.mktemp("readme")
    settings = synthetic.with_resolution(8)
    for name in ("simple64", "people"):
        (folder / "dataset" / name).mkdir(parents=True)
        for seed in range(4):
            hkl.write(folder / "dataset" / name / f"{seed}.hkl", synthetic.make(settings, 20, seed))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("words", readme_commands(), ids=" ".join)
def test_commands_of_the_readme(words, workspace):
    """In their order, in one folder, on tiny settings."""
    words = ["1" if before == "--episodes" else word
             for before, word in zip([None, *words], words, strict=False)]
    if "--visualize" in words:
        words += ["--episodes", "1"]
    if "Simple64" in words and "--training" not in words:
        tiny = ["--game", "minisc2"]  # the model knows the rest
    else:
        tiny = TINY_IMITATION if "--sl_training" in words else TINY
    result = call(*words, *tiny, cwd=workspace)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr

    def path_after(flag: str, default: str = "") -> Path:
        return workspace / (words[words.index(flag) + 1] if flag in words else default)

    if any(word.startswith("--training") for word in words):
        folder = path_after("--workspace_path", "workspace")
        assert (folder / "checkpoints" / "last.npz").exists()
        assert list((folder / "tensorboard").glob("*/events.out.tfevents.*"))
    if "--video" in words:
        assert path_after("--video").stat().st_size > 10_000
    for flag in {"--save_replays", "--collect_path"}.intersection(words):
        assert list(path_after(flag).iterdir())
    if "--gpu_use" in words:
        assert "TensorFlow finds no GPU here: computing on the CPU" in result.stdout
    if "--visualize" in words:
        assert "The window cannot be opened: there is no display" in result.stdout


def test_the_commands_that_must_work_are_in_the_readme():
    commands = [" ".join(words) for words in readme_commands()]
    assert commands[0].endswith("--training True --gpu_use True --save_model True")
    assert commands[1] == "--workspace_path ./workspace/ --visualize True --load_model True"
    assert commands[2] == ("--environment MoveToBeacon --model_name alphastar --training True "
                           "--learning_rate 0.0001 --gradient_clipping 25.0 --seed 42")
    assert ("--workspace_path ./workspace/ --training True --gpu_use True --learning_rate 0.0001 "
            "--sl_training True --replay_hkl_file_path ./dataset/simple64/ --environment Simple64"
            ) in commands
    assert ("--workspace_path ./workspace/ --gpu_use True --load True --visualize True "
            "--environment Simple64") in commands


def test_metrics_of_the_readme_are_the_metrics_that_are_written(trained):
    from tensorboard.backend.event_processing import event_accumulator

    events = event_accumulator.EventAccumulator(
        str(next((trained / "tensorboard").iterdir())), size_guidance={"tensors": 0})
    events.Reload()
    written = {re.sub(r"^entropy/.*", "entropy/<argument>", tag)
               for tag in events.Tags()["tensors"]}
    section = (ROOT / "README.md").read_text().split("### Learning by playing")[1].split("\n#")[0]
    told = set()
    for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE):
        names = re.findall(r"`(.*?)`", row)
        told |= {name if not name.startswith("_") else names[0].rpartition("_")[0] + name
                 for name in names}
    assert written == told


@pytest.mark.parametrize("words, status, told", [
    (["--training", "--lerning_rate", "1"], 2, "learning_rate"),
    (["--training", "True", "stray"], 2, "'stray'"),
    (["--training", "perhaps"], 2, "expected True or False"),
    (["--training", "False"], 2, "nothing to do"),
    ([], 2, "nothing to do"),
    (["--training", "--model_name", "betastar"], 2, "fullyconv|alphastar"),
    (["--training", "--seed", "one"], 2, "one"),
    (["--training", "--num_environments", "0"], 2, "num_environments"),
    (["--training", "--discount", "1.5"], 2, "discount"),
    (["--episodes", "1", "--video", "clip.avi"], 2, ".mp4 or .gif"),
    (["--training", "--environment", "MoveToBecon", "--game", "minisc2"], 1, "MoveToBeacon"),
    (["--training", "--load_model"], 1, "There is no checkpoint workspace/checkpoints/last.npz"),
    (["--training", "--workspace_path", "file/workspace"], 1, "'file/workspace' cannot be written"),
    (["--training", "--game", "starcraft2"], 1, "SC2PATH"),
])
def test_bad_input_is_told_in_one_line(tmp_path, words, status, told):
    (tmp_path / "file").write_text("")
    result = call(*words, cwd=tmp_path)
    assert result.returncode == status, result.stderr
    assert told in result.stderr
    assert result.stderr.startswith("run.py: ") and result.stderr.count("\n") == 1
    assert not (tmp_path / "workspace" / "checkpoints").exists()


def test_a_starcraft_folder_without_maps_is_told_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "Versions" / "Base75689").mkdir(parents=True)
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    result = call("--training", cwd=tmp_path)
    assert result.returncode == 1
    assert "has no maps" in result.stderr and result.stderr.count("\n") == 1


def test_help_shows_every_flag_and_loads_nothing_heavy(tmp_path):
    script = ("import run, sys; assert run.main(['run.py', '--help']) == 0; "
              "assert not {'tensorflow', 'keras', 'pysc2'} & set(sys.modules)")
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True,
                            text=True, check=True)
    assert all(f"--{name} (" in result.stdout for name in flags.define()
               if name not in ("h", "flagfile", "undefok"))


@pytest.mark.skipif(os.name != "posix", reason="there are no pipes of this kind")
def test_nobody_has_to_read_the_whole_list_of_flags(tmp_path):
    read, write = os.pipe()
    os.close(read)
    result = subprocess.run([sys.executable, str(ROOT / "run.py"), "--help"], stdout=write,
                            stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (result.returncode, result.stderr) == (128 + signal.SIGPIPE, "")


def test_choices_are_those_of_the_rooms():
    import network
    from environment import starcraft, starcraft_game
    from learners import schedules

    assert flags.MODEL_NAMES == network.MODEL_NAMES
    assert flags.SIZES == network.SIZES
    assert flags.GAMES == starcraft_game.GAMES
    assert flags.RACES == starcraft.RACES
    assert flags.DIFFICULTIES == starcraft.DIFFICULTIES
    assert flags.SCHEDULES == schedules.NAMES


def options_for(workspace: Path, *words: str):
    return command_line.resolve(["run.py", "--workspace_path", str(workspace), *TINY, *words])


@pytest.fixture
def in_process(monkeypatch):
    """Lets several sessions share this process, where TensorFlow is set up already."""
    monkeypatch.setattr(utils, "set_up_tensorflow", lambda *unused: None)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The workspace of a short training."""
    folder = tmp_path_factory.mktemp("trained")
    result = call("--training", "--workspace_path", str(folder), *TINY, "--log_interval", "1",
                  "--max_agent_steps", "8000", "--unroll_len", "32", "--num_environments", "8",
                  cwd=folder)
    assert result.returncode == 0, result.stderr
    return folder


def arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return {name: file[name] for name in file.files if name != "header"}


def assert_same_checkpoint(a: Path, b: Path) -> None:
    first, second = arrays(a), arrays(b)
    assert first.keys() == second.keys()
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)
    notes = [utils.read_header(path)["notes"] for path in (a, b)]
    for note in notes:
        note["progress"].pop("seconds")
    assert notes[0] == notes[1]


def steps_done(path: Path) -> int:
    return utils.read_header(path)["notes"]["progress"]["num_agent_steps"]


def bundled_models() -> list[Path]:
    return sorted(command_line.BUNDLED.glob("*/*/best.npz"))


@pytest.mark.parametrize("path", bundled_models(), ids=lambda path: "-".join(path.parts[-3:-1]))
def test_bundled_models_fit_and_are_small(path, tmp_path, in_process, capsys):
    environment, model_name = path.parts[-3:-1]
    assert path.stat().st_size < 5e6
    options = command_line.resolve([
        "run.py", "--load_model", "--environment", environment, "--model_name", model_name,
        "--workspace_path", str(tmp_path), "--game", "minisc2"])
    assert options.checkpoint == path
    session = sessions.open_session(options)
    session.checkpointer.restore(path, {"network": session.agent.network.variables})


@pytest.mark.slow
def test_learning_curves_train_evaluate_and_are_drawn(tmp_path):
    words = ["-m", "evaluation.learning_curves", str(tmp_path / "curves"), "--seeds", "2",
             "--episodes", "2", "--", *TINY, "--max_agent_steps", "1000", "--log_interval", "1"]
    result = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True,
                            check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith("| 2 | never | never | never | 1,0")
    result = subprocess.run(
        [sys.executable, "-m", "evaluation.plots", str(tmp_path / "curve.png"), "--runs",
         f"tiny={tmp_path / 'curves'}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "curve.png").stat().st_size > 10_000


@pytest.mark.slow
def test_same_seed_same_run(tmp_path):
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        result = call("--training", "--seed", seed, "--workspace_path", name, *TINY,
                      "--num_workers", "2", "--max_agent_steps", "1000", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
    last = "checkpoints/last.npz"
    assert_same_checkpoint(tmp_path / "a" / last, tmp_path / "b" / last)
    with pytest.raises(AssertionError):
        assert_same_checkpoint(tmp_path / "a" / last, tmp_path / "c" / last)


class Collector:
    """Stands for the games: what it collects depends on the agent and on how far the run is."""

    score = None

    def __init__(self, session, done):
        from environment import specs

        self._session, self._done, self._specs = session, done, specs
        self.num_agent_steps = 0

    def collect(self):
        spec, agent = self._session.world.observation_spec, self._session.agent
        generator = np.random.default_rng(self._done + self.num_agent_steps)
        observations = spec.zeros((5, 2))
        for array in spec.of_kind(self._specs.Kind.PLANES):
            observations[array.name][:] = generator.integers(0, 2, observations[array.name].shape)
        state = agent.initial_state(2)
        steps = [agent.step({name: value[t] for name, value in observations.items()},
                            np.ones(2, np.int8), state)[0] for t in range(4)]
        self.num_agent_steps += 8
        self.episode_scores = [self.score or float(generator.integers(0, 5))]
        return self._specs.Trajectory(
            observations, np.ones((5, 2), np.int8),
            {name: np.stack([step.action[name] for step in steps]) for name in steps[0].action},
            generator.random((4, 2)).astype(np.float32), np.ones((4, 2), np.float32),
            np.stack([step.log_prob for step in steps]), state)


class Environments:
    num_dropped_episodes = num_restarts = 0
    seeds = ()

    def __init__(self, seed):
        Environments.seeds += (seed,)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        pass


def train(monkeypatch, options) -> None:
    from learners import actor

    session = sessions.open_session(options)
    done = steps_done(options.checkpoint) if options.load_model else 0
    monkeypatch.setattr(sessions, "parallel", lambda _, count, seed: Environments(seed))
    monkeypatch.setattr(actor, "Actor", lambda *unused: Collector(session, done))
    training.train(session)


@pytest.mark.parametrize("model", flags.MODEL_NAMES)
def test_resume_equals_no_interruption(tmp_path, monkeypatch, in_process, model):
    """Weights, optimizer, random numbers, schedules, counters and scores, bit by bit."""
    words = ["--training", "--model_name", model, "--learning_rate", "0.0001"]
    train(monkeypatch, options_for(tmp_path / "whole", *words, "--max_agent_steps", "160"))
    train(monkeypatch, options_for(tmp_path / "parts", *words, "--max_agent_steps", "80"))
    assert steps_done(tmp_path / "parts" / "checkpoints" / "last.npz") == 80
    # The flags of learning are taken from the checkpoint.
    train(monkeypatch, options_for(tmp_path / "parts", "--training", "--load_model",
                                   "--model_name", model, "--max_agent_steps", "160"))
    assert_same_checkpoint(tmp_path / "whole" / "checkpoints" / "last.npz",
                           tmp_path / "parts" / "checkpoints" / "last.npz")
    assert len(list((tmp_path / "parts" / "tensorboard").iterdir())) == 1
    # The games are not those of the beginning again.
    whole, first, second = Environments.seeds[-3:]
    assert whole == first != second


def test_the_best_model_holds_what_playing_needs(tmp_path, monkeypatch, in_process):
    monkeypatch.setattr(Collector, "score", 30.0)
    train(monkeypatch, options_for(tmp_path, "--training", "--log_interval", "1",
                                   "--max_agent_steps", "808"))
    best = tmp_path / "checkpoints" / "best.npz"
    assert steps_done(best) == 800  # a hundred episodes, one of eight steps each
    assert {name.split("/")[0] for name in arrays(best)} == {"network"}
    options = command_line.resolve(["run.py", "--workspace_path", str(tmp_path), "--load_model"])
    assert options.checkpoint == best


def test_save_model_false_writes_no_model(tmp_path, monkeypatch, in_process):
    train(monkeypatch, options_for(tmp_path, "--training", "--save_model", "False"))
    assert not (tmp_path / "checkpoints").exists()


def test_divergence_stops_with_the_last_good_model(tmp_path, monkeypatch, in_process):
    import learners
    from learners import actor_critic

    steps = actor_critic.ActorCriticLearner.step

    def diverge(self, trajectory):
        if self.num_updates == 3:
            raise learners.DivergenceError("Not finite after 3 updates: loss/value.")
        return steps(self, trajectory)

    monkeypatch.setattr(actor_critic.ActorCriticLearner, "step", diverge)
    with pytest.raises(utils.UserError) as error:
        train(monkeypatch, options_for(tmp_path, "--training", "--save_interval_seconds", "0"))
    last = tmp_path / "checkpoints" / "last.npz"
    assert "Learning diverged. Not finite after 3 updates" in str(error.value)
    assert f"The last good model is {last}" in str(error.value)
    assert steps_done(last) == 24


def test_a_new_training_keeps_the_old_model(tmp_path, monkeypatch, in_process, capsys):
    for _ in range(2):
        train(monkeypatch, options_for(tmp_path, "--training"))
    assert (tmp_path / "checkpoints" / "earlier-1" / "last.npz").exists()
    assert "earlier-1" in capsys.readouterr().out


def test_settings_are_saved_as_resolved(tmp_path, monkeypatch, in_process):
    train(monkeypatch, options_for(tmp_path, "--training", "--learning_rate", "0.0005",
                                   "--gradient_clipping", "25"))
    settings = json.loads((tmp_path / "settings.json").read_text())
    assert settings["learner"]["learning_rate"] == 0.0005
    assert settings["learner"]["gradient_clipping"] == 25
    assert settings["learner"]["unroll_len"] == 4
    assert settings["flags"]["environment"] == "MoveToBeacon"


def test_a_checkpoint_decides_what_the_command_line_leaves_open(tmp_path, monkeypatch, in_process):
    train(monkeypatch, options_for(tmp_path, "--training", "--model_name", "alphastar",
                                   "--screen_size", "12"))
    options = command_line.resolve(["run.py", "--workspace_path", str(tmp_path), "--load_model"])
    assert (options.model_name, options.size, options.screen_size) == ("alphastar", "tiny", 12)
    assert options.checkpoint.name == "last.npz"


@pytest.mark.slow
@pytest.mark.parametrize("words, told", [
    (["--model_name", "alphastar"], ['"fullyconv" in it', '"alphastar" in this run']),
    (["--screen_size", "32"], ["screen_size is 16 in it", "32 in this run"]),
    (["--environment", "DefeatRoaches"], ['"MoveToBeacon" in it', '"DefeatRoaches" in this run']),
])
def test_foreign_checkpoints_are_refused_with_both_values(trained, tmp_path, words, told):
    result = call("--workspace_path", str(trained), "--load_model", "--game", "minisc2",
                  "--size", "tiny", *words, cwd=tmp_path)
    assert result.returncode == 1
    assert all(part in result.stderr for part in told) and result.stderr.count("\n") == 1


@pytest.mark.slow
def test_evaluation_writes_what_it_prints(trained, tmp_path):
    result = call("--workspace_path", str(trained), "--load_model", "--game", "minisc2",
                  "--episodes", "3", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    evaluation = json.loads((trained / "evaluation.json").read_text())
    assert evaluation["num_episodes"] == len(evaluation["scores"]) == 3
    assert f"{evaluation['mean']:.2f}" in result.stdout
    assert evaluation["model"].endswith("last.npz")


@pytest.mark.slow
def test_a_workspace_without_a_model_uses_the_bundled_one(trained, tmp_path, monkeypatch,
                                                          in_process, capsys):
    bundled = tmp_path / "bundled" / "MoveToBeacon" / "fullyconv"
    bundled.mkdir(parents=True)
    (bundled / "best.npz").write_bytes((trained / "checkpoints" / "last.npz").read_bytes())
    monkeypatch.setattr(command_line, "BUNDLED", tmp_path / "bundled")
    monkeypatch.delenv("DISPLAY", raising=False)
    assert run.main(["run.py", "--workspace_path", str(tmp_path / "new"), "--visualize", "True",
                     "--load_model", "True", "--episodes", "1", "--game", "minisc2"]) == 0
    printed = capsys.readouterr().out
    assert "has no saved model; using the bundled one" in printed
    assert json.loads((tmp_path / "new" / "evaluation.json").read_text())["num_episodes"] == 1


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_training_saves_and_goes_on(tmp_path, number, status):
    words = ["--training", "--workspace_path", "w", *TINY, "--log_interval", "1",
             "--max_agent_steps", "10000000"]
    process = subprocess.Popen([sys.executable, str(ROOT / "run.py"), *words], cwd=tmp_path,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob("w/tensorboard/*/*")) and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(3)  # the first updates
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == status, err
    assert "Saved in w/checkpoints/last.npz" in out and "Traceback" not in err
    last = tmp_path / "w" / "checkpoints" / "last.npz"
    done = steps_done(last)
    assert done > 0
    result = call("--training", "--load_model", "--workspace_path", "w", *TINY,
                  "--max_agent_steps", str(done + 16), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert steps_done(last) == done + 16
