"""One player's place at the match: camera, selection, memory, and what is still to be reported."""

import dataclasses

from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2.api import alerts, frames, selection, sight
from minisc2.api import interface as interface_lib
from minisc2.game import events, players, unit_data, units
from minisc2.game import world as world_lib

ALERT_GAME_LOOPS = 32
"""How long an alert stays on the minimap."""

MAX_KEPT = 1000
"""How much of each kind waits to be reported; nobody may ever ask, as for a computer player."""


@dataclasses.dataclass(frozen=True)
class Executed:
    """An action that took effect, as it will be reported.

    Attributes:
        action: with specific ability ids and its game loop; spatial parts in the pixels of the
            player's own interface.
        camera_xy: where the camera was.
        met: (x, y, radius) of the unit on the screen that a click met; None where it met none, or
            was no click.
    """

    action: sc2api_pb2.Action
    camera_xy: tuple[float, float]
    met: tuple[float, float, float] | None = None


class Seat:
    """The state of one player that the world does not hold."""

    def __init__(self, world: world_lib.World, player_id: int,
                 interface: interface_lib.Interface):
        """A player at the first loop of a match: nothing selected, the camera as the map says."""
        self.world = world
        self.player_id = player_id
        self.interface = interface
        self.selection = selection.Selection(world, player_id)
        self.memory = sight.Memory(world, player_id)
        self.executed: list[Executed] = []
        self.errors: list[sc2api_pb2.ActionError] = []
        self.chat: list[sc2api_pb2.ChatReceived] = []
        self.dead_tags: list[int] = []
        self.alerts: list[int] = []
        self.alert_points: list[tuple[int, tuple[float, float]]] = []
        self.camera_xy = self.player.camera_xy
        self._script_camera_xy = self.player.camera_xy
        self._follow_script()
        if self.player.score.kind == players.MELEE and self.player.kind == players.PARTICIPANT:
            self._report_first_camera_move()

    @property
    def player(self) -> players.PlayerState:
        """What the world knows of the player."""
        return self.world.players[self.player_id]

    def move_camera(self, world_xy: tuple[float, float]) -> bool:
        """Looks at a point, or at the nearest one of the playable area.

        Returns:
            Whether the map's script lets the player move the camera.
        """
        if self.player.camera_locked:
            return False
        x0, y0, x1, y1 = self.world.game_map.playable
        self.camera_xy = (float(min(max(world_xy[0], x0), x1)),
                          float(min(max(world_xy[1], y0), y1)))
        return True

    def seen(self, disable_fog: bool = False) -> list[sight.Seen]:
        """What the player sees of the units now."""
        self.memory.update(self.world, self.world.visibility(self.player_id))
        return sight.units_seen(self.world, self.player_id, self.memory,
                                self.interface.options.show_cloaked, disable_fog)

    def units_in(self, frame: frames.ScreenFrame, pixels: tuple[int, int, int, int],
                 with_resources: bool = False) -> list[units.Unit]:
        """Visible units that cover any pixel of a rectangle, the one drawn on top first.

        Args:
            frame: where the pixels are.
            pixels: (left, top, right, bottom) of the screen, all inclusive.
            with_resources: includes mineral fields and geysers in the fog, which everybody knows.
        """
        world, found = self.world, []
        for unit in world.units.values():
            if frame.covers(self.camera_xy, (unit.x, unit.y, unit.radius), pixels) and (
                    world.can_see(self.player_id, unit)
                    or (with_resources and unit.owner == units.NEUTRAL_OWNER
                        and world.display_type(self.player_id, unit))):
                found.append(unit)
        found.sort(key=sight.rank, reverse=True)
        return found

    def report(self, action: sc2api_pb2.Action, met: units.Unit | None = None) -> None:
        """Keeps an action that took effect, and the unit that it met, for the next observations."""
        action.game_loop = self.world.loop
        self.executed.append(Executed(
            action, self.camera_xy, met and (met.x, met.y, met.radius)))

    def report_error(self, unit_tag: int, ability_id: int, result: int) -> None:
        """Keeps the reason why a command did not take effect for the next observation."""
        # Ids come signed, and are reported unsigned; no ability has a negative one.
        self.errors.append(sc2api_pb2.ActionError(unit_tag=unit_tag, ability_id=max(0, ability_id),
                                                  result=result))

    def take_executed(self) -> list[Executed]:
        """Actions of earlier loops that were not reported yet."""
        loop = self.world.loop
        taken = [one for one in self.executed if one.action.game_loop < loop]
        if taken:
            self.executed = [one for one in self.executed if one.action.game_loop >= loop]
        return taken

    def after_step(self, num_known_events: int = 0) -> None:
        """Takes in what happened in the world's last step, but for the first events of it."""
        world = self.world
        for event in world.events[num_known_events:]:
            self._notice(event)
        for unit, ability_id, answer in world.failures:
            if unit.owner == self.player_id:
                self.report_error(unit.tag, ability_id, answer)
        self._drop_alert_points(world.loop)
        self._follow_script()
        for kept in (self.dead_tags, self.alerts, self.errors, self.chat):
            if len(kept) > MAX_KEPT:
                del kept[:-MAX_KEPT]

    def _notice(self, event: events.Event) -> None:
        if event.kind is events.EventKind.UNIT_DIED:
            if self._has_seen(event):
                self.dead_tags.append(event.tag)
            self.selection.prune()
        elif event.kind is events.EventKind.UNIT_REMOVED:
            self.selection.prune()
        elif event.kind is events.EventKind.UNIT_ATTACKED:
            if event.owner == self.player_id:
                self._notice_attack(event)
        elif (alert := alerts.alert_of(event, self.world, self.player_id)) is not None:
            self.alerts.append(alert)

    def _has_seen(self, event: events.Event) -> bool:
        """Whether the player saw somebody die; deaths of own units are always known."""
        return self.player_id in event.seen_by

    def _notice_attack(self, event: events.Event) -> None:
        """Tells of an attack, but not again while an earlier one is shown."""
        self._drop_alert_points(event.loop)  # of its own time, however long the step was
        if not self.alert_points:
            self.alerts.append(
                sc2api_pb2.BuildingUnderAttack if unit_data.get(event.unit_type).is_structure
                else sc2api_pb2.UnitUnderAttack)
            self.alert_points.append((event.loop, event.xy))

    def _drop_alert_points(self, loop: int) -> None:
        if self.alert_points and self.alert_points[0][0] < loop - ALERT_GAME_LOOPS:
            self.alert_points = [one for one in self.alert_points
                                 if one[0] >= loop - ALERT_GAME_LOOPS]

    def _follow_script(self) -> None:
        """Does what the map's script asks of the interface: camera and selection."""
        player = self.player
        if player.camera_xy != self._script_camera_xy:
            self._script_camera_xy = self.camera_xy = player.camera_xy
        if player.selection_requested is not None:
            self.selection.select(player.selection_requested)
            player.selection_requested = None

    def _report_first_camera_move(self) -> None:
        # A melee game puts the camera on the start location by an action of loop 1, and reports
        # it as the player's (pysc2's replay_obs_test counts on it).
        action = self.camera_action(self.camera_xy)
        action.game_loop = 1
        self.executed.append(Executed(action, self.camera_xy))

    def camera_action(self, world_xy: tuple[float, float]) -> sc2api_pb2.Action:
        """A camera move as it is reported, in raw and in minimap coordinates."""
        action = sc2api_pb2.Action()
        x, y = self.interface.raw.world_to_raw(world_xy)
        action.action_raw.camera_move.center_world_space.CopyFrom(common_pb2.Point(x=x, y=y))
        interface = self.interface
        for frame, spatial in ((interface.minimap, action.action_feature_layer),
                               (interface.rgb_minimap, action.action_render)):
            if frame is not None:
                x, y = (int(value) for value in frame.world_to_minimap(world_xy))
                spatial.camera_move.center_minimap.CopyFrom(common_pb2.PointI(x=x, y=y))
        return action

