"""Applies what a replay tells to the world: one happening after the other."""

from collections.abc import Callable, Iterable, Mapping

from minisc2.api import tables
from minisc2.game import effects, unit_data, units
from minisc2.game import players as players_lib
from minisc2.reconstruction import (
    appointments,
    casters,
    chronicle,
    economy,
    energy,
    inputs,
    motion,
    production,
    tasks,
)
from minisc2.reconstruction import world as world_lib

_MINERAL_WORKERS = {"SCV": 295, "Probe": 298, "Drone": 1183}
"""Worker -> its ability to gather."""

_SCAN, _SCAN_RADIUS, _SCAN_GAME_LOOPS = 399, 13.0, 157
"""Ability of an Orbital Command; radius and duration of its effect (game 4.10)."""

_USED_UP = frozenset(("Larva", "Egg", "Drone", "HighTemplar", "DarkTemplar", "BanelingCocoon"))
"""Types that go without dying when something else is made of them."""


class Teller:
    """Keeps a world true to a replay.

    Attributes:
        world: the world.
    """

    def __init__(self, world: world_lib.ReconstructedWorld, story: chronicle.Chronicle,
                 given: Iterable[inputs.Input]):
        """Begins before the first happening.

        Args:
            world: empty.
            story: all that will happen.
            given: all that players will do.
        """
        self.world = world
        self.motion = motion.Motion(world, appointments.Appointments(story, given))
        self._economy = economy.Economy(story, world.players)
        self._production = production.Production(story)
        self._grown_loop = 0
        self._done_loops = {one.tag: one.loop for one in story.happenings
                            if isinstance(one, chronicle.Finished)}
        self._drones = _drones_of(story)
        self._handlers: Mapping[type, Callable] = {
            chronicle.Appeared: self._appeared, chronicle.Finished: self._finished,
            chronicle.Died: self._died, chronicle.BecameType: self._became_type,
            chronicle.BecameOwned: self._became_owned, chronicle.Researched: self._researched,
            chronicle.Placed: self._placed}

    def happen(self, one: chronicle.Happening) -> None:
        """Something happened to a unit or player."""
        handler = self._handlers.get(type(one))
        if handler is not None:
            handler(one)

    def obey(self, given: inputs.Command) -> list[units.Unit]:
        """Units carry out a command.

        Returns:
            Those that take part.
        """
        world = self.world
        selected = [world.units[tag] for tag in given.selection
                    if tag in world.units and world.units[tag].owner == given.player_id]
        obeying = [unit for unit in selected
                   if casters.obeys(unit.unit_type, given.ability_id)] or selected
        self.motion.advance((*given.selection, given.target_tag))
        if given.target_tag and given.target_xy is not None:
            self.motion.spot(given.target_tag, given.target_xy)
        if given.ability_id in energy.COSTS:
            self._grow_energy()
            energy.spend(obeying, given.ability_id)
        given_tasks = [(unit, tasks.of(world, unit, given)) for unit in obeying]
        for unit, task in _spread(given_tasks):
            self.motion.give(unit, task, given.is_queued)
        if given.ability_id == _SCAN and given.target_xy is not None:
            world.show(effects.Effect(effects.SCANNER_SWEEP, given.player_id, _SCAN_RADIUS,
                                      [given.target_xy], detects=True),
                       _SCAN_GAME_LOOPS, _SCAN_RADIUS)
        return obeying

    def keep_appointments(self) -> None:
        """Units set off for where they will be; see `motion.Motion`."""
        self.motion.advance_all()
        self.motion.keep_appointments()

    def settle(self) -> None:
        """Brings places and stores up to the world's loop."""
        self.motion.advance_all()
        self._production.update(self.world)
        self._grow_energy()
        for player_id, state in self.world.players.items():
            self._economy.fill(state, self.world.owned(player_id), self.world.loop)

    def _grow_energy(self) -> None:
        """Energy grows from one settling, or casting, to the next."""
        now = self.world.loop
        for player_id in self.world.players:
            energy.grow([unit for unit in self.world.owned(player_id) if unit.energy_max > 0],
                        now - self._grown_loop)
        self._grown_loop = now

    def _appeared(self, one: chronicle.Appeared) -> None:
        game_loops = 0.0
        if not one.is_finished:
            done = self._done_loops.get(one.tag)
            game_loops = max(1.0, unit_data.get(one.unit_type).build_time if done is None
                             else done - one.loop)
        unit = self.world.add(one.tag, one.unit_type, one.owner, one.xy, game_loops)
        unit.is_hallucination = one.is_hallucination
        self.motion.expect(unit)
        if game_loops:
            self._begin(unit)
        else:
            self._send_off(unit, one)

    def _begin(self, site: units.Unit) -> None:
        """A structure was begun: its builder stays with it, or is inside of it."""
        builder = self.motion.begin(site)
        if site.type.race != unit_data.ZERG or not site.is_structure:
            return
        drone = self._drones.get(site.tag)
        if drone is None and builder is not None and builder.unit_type == _DRONE:
            drone = self._drones[site.tag] = builder.tag
        if drone is not None:
            self.motion.stop(drone)
            self.world.hide(drone)

    def _send_off(self, unit: units.Unit, one: chronicle.Appeared) -> None:
        """What a new unit does: it goes where its maker sends it, or gathers, as the first workers
        do and those of computer players, whose commands are not known."""
        ability_id = _MINERAL_WORKERS.get(unit.type.name)
        owner = self.world.players.get(unit.owner)
        if not one.loop or (owner is not None and owner.kind == players_lib.COMPUTER):
            field = self.motion.nearest_field(one.xy) if ability_id else None
            if field is not None:
                self.motion.gather(unit, field, ability_id)
            return
        maker = self.world.units.get(one.creator_tag)
        if maker is None or not maker.rally or unit.type.speed <= 0:
            return
        target = maker.rally[0]
        if isinstance(target, units.Unit):
            if ability_id and target.type.has_minerals:
                self.motion.gather(unit, target, ability_id)
                return
            target = target.x, target.y
        self.motion.give(unit, tasks.Task(tasks.Aim.GO, target, 0, 0.0, _MOVE), False)

    def _finished(self, one: chronicle.Finished) -> None:
        self.world.finish(one.tag)

    def _died(self, one: chronicle.Died) -> None:
        unit = self.world.units.get(one.tag)
        is_death = unit is not None and (bool(one.killer_tag) or unit.type.name not in _USED_UP)
        if is_death:
            self.motion.spot(one.tag, one.xy)
        self.motion.stop(one.tag)
        self.world.remove(one.tag, is_death, one.killer_tag)
        drone = self._drones.pop(one.tag, None)
        if drone is not None and unit is not None and unit.build_progress < 1:
            self.world.show_again(drone)  # cancelled; if it was killed, the Drone's death is told

    def _became_type(self, one: chronicle.BecameType) -> None:
        self.motion.advance((one.tag,))
        self.world.change_type(one.tag, one.unit_type)
        if unit_data.get(one.unit_type).speed <= 0:
            self.motion.stop(one.tag)

    def _became_owned(self, one: chronicle.BecameOwned) -> None:
        self.motion.stop(one.tag)
        self.world.change_owner(one.tag, one.owner)

    def _researched(self, one: chronicle.Researched) -> None:
        state: players_lib.PlayerState | None = self.world.players.get(one.player_id)
        if state is not None:
            self.world.research(one.player_id, one.upgrade_id)
            self.motion.research(one.player_id, tables.load()["upgrades"][one.upgrade_id]["name"])

    def _placed(self, one: chronicle.Placed) -> None:
        self.motion.advance(tag for tag, _ in one.places)
        for tag, xy in one.places:
            self.motion.spot(tag, xy)


_DRONE = unit_data.id_of("Drone")
_LATE_GAME_LOOPS, _BESIDE = 2, 3.0
_MOVE = 16
_CLOSE = 1.5
"""How much of a group's width stays when it is sent to a point, in radii of a packed group."""


def _spread(given: list[tuple[units.Unit, tasks.Task]]) -> list[tuple[units.Unit, tasks.Task]]:
    """Units sent to a point together keep their places in the group, if it is not too wide."""
    walkers = [unit for unit, task in given if task.aim is tasks.Aim.GO]
    if len(walkers) < 2:
        return given
    middle_x = sum(unit.x for unit in walkers) / len(walkers)
    middle_y = sum(unit.y for unit in walkers) / len(walkers)
    widest = max(unit.distance_to(middle_x, middle_y) for unit in walkers)
    packed = _CLOSE * max(unit.radius for unit in walkers) * len(walkers) ** 0.5
    share = min(1.0, packed / widest) if widest > 0 else 0.0
    return [(unit, task if task.aim is not tasks.Aim.GO else task._replace(
        xy=(task.xy[0] + (unit.x - middle_x) * share, task.xy[1] + (unit.y - middle_y) * share)))
        for unit, task in given]


def _drones_of(story: chronicle.Chronicle) -> dict[int, int]:
    """Structure -> the Drone that it is made of, for those that were finished.

    The tracker lets the Drone die, killed by nobody, when its structure is finished, or up to two
    loops later, beside the middle of it.
    """
    begun: dict[int, chronicle.Appeared] = {}
    lately: list[tuple[int, chronicle.Appeared]] = []
    drones: set[int] = set()
    found: dict[int, int] = {}
    for one in story.happenings:
        if isinstance(one, chronicle.Appeared):
            if one.unit_type == _DRONE:
                drones.add(one.tag)
            elif not one.is_finished and unit_data.get(one.unit_type).race == unit_data.ZERG:
                begun[one.tag] = one
        elif isinstance(one, chronicle.Finished) and one.tag in begun:
            lately.append((one.loop, begun[one.tag]))
        elif isinstance(one, chronicle.Died) and not one.killer_tag and one.tag in drones:
            lately = [(loop, site) for loop, site in lately
                      if loop >= one.loop - _LATE_GAME_LOOPS and site.tag not in found]
            near = [(abs(site.xy[0] - one.xy[0]) + abs(site.xy[1] - one.xy[1]), site.tag)
                    for _, site in lately]
            if near and min(near)[0] <= _BESIDE:
                found[min(near)[1]] = one.tag
    return found
