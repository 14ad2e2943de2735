"""Records, episodes, and matches that nobody plays: games that are over after some steps."""

import types
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from s2clientprotocol import sc2api_pb2

from data import synthetic
from environment import delays, observations, specs
from evaluation import match_records

OBSERVATION_SPEC = specs.ObservationSpec((specs.ArraySpec(
    "count", specs.Kind.VECTOR, (2,), "float32", (specs.Feature("seed"), specs.Feature("step"))),))
ACTION_SPEC = delays.DelayCodec(8).extend(specs.ActionSpec(
    ("no_op", "click"), (specs.ArgumentSpec("screen", 1 << 20),), np.array([[False], [True]])))
GAME_LOOPS_A_STEP = 8


def record(**values):
    """A record in which nothing happened but what is given."""
    return match_records.MatchRecord(**{
        "number": 1, "seed": 1, "result": "undecided", "game_loops": 1344, "num_decisions": 0,
        "num_actions": 0, "num_limited": 0, "num_refused": 0, "made": (), "finished": {},
        "largest_attack": 0, "first_attack": None, "killed_value_units": 0.0,
        "killed_value_structures": 0.0} | values)


def episode(seed):
    """A short episode of a dataset."""
    settings = observations.ObservationSettings(arrays=("player",))
    return synthetic.make(settings, 4, seed)


def response(game_loop=0, units=(), results=(), damage=0.0, player_id=1, errors=()):
    """An observation as the game gives it.

    Args:
        units: each a dictionary of fields of `raw_pb2.Unit`, `xy` for its place.
        results: pairs of a player id and a `sc2api_pb2.Result`.
        errors: tags of units which report an error.
    """
    message = sc2api_pb2.ResponseObservation()
    observation = message.observation
    observation.game_loop = game_loop
    observation.player_common.player_id = player_id
    observation.score.score_details.total_damage_dealt.life = damage
    for number, fields in enumerate(units):
        x, y = fields.pop("xy", (0, 0))
        unit = observation.raw_data.units.add(**{
            "tag": number + 1, "alliance": 1, "display_type": 1, "build_progress": 1.0} | fields)
        unit.pos.x, unit.pos.y = x, y
    for owner, result in results:
        message.player_result.add(player_id=owner, result=result)
    for unit_tag in errors:
        message.action_errors.add(unit_tag=unit_tag, ability_id=1, result=2)
    return message


class Game:
    """Stands in for `starcraft.StarcraftEnvironment`: every match is won or lost by its seed.

    A match lasts for 2 + seed % 3 steps and is won if its seed is even.
    """

    unit_data: dict = types.MappingProxyType({})
    num_impossible_actions = 0
    pysc2_observation = None

    def __init__(self, settings, seed):
        self.settings, self.seed, self.step_number, self.actions = settings, seed, 0, []
        self.is_closed = False

    @property
    def length(self):
        return 2 + self.seed % 3

    def _time_step(self):
        kind = specs.StepType.FIRST if not self.step_number else (
            specs.StepType.LAST if self.step_number == self.length else specs.StepType.MID)
        return specs.TimeStep(np.array(kind, np.int8), np.array(0, np.float32),
                              np.array(1, np.float32), {"count": np.array(
                                  [self.seed % 1000, self.step_number], np.float32)})

    def reset(self):
        return self._time_step()

    def step(self, action):
        assert self.step_number < self.length and not self.is_closed
        self.actions.append({name: int(value) for name, value in action.items()})
        self.step_number += 1
        return self._time_step()

    @property
    def response(self):
        won = sc2api_pb2.Victory if self.seed % 2 == 0 else sc2api_pb2.Defeat
        over = self.step_number == self.length
        return response(self.step_number * GAME_LOOPS_A_STEP,
                        results=[(1, won), (2, 3 - won)] if over else ())

    def save_replay(self, folder):
        path = f"{folder}/some replay"
        with open(path, "w") as file:
            file.write(str(self.seed))
        return path

    def close(self):
        self.is_closed = True


class AgentStep(NamedTuple):
    action: dict
    value: np.ndarray
    logits: dict


class Agent:
    """Clicks where its state says, which counts the steps of a match; checks what it is given."""

    observation_spec, action_spec = OBSERVATION_SPEC, ACTION_SPEC

    def __init__(self):
        self.random_generator = tf.random.Generator.from_seed(7)
        self.batches, self.drawn = [], []

    def initial_state(self, batch_size):
        return (np.full((batch_size, 1), 100.0, np.float32),)

    def step(self, observation, step_type, state, greedy):
        OBSERVATION_SPEC.validate(observation, step_type.shape)
        self.batches.append(len(step_type))
        self.drawn.append(int(self.random_generator.make_seeds(1)[0, 0]))
        count = np.where(step_type == specs.StepType.FIRST, 0, np.asarray(state[0])[:, 0])
        np.testing.assert_array_equal(count, observation["count"][:, 1])
        action = ACTION_SPEC.zeros(step_type.shape)
        action["action_type"][:] = 1
        action["screen"][:] = 10 * observation["count"][:, 0] + count
        return (AgentStep(action, np.zeros(len(count)), {}),
                (tf.constant(count[:, None] + 1, tf.float32),))
