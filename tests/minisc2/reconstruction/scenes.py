"""A small world on flat ground, to move and select units in."""

from s2clientprotocol import sc2api_pb2

from minisc2.api import interface as interface_lib
from minisc2.api import seat as seat_lib
from minisc2.game import players, unit_data, units
from minisc2.reconstruction import appointments, chronicle, ground, motion
from minisc2.reconstruction import world as world_lib
from tests.minisc2.api import clients

NO_STORY = chronicle.Chronicle((), {})


def world() -> world_lib.ReconstructedWorld:
    game_map = ground.ReplayMap("Flat", "Flat.SC2Map", (96, 96), (0, 0, 96, 96), ())
    return world_lib.ReconstructedWorld(game_map, [
        players.PlayerState(player_id, 1, 1, score=players.Score(kind=players.MELEE),
                            camera_xy=(48.0, 48.0)) for player_id in (1, 2)])


def add(where: world_lib.ReconstructedWorld, name: str, x: float, y: float, owner: int = 1,
        **values: float) -> units.Unit:
    return where.add(1000 + len(where.units), unit_data.id_of(name), owner, (x, y), **values)


def mover(where: world_lib.ReconstructedWorld, story: chronicle.Chronicle = NO_STORY
          ) -> motion.Motion:
    return motion.Motion(where, appointments.Appointments(story, ()))


def seat(where: world_lib.ReconstructedWorld,
         options: sc2api_pb2.InterfaceOptions | None = None) -> seat_lib.Seat:
    interface = interface_lib.resolve(options or clients.options((64, 64)), where.game_map)
    made = seat_lib.Seat(where, 1, interface)
    made.executed.clear()
    return made
