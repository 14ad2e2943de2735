"""Curves of supervised learning: read as they were written, and drawn."""

import numpy as np
import pytest
from PIL import Image

import utils
from evaluation import figures_curves


def write(folder, points):
    writer = utils.MetricsWriter(folder)
    for step, values in points:
        writer.scalars(step, values)
    writer.images(1, {"confusion/action_type": np.zeros((4, 4, 3), np.uint8)})
    writer.close()


@pytest.fixture
def workspace(tmp_path):
    run = tmp_path / "tensorboard" / "Simple64-1"
    write(run / "validation", [(step, {
        "loss/total": 5 / step, "accuracy/action_type": 0.5, "accuracy/screen": 0.1,
        "used/screen": 0.3, "distance/screen": 9 / step}) for step in (10, 20)])
    write(run, [(step, {"loss/total": 10 / step}) for step in range(1, 21)])
    return tmp_path


def test_scalars_are_read_back_and_pictures_are_not(workspace):
    curves = figures_curves.read(figures_curves.latest_run(workspace))
    assert set(curves) == {"loss/total"}
    assert curves["loss/total"].updates.tolist() == list(range(1, 21))
    np.testing.assert_allclose(curves["loss/total"].values, 10 / np.arange(1, 21), rtol=1e-6)


def test_what_was_made_again_after_a_kill_counts_once(tmp_path):
    write(tmp_path, [(1, {"loss/total": 3.0}), (2, {"loss/total": 2.0})])
    write(tmp_path, [(2, {"loss/total": 2.5}), (3, {"loss/total": 1.0})])
    points = figures_curves.read(tmp_path)["loss/total"]
    assert points.updates.tolist() == [1, 2, 3]
    assert points.values.tolist() == [3.0, 2.5, 1.0]


def test_the_picture_is_drawn(workspace, tmp_path, capsys):
    picture = tmp_path / "image" / "curves.png"
    assert figures_curves.main([str(picture), str(workspace), "--title", "Simple64"]) == 0
    with Image.open(picture) as image:
        assert image.size == (1100, 770) and len(image.getcolors(100_000)) > 50


def test_a_workspace_without_curves_is_told_in_one_line(tmp_path, capsys):
    assert figures_curves.main([str(tmp_path / "a.png"), str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert "expected tensorboard/*/validation" in error and error.count("\n") == 1
    assert str(tmp_path) in error
