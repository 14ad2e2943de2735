"""turtle: bunkers, turrets and tanks in siege mode at the way in, and a late attack."""

import random

from minisc2.scripted import plan as plan_lib

DESCRIPTION = "bunkers, missile turrets and siege tanks at home, marines and tanks attack late"

_INFANTRY_WEAPONS = plan_lib.Research(652, "EngineeringBay", 100, 100)
_COMBAT_SHIELD = plan_lib.Research(731, "BarracksTechLab", 100, 100)


def draw(rng: random.Random) -> plan_lib.Plan:
    """One way to play it: numbers, order, places and timing vary from match to match."""
    step, front, minerals = plan_lib.Step, plan_lib.Near.FRONT, plan_lib.Near.MINERALS
    first_bunker = rng.randint(17, 20)
    steps = (
        step("SupplyDepot", at_food=rng.choice((13, 14))),
        step("Barracks", at_food=rng.choice((15, 16))), step("Refinery", at_food=16),
        step("Bunker", at_food=first_bunker, near=front),
        step("Factory", at_food=rng.randint(19, 22)),
        step("OrbitalCommand", on="CommandCenter", at_food=20),
        step("FactoryTechLab", on="Factory"), step("Barracks", at_food=24),
        step("Refinery", at_food=24),
        step("Bunker", at_food=rng.randint(26, 32), near=front),
        step("EngineeringBay", at_food=rng.randint(28, 36)),
        step("MissileTurret", at_food=30, near=minerals),
        step("BarracksTechLab", on="Barracks", at_food=34),
        step("MissileTurret", at_food=38, near=minerals),
        step("CommandCenter", at_food=rng.randint(44, 56), near=plan_lib.Near.NATURAL),
        step("Factory", at_food=50), step("FactoryTechLab", on="Factory", at_food=50),
        step("Bunker", at_food=56, near=front), step("Barracks", at_food=60))
    return plan_lib.Plan(
        name="turtle", growth="Barracks", max_growth=rng.choice((4, 5)), steps=steps,
        lines=(plan_lib.Line(4, "Barracks", ("Marine",)),
               plan_lib.Line(5, "Barracks", ("Marine", "Marauder"), "TechLab"),
               plan_lib.Line(6, "Factory", ("SiegeTank",), "TechLab")),
        research=(_COMBAT_SHIELD, _INFANTRY_WEAPONS), num_workers=rng.randint(16, 18),
        max_workers=40, attack_army=rng.randint(30, 42), attack_loop=rng.randint(14_000, 18_000),
        retreat_share=rng.uniform(0.25, 0.4),
        depot_angle=rng.choice((-1, 1)) * rng.uniform(1.4, 2.6),
        barracks_distance=rng.uniform(6.0, 9.0), rally_distance=rng.uniform(10.0, 14.0),
        spare_supply=rng.uniform(1.5, 2.0), sieges=True)
