"""The answer to `game_info`: map, players and the options in force."""

from s2clientprotocol import sc2api_pb2

from minisc2.api import images
from minisc2.api import interface as interface_lib
from minisc2.api import seat as seat_lib
from minisc2.game import players

MOD_NAMES = ("Mods/Core.SC2Mod", "Mods/Liberty.SC2Mod", "Mods/Swarm.SC2Mod", "Mods/Void.SC2Mod",
             "Mods/VoidMulti.SC2Mod")


def build(seat: seat_lib.Seat, interface: interface_lib.Interface) -> sc2api_pb2.ResponseGameInfo:
    """Builds the message for one client.

    Args:
        seat: of the player looked on.
        interface: the client's; start_raw is there only with the raw interface.
    """
    world = seat.world
    message = sc2api_pb2.ResponseGameInfo(
        map_name=world.game_map.name, mod_names=MOD_NAMES,
        local_map_path=world.game_map.map_path.rsplit("/", 1)[-1], options=interface.options)
    for player in world.players.values():
        message.player_info.append(_player_info(player, player.player_id == seat.player_id))
    if interface.options.raw:
        _fill_start_raw(message, seat, interface)
    return message


def _player_info(player: players.PlayerState, is_own: bool) -> sc2api_pb2.PlayerInfo:
    info = sc2api_pb2.PlayerInfo(player_id=player.player_id, race_requested=player.race_requested)
    if player.kind == players.COMPUTER:
        info.type = sc2api_pb2.Computer
        if player.difficulty:
            info.difficulty = player.difficulty
        if player.ai_build:
            info.ai_build = player.ai_build
    else:
        info.type = sc2api_pb2.Participant
    if is_own:  # the race of others is for the player to find out
        info.race_actual = player.race
    if player.name:
        info.player_name = player.name
    return info


def _fill_start_raw(message: sc2api_pb2.ResponseGameInfo, seat: seat_lib.Seat,
                    interface: interface_lib.Interface) -> None:
    game_map = seat.world.game_map
    x0, y0, x1, y1 = game_map.playable
    if interface.options.raw_crop_to_playable_area:
        area, size, part = (0, 0, x1 - x0, y1 - y0), (x1 - x0, y1 - y0), (slice(y0, y1),
                                                                        slice(x0, x1))
    else:
        area, size, part = game_map.playable, game_map.size, (slice(None), slice(None))
    start = message.start_raw
    start.map_size.x, start.map_size.y = size
    start.playable_area.p0.x, start.playable_area.p0.y = area[:2]
    start.playable_area.p1.x, start.playable_area.p1.y = area[2:]
    for name, grid, bits in (("pathing_grid", game_map.pathing_grid, 1),
                             ("terrain_height", game_map.terrain_height, 8),
                             ("placement_grid", game_map.placement_grid, 1)):
        getattr(start, name).CopyFrom(images.image_data(grid[part], bits))
    for location in game_map.start_locations:
        if tuple(location) != tuple(seat.player.start_xy):  # one's own is where the units are
            x, y = interface.raw.world_to_raw(location)
            start.start_locations.add(x=x, y=y)
