"""Bases: the town halls, and the minerals beside them."""

from minisc2.scripted import hands
from minisc2.scripted import person as person_lib

SMART = 1
"""The ability of a click with the right button."""

HALLS = ("CommandCenter", "OrbitalCommand", "PlanetaryFortress")


def halls(me: person_lib.Person) -> list[person_lib.Site]:
    """Finished town halls, oldest first."""
    return [site for site in me.sites if site.thing.name in HALLS and site.is_finished]


def gather_minerals(me: person_lib.Person, base_xy: person_lib.Point, queued: bool = False,
                    ability_id: int = SMART) -> person_lib.Task:
    """The selected units go to, or the selected town hall rallies at, minerals of a base."""
    if not me.shows(base_xy, 4.0) or not len(me.resources(base_xy, with_gas=False)):
        yield from me.look_at(base_xy, margin=11.0)
    pixel = me.pick(me.resources(base_xy, with_gas=False))
    if pixel is not None:
        yield hands.command(ability_id, screen_xy=pixel, queued=queued)
