"""Flags, run folder, checkpoints, metrics and progress."""

import io
import json
import os
import signal

import numpy as np
import pytest
from absl import flags

import utils


@pytest.fixture
def flag_values():
    values = flags.FlagValues()
    flags.DEFINE_boolean("training", False, "Trains.", flag_values=values)
    flags.DEFINE_boolean("gpu_use", True, "Uses a GPU.", flag_values=values)
    flags.DEFINE_float("learning_rate", None, "Step size.", flag_values=values)
    flags.DEFINE_string("environment", "MoveToBeacon", "Map.", flag_values=values)
    flags.DEFINE_enum("model", "a", ["a", "b"], "Network.", flag_values=values)
    return values


@pytest.mark.parametrize("words, expected", [
    ([], False),
    (["--training"], True),
    (["--training", "True"], True),
    (["--training", "False"], False),
    (["--training", "false"], False),
    (["--training=True"], True),
    (["--training=False"], False),
    (["--notraining"], False),
    (["-training", "True"], True),
    (["--training", "--gpu_use"], True),
    (["--training", "1", "--learning_rate", "0.5"], True),
    (["--training", "True", "--training", "False"], False),
    (["--environment", "training", "--notraining"], False),
])
def test_boolean_forms(flag_values, words, expected):
    utils.parse_flags(flag_values, ["run.py", *words])
    assert flag_values.training is expected


def test_a_value_that_looks_like_a_boolean_flag_stays_a_value(flag_values):
    utils.parse_flags(flag_values, ["run.py", "--environment", "False", "--training", "True"])
    assert flag_values.environment == "False" and flag_values.training


def test_negative_numbers_are_values(flag_values):
    utils.parse_flags(flag_values, ["run.py", "--learning_rate", "-0.5"])
    assert flag_values.learning_rate == -0.5


@pytest.mark.parametrize("words, told", [
    (["--lerning_rate", "1"], "learning_rate"),
    (["stray"], "'stray'"),
    (["--training", "True", "stray"], "'stray'"),
    (["--notraining", "True"], "'True'"),
    (["--training", "maybe"], "expected True or False"),
    (["--training=maybe"], "expected True or False"),
    (["--learning_rate", "fast"], "fast"),
    (["--learning_rate"], "learning_rate"),
    (["--model", "c"], "a|b"),
])
def test_wrong_command_lines_are_told_in_one_line(flag_values, words, told):
    with pytest.raises(utils.UsageError) as error:
        utils.parse_flags(flag_values, ["run.py", *words])
    assert told in str(error.value) and "\n" not in str(error.value)


def test_flags_help_shows_every_flag_with_its_default(flag_values):
    text = utils.flags_help(flag_values)
    assert "--environment (string, default MoveToBeacon)\n      Map." in text
    assert "--model (a|b, default a)\n      Network." in text
    assert "undefok" not in text


def test_flags_help_shows_groups_under_their_titles():
    values = flags.FlagValues()
    flags.DEFINE_boolean("a", False, "First.", flag_values=values, module_name="One")
    flags.DEFINE_integer("b", 2, "Second.", flag_values=values, module_name="Two", short_name="x")
    assert utils.flags_help(values) == (
        "One\n  --a (bool, default False)\n      First.\n\n"
        "Two\n  --b (int, default 2)\n      Second.")


def test_a_command_line_ends_with_its_status():
    with pytest.raises(SystemExit) as ended:
        utils.end_with(lambda: 3)
    assert ended.value.code == 3


def test_a_broken_pipe_that_is_not_the_output_is_told():
    def talk_to_a_worker() -> int:
        raise BrokenPipeError(32, "the worker has gone")

    with pytest.raises(BrokenPipeError, match="the worker"):
        utils.end_with(talk_to_a_worker)


def test_run_folder_is_made_with_its_parents(tmp_path):
    folder = utils.RunFolder(tmp_path / "a" / "b")
    path = folder.write_json("settings.json", {"seed": 1})
    assert json.loads(path.read_text()) == {"seed": 1}
    assert [file.name for file in folder.path.iterdir()] == ["settings.json"]


def test_run_folder_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(utils.UserError, match="cannot be written to.*--workspace_path"):
        utils.RunFolder(tmp_path / "file" / "workspace")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_run_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(utils.UserError, match="cannot be written to"):
        utils.RunFolder(tmp_path)


def test_run_folder_is_for_one_training_at_a_time(tmp_path):
    folder = utils.RunFolder(tmp_path)
    with folder.held(), \
            pytest.raises(utils.UserError, match=f"process {os.getpid()}.*--workspace_path"), \
            utils.RunFolder(tmp_path).held():
        pass
    with folder.held():
        pass


def test_checkpoints_are_set_aside_not_overwritten(tmp_path):
    folder = utils.RunFolder(tmp_path)
    assert folder.set_checkpoints_aside() is None
    for number in (1, 2):
        utils.Checkpointer({}).save(folder.checkpoints / "last.npz", {}, {"run": number})
        aside = folder.set_checkpoints_aside()
        assert aside.name == f"earlier-{number}"
        assert utils.read_header(aside / "last.npz")["notes"] == {"run": number}
    assert not list(folder.checkpoints.glob("*.npz"))


def test_metrics_folders_are_new_for_a_new_run_and_kept_for_a_resumed_one(tmp_path):
    folder = utils.RunFolder(tmp_path)
    first = folder.metrics_folder("run", resume=True)
    assert first.name == "run-1"
    first.mkdir(parents=True)
    assert folder.metrics_folder("run", resume=True) == first
    assert folder.metrics_folder("run", resume=False).name == "run-2"


class Variable:
    """The part of a TensorFlow variable that checkpoints use."""

    def __init__(self, value):
        self.assign(value)

    def assign(self, value):
        self.value = np.asarray(value)
        self.shape = self.value.shape

    def __array__(self, dtype=None, copy=None):
        return self.value


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "last.npz"
    variables = {"network": [Variable(np.arange(6.0).reshape(2, 3)), Variable(np.float32(7))],
                 "optimizer": [Variable(np.int64(2**40 + 1))]}
    utils.Checkpointer({"model": "a", "sizes": [1, {"h": 16}]}).save(path, variables, {"steps": 9})
    return path


def blank():
    return {"network": [Variable(np.zeros((2, 3))), Variable(np.float32(0))],
            "optimizer": [Variable(np.int64(0))]}


def test_checkpoint_restores_exactly(saved):
    variables = blank()
    notes = utils.Checkpointer({"model": "a", "sizes": (1, {"h": 16})}).restore(saved, variables)
    assert notes == {"steps": 9}
    np.testing.assert_array_equal(variables["network"][0].value, np.arange(6.0).reshape(2, 3))
    assert variables["network"][1].value == 7
    assert variables["optimizer"][0].value == 2**40 + 1


def test_checkpoint_restores_the_groups_that_are_asked_for(saved):
    variables = {"network": blank()["network"]}
    utils.Checkpointer({"model": "a", "sizes": [1, {"h": 16}]}).restore(saved, variables)
    assert variables["network"][1].value == 7


@pytest.mark.parametrize("description, told", [
    ({"model": "b", "sizes": [1, {"h": 16}]}, 'model is "a" in it and "b" in this run'),
    ({"model": "a", "sizes": [1, {"h": 32}]}, r"sizes\[1\].h is 16 in it and 32 in this run"),
    ({"model": "a", "sizes": [1]}, "sizes is .* in it and .* in this run"),
    ({"model": "a", "sizes": [1, {"h": 16}], "new": 1}, "new is null in it and 1 in this run"),
])
def test_a_checkpoint_of_other_settings_is_refused_with_both_values(saved, description, told):
    variables = blank()
    with pytest.raises(utils.CheckpointError, match=told):
        utils.Checkpointer(description).restore(saved, variables)
    assert not variables["network"][0].value.any()


@pytest.mark.parametrize("change, told", [
    (lambda v: v["network"].pop(), "more than the 1 variables of network"),
    (lambda v: v["network"].append(Variable(np.zeros(3))), r"shape None in it and \(3,\)"),
    (lambda v: v["network"][1].assign(np.zeros(4)), r"shape \(\) in it and \(4,\)"),
])
def test_a_checkpoint_of_other_variables_is_refused_and_nothing_assigned(saved, change, told):
    variables = blank()
    change(variables)
    with pytest.raises(utils.CheckpointError, match=told):
        utils.Checkpointer({"model": "a", "sizes": [1, {"h": 16}]}).restore(saved, variables)
    assert not variables["network"][0].value.any()


def test_missing_and_damaged_checkpoints_are_refused(saved, tmp_path):
    with pytest.raises(utils.CheckpointError, match="There is no checkpoint"):
        utils.read_header(tmp_path / "none.npz")
    whole = saved.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF
    for content in (b"", b"no archive", whole[:len(whole) // 2], whole[:-10], bytes(damaged)):
        saved.write_bytes(content)
        with pytest.raises(utils.CheckpointError, match="damaged") as error:
            utils.read_header(saved)
        assert "\n" not in str(error.value)


def test_pickled_objects_are_refused(tmp_path):
    path = tmp_path / "last.npz"
    np.savez(path, header=np.array([{"notes": {}, "description": {}}], dtype=object))
    with pytest.raises(utils.CheckpointError, match="damaged"):
        utils.read_header(path)


def test_a_foreign_archive_is_refused(tmp_path):
    np.savez(tmp_path / "last.npz", weights=np.zeros(3))
    with pytest.raises(utils.CheckpointError, match="no checkpoint of this program"):
        utils.read_header(tmp_path / "last.npz")


def test_an_interrupted_save_leaves_the_checkpoint_before_it(saved):
    class Interrupting(Variable):
        def __array__(self, dtype=None, copy=None):
            raise KeyboardInterrupt

    before = saved.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        utils.Checkpointer({}).save(saved, {"network": [Interrupting(0.0)]}, {})
    with pytest.raises(RuntimeError), utils._replacing(saved) as file:
        file.write(b"half")
        raise RuntimeError
    assert saved.read_bytes() == before
    assert [file.name for file in saved.parent.iterdir()] == [saved.name]


def test_metrics_are_read_back(tmp_path):
    from tensorboard.backend.event_processing import event_accumulator

    writer = utils.MetricsWriter(tmp_path)
    writer.scalars(10, {"loss/total": 1.5, "episode/score_mean": 3.0})
    writer.scalars(20, {"loss/total": 0.5})
    writer.close()
    events = event_accumulator.EventAccumulator(str(tmp_path))
    events.Reload()
    assert sorted(events.Tags()["tensors"]) == ["episode/score_mean", "loss/total"]
    assert [event.step for event in events.Tensors("loss/total")] == [10, 20]


def test_pictures_are_read_back(tmp_path):
    import tensorflow as tf
    from tensorboard.backend.event_processing import event_accumulator

    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    writer = utils.MetricsWriter(tmp_path)
    writer.images(30, {"confusion/action_type": picture})
    writer.close()
    events = event_accumulator.EventAccumulator(str(tmp_path))
    events.Reload()
    (event,) = events.Tensors("confusion/action_type")
    assert event.step == 30
    width, height, encoded = event.tensor_proto.string_val
    assert (int(width), int(height)) == (7, 5)
    np.testing.assert_array_equal(tf.io.decode_png(encoded).numpy(), picture)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
def test_the_first_interruption_is_noted_and_the_second_one_counts(request):
    # Who is started in the background of a shell without a terminal ignores Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    with utils.noticing_interruption() as interruption:
        assert interruption.reason is None
        os.kill(os.getpid(), signal.SIGINT)
        assert interruption.reason == "Stopped by SIGINT."
        assert interruption.signal_number == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_seeds_of_other_numbers_are_others():
    assert utils.seed_of(1, 2) == utils.seed_of(1, 2) != utils.seed_of(2, 1)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_without_a_terminal_prints_whole_lines():
    stream = io.StringIO()
    bar = utils.ProgressBar(1000, 100, "step", stream, seconds_between_lines=0.0)
    bar.update(150, "score 3.0")
    bar.close()
    assert stream.getvalue() == "150 of 1,000 steps: score 3.0\n"


def test_progress_without_a_terminal_is_quiet_between_its_lines():
    stream = io.StringIO()
    bar = utils.ProgressBar(None, 0, "step", stream, seconds_between_lines=3600.0)
    for done in range(100):
        bar.update(done, "score 3.0")
    bar.close()
    assert stream.getvalue() == ""


def test_progress_on_a_terminal_is_a_bar():
    stream = Terminal()
    bar = utils.ProgressBar(1000, 0, "step", stream)
    bar.update(500, "score 3.0")
    bar.close()
    assert "50%" in stream.getvalue() and "score 3.0" in stream.getvalue()


def test_same_seed_same_numbers():
    import tensorflow as tf

    def draw():
        utils.seed_everything(3)
        return np.random.rand(), float(tf.random.uniform(())), float(
            tf.keras.initializers.GlorotUniform()((1, 1))[0, 0])

    assert draw() == draw()


def test_memory_is_that_of_this_process_at_least():
    assert 20 < utils.memory_megabytes() < 1e6


def test_native_code_is_quiet_unless_it_fails(capfd):
    with utils.quiet_native_code():
        os.write(2, b"greeting")
    assert capfd.readouterr().err == ""
    with pytest.raises(RuntimeError), utils.quiet_native_code():
        os.write(2, b"the reason")
        raise RuntimeError
    os.write(2, b" and more")
    assert capfd.readouterr().err == "the reason and more"
