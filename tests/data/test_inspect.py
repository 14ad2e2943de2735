"""The commands say what is in a file, draw it, and measure."""

import numpy as np
import pytest
from PIL import Image

from data import benchmark, hkl, inspect, synthetic
from tests.data import episodes


def test_the_summary_names_everything(tmp_path, capsys):
    path = tmp_path / "a.hkl"
    hkl.write(path, episodes.small())
    assert inspect.main([str(path)]) == 0
    text = capsys.readouterr().out
    assert f"30 steps, {path.stat().st_size} bytes, {path.stat().st_size / 30:.1f} a step" in text
    for words in ("map_name                    Simple64", "opponent_mmr                not known",
                  "observation/screen                  uint16    [6, 8, 2]",
                  "action/queued", "1 upgrades", "unit type 19 at (8.0, 9.5)"):
        assert words in text
    names = episodes.small().action_spec.action_types
    values, counts = np.unique(episodes.small().actions["action_type"], return_counts=True)
    assert f"{counts.max():>8}" in text
    assert any(names[value] in text for value in values[counts == counts.max()])


def test_the_clip_shows_every_step(tmp_path, capsys):
    hkl.write(tmp_path / "a.hkl", synthetic.make(synthetic.with_resolution(16), 5, 1))
    clip = tmp_path / "clip.gif"
    assert inspect.main([str(tmp_path / "a.hkl"), "--video", str(clip)]) == 0
    assert "5 of 5 steps" in capsys.readouterr().out
    with Image.open(clip) as image:
        assert image.n_frames == 5
        frames = []
        for number in (0, 4):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGB")))
    assert (frames[0] != frames[1]).any()
    assert inspect.main([str(tmp_path / "a.hkl"), "--video", str(clip), "--max_frames", "2"]) == 0
    assert "2 of 5 steps" in capsys.readouterr().out


def test_mistakes_end_in_a_line(tmp_path, capsys):
    path = tmp_path / "a.hkl"
    assert inspect.main([str(path)]) == 1
    path.write_bytes(b"text")
    assert inspect.main([str(path)]) == 1
    assert "no episode file" in capsys.readouterr().err
    hkl.write(path, episodes.counting(3))
    assert inspect.main([str(path), "--video", str(tmp_path / "a.gif")]) == 1
    assert "expected the arrays screen and minimap" in capsys.readouterr().err
    hkl.write(path, episodes.small())
    assert inspect.main([str(path), "--video", str(tmp_path / "a.avi")]) == 1
    assert "ends in .mp4 or .gif" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        inspect.main([str(path), "--vidoe", "a.gif"])


def test_the_benchmark_measures(tmp_path, capsys):
    for seed in range(2):
        hkl.write(tmp_path / f"{seed}.hkl", episodes.small(20, seed=seed))
    assert benchmark.main(["--folder", str(tmp_path), "--seconds", "0.1", "--no-tensorflow"]) == 0
    text = capsys.readouterr().out
    assert "2 files, 40 steps" in text
    assert "transitions/s" in text
    assert benchmark.main(["--folder", str(tmp_path / "nowhere")]) == 1
