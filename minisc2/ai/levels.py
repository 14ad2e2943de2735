"""How well a computer player plays at each difficulty of the API.

Everybody follows the same plans with the same code; a level says how quickly, how much of it and
with what help. The numbers are ours, chosen so that each level beats the one below it
(`python -m minisc2.ladder` measures that); the names are those of `sc2api_pb2.Difficulty`.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Level:
    """One difficulty.

    Attributes:
        name: as the API calls it.
        think_game_loops: from one thought to the next; it sees and orders nothing in between.
        num_workers: it trains no more than this.
        num_bases: it expands no further than this.
        num_producers: Barracks, Factories and Starports together.
        tier: of its army: 0 only Marines, 1 what Barracks make, 2 Factories too, 3 all.
        upgrade_level: of weapons and armor that it researches; from 1 on other upgrades as well.
        rest_game_loops: how long a structure stands idle between two products.
        food_margin: supply that it keeps free; small ones mean waiting for depots.
        has_mules: whether it makes and uses Orbital Commands.
        first_attack_game_loop: it does not attack earlier, whatever its plan says.
        wave_share: size of an attack, as a share of what its plan says.
        retreats: whether it breaks off a fight that it is losing.
        reinforces: whether new units follow an attack under way.
        focuses: whether it looks after details: soldiers use abilities (stimpack, siege mode),
            upgrades come before soldiers, workers leave the gas that nobody needs.
        sees_all: whether fog hides nothing from it, so that it defends (`defence`), attacks
            (`assault`) and weighs up its chances (`judgement`) by all that there is.
        income_factor: what it gets for each mineral and each unit of gas that it gathers.
    """

    name: str
    think_game_loops: int
    num_workers: int
    num_bases: int
    num_producers: int
    tier: int
    upgrade_level: int
    rest_game_loops: int
    food_margin: int
    has_mules: bool
    first_attack_game_loop: int
    wave_share: float
    retreats: bool
    reinforces: bool
    focuses: bool
    sees_all: bool = False
    income_factor: float = 1.0


LEVELS: dict[int, Level] = {
    1: Level("VeryEasy", 64, 14, 1, 1, 0, 0, 480, 0, False, 7200, 0.4, False, False, False),
    2: Level("Easy", 40, 17, 1, 2, 1, 0, 80, 2, False, 5200, 0.7, False, False, False),
    3: Level("Medium", 32, 20, 1, 3, 1, 0, 68, 3, False, 4800, 0.8, False, False, False),
    4: Level("MediumHard", 32, 21, 2, 4, 2, 1, 64, 3, False, 4200, 0.9, False, True, False),
    5: Level("Hard", 24, 23, 2, 5, 2, 1, 56, 4, False, 0, 1.0, True, True, False),
    6: Level("Harder", 20, 27, 2, 6, 3, 1, 44, 5, True, 0, 1.0, True, True, False),
    7: Level("VeryHard", 12, 38, 2, 9, 3, 3, 16, 7, True, 0, 1.0, True, True, False),
    8: Level("CheatVision", 8, 44, 2, 9, 3, 3, 0, 7, True, 0, 1.0, True, True, True, True),
    9: Level("CheatMoney", 8, 48, 3, 14, 3, 3, 0, 10, True, 0, 1.0, True, True, True, True, 1.5),
    10: Level("CheatInsane", 8, 54, 3, 20, 3, 3, 0, 14, True, 0, 1.0, True, True, True, True, 2.0),
}
"""`sc2api_pb2.Difficulty` -> level."""


def get(difficulty: int) -> Level:
    """The level of a difficulty of the API.

    Raises:
        ValueError: the API has no such difficulty.
    """
    if difficulty not in LEVELS:
        raise ValueError(f"Difficulty {difficulty} does not exist; a computer player plays at "
                         f"{min(LEVELS)} (VeryEasy) to {max(LEVELS)} (CheatInsane).")
    return LEVELS[difficulty]


def names() -> tuple[str, ...]:
    """Names of all levels, weakest first."""
    return tuple(level.name for level in LEVELS.values())
