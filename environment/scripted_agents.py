"""Agents that others have written, which act as `agent.Agent` does: experts to learn from.

pysc2's scripted agents look at pysc2's observation. Ours holds the same values under other names,
so they are shown what they look at, and what they call becomes an action of our specs: their own
code decides.
"""

import functools
import types
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from environment import actions, gymnasium_environment, pysc2_compat, spec_differences
from environment.specs import (
    ACTION_TYPE,
    Action,
    ActionSpec,
    Observation,
    ObservationSpec,
    StepType,
)

pysc2_compat.install()

from pysc2.agents import scripted_agent

_STARCRAFT = {"CollectMineralShards": scripted_agent.CollectMineralShards,
              "DefeatRoaches": scripted_agent.DefeatRoaches,
              "MoveToBeacon": scripted_agent.MoveToBeacon}
"""By map: pysc2's agents that look at no more than `_Pysc2Player` shows them."""
_GYMNASIUM = ("LunarLander-v3",)
_LAYER = "player_relative"

Player = Callable[[Observation], Action]
"""Decides in one episode: from an observation to an action, both without leading dimensions."""


class ScriptedStep(NamedTuple):
    """What was done in B environments.

    Attributes:
        action: int32 [B] for each component.
    """

    action: Action


class ScriptedAgent:
    """Acts in batches, each row with a player of its own."""

    def __init__(self, make_player: Callable[[], Player]):
        """Takes what makes the player of an episode."""
        self._make_player = make_player

    def initial_state(self, batch_size: int) -> tuple[Player, ...]:
        """The players of B environments."""
        return tuple(self._make_player() for _ in range(batch_size))

    def step(self, observation: Observation, step_type: np.ndarray, state: tuple[Player, ...],
             greedy: bool = False) -> tuple[ScriptedStep, tuple[Player, ...]]:
        """Acts.

        Args:
            observation: named arrays [B, ...].
            step_type: int8 [B]; where it is FIRST the row gets a new player.
            state: from `initial_state` or the step before.
            greedy: makes no difference: nothing is drawn.

        Returns:
            A `ScriptedStep` and the next state.
        """
        players = tuple(self._make_player() if kind == StepType.FIRST else player
                        for kind, player in zip(step_type, state, strict=True))
        chosen = [player({name: values[row] for name, values in observation.items()})
                  for row, player in enumerate(players)]
        return ScriptedStep({name: np.array([action[name] for action in chosen], np.int32)
                             for name in chosen[0]}), players


def for_environment(name: str, observation_spec: ObservationSpec, action_spec: ActionSpec
                    ) -> ScriptedAgent:
    """The scripted agent of a map or task.

    Args:
        name: of the map, or of Gymnasium's task.
        observation_spec: of what it will be shown.
        action_spec: of what it is to return.

    Raises:
        ValueError: there is none, or it cannot play with these specs.
    """
    if name in _GYMNASIUM:
        return ScriptedAgent(lambda: _land)
    if name not in _STARCRAFT:
        raise ValueError(f"There is no scripted agent for {name!r}; there are agents for "
                         f"{', '.join((*_STARCRAFT, *_GYMNASIUM))}.")
    _check_specs(name, observation_spec, action_spec)
    codec = _codec(action_spec)
    screen = observation_spec.by_name["screen"]
    channel = [feature.name for feature in screen.features].index(_LAYER)
    return ScriptedAgent(functools.partial(_Pysc2Player, _STARCRAFT[name], codec, channel))


def _check_specs(name: str, observation_spec: ObservationSpec, action_spec: ActionSpec) -> None:
    arrays = observation_spec.by_name
    layers = [feature.name for feature in arrays["screen"].features] if "screen" in arrays else []
    if _LAYER not in layers or "available_actions" not in arrays:
        raise ValueError(f"The scripted agent for {name} looks at the array available_actions and "
                         f"at the layer {_LAYER} of the array screen; the observation has the "
                         f"arrays {', '.join(arrays)}. Use the model fullyconv or alphastar with "
                         "its own arrays.")
    codec = _codec(action_spec)
    difference = codec is None or spec_differences.first(
        (observation_spec, action_spec), (observation_spec, codec.spec), "there")
    if difference:
        raise ValueError(f"The scripted agent for {name} calls functions of pysc2's feature layers "
                         "at every observation; the actions have the arguments "
                         f"{', '.join(argument.name for argument in action_spec.arguments)}.")


def _codec(action_spec: ActionSpec) -> actions.ActionCodec | None:
    """Of actions on feature layers; None for others."""
    planes: Mapping[str, Any] = {argument.name: argument.plane for argument in
                                 action_spec.arguments}
    if not (planes.get("screen") and planes.get("minimap")):
        return None
    return actions.ActionCodec(planes["screen"], planes["minimap"])


class _Pysc2Player:
    """One of pysc2's agents in one episode."""

    def __init__(self, agent_class: type, codec: actions.ActionCodec, channel: int):
        self._agent, self._codec, self._channel = agent_class(), codec, channel

    def __call__(self, observation: Observation) -> Action:
        shown = types.SimpleNamespace(
            available_actions=np.flatnonzero(observation["available_actions"]),
            feature_screen=types.SimpleNamespace(
                player_relative=observation["screen"][..., self._channel]))
        # It counts rewards and does nothing about them.
        call = self._agent.step(types.SimpleNamespace(observation=shown, reward=0))
        return self._codec.encode(call)


_DISCRETE = types.SimpleNamespace(unwrapped=types.SimpleNamespace(continuous=False))


def _land(observation: Observation) -> Action:
    """What Gymnasium's own demonstration of LunarLander does."""
    from gymnasium.envs.box2d import lunar_lander

    choice = lunar_lander.heuristic(_DISCRETE, observation[gymnasium_environment.OBSERVATION])
    return {ACTION_TYPE: np.array(choice, np.int32)}
