"""marine_rush: two Barracks early, Marines without a pause, and an attack by the minimap."""

import random

from minisc2.scripted import plan as plan_lib

DESCRIPTION = "depot at 14, two (later three) barracks, marines without a pause, one long attack"


def draw(rng: random.Random) -> plan_lib.Plan:
    """One way to play it: numbers, order, places and timing vary from match to match."""
    first = rng.choice((14, 15, 15, 16))
    steps = [plan_lib.Step("SupplyDepot", at_food=rng.choice((13, 14, 14))),
             plan_lib.Step("Barracks", at_food=first),
             plan_lib.Step("Barracks", at_food=first + rng.choice((0, 0, 1))),
             plan_lib.Step("Barracks", at_food=rng.randint(17, 22))]
    if rng.random() < 0.5:
        steps.append(plan_lib.Step("Barracks", at_food=rng.randint(24, 36)))
    return plan_lib.Plan(
        name="marine_rush", growth="Barracks", max_growth=rng.choice((4, 5, 5)),
        steps=tuple(steps),
        lines=(plan_lib.Line(4, "Barracks", ("Marine",)),),
        num_workers=rng.randint(16, 19), max_workers=22,
        attack_army=rng.randint(12, 22), attack_loop=rng.randint(5500, 8000),
        retreat_share=rng.uniform(0.15, 0.35),
        depot_angle=rng.choice((-1, 1)) * rng.uniform(1.2, 2.6),
        barracks_distance=rng.uniform(6.0, 10.0), rally_distance=rng.uniform(10.0, 18.0),
        spare_supply=rng.uniform(1.2, 1.8))
