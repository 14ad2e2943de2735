"""Learning curves: read back as written, crossings found, pictures and tables made."""

import json

import numpy as np
import pytest
from PIL import Image

import utils
from evaluation import curves, learning_curves, plots


def write_run(folder, scores, finished=None):
    writer = utils.MetricsWriter(folder)
    for index, score in enumerate(scores):
        writer.scalars(1000 * (index + 1), {
            "episode/score_mean": score,
            "episode/finished": 200 if finished is None else finished[index]})
    writer.close()


def test_a_curve_longer_than_tensorboards_own_limit_is_read_whole(tmp_path):
    write_run(tmp_path / "run-1", np.arange(50))
    curve = curves.read(tmp_path)
    np.testing.assert_array_equal(curve.agent_steps, 1000 * np.arange(1, 51))
    np.testing.assert_array_equal(curve.scores, np.arange(50))
    assert (np.diff(curve.wall_seconds) >= 0).all()


def test_no_run_and_several_runs_are_refused(tmp_path):
    with pytest.raises(ValueError, match="found none"):
        curves.read(tmp_path)
    write_run(tmp_path / "run-1", [1])
    write_run(tmp_path / "run-2", [1])
    with pytest.raises(ValueError, match="run-2"):
        curves.read(tmp_path)


def test_a_run_without_episodes_is_refused(tmp_path):
    writer = utils.MetricsWriter(tmp_path)
    writer.scalars(1, {"loss/total": 1.0})
    writer.close()
    with pytest.raises(ValueError, match="no episode has ended"):
        curves.read(tmp_path)


def test_the_crossing_needs_a_hundred_episodes():
    curve = curves.Curve(np.array([10, 20, 30, 40]), np.array([1.0, 2.0, 3.0, 4.0]),
                         np.array([26, 24, 25, 26]), np.array([50, 100, 150, 200]))
    assert curves.crossing(curve, 25) == (30, 3.0, 150)
    assert curves.crossing(curve, 26.5) is None


@pytest.fixture
def folder(tmp_path):
    for seed in (1, 2):
        workspace = tmp_path / "runs" / f"seed-{seed}"
        write_run(workspace / "tensorboard" / "run-1", [5.0, 10.0 * seed, 15.0 * seed])
        started_at = curves.read(workspace / "tensorboard").wall_seconds[0] - 60
        evaluation = {"mean": 25.25, "interval": [24.0, 26.5], "num_episodes": 100}
        (workspace / "result.json").write_text(json.dumps({
            "seed": seed, "flags": [], "started_at": started_at, "wall_seconds": 90.4,
            "evaluation": evaluation}))
    return tmp_path / "runs"


def test_plots_draw_every_group(folder, tmp_path, capsys):
    picture = tmp_path / "image" / "curve.png"
    assert plots.main([str(picture), "--title", "A map", "--runs", f"fullyconv={folder}",
                       "--runs", f"other={folder}", "--reference", "people=26"]) == 0
    with Image.open(picture) as image:
        assert image.size == (1300, 520)
        assert len(np.unique(np.asarray(image).reshape(-1, 4), axis=0)) > 50


def test_plots_draw_over_episodes(folder, tmp_path):
    picture = tmp_path / "episodes.png"
    assert plots.main([str(picture), "--episodes", "--runs", f"alone={folder}", "--reference",
                       "clone=24"]) == 0
    with Image.open(picture) as image:
        assert image.size == (1040, 585)
        assert len(np.unique(np.asarray(image).reshape(-1, 4), axis=0)) > 50


def test_mean_and_spread_over_episodes_go_as_far_as_all_runs():
    def run(episodes, scores):
        return curves.Curve(np.arange(len(scores)), np.zeros(len(scores)), np.array(scores),
                            np.array(episodes))

    # At 150 episodes: 15 and 10 + (50 / 150) * 30 = 20.
    grid, mean, deviation = curves.mean_over_episodes(
        [run([50, 250], [5.0, 25.0]), run([100, 250, 400], [10.0, 40.0, 90.0])], num_points=4)
    np.testing.assert_allclose(grid, [100, 150, 200, 250])
    np.testing.assert_allclose(mean, [10.0, 17.5, 25.0, 32.5])
    np.testing.assert_allclose(deviation, [0.0, 2.5, 5.0, 7.5])


@pytest.mark.parametrize("arguments, told", [
    (["--runs", "a=nowhere"], "seed-*/result.json"),
    (["--runs", "a={folder}", "--reference", "people=many"], "many"),
])
def test_plots_tell_bad_input_in_a_line(folder, tmp_path, capsys, arguments, told):
    arguments = [argument.format(folder=folder) for argument in arguments]
    assert plots.main([str(tmp_path / "curve.png"), *arguments]) == 1
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1


def test_plots_want_a_label(capsys):
    with pytest.raises(SystemExit) as stopped:
        plots.main(["curve.png", "--runs", "nowhere"])
    assert stopped.value.code == 2 and "LABEL=VALUE" in capsys.readouterr().err


def test_the_table_of_finished_seeds_is_made_without_training_again(folder, capsys):
    assert learning_curves.main([str(folder), "--seeds", "2", "--target", "25"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[2] == "| 1 | never | never | never | 3,000 | 90 | 25.25 (24.00 to 26.50) of 100 |"
    assert rows[3] == "| 2 | 3,000 | 200 | 60 | 3,000 | 90 | 25.25 (24.00 to 26.50) of 100 |"
    assert len(json.loads((folder / "results.json").read_text())) == 2
