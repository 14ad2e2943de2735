"""macro: a second base early, Marines, Marauders and Medivacs, upgrades, and one large attack."""

import random

from minisc2.scripted import plan as plan_lib

DESCRIPTION = "expands early, marines, marauders and medivacs with upgrades, attacks late and large"

_STIMPACK = plan_lib.Research(730, "BarracksTechLab", 100, 100)
_COMBAT_SHIELD = plan_lib.Research(731, "BarracksTechLab", 100, 100)
_INFANTRY_WEAPONS = plan_lib.Research(652, "EngineeringBay", 100, 100)
_INFANTRY_ARMOR = plan_lib.Research(656, "EngineeringBay", 100, 100)


def draw(rng: random.Random) -> plan_lib.Plan:
    """One way to play it: numbers, order, places and timing vary from match to match."""
    step, natural = plan_lib.Step, plan_lib.Near.NATURAL
    expansion = [step("CommandCenter", at_food=rng.randint(18, 21), near=natural),
                 step("OrbitalCommand", on="CommandCenter", at_food=19)]
    rng.shuffle(expansion)
    barracks = [step("BarracksTechLab", on="Barracks"), step("BarracksReactor", on="Barracks")]
    rng.shuffle(barracks)
    steps = (
        step("SupplyDepot", at_food=rng.choice((13, 14))),
        step("Barracks", at_food=rng.choice((15, 16))),
        step("Refinery", at_food=16), *expansion,
        step("Barracks", at_food=20), *barracks,
        step("Factory", at_food=rng.randint(26, 30)),
        step("Refinery", at_food=30), step("Barracks", at_food=rng.randint(32, 36)),
        step("Starport", at_food=34), step("EngineeringBay", at_food=rng.randint(36, 44)),
        step("BarracksReactor", on="Barracks"),
        step("Barracks", at_food=50), step("BarracksTechLab", on="Barracks", at_food=50),
        step("Barracks", at_food=60), step("BarracksReactor", on="Barracks", at_food=60))
    upgrades = [_STIMPACK, _COMBAT_SHIELD, _INFANTRY_WEAPONS, _INFANTRY_ARMOR]
    if rng.random() < 0.5:
        upgrades = [upgrades[index] for index in (1, 2, 0, 3)]
    return plan_lib.Plan(
        name="macro", growth="Barracks", max_growth=rng.choice((5, 6)), steps=steps,
        lines=(plan_lib.Line(3, "Barracks", ("Marine",)),
               plan_lib.Line(4, "Barracks", ("Marine",), "Reactor"),
               plan_lib.Line(5, "Barracks", ("Marauder", "Marauder", "Marine"), "TechLab"),
               plan_lib.Line(6, "Starport", ("Medivac",))),
        research=tuple(upgrades), num_workers=rng.randint(16, 18), max_workers=44,
        attack_army=rng.randint(30, 45), attack_loop=rng.randint(12_000, 15_000),
        retreat_share=rng.uniform(0.25, 0.4),
        depot_angle=rng.choice((-1, 1)) * rng.uniform(1.4, 2.6),
        barracks_distance=rng.uniform(7.0, 10.0), rally_distance=rng.uniform(14.0, 20.0),
        spare_supply=rng.uniform(1.6, 2.2))
