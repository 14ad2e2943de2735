"""Observations of one client: everything in ResponseObservation, as a message or as bytes.

Both forms hold the same. As bytes, the feature layers are spliced in (concatenated protobuf
messages merge), and parts that did not change since the last observation are not built again.
"""

import bisect
import functools
import operator
from collections.abc import Callable, Hashable, Mapping

from s2clientprotocol import common_pb2, sc2api_pb2, spatial_pb2

from minisc2 import varint
from minisc2.api import canvas as canvas_lib
from minisc2.api import (
    echo,
    images,
    layers,
    raw_observation,
    rgb,
    score_observation,
    sight,
    ui_observation,
)
from minisc2.api import interface as interface_lib
from minisc2.api import seat as seat_lib
from minisc2.game import ability_data, orders, players, units

_OBSERVATION_TAG = images.tag(sc2api_pb2.ResponseObservation.OBSERVATION_FIELD_NUMBER)
_FEATURE_LAYERS = sc2api_pb2.Observation.FEATURE_LAYER_DATA_FIELD_NUMBER
_RENDERS = spatial_pb2.ObservationFeatureLayer.RENDERS_FIELD_NUMBER
_MINIMAP_RENDERS = spatial_pb2.ObservationFeatureLayer.MINIMAP_RENDERS_FIELD_NUMBER
_RAW_TAG = images.tag(sc2api_pb2.Observation.RAW_DATA_FIELD_NUMBER)
_PLAYER = sc2api_pb2.Observation.PLAYER_COMMON_FIELD_NUMBER
_ABILITIES = sc2api_pb2.Observation.ABILITIES_FIELD_NUMBER
_UI = sc2api_pb2.Observation.UI_DATA_FIELD_NUMBER
_SCORE = sc2api_pb2.Observation.SCORE_FIELD_NUMBER
_GAME_LOOP_TAG = varint.encode(sc2api_pb2.Observation.GAME_LOOP_FIELD_NUMBER << 3)


_rank = operator.attrgetter("rank")


class _Kept:
    """A serialized part of the observation, built again when what it is built from changes."""

    __slots__ = ("_data", "_key")

    def __init__(self) -> None:
        self._key: Hashable = None
        self._data = b""

    def bytes(self, key: Hashable, build: Callable[[seat_lib.Seat], bytes], seat: seat_lib.Seat
              ) -> bytes:
        """The part, where equal keys stand for equal parts; the key None stands for none."""
        if key is None or key != self._key:
            self._key = key
            self._data = build(seat)
        return self._data


class Observer:
    """Looks at a match from one seat, by one interface."""

    def __init__(self, seat: seat_lib.Seat, interface: interface_lib.Interface):
        """Looks from `seat`; the interface may differ from the player's own, as in a replay."""
        self._seat = seat
        self._interface = interface
        self.camera_xy: tuple[float, float] | None = None  # None: where the player looks
        self._seen: list[sight.Seen] = []
        self._ranked: list[sight.Seen] = []
        self._screen: layers.ScreenPainter | None = None
        self._minimap: layers.MinimapPainter | None = None
        if interface.screen is not None:
            self._screen = layers.ScreenPainter(seat.world, seat.player_id, interface.screen)
            self._minimap = layers.MinimapPainter(
                seat.world, seat.player_id, interface.minimap,
                interface.options.feature_layer.allow_cheating_layers)
            self._prepare_layers()
        self._rgb: rgb.RgbPainter | None = None
        if interface.rgb_screen is not None:
            self._rgb = rgb.RgbPainter(seat.world, seat.player_id, interface.rgb_screen,
                                       interface.rgb_minimap)
        self._raw = (raw_observation.RawWriter(seat, interface) if interface.options.raw
                     else None)
        self._abilities = Abilities(seat)
        self._player_part, self._abilities_part, self._ui_part = (_Kept() for _ in range(3))
        self._score: tuple[tuple[float, ...], bytes] = (), b""

    def observe(self, disable_fog: bool = False, results: Mapping[int, int] | None = None
                ) -> sc2api_pb2.ResponseObservation:
        """Takes an observation as a message. Reports each executed action, death and alert once.

        Args:
            disable_fog: lists units out of sight too.
            results: player id -> sc2api_pb2.Result once the game is over.
        """
        seen = self._seat.seen(disable_fog)
        response = self._response(results)
        observation = response.observation
        observation.CopyFrom(self._observation(seen))
        if self._interface.options.score:
            observation.score.CopyFrom(score_observation.build(self._seat.player))
        if self._screen is not None:
            screen, minimap = self._draw(seen)
            observation.feature_layer_data.renders.CopyFrom(screen.to_message())
            observation.feature_layer_data.minimap_renders.CopyFrom(minimap.to_message())
        self._forget()
        return response

    def observe_parts(self, disable_fog: bool = False, results: Mapping[int, int] | None = None
                      ) -> tuple[int, list[images.Pixels]]:
        """Takes the same observation, serialized: number of bytes, and parts to be joined."""
        seen = self._seat.seen(disable_fog)
        parts = self._observation_parts(seen)
        size = sum(map(len, parts))
        if self._screen is not None:
            screen, minimap = self._draw(seen)
            parts += (self._layers_head, screen.data, self._minimap_head, minimap.data)
            size += self._layers_size
        head = (self._response(results).SerializeToString() + _OBSERVATION_TAG
                + varint.encode(size))
        self._forget()
        return len(head) + size, [head, *parts]

    def _observation_parts(self, seen: list[sight.Seen]) -> list[images.Pixels]:
        """The observation without its feature layers, serialized."""
        seat = self._seat
        options = self._interface.options
        parts = [_GAME_LOOP_TAG, varint.encode(seat.world.loop),
                 self._player_part.bytes(_player_key(seat.player), _player_bytes, seat)]
        if seat.selection.tags:
            parts.append(self._abilities_part.bytes(self._abilities.sets(), self._abilities_bytes,
                                                    seat))
        if self._screen is not None or self._rgb is not None:
            parts.append(self._ui_part.bytes(ui_observation.key(seat), _ui_bytes, seat))
        if options.score:
            parts.append(self._score_bytes())
        camera_xy = self.camera_xy or seat.camera_xy
        if self._raw is not None:
            data = self._raw.write(camera_xy, seen)
            parts += (_RAW_TAG, varint.encode(len(data)), data)
        if self._rgb is not None or seat.alerts:
            rest = sc2api_pb2.Observation(alerts=seat.alerts)
            self._add_images(rest, camera_xy, seen)
            parts.append(rest.SerializeToString())
        return parts

    def _score_bytes(self) -> bytes:
        key = score_observation.key(self._seat.player)
        if key != self._score[0]:
            self._score = key, images.field(_SCORE, score_observation.serialized(key))
        return self._score[1]

    def _abilities_bytes(self, seat: seat_lib.Seat) -> bytes:
        del seat  # the abilities know theirs
        return b"".join([images.field(_ABILITIES, message.SerializeToString())
                         for message in self._abilities.messages()])

    def _prepare_layers(self) -> None:
        """What precedes the images in the serialized message; only sizes, so it never changes."""
        screen_size = len(self._screen.canvas.data)
        minimap_size = len(self._minimap.canvas.data)
        screen_head = images.tag(_RENDERS) + varint.encode(screen_size)
        self._minimap_head = images.tag(_MINIMAP_RENDERS) + varint.encode(minimap_size)
        size = len(screen_head) + screen_size + len(self._minimap_head) + minimap_size
        self._layers_head = images.tag(_FEATURE_LAYERS) + varint.encode(size) + screen_head
        self._layers_size = size - len(screen_head) + len(self._layers_head)

    def _draw(self, seen: list[sight.Seen]) -> tuple[canvas_lib.Canvas, canvas_lib.Canvas]:
        seat = self._seat
        selected = frozenset(seat.selection.tags)
        camera_xy = self.camera_xy or seat.camera_xy
        view = self._interface.view(camera_xy)
        alerts = [xy for _, xy in seat.alert_points]
        if seen != self._seen:
            self._seen, self._ranked = seen, sorted(seen, key=_rank)
        return (self._screen.draw(camera_xy, self._ranked, selected),
                self._minimap.draw(view, self._ranked, selected, alerts))

    def _response(self, results: Mapping[int, int] | None) -> sc2api_pb2.ResponseObservation:
        """Everything beside the observation proper."""
        seat = self._seat
        response = sc2api_pb2.ResponseObservation()
        executed = seat.take_executed()
        if executed:
            response.actions.extend([echo.for_viewer(one, seat.interface, self._interface)
                                     for one in executed])
        if seat.errors:
            response.action_errors.extend(seat.errors)
        if seat.chat:
            response.chat.extend(seat.chat)
        if results is not None:
            for player_id, result in sorted(results.items()):
                response.player_result.add(player_id=player_id, result=result)
        return response

    def _observation(self, seen: list[sight.Seen]) -> sc2api_pb2.Observation:
        """The observation without its score and feature layers."""
        seat = self._seat
        observation = sc2api_pb2.Observation(game_loop=seat.world.loop,
                                             player_common=_player_common(seat))
        if seat.selection.tags:
            observation.abilities.extend(self._abilities.messages())
        if self._screen is not None or self._rgb is not None:
            observation.ui_data.CopyFrom(ui_observation.build(seat))
        camera_xy = self.camera_xy or seat.camera_xy
        observation.alerts.extend(seat.alerts)
        if self._raw is not None:
            observation.raw_data.ParseFromString(self._raw.write(camera_xy, seen))
        self._add_images(observation, camera_xy, seen)
        return observation

    def _add_images(self, observation: sc2api_pb2.Observation, camera_xy: tuple[float, float],
                    seen: list[sight.Seen]) -> None:
        if self._rgb is not None:
            observation.render_data.CopyFrom(self._rgb.draw(
                camera_xy, self._interface.view(camera_xy), seen, self._seat.selection.tags))

    def _forget(self) -> None:
        seat = self._seat
        seat.errors.clear()
        seat.chat.clear()
        seat.alerts.clear()
        seat.dead_tags.clear()


def _player_common(seat: seat_lib.Seat) -> sc2api_pb2.PlayerCommon:
    player = seat.player
    return sc2api_pb2.PlayerCommon(
        player_id=player.player_id, minerals=int(player.minerals), vespene=int(player.vespene),
        food_cap=int(player.food_cap), food_used=int(player.food_used),
        food_army=int(player.food_army), food_workers=int(player.food_workers),
        idle_worker_count=player.idle_worker_count, army_count=player.army_count,
        warp_gate_count=player.warp_gate_count, larva_count=player.larva_count)


_player_key = operator.attrgetter(
    "player_id", "minerals", "vespene", "food_cap", "food_used", "food_army", "food_workers",
    "idle_worker_count", "army_count", "warp_gate_count", "larva_count")


def _player_bytes(seat: seat_lib.Seat) -> bytes:
    return images.field(_PLAYER, _player_common(seat).SerializeToString())


def _ui_bytes(seat: seat_lib.Seat) -> bytes:
    return images.field(_UI, ui_observation.build(seat).SerializeToString())


class Abilities:
    """What the selected units of a player can do; asked again of those that may have changed."""

    def __init__(self, seat: seat_lib.Seat):
        """Asks for the player of a seat."""
        self._seat = seat
        self._state: Hashable = None
        self._known: dict[Hashable, tuple[orders.AbilityUse, ...]] = {}

    def sets(self) -> tuple[tuple[orders.AbilityUse, ...], ...]:
        """What each kind of selected unit can do, where kinds differ."""
        seat = self._seat
        world, player = seat.world, seat.player
        state = (world.num_changes, len(player.upgrades_in_research), player.is_free,
                 player.has_all_technology, player.has_no_cooldowns,
                 player.minerals < 0 or player.vespene < 0)
        if state != self._state or len(self._known) > _MANY_KINDS:
            self._state = state
            self._known = {}
        known = self._known
        found: dict[tuple[orders.AbilityUse, ...], None] = {}
        for unit in seat.selection.own_units():
            kind = _ability_kind(unit, world.loop)
            costs = _costs(unit.unit_type)
            if costs:
                kind = kind, _num_met(costs, player)
            uses = known.get(kind)
            if uses is None:
                uses = known[kind] = world.abilities(seat.player_id, unit)
            found[uses] = None
        return tuple(found)

    def messages(self) -> list[common_pb2.AvailableAbility]:
        """Each ability, by id; see `ability_messages`."""
        found = {use for uses in self.sets() for use in uses}
        return [message for use in sorted(found) for message in ability_messages(use)]


_MANY_KINDS = 256


_Costs = tuple[list[float], list[float], list[float]]
"""What there is to pay in minerals, in vespene and in supply, each in ascending order."""


@functools.cache
def _costs(unit_type: int) -> _Costs | None:
    """What the abilities of a type cost; None if they are all free."""
    abilities = ability_data.of_type(unit_type)
    costs = (sorted({ability.minerals for ability in abilities}),
             sorted({ability.vespene for ability in abilities}),
             sorted({ability.food for ability in abilities}))
    return costs if any(map(any, costs)) else None


def _num_met(costs: _Costs, player: players.PlayerState) -> tuple[int, int, int]:
    """How many of them the player can pay; as long as no number changes, no ability does."""
    minerals, vespene, food = costs
    return (bisect.bisect(minerals, player.minerals), bisect.bisect(vespene, player.vespene),
            bisect.bisect(food, player.food_left))


_LIFE_THAT_MATTERS = 25.0
"""Abilities that cost life cost less than this."""


def _ability_kind(unit: units.Unit, loop: int) -> Hashable:
    """All that `game.technology` looks at of a unit; a structure is one of a kind."""
    kind = unit.orders[0].kind if unit.orders else None
    is_at_work = bool(unit.orders) and unit.orders[0].site_tag != 0
    is_plain = not (unit.is_structure or unit.energy or unit.cargo or unit.ready_loops
                    or unit.carried_minerals or unit.carried_vespene or unit.is_disabled)
    if is_plain and unit.health >= _LIFE_THAT_MATTERS:
        return unit.unit_type, kind, is_at_work
    return (unit.tag if unit.is_structure else unit.unit_type, kind, is_at_work, unit.energy,
            unit.add_on_tag, unit.build_progress < 1, unit.is_disabled,
            unit.carried_minerals > 0 or unit.carried_vespene > 0,
            min(unit.health, _LIFE_THAT_MATTERS),
            tuple([order.ability_id for order in unit.orders] if unit.is_structure else ()),
            tuple([passenger.unit_type for passenger in unit.cargo]),
            tuple([one for one, ready in unit.ready_loops.items() if ready > loop]))


@functools.cache
def ability_messages(use: orders.AbilityUse) -> tuple[common_pb2.AvailableAbility, ...]:
    """An available ability; requires_point is set only where it holds, as in the game.

    One that can be used with and without a target is there twice, so that pysc2 offers both of its
    functions. The messages are shared: copy them, as `extend` does, and never change them.
    """
    without = common_pb2.AvailableAbility(ability_id=use.ability_id)
    pointed = common_pb2.AvailableAbility(ability_id=use.ability_id, requires_point=True)
    if use.target == orders.Target.POINT_OR_NONE:
        return without, pointed
    return (without,) if use.target == orders.Target.NONE else (pointed,)
