"""Clips: every frame is there, shows what happened, and bad files are refused."""

import types

import imageio.v3
import numpy as np
import pytest
from PIL import Image

from environment import pysc2_compat, specs
from evaluation import frames, matches, video
from tests.evaluation import match_fakes as fakes

pysc2_compat.install()

from pysc2.lib import features

ACTION_SPEC = specs.ActionSpec(
    ("no_op", "Move_screen", "Move_minimap"),
    (specs.ArgumentSpec("queued", 2), specs.ArgumentSpec("screen", 32, (4, 8)),
     specs.ArgumentSpec("minimap", 16, (4, 4))),
    np.array([[False, False, False], [True, True, False], [True, False, True]]))


def layers(table, height, width):
    return types.SimpleNamespace(**{
        feature.name: np.zeros((height, width), np.int32) for feature in table})


@pytest.fixture
def scene():
    screen = layers(features.SCREEN_FEATURES, 4, 8)
    screen.player_relative[1, 2] = 1
    screen.selected[1, 2] = 1
    action = ACTION_SPEC.zeros() | {"action_type": np.int32(1), "screen": np.int32(3 * 8 + 6)}
    screen_probabilities = np.full(32, 0.01, np.float32)
    screen_probabilities[3 * 8 + 6] = 0.69
    return frames.Scene(
        "MoveToBeacon", 1, 5, 3.0,
        types.SimpleNamespace(
            feature_screen=screen, feature_minimap=layers(features.MINIMAP_FEATURES, 4, 4),
            game_loop=[0], player=types.SimpleNamespace(
                food_cap=0, food_used=0, minerals=0, army_count=0)),
        action, 1.5, {"action_type": np.array([0.2, 0.8, 0.0]), "queued": np.array([1.0, 0.0]),
                      "screen": screen_probabilities, "minimap": np.full(16, 1 / 16)})


def changed(a, b):
    """Box (left, top, right, bottom) in which two frames differ, or None."""
    ys, xs = np.nonzero((a != b).any(axis=-1))
    return (xs.min(), ys.min(), xs.max(), ys.max()) if len(xs) else None


def test_frame_has_the_size_that_encoders_want(scene):
    frame = frames.FrameDrawer(ACTION_SPEC).draw(scene)
    assert frame.shape == (544, 960, 3) and frame.dtype == np.uint8
    assert frame.shape[0] % 16 == frame.shape[1] % 16 == 0


def test_the_click_is_drawn_where_it_is(scene):
    # The screen of 4 x 8 cells fills x 16..480 in cells of 58 pixels, centred: y from 180.
    drawer = frames.FrameDrawer(ACTION_SPEC)
    moved = scene._replace(action=scene.action | {"screen": np.int32(3 * 8 + 0)})
    difference = changed(drawer.draw(scene)[:, :490], drawer.draw(moved)[:, :490])
    left, top, right, bottom = difference
    assert left < 16 + 29 < right and top < 180 + 3.5 * 58 < bottom
    assert left < 16 + 6.5 * 58 < right
    assert top > 180 + 2 * 58


def test_score_units_and_probabilities_are_drawn(scene):
    drawer = frames.FrameDrawer(ACTION_SPEC)
    frame = drawer.draw(scene)
    left, _, _, bottom = changed(frame, drawer.draw(scene._replace(score=8.0)))
    assert left > 800 and bottom < 60
    certain = scene.probabilities | {"action_type": np.array([0.0, 1.0, 0.0])}
    left, top, _, _ = changed(frame, drawer.draw(scene._replace(probabilities=certain)))
    assert left > 480 and top > 420
    own = tuple(int(v) for v in frame[180 + 58 + 29, 16 + 2 * 58 + 29])
    assert own[1] > max(own[0], own[2])  # pysc2 paints one's own units green


def test_minimap_clicks_are_drawn_on_the_minimap(scene):
    drawer = frames.FrameDrawer(ACTION_SPEC)
    action = scene.action | {"action_type": np.int32(2)}
    a = drawer.draw(scene._replace(action=action | {"minimap": np.int32(0)}))
    b = drawer.draw(scene._replace(action=action | {"minimap": np.int32(15)}))
    left, top, right, bottom = changed(a[:420], b[:420])
    assert 490 < left < right < 710 and 70 < top < bottom < 295


def test_no_click_is_shown_where_there_is_none(scene):
    drawer = frames.FrameDrawer(ACTION_SPEC)
    panel = np.s_[140:225, 740:940]
    assert drawer.draw(scene)[panel].max() > 200
    idle = scene._replace(action=scene.action | {"action_type": np.int32(0)})
    shown = drawer.draw(idle)[panel]
    assert (shown == shown[0, 0]).all() and shown.max() < 20


def test_long_calls_leave_room_for_the_value(scene):
    names = tuple(f"argument_{n}" for n in range(8))
    arguments = tuple(specs.ArgumentSpec(name, 2) for name in names)
    spec = specs.ActionSpec(("no_op", "long"), (*ACTION_SPEC.arguments[1:], *arguments),
                            np.array([[False] * 10, [False] * 2 + [True] * 8]))
    drawer = frames.FrameDrawer(spec)
    probabilities = scene.probabilities | {"action_type": np.array([0.2, 0.8])}
    long = scene._replace(action=spec.zeros() | {"action_type": np.int32(1)},
                          probabilities=probabilities)
    short = long._replace(action=spec.zeros())
    _, _, right, _ = changed(drawer.draw(long)[:450], drawer.draw(short)[:450])
    assert 800 < right < 944 - 65  # where "value 1.50" begins


def test_matches_show_how_they_stand(scene):
    drawer = frames.FrameDrawer(ACTION_SPEC)
    frame = drawer.draw(scene)
    observation = scene.observation
    player = types.SimpleNamespace(food_cap=15, food_used=12, minerals=50, army_count=3)
    richer = types.SimpleNamespace(**vars(observation) | {"player": player, "game_loop": [2240]})
    assert frames._standing(observation) == []
    assert frames._standing(richer) == ["1:40", "minerals 50", "supply 12/15", "army 3"]
    left, top, right, bottom = changed(frame, drawer.draw(scene._replace(observation=richer)))
    assert 100 < left and right < 700 and 30 < top and bottom < 60


class Environment(fakes.CountingEnvironment):
    """A counting environment that can be drawn."""

    def __init__(self, observation):
        super().__init__([2])
        self.pysc2_observation = observation


class Agent(fakes.CountingAgent):
    def step(self, observation, step_type, state, greedy):
        agent_step, state = super().step(observation, step_type, state, greedy)
        return agent_step._replace(
            action=ACTION_SPEC.zeros((1,)),
            logits={name: np.zeros((1, size)) for name, size in ACTION_SPEC.sizes.items()}), state


@pytest.mark.parametrize("name", ["clip.mp4", "clip.gif"])
def test_clips_hold_a_frame_for_every_step(scene, tmp_path, name):
    path = tmp_path / "folder" / name
    environment = Environment(scene.observation)
    clip = video.Clip(path, environment, ACTION_SPEC, "MoveToBeacon")
    matches.play(Agent(), matches.OneEnvironment(environment), 2, observers=(clip,))
    clip.close()
    pictures = imageio.v3.imread(path, index=None if name.endswith("mp4") else ...)
    # Two episodes of three observations each.
    assert len(pictures) == 6
    assert pictures[0].shape == ((544, 960, 3) if name.endswith("mp4") else (363, 640, 3))
    assert pictures[0].max() > 200


def test_long_matches_are_cut_after_some_episodes(scene, tmp_path):
    environment = Environment(scene.observation)
    clip = video.Clip(tmp_path / "clip.gif", environment, ACTION_SPEC, "MoveToBeacon")
    matches.play(Agent(), matches.OneEnvironment(environment), video.NUM_EPISODES + 2,
                 observers=(clip,))
    clip.close()
    with Image.open(tmp_path / "clip.gif") as image:
        assert image.n_frames == 3 * video.NUM_EPISODES


def test_long_gifs_leave_out_frames_evenly(tmp_path, monkeypatch):
    monkeypatch.setattr(video, "_GIF_FRAMES", 8)
    gif = video._Gif(tmp_path / "clip.gif")
    for brightness in range(20):
        gif.add(np.full((363, 640, 3), 10 * brightness, np.uint8))
    gif.close()
    pictures = imageio.v3.imread(tmp_path / "clip.gif", index=...)
    assert pictures[:, 0, 0, 0].tolist() == pytest.approx([0, 40, 80, 120, 160], abs=8)


RAW_SPEC = specs.ActionSpec(
    ("no_op", "Attack_pt"),
    (specs.ArgumentSpec("delay", 17),
     *(specs.ArgumentSpec(f"unit_{slot}", 5, points_to="raw_units", sequence="units")
       for slot in range(3)), specs.ArgumentSpec("world", 64, (8, 8))),
    np.array([[True, False, False, False, False], [True, True, True, True, True]]))


def test_actions_of_the_raw_interface_are_drawn(scene):
    """Units in one word, the place on the minimap, which is coarser here."""
    drawer = frames.FrameDrawer(RAW_SPEC)
    action = RAW_SPEC.zeros() | {"action_type": np.int32(1), "unit_0": np.int32(4),
                                 "unit_1": np.int32(2), "world": np.int32(9)}
    assert drawer._call(action, drawer._used(action)) == (
        "Attack_pt  delay 0, units 3 1, world (1, 1)")
    chances = {name: np.full(size, 1 / size) for name, size in RAW_SPEC.sizes.items()}
    a = drawer.draw(scene._replace(action=action, probabilities=chances))
    b = drawer.draw(scene._replace(action=action | {"world": np.int32(63)}, probabilities=chances))
    left, top, right, bottom = changed(a[:420], b[:420])
    assert 490 < left < right < 710 and 70 < top < bottom < 295


def test_other_files_are_refused(scene, tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.mp4 or \.gif"):
        video.Clip(tmp_path / "clip.avi", None, ACTION_SPEC, "")
    (tmp_path / "file").write_text("")
    for name in ("clip.mp4", "clip.gif"):
        with pytest.raises(OSError):
            video.Clip(tmp_path / "file" / name, None, ACTION_SPEC, "")
