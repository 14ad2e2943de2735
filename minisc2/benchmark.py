"""Measures the embedded game through pysc2's unmodified SC2Env, in-process, on one core.

    python -m minisc2.benchmark                  # about three minutes
    python -m minisc2.benchmark --full           # 200,000 steps and 1,000 restarts for memory
    python -m minisc2.benchmark --only speed
    SC2_NO_STOPWATCH=1 python -m minisc2.benchmark --only speed   # pysc2 untimed, as in training

Every other part alone leaves pysc2 untimed, too.

It prints agent steps a second at three resolutions and where the time goes, the same for melee
matches with a hundred units, game loops a second of whole matches that nobody observes, resident
memory over many steps and restarts, and what pysc2's scripted agents and its random agent score.
"""

import argparse
import functools
import importlib
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import psutil
from absl import logging

from minisc2 import benchmark_match, benchmark_melee, benchmark_profile, pysc2_setup

_PARTS = ("speed", "match", "melee", "memory", "scores")
_SPEED_REPEATS = 5
_MELEE_REPEATS = 5
_MATCH_REPEATS = 3
_SPEED_SIZES = (64, 32, 16)
_STEP_MUL = benchmark_melee.STEP_MUL
_SEED = 1
# pysc2's scripted agents by map, and whether each plays by raw units.
_SCRIPTED_AGENTS = (
    ("MoveToBeacon", "MoveToBeacon", False),
    ("CollectMineralShards", "CollectMineralShards", False),
    ("CollectMineralShards", "CollectMineralShardsFeatureUnits", False),
    ("CollectMineralShards", "CollectMineralShardsRaw", True),
    ("DefeatRoaches", "DefeatRoaches", False),
    ("DefeatRoaches", "DefeatRoachesRaw", True),
)


class Shares(NamedTuple):
    """Microseconds of one agent step, by part."""

    simulation: float  # the engine: actions and game loops
    drawing: float  # the engine: observations, serialized
    protobuf: float  # pysc2 writes requests and parses responses
    transform: float  # pysc2 turns responses into arrays and actions into requests
    rest: float  # everything else in SC2Env.step and run_parallel


def main(arguments: Sequence[str]) -> int:
    """Runs the parts that the command line asks for. Returns the exit status."""
    parsed = _parse(arguments)
    parts = _PARTS if parsed.only is None else (parsed.only,)
    if "speed" not in parts:  # the only part that asks pysc2's stopwatch; training goes without it
        os.environ.setdefault("SC2_NO_STOPWATCH", "1")
    pysc2_setup.prepare("minisc2.benchmark")
    logging.set_verbosity(logging.ERROR)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if "speed" in parts:
        print_speed(parsed.steps)
    if "match" in parts:
        print_match()
    if "melee" in parts:
        print_melee(parsed.melee_steps)
    if "memory" in parts:
        print_memory(parsed.memory_steps, parsed.restarts)
    if "scores" in parts:
        print_scores(parsed.episodes, parsed.map)
    return 0


def print_speed(num_steps: int) -> None:
    """Prints agent steps a second at several resolutions, and the share of each part."""
    print(f"\nMoveToBeacon, step_mul {_STEP_MUL}, one core, {_SPEED_REPEATS} times {num_steps} "
          "agent steps")
    print(f"{'layers':>8} {'steps/s':>8} {'steps/CPU s':>12}   us a step, with the stopwatch on: "
          "simulation drawing protobuf transform  rest")
    for size in _SPEED_SIZES:
        with _environment("MoveToBeacon", size) as env:
            _play(env, 500)
            rates, cpu_rates = [], []
            for _ in range(_SPEED_REPEATS):
                start, cpu_start = time.perf_counter(), time.process_time()
                _play(env, num_steps)
                rates.append(num_steps / (time.perf_counter() - start))
                # Where other programs use the core too, this is what it would give alone.
                cpu_rates.append(num_steps / (time.process_time() - cpu_start))
            row = (f"{size:>5}x{size} {statistics.median(rates):>8.0f} "
                   f"{statistics.median(cpu_rates):>12.0f}")
            if not os.environ.get("SC2_NO_STOPWATCH"):  # which takes the stopwatch out of pysc2
                row += f"{'':>36}{_share_row(_shares(functools.partial(_play, env), num_steps))}"
        print(row)


def _share_row(shares: Shares) -> str:
    return (f"{shares.simulation:>10.0f} {shares.drawing:>7.0f} {shares.protobuf:>8.0f} "
            f"{shares.transform:>9.0f} {shares.rest:>5.0f}")


def print_match() -> None:
    """Prints game loops a second of whole matches that nobody observes."""
    print(f"\n{benchmark_match.MAP} without observations, one core, {_MATCH_REPEATS} times each")
    print(f"{'match':<44} {'loops':>6} {'loops/CPU s':>11}   us a loop, sampled")
    recording = benchmark_match.record()
    for name, play in (
            ("marine_rush against easy, played back",
             functools.partial(benchmark_match.play_back, recording)),
            ("VeryHard against VeryHard, computers included", benchmark_match.play_computers)):
        timings = [play() for _ in range(_MATCH_REPEATS)]
        cpu_seconds = statistics.median(timing.cpu_seconds for timing in timings)
        game_loops = timings[0].game_loops
        row = timings[-1].sampler.row(1e6 * cpu_seconds / game_loops)
        print(f"{name:<44} {game_loops:>6} {game_loops / cpu_seconds:>11.0f}   {row}")


def print_melee(num_steps: int) -> None:
    """Prints agent steps a second of melee matches with a hundred units.

    Each is measured beside MoveToBeacon: their ratio says the same on a slow machine, and in a
    slow minute, as on a fast one.
    """
    print(f"\n{benchmark_melee.MAP}, 64x64, step_mul {_STEP_MUL}, one core, {_MELEE_REPEATS} times "
          f"{num_steps} agent steps, MoveToBeacon before each of them")
    print(f"{'match':<10} {'units':>6} {'steps/CPU s':>12} {'of MoveToBeacon':>16}   "
          "us a step, sampled")
    sc2_env = importlib.import_module("pysc2.env.sc2_env")
    for scene in benchmark_melee.SCENES:
        bot = sc2_env.Bot(sc2_env.Race.terran, sc2_env.Difficulty(scene.DIFFICULTY),
                          sc2_env.BotBuild(scene.BUILD))
        sampler, played, ratios = benchmark_profile.Sampler(), [], []
        for repeat in range(_MELEE_REPEATS):
            with _environment("MoveToBeacon", 64) as env:
                _play(env, 100)
                start = time.process_time()
                _play(env, num_steps)
                beacon_seconds = (time.process_time() - start) / num_steps
            with _environment(benchmark_melee.MAP, 64, opponents=(bot,),
                              seed=scene.seed(repeat)) as env:
                played.append(scene(env).play(num_steps, sampler))
            ratios.append(beacon_seconds / played[-1].cpu_seconds)
        seconds = statistics.median(one.cpu_seconds for one in played)
        units = statistics.fmean(one.num_units for one in played)
        print(f"{scene.NAME:<10} {units:>6.0f} {1 / seconds:>12.0f} "
              f"{statistics.median(ratios):>16.3f}   {sampler.row(1e6 * seconds)}")


def print_memory(num_steps: int, num_restarts: int) -> None:
    """Prints resident memory while stepping and while restarting; flat means no leak."""
    process = psutil.Process()
    print("\nResident memory in MiB, at tenths of the run (MoveToBeacon, 64x64)")
    with _environment("MoveToBeacon", 64) as env:
        _play(env, 2000)
        row = []
        for _ in range(10):
            _play(env, num_steps // 10)
            row.append(process.memory_info().rss / 2**20)
        print(f"{num_steps:>9} steps:   ", *(f"{mebibytes:7.1f}" for mebibytes in row))
        row = []
        for _ in range(10):
            for _ in range(num_restarts // 10):
                env.reset()
                _play(env, 3)
            row.append(process.memory_info().rss / 2**20)
        print(f"{num_restarts:>9} restarts:", *(f"{mebibytes:7.1f}" for mebibytes in row))


def print_scores(num_episodes: int, only_map: str | None) -> None:
    """Prints what pysc2's own agents score, on one map or on all, with the mean's 95 % interval."""
    random_agent = importlib.import_module("pysc2.agents.random_agent")
    scripted_agent = importlib.import_module("pysc2.agents.scripted_agent")
    maps = _mini_games() if only_map is None else (only_map,)
    print(f"\nScores over {num_episodes} episodes, screen 84x84, minimap 64x64, step_mul "
          f"{_STEP_MUL}")
    print(f"{'map':<28} {'agent':<34} {'mean':>7} {'+-95%':>6} {'std':>6} {'min':>5} {'max':>5}")
    rows = [(map_name, name, getattr(scripted_agent, name), raw)
            for map_name, name, raw in _SCRIPTED_AGENTS if map_name in maps]
    rows += [(map_name, "random", random_agent.RandomAgent, False) for map_name in maps]
    for map_name, name, make_agent, raw in sorted(rows, key=lambda row: row[0]):
        with _environment(map_name, 84, minimap_size=64, raw=raw,
                          feature_units="FeatureUnits" in name) as env:
            scores = list(_episode_scores(env, make_agent(), num_episodes))
        deviation = statistics.stdev(scores) if len(scores) > 1 else math.nan
        print(f"{map_name:<28} {name:<34} {statistics.fmean(scores):>7.2f} "
              f"{1.96 * deviation / math.sqrt(len(scores)):>6.2f} {deviation:>6.2f} "
              f"{min(scores):>5.0f} {max(scores):>5.0f}", flush=True)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m minisc2.benchmark", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=_PARTS, help="run one part")
    parser.add_argument("--steps", type=_positive, default=2000,
                        help="agent steps of each speed measurement (default %(default)s)")
    parser.add_argument("--melee_steps", type=_positive, default=250,
                        help="agent steps of each melee measurement (default %(default)s)")
    parser.add_argument("--memory_steps", type=_positive, default=20_000,
                        help="agent steps while memory is watched (default %(default)s)")
    parser.add_argument("--restarts", type=_positive, default=100,
                        help="restarts while memory is watched (default %(default)s)")
    parser.add_argument("--episodes", type=_positive, default=10,
                        help="episodes of each agent (default %(default)s)")
    parser.add_argument("--map", choices=_mini_games(),
                        help="map of the scores (default: all mini-games)")
    parser.add_argument("--full", action="store_true",
                        help="200,000 steps and 1,000 restarts for memory, 100 episodes for scores")
    parsed = parser.parse_args(arguments)
    if parsed.full:
        parsed.memory_steps, parsed.restarts, parsed.episodes = 200_000, 1000, 100
    return parsed


def _mini_games() -> list[str]:
    """The maps of pysc2's mini-games, all of which the embedded game has."""
    return sorted(importlib.import_module("pysc2.maps.mini_games").mini_games)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive whole number")
    return int(text)


def _environment(map_name: str, screen_size: int, minimap_size: int | None = None,
                 raw: bool = False, feature_units: bool = False, opponents: Sequence[Any] = (),
                 seed: int = _SEED) -> Any:
    """An SC2Env on the embedded game, for one agent against these bots."""
    sc2_env = importlib.import_module("pysc2.env.sc2_env")
    if raw:
        interface = sc2_env.AgentInterfaceFormat(
            action_space=sc2_env.ActionSpace.RAW, use_raw_units=True)
    else:
        interface = sc2_env.AgentInterfaceFormat(
            feature_dimensions=sc2_env.Dimensions(
                screen=screen_size, minimap=minimap_size or screen_size),
            use_feature_units=feature_units)
    return sc2_env.SC2Env(
        map_name=map_name, players=[sc2_env.Agent(sc2_env.Race.terran), *opponents],
        step_mul=_STEP_MUL, agent_interface_format=interface, random_seed=seed,
        game_steps_per_episode=0)


def _play(env: Any, num_steps: int) -> None:
    """Takes steps with a policy that costs nothing and keeps units moving."""
    actions = importlib.import_module("pysc2.lib.actions").FUNCTIONS
    size = env.observation_spec()[0]["feature_screen"][1]
    (timestep,) = env.reset()
    for index in range(num_steps):
        if actions.Move_screen.id in timestep.observation.available_actions:
            action = actions.Move_screen("now", (index * 7 % size, index * 13 % size))
        elif actions.select_army.id in timestep.observation.available_actions:
            action = actions.select_army("select")
        else:
            action = actions.no_op()
        (timestep,) = env.step([action])


def _shares(play: Callable[[int], None], num_steps: int) -> Shares:
    """Times one more run with pysc2's stopwatch, which itself costs a little."""
    stopwatch = importlib.import_module("pysc2.lib.stopwatch").sw
    stopwatch.clear()
    stopwatch.enable()
    start = time.time()  # the clock of the stopwatch
    try:
        play(num_steps)
    finally:
        total = time.time() - start
        stopwatch.disable()

    def spent(*names: str, within: str = "") -> float:
        # The times of a name are kept by the path on which it was reached, as "a.b.name".
        return sum(stopwatch.times[key].sum for key in stopwatch.times
                   if key.rsplit(".", 1)[-1] in names and (not within or within in key.split(".")))

    game = spent("write_request")  # the in-memory socket answers within the write
    drawing = spent("write_request", within="observe")
    protobuf = spent("parse_response", "serialize_request")
    transform = spent("transform_obs", "transform_action")
    parts = (game - drawing, drawing, protobuf, transform, total - game - protobuf - transform)
    return Shares(*(1e6 * part / num_steps for part in parts))


def _episode_scores(env: Any, agent: Any, num_episodes: int) -> Iterator[float]:
    """Yields the sum of rewards of one episode after another."""
    agent.setup(env.observation_spec()[0], env.action_spec()[0])
    for _ in range(num_episodes):
        agent.reset()
        (timestep,) = env.reset()
        score = float(timestep.reward)
        while not timestep.last():
            (timestep,) = env.step([agent.step(timestep)])
            score += float(timestep.reward)
        yield score


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
