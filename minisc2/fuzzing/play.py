"""A player that does anything it may: random actions among those that are available to it."""

import random
from collections.abc import Callable

from s2clientprotocol import (
    common_pb2,
    data_pb2,
    raw_pb2,
    sc2api_pb2,
    spatial_pb2,
    ui_pb2,
)

from minisc2.api import tables

INTERFACES = ("feature_layer", "raw", "both")
_SCREEN, _MINIMAP = (32, 24), (32, 32)
_POINT = spatial_pb2.ActionSpatialUnitSelectionPoint
_TARGETS = data_pb2.AbilityData
_NO_TARGET = data_pb2.AbilityData.Target.Value("None")
Ask = Callable[[sc2api_pb2.Request], sc2api_pb2.Response]


class RandomPlayer:
    """Draws actions for one client.

    Args:
        ask: answers a request of this client.
        rng: of all choices.
        interface: one of INTERFACES: what it plays by.
    """

    def __init__(self, ask: Ask, rng: random.Random, interface: str):
        self._ask = ask
        self._rng = rng
        self._interface = interface

    def options(self) -> sc2api_pb2.InterfaceOptions:
        """The interface that it wants to join with."""
        options = sc2api_pb2.InterfaceOptions(score=True, show_cloaked=self._rng.random() < 0.5)
        options.raw = self._interface != "feature_layer"
        options.raw_affects_selection = self._rng.random() < 0.5
        options.raw_crop_to_playable_area = self._rng.random() < 0.5
        if self._interface != "raw":
            layers = options.feature_layer
            layers.width = self._rng.choice((16, 24, 40))
            layers.resolution.x, layers.resolution.y = _SCREEN
            layers.minimap_resolution.x, layers.minimap_resolution.y = _MINIMAP
            layers.crop_to_playable_area = self._rng.random() < 0.5
        return options

    def actions(self, observation: sc2api_pb2.Observation) -> list[sc2api_pb2.Action]:
        """One to three actions, each of which its interface offers now."""
        drawn = []
        for _ in range(self._rng.randint(1, 3)):
            by_layers = self._interface == "feature_layer" or (
                self._interface == "both" and self._rng.random() < 0.5)
            drawn.append(self._layer_action(observation) if by_layers
                         else self._raw_action(observation))
        return drawn

    # By pixels and panels.

    def _layer_action(self, observation: sc2api_pb2.Observation) -> sc2api_pb2.Action:
        if observation.abilities and self._rng.random() < 0.6:
            return self._command(self._rng.choice(observation.abilities).ability_id)
        return self._rng.choice((self._select_point, self._select_rectangle, self._move_camera,
                                 self._press_key, self._click_panel))()

    def _pixel(self, size: tuple[int, int]) -> common_pb2.PointI:
        return common_pb2.PointI(x=self._rng.randrange(size[0]), y=self._rng.randrange(size[1]))

    def _command(self, ability_id: int) -> sc2api_pb2.Action:
        action = sc2api_pb2.Action()
        row = tables.load()["abilities"].get(ability_id, {})
        if row.get("allow_autocast") and self._rng.random() < 0.1:
            action.action_ui.toggle_autocast.ability_id = ability_id
            return action
        command = action.action_feature_layer.unit_command
        command.ability_id = ability_id
        command.queue_command = self._rng.random() < 0.2
        target = row.get("target", _NO_TARGET)
        if target in (_TARGETS.Point, _TARGETS.PointOrUnit) and self._rng.random() < 0.3:
            command.target_minimap_coord.CopyFrom(self._pixel(_MINIMAP))
        elif target != _NO_TARGET:
            command.target_screen_coord.CopyFrom(self._pixel(_SCREEN))
        return action

    def _select_point(self) -> sc2api_pb2.Action:
        action = sc2api_pb2.Action()
        click = action.action_feature_layer.unit_selection_point
        click.selection_screen_coord.CopyFrom(self._pixel(_SCREEN))
        click.type = self._rng.choice((_POINT.Select, _POINT.Toggle, _POINT.AllType,
                                       _POINT.AddAllType))
        return action

    def _select_rectangle(self) -> sc2api_pb2.Action:
        action = sc2api_pb2.Action()
        box = action.action_feature_layer.unit_selection_rect
        box.selection_screen_coord.add(p0=self._pixel(_SCREEN), p1=self._pixel(_SCREEN))
        box.selection_add = self._rng.random() < 0.3
        return action

    def _move_camera(self) -> sc2api_pb2.Action:
        action = sc2api_pb2.Action()
        action.action_feature_layer.camera_move.center_minimap.CopyFrom(self._pixel(_MINIMAP))
        return action

    def _press_key(self) -> sc2api_pb2.Action:
        ui = ui_pb2.ActionUI()
        key = self._rng.randrange(4)
        if key == 0:
            ui.control_group.action = self._rng.choice(
                ui_pb2.ActionControlGroup.ControlGroupAction.values())
            ui.control_group.control_group_index = self._rng.randrange(10)
        elif key == 1:
            ui.select_army.selection_add = self._rng.random() < 0.3
        elif key == 2:
            ui.select_idle_worker.type = self._rng.choice(
                ui_pb2.ActionSelectIdleWorker.Type.values())
        else:
            ui.select_larva.SetInParent()
        return sc2api_pb2.Action(action_ui=ui)

    def _click_panel(self) -> sc2api_pb2.Action:
        ui = ui_pb2.ActionUI()
        panel = self._rng.randrange(3)
        if panel == 0:
            ui.multi_panel.type = self._rng.choice(ui_pb2.ActionMultiPanel.Type.values())
            ui.multi_panel.unit_index = self._rng.randrange(12)
        elif panel == 1:
            ui.cargo_panel.unit_index = self._rng.randrange(8)
        else:
            ui.production_panel.unit_index = self._rng.randrange(8)
        return sc2api_pb2.Action(action_ui=ui)

    # By tags.

    def _raw_action(self, observation: sc2api_pb2.Observation) -> sc2api_pb2.Action:
        action = sc2api_pb2.Action()
        seen = observation.raw_data.units
        own = [unit for unit in seen if unit.alliance == raw_pb2.Self]
        if not own or self._rng.random() < 0.05:
            center = action.action_raw.camera_move.center_world_space
            center.x, center.y = self._rng.uniform(0, 96), self._rng.uniform(0, 96)
            return action
        leader = self._rng.choice(own)
        group = [unit for unit in own if unit.unit_type == leader.unit_type]
        chosen = self._rng.sample(group, self._rng.randint(1, min(len(group), 8)))
        ability_id = self._available(leader.tag)
        if ability_id is None:
            return action
        command = action.action_raw.unit_command
        command.ability_id = ability_id
        command.unit_tags.extend(unit.tag for unit in chosen)
        command.queue_command = self._rng.random() < 0.2
        self._aim(command, seen)
        return action

    def _available(self, tag: int) -> int | None:
        request = sc2api_pb2.Request()
        request.query.abilities.add(unit_tag=tag)
        (answer,) = self._ask(request).query.abilities
        return self._rng.choice(answer.abilities).ability_id if answer.abilities else None

    def _aim(self, command: raw_pb2.ActionRawUnitCommand, seen: list[raw_pb2.Unit]) -> None:
        row = tables.load()["abilities"].get(command.ability_id, {})
        target = row.get("target", _NO_TARGET)
        if target == _NO_TARGET:
            return
        if target == _TARGETS.Unit or (target == _TARGETS.PointOrUnit
                                       and self._rng.random() < 0.5):
            command.target_unit_tag = self._rng.choice(seen).tag
            return
        near = self._rng.choice(seen).pos
        command.target_world_space_pos.x = near.x + self._rng.gauss(0, 8)
        command.target_world_space_pos.y = near.y + self._rng.gauss(0, 8)
