"""Players: who takes part, what they own, how they score."""

import dataclasses
from dataclasses import field as _field

PARTICIPANT = "participant"
COMPUTER = "computer"
OBSERVER = "observer"

SELF, ALLY, NEUTRAL, ENEMY = 1, 2, 3, 4
"""Alliances, numbered as `raw_pb2.Alliance`."""

VICTORY, DEFEAT, TIE, UNDECIDED = 1, 2, 3, 4
"""Results, numbered as `sc2api_pb2.Result`."""

CURRICULUM, MELEE = 1, 2
"""Kinds of score, numbered as `score_pb2.Score.ScoreType`."""

MAX_FOOD = 200.0
"""Supply that no player's units go beyond, however many depots there are."""


@dataclasses.dataclass(frozen=True)
class PlayerSetup:
    """One player as a game is created.

    Attributes:
        player_id: 1, 2, ...
        race: `common_pb2.Race`; 4 is Random.
        kind: PARTICIPANT or COMPUTER.
        difficulty: `sc2api_pb2.Difficulty`, of a computer.
        ai_build: `sc2api_pb2.AIBuild`, of a computer.
    """

    player_id: int
    race: int = 4
    kind: str = PARTICIPANT
    difficulty: int = 0
    ai_build: int = 0
    name: str = ""


@dataclasses.dataclass
class ValueByCategory:
    """One `score_pb2.CategoryScoreDetails`."""

    none: float = 0.0
    army: float = 0.0
    economy: float = 0.0
    technology: float = 0.0
    upgrade: float = 0.0


@dataclasses.dataclass
class Vitals:
    """One `score_pb2.VitalScoreDetails`."""

    life: float = 0.0
    shields: float = 0.0
    energy: float = 0.0


@dataclasses.dataclass
class Score:
    """Score of one player; the fields below `value` are those of `score_pb2.ScoreDetails`.

    Attributes:
        kind: CURRICULUM in the mini-games, MELEE otherwise.
        curriculum: what the map script counts.
    """

    kind: int = CURRICULUM
    curriculum: int = 0
    idle_production_time: float = 0.0
    idle_worker_time: float = 0.0
    total_value_units: float = 0.0
    total_value_structures: float = 0.0
    killed_value_units: float = 0.0
    killed_value_structures: float = 0.0
    collected_minerals: float = 0.0
    collected_vespene: float = 0.0
    collection_rate_minerals: float = 0.0
    collection_rate_vespene: float = 0.0
    spent_minerals: float = 0.0
    spent_vespene: float = 0.0
    food_used: ValueByCategory = _field(default_factory=ValueByCategory)
    killed_minerals: ValueByCategory = _field(default_factory=ValueByCategory)
    killed_vespene: ValueByCategory = _field(default_factory=ValueByCategory)
    lost_minerals: ValueByCategory = _field(default_factory=ValueByCategory)
    lost_vespene: ValueByCategory = _field(default_factory=ValueByCategory)
    friendly_fire_minerals: ValueByCategory = _field(default_factory=ValueByCategory)
    friendly_fire_vespene: ValueByCategory = _field(default_factory=ValueByCategory)
    used_minerals: ValueByCategory = _field(default_factory=ValueByCategory)
    used_vespene: ValueByCategory = _field(default_factory=ValueByCategory)
    total_used_minerals: ValueByCategory = _field(default_factory=ValueByCategory)
    total_used_vespene: ValueByCategory = _field(default_factory=ValueByCategory)
    total_damage_dealt: Vitals = _field(default_factory=Vitals)
    total_damage_taken: Vitals = _field(default_factory=Vitals)
    total_healed: Vitals = _field(default_factory=Vitals)


@dataclasses.dataclass
class PlayerState:
    """What one player has now.

    Attributes:
        race: the race played (never Random).
        race_requested: as the game was created.
        upgrades: ids of finished upgrades; `upgrades_in_research` of those under way.
        result: VICTORY, DEFEAT, TIE, or None while the game goes on.
        is_invulnerable: its units cannot be hurt; this and the next three are debug commands.
        is_free: nothing costs minerals or vespene.
        has_all_technology: no ability needs a structure, an add-on or an upgrade.
        has_no_cooldowns: abilities can be used again at once.
        camera_xy: world point the map script put the camera on.
        camera_locked: whether the map script forbids camera moves.
        selection_requested: tags that the map script selected for the player since the interface
            last took them, or None; whoever keeps the selection takes it and sets None.
    """

    player_id: int
    race: int
    race_requested: int
    kind: str = PARTICIPANT
    name: str = ""
    difficulty: int = 0
    ai_build: int = 0
    minerals: float = 0
    vespene: float = 0
    food_cap: float = 0.0
    food_used: float = 0.0
    food_army: float = 0.0
    food_workers: float = 0.0
    idle_worker_count: int = 0
    army_count: int = 0
    warp_gate_count: int = 0
    larva_count: int = 0
    upgrades: set[int] = dataclasses.field(default_factory=set)
    upgrades_in_research: set[int] = dataclasses.field(default_factory=set)
    score: Score = dataclasses.field(default_factory=Score)
    result: int | None = None
    camera_xy: tuple[float, float] = (0.0, 0.0)
    camera_locked: bool = False
    start_xy: tuple[float, float] = (0.0, 0.0)
    selection_requested: list[int] | None = None
    is_invulnerable: bool = False
    is_free: bool = False
    has_all_technology: bool = False
    has_no_cooldowns: bool = False

    @property
    def food_left(self) -> float:
        """Supply for more units."""
        return min(MAX_FOOD, self.food_cap) - self.food_used
