"""BuildMarines: a point for every Marine that is made.

Sources: MapScript.galaxy, Objects and UnitData.xml of the official map (google-deepmind/pysc2
mini-games). UnitData.xml takes buttons off the command cards and so leaves SCVs that gather and
build Supply Depots and Barracks, a Command Center that trains SCVs, and
Barracks that train Marines.
"""

from minisc2.game import ability_data, events, unit_data
from minisc2.game import world as world_lib
from minisc2.maps import economy_game

FIRST_FIELD_XY = (23.0, 26.5)
"""The mineral field that the script sends the SCVs to (object 479769973)."""

BUILD_SUPPLY_DEPOT, BUILD_BARRACKS, TRAIN_SCV, TRAIN_MARINE = 319, 321, 524, 560

_COMMANDS = {
    "SCV": {ability_data.GATHER_SCV, ability_data.RETURN_SCV, BUILD_SUPPLY_DEPOT, BUILD_BARRACKS},
    "CommandCenter": {TRAIN_SCV, ability_data.RALLY_COMMAND_CENTER},
    "Barracks": {TRAIN_MARINE},
    "SupplyDepot": set(),
}
"""What UnitData.xml leaves on the command cards of whom it changes, besides the right click."""


def _forbidden_abilities() -> frozenset[int]:
    """What UnitData.xml takes away, as far as no unit keeps it.

    Marines lose nothing but the stimpack, so that the orders to move, stop, hold, patrol and attack
    are no longer on the SCVs' command card and yet cannot be forbidden here.
    """
    def of_type(name: str) -> set[int]:
        return {ability.ability_id for ability in ability_data.of_type(unit_data.id_of(name))}

    has = set().union(*map(of_type, _COMMANDS), of_type("Marine"))
    has |= {ability.ability_id for ability in ability_data.of_construction()}
    keeps = set().union(*_COMMANDS.values(), of_type("Marine") - {ability_data.STIM_MARINE})
    return frozenset(has - keeps)


class BuildMarines(economy_game.EconomyGame):
    """The map's rules. SCVs begin to gather by themselves, and new ones are sent to gather too."""

    name = "BuildMarines"
    map_path = "mini_games/BuildMarines.SC2Map"
    timer_seconds = 900

    def __init__(self):
        super().__init__()
        self.forbidden_abilities = _forbidden_abilities()

    def setup(self, world: world_lib.World) -> None:
        self.prepare(world)
        self.add_left_minerals(world)
        command_center, workers = self.add_start(world)
        field = next(unit for unit in world.units.values() if (unit.x, unit.y) == FIRST_FIELD_XY)
        world.order(1, [command_center.tag], ability_data.RALLY_COMMAND_CENTER, field)
        world.order(1, [unit.tag for unit in workers], ability_data.GATHER_SCV, field)

    def update_score(self, world: world_lib.World) -> None:
        marine = unit_data.id_of("Marine")
        world.players[1].score.curriculum += sum(
            event.kind is events.EventKind.UNIT_CREATED and event.unit_type == marine
            for event in world.news_for_map())
