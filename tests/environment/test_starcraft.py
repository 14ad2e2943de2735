"""The environment around pysc2's SC2Env, with a fake behind it and with the embedded game."""

import dataclasses
import functools

import numpy as np
import pytest

from environment import parallel, starcraft, starcraft_game
from environment.specs import ACTION_TYPE, StepType
from tests.environment import contract

SETTINGS = starcraft.StarcraftSettings(map_name="MoveToBeacon", game="minisc2",
                                       screen_size=(10, 16), minimap_size=(8, 12),
                                       screen_layers=("player_relative",),
                                       minimap_layers=("camera",))


class FakeSC2Env:
    """Plays the pysc2 steps that a test puts into `script`, and remembers what it was given."""

    script = ()

    def __init__(self, **kwargs):
        self.kwargs, self.calls, self.waits = kwargs, [], []
        self.steps = iter(self.script)
        FakeSC2Env.latest = self

    def _next(self):
        step_type, reward, discount, *game_loop = next(self.steps)
        if isinstance(step_type, Exception):
            raise step_type
        return (starcraft.pysc2_environment.TimeStep(step_type, reward, discount, {
            "feature_screen": np.full((27, 10, 16), 4, np.int32),
            "feature_minimap": np.zeros((11, 8, 12), np.int32),
            "player": np.arange(11, dtype=np.int32),
            "game_loop": np.array(game_loop or [8], np.int32),
            "available_actions": np.array([0, 12], np.int32)}),)

    def reset(self):
        self.calls.append("reset")
        return self._next()

    def step(self, actions, step_mul):
        self.calls.append(actions)
        self.waits.append(step_mul)
        return self._next()

    def close(self):
        self.calls.append("close")


FIRST, MID, LAST = starcraft.pysc2_environment.StepType


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr(starcraft.sc2_env, "SC2Env", FakeSC2Env)

    def make(*script, settings=SETTINGS, **kwargs):
        monkeypatch.setattr(FakeSC2Env, "script", script)
        return starcraft.StarcraftEnvironment(settings, seed=7, **kwargs)

    return make


def _action(environment, **values):
    action = environment.action_spec.zeros()
    for name, value in values.items():
        action[name][...] = value
    return action


def test_steps_in_our_terms(fake):
    environment = fake((FIRST, 0, 0.0), (MID, np.int32(2), 1.0), (LAST, np.int32(1), 0),
                       (FIRST, 0, 0.0), (LAST, 3, 1.0))
    steps = [environment.reset()]
    for _ in range(4):
        steps.append(environment.step(_action(environment)))
    assert [step.step_type for step in steps] == [0, 1, 2, 0, 2]
    assert [step.reward for step in steps] == [0, 2, 1, 0, 3]
    # The first episode ended by the game itself, the second one was cut at the limit of loops.
    assert [step.discount for step in steps] == [1, 1, 0, 1, 1]
    for step in steps:
        environment.observation_spec.validate(step.observation)
        assert (step.step_type.dtype, step.reward.dtype, step.discount.dtype) == (
            np.int8, np.float32, np.float32)
    assert FakeSC2Env.latest.calls.count("reset") == 2
    assert environment.pysc2_observation["player"].tolist() == list(range(11))


@pytest.mark.parametrize(("game_loop", "discount"), [(1919, 0), (1920, 1)])
def test_the_timer_of_a_mini_game_ends_no_value(fake, game_loop, discount):
    # pysc2 gives both ends discount 0, since the game has a result. The timer is at 1,920 loops.
    settings = dataclasses.replace(SETTINGS, map_name="MoveToBeacon")
    environment = fake((FIRST, 0, 0.0), (LAST, 0, 0.0, game_loop), settings=settings)
    environment.reset()
    assert environment.step(_action(environment)).discount == discount


def test_actions_reach_pysc2_as_calls_of_x_and_y(fake):
    environment = fake((FIRST, 0, 0.0), (MID, 0, 1.0))
    environment.reset()
    # 3 * 16 + 14 = 62 is (x, y) = (14, 3) on a screen of 16 by 10 pixels.
    environment.step(_action(environment, action_type=12, queued=1, screen=62))
    ((call,),) = FakeSC2Env.latest.calls[1:]
    assert (int(call.function), call.arguments) == (12, [[1], [14, 3]])


def test_an_unavailable_action_is_the_callers_mistake(fake):
    environment = fake((FIRST, 0, 0.0))
    environment.reset()
    with pytest.raises(ValueError, match="select_army.*not available"):
        environment.step(_action(environment, action_type=7))


def test_what_the_game_raises_is_a_game_error(fake):
    environment = fake((FIRST, 0, 0.0), (ValueError("did not advance"), 0, 0))
    environment.reset()
    with pytest.raises(starcraft.GameError, match="ValueError: did not advance"):
        environment.step(_action(environment))


def test_a_game_that_does_not_start_is_a_game_error(monkeypatch):
    def fail(**kwargs):
        raise OSError("no more ports")

    monkeypatch.setattr(starcraft.sc2_env, "SC2Env", fail)
    with pytest.raises(starcraft.GameError, match="to start: OSError: no more ports"):
        starcraft.StarcraftEnvironment(SETTINGS, 0)


def test_pysc2_is_asked_for_what_the_settings_say(fake):
    settings = starcraft.StarcraftSettings(
        map_name="Simple64", game="minisc2", screen_size=(10, 16), minimap_size=(8, 12),
        camera_width=30, step_mul=4, max_game_loops=100, arrays=("player", "feature_units"),
        race="terran", opponent_race="zerg", opponent_difficulty="hard")
    if "Simple64" not in starcraft_game.map_names("minisc2"):
        pytest.skip("the embedded game has no map for two players")
    fake(settings=settings, visualize=True)
    given = FakeSC2Env.latest.kwargs
    interface = given["agent_interface_format"]
    assert tuple(interface.feature_dimensions.screen) == (16, 10)
    assert tuple(interface.feature_dimensions.minimap) == (12, 8)
    assert (interface.camera_width_world_units, interface.use_feature_units) == (30, True)
    assert (given["step_mul"], given["game_steps_per_episode"]) == (4, 100)
    assert (given["random_seed"], given["visualize"]) == (7, True)
    agent, bot = given["players"]
    assert [race.name for race in agent.race] == ["terran"]
    assert ([race.name for race in bot.race], bot.difficulty.name) == (["zerg"], "hard")


def test_specs_need_no_game(monkeypatch):
    monkeypatch.setattr(starcraft.sc2_env, "SC2Env", None)
    observation_spec, action_spec = starcraft.specs_for(SETTINGS)
    assert observation_spec.by_name["screen"].shape == (10, 16, 1)
    assert action_spec.sizes["minimap"] == 96
    with pytest.raises(ValueError, match="step_mul"):
        starcraft.specs_for(starcraft.StarcraftSettings(game="minisc2", step_mul=0))


@pytest.mark.parametrize("settings, message", [
    ({"map_name": "MoveToBacon"}, r"Unknown environment 'MoveToBacon'.*MoveToBeacon"),
    ({"game": "starcraft"}, "auto, minisc2, starcraft2"), ({"screen_size": (16,)}, "screen_size"),
    ({"minimap_size": (0, 8)}, "minimap_size"), ({"camera_width": 0}, "camera_width"),
    ({"race": "human"}, "human"), ({"opponent_difficulty": "mild"}, "mild"),
    ({"arrays": ("colours",)}, "colours"),
])
def test_settings_that_cannot_be_are_errors_that_name_them(settings, message):
    with pytest.raises(ValueError, match=message):
        starcraft.specs_for(starcraft.StarcraftSettings(**{"game": "minisc2", **settings}))


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_that_cannot_be_are_errors(seed):
    with pytest.raises(ValueError, match="seed"):
        starcraft.StarcraftEnvironment(SETTINGS, seed)


# --- which game ---------------------------------------------------------------------------------

@pytest.fixture
def installation(tmp_path, monkeypatch):
    """A folder that looks like StarCraft II with one mini-game and one ladder map."""
    (tmp_path / "Versions" / "Base75689").mkdir(parents=True)
    maps = tmp_path / "Maps"
    (maps / "mini_games").mkdir(parents=True)
    (maps / "mini_games" / "MoveToBeacon.SC2Map").touch()
    (maps / "Melee").mkdir()
    (maps / "Melee" / "(2)Simple64.SC2Map").touch()
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    return tmp_path


def _no_installation(monkeypatch, tmp_path):
    monkeypatch.delenv("SC2PATH", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_the_real_game_wins_where_it_is_installed(installation):
    assert starcraft_game.resolve("auto") == starcraft_game.resolve("starcraft2") == "starcraft2"
    assert starcraft_game.resolve("minisc2") == "minisc2"
    assert starcraft_game.map_names("starcraft2") == ("MoveToBeacon", "Simple64")
    with pytest.raises(ValueError, match="'DefeatRoaches': StarCraft II has here MoveToBeacon, Si"):
        starcraft_game.check_map("DefeatRoaches", "auto")


def test_without_the_real_game_the_embedded_one_is_played(monkeypatch, tmp_path):
    _no_installation(monkeypatch, tmp_path)
    assert starcraft_game.resolve("auto") == "minisc2"
    with pytest.raises(starcraft_game.GameNotFoundError, match="SC2PATH"):
        starcraft_game.resolve("starcraft2")
    assert "MoveToBeacon" in starcraft_game.map_names("auto")


@pytest.mark.parametrize("missing, word", [("Maps", "no maps"), ("Versions", "no program"),
                                           ("", "no StarCraft II folder")])
def test_an_incomplete_installation_is_an_error_and_no_reason_to_play_another_game(
        installation, missing, word):
    (installation / missing).rename(f"{installation}-moved")
    with pytest.raises(starcraft_game.GameNotFoundError, match=word):
        starcraft_game.resolve("auto")
    assert starcraft_game.resolve("minisc2") == "minisc2"


def test_the_choice_is_told_to_pysc2_for_a_moment_only(installation):
    def chosen_by_pysc2():
        return type(starcraft.sc2_env.run_configs.get()).__name__

    with starcraft_game.chosen("minisc2"):
        assert chosen_by_pysc2() == "Minisc2"
    with starcraft_game.chosen("starcraft2"):
        assert chosen_by_pysc2() != "Minisc2"
    assert starcraft_game.flags.FLAGS.sc2_run_config is None


def test_the_command_line_is_not_read(monkeypatch):
    monkeypatch.setattr("sys.argv", ["program", "--sc2_run_config=Nonsense", "--unknown"])
    with starcraft_game.chosen("minisc2"):
        assert starcraft_game.flags.FLAGS.sc2_run_config == "Minisc2"


# --- the embedded game --------------------------------------------------------------------------

@pytest.fixture
def embedded():
    environment = starcraft.StarcraftEnvironment(
        starcraft.StarcraftSettings(map_name="MoveToBeacon", game="minisc2",
                                    screen_layers=("player_relative", "selected")), seed=1)
    yield environment
    environment.close()


def _walk(environment, num_steps):
    """Selects the Marine, then walks to the beacon all the time; returns the steps."""
    step, steps = environment.reset(), []
    for _ in range(num_steps):
        action = environment.action_spec.zeros()
        move = environment.action_spec.action_types.index("Move_screen")
        beacon = np.argwhere(step.observation["screen"][..., 0] == 3)
        if not len(beacon):
            pass  # the Marine stands on its last pixel
        elif step.observation["available_actions"][move]:
            y, x = beacon[np.argmin(((beacon - beacon.mean(0)) ** 2).sum(1))]
            action[ACTION_TYPE][...] = move
            action["screen"][...] = y * 16 + x
        else:
            action[ACTION_TYPE][...] = environment.action_spec.action_types.index("select_army")
        step = environment.step(action)
        steps.append(step)
    return steps


def test_a_beacon_is_worth_one(embedded):
    steps = _walk(embedded, 60)
    assert sum(float(step.reward) for step in steps) >= 2
    assert {float(step.reward) for step in steps} == {0.0, 1.0}


@pytest.mark.slow
def test_an_episode_of_move_to_beacon_is_240_steps_and_scores_like_the_real_game(embedded):
    # 120 seconds of 16 game loops, 8 loops a step.
    steps = _walk(embedded, 240)
    assert [step.step_type for step in steps[-2:]] == [StepType.MID, StepType.LAST]
    assert 18 <= sum(float(step.reward) for step in steps) <= 34


def _random_games(make, num_workers, num_steps):
    """Screens, rewards and scores of two games of a random agent, [num_steps, 2, ...]."""
    observation_spec, action_spec = starcraft.specs_for(_IN_WORKERS)
    random, record = np.random.default_rng(0), []
    with parallel.ParallelEnvironments(make, 2, num_workers, observation_spec,
                                       action_spec) as environments:
        environments.reset()
        for _ in range(num_steps):
            steps = [environments.receive(group) for group in range(environments.num_groups)]
            record.append((np.concatenate([step.observation["screen"] for step in steps]),
                           np.concatenate([step.reward for step in steps])))
            actions = []
            for available in np.concatenate(
                    [step.observation["available_actions"] for step in steps]):
                action = contract.random_action(
                    observation_spec, action_spec, {"available_actions": available}, random)
                actions.append(action)
            for group in range(environments.num_groups):
                part = actions[environments.group_slice(group)]
                environments.send(group, {name: np.array([action[name] for action in part])
                                          for name in action_spec.sizes})
    return record


_IN_WORKERS = starcraft.StarcraftSettings(map_name="MoveToBeacon", game="minisc2",
                                          max_game_loops=160)


def test_games_in_workers_are_the_games_in_this_process():
    make = functools.partial(starcraft.StarcraftEnvironment, _IN_WORKERS)
    for here, there in zip(_random_games(make, 0, 50), _random_games(make, 2, 50), strict=True):
        np.testing.assert_array_equal(here[0], there[0])
        np.testing.assert_array_equal(here[1], there[1])


def test_a_map_that_does_not_exist_is_an_error_in_the_parent():
    settings = dataclasses.replace(_IN_WORKERS, map_name="MoveToBacon")
    with parallel.ParallelEnvironments(
            functools.partial(starcraft.StarcraftEnvironment, settings), 2, 1,
            *starcraft.specs_for(_IN_WORKERS)) as environments:
        environments.reset()
        with pytest.raises(parallel.WorkerError, match=r"'MoveToBacon'.*MoveToBeacon"):
            environments.receive(0)


def test_replays_of_the_same_second_are_all_written(embedded, tmp_path):
    _walk(embedded, 5)
    paths = {embedded.save_replay(str(tmp_path)) for _ in range(3)}
    assert len(paths) == 3
    for path in paths:
        with open(path, "rb") as file:
            assert file.read(3) == b"MPQ"


def test_matches_of_one_environment_differ_and_come_again_with_its_seed():
    settings = starcraft.StarcraftSettings(map_name="Simple64", game="minisc2", race="terran",
                                           opponent_race="terran")
    sides = []
    for _ in range(2):
        environment = starcraft.StarcraftEnvironment(settings, seed=5)
        try:
            sides.append([environment.reset().observation["minimap"].tobytes()
                          for _ in range(6)])
        finally:
            environment.close()
    assert sides[0] == sides[1] and len(set(sides[0])) == 2  # it begins on either side
