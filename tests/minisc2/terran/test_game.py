"""A whole game by hand in pysc2's raw interface: twelve workers, a Barracks, Marines, victory."""

from collections.abc import Callable

from tests.minisc2.terran import stage as stage_lib

DEPOT_XY, BARRACKS_XY = (35.0, 68.0), (36.5, 54.5)
NUM_MARINES = 8
PATIENCE_STEPS = 3000
STEP_GAME_LOOPS = 8


class Player:
    """Plays the opening of a hand that knows the map."""

    def __init__(self, stage: stage_lib.Stage):
        self.stage = stage
        self.enemy_xy = stage.controller.game_info().start_raw.start_locations[0]

    def until(self, is_reached: Callable[[], bool], act: Callable[[], None] = lambda: None) -> None:
        """Acts and waits in turns, until something holds or the game is over."""
        for _ in range(PATIENCE_STEPS):
            if self.stage.timestep.last() or is_reached():
                return
            act()
            self.stage.wait(STEP_GAME_LOOPS)
        raise AssertionError(f"nothing came of it until loop {self.stage.loop}")

    def build(self, name: str, xy: tuple[float, float], cost: int) -> None:
        """Saves for a structure, sends a worker, and lets it gather again when it is done."""
        stage = self.stage
        self.until(lambda: stage.money[0] >= cost)
        worker = stage.all("SCV")[0]
        stage.call(f"Build_{name}_pt", worker.tag, xy)
        assert not stage.errors()
        field = stage.at(*xy, name="MineralField")
        stage.call("Harvest_Gather_unit", worker.tag, (field.pos.x, field.pos.y), queued=True)
        assert not stage.errors()
        self.until(lambda: any(one.build_progress == 1 for one in stage.all(name)))

    def train(self) -> None:
        """Keeps the Barracks at work."""
        barracks = self.stage.one("Barracks")
        if self.stage.money[0] >= 50 and len(barracks.orders) < 2:
            self.stage.call("Train_Marine_quick", barracks.tag)

    def attack(self) -> None:
        """Sends all Marines that stand idle to the enemy's base."""
        stage = self.stage
        seen = [one for one in stage.response.observation.raw_data.units
                if one.alliance == stage_lib.ENEMY]
        target = ((seen[0].pos.x, seen[0].pos.y) if seen
                  else (self.enemy_xy.x, self.enemy_xy.y))
        for marine in stage.all("Marine"):
            if not marine.orders:
                stage.call("Attack_pt", marine.tag, target)
                if stage.timestep.last():
                    return


def test_an_idle_opponent_is_beaten() -> None:
    with stage_lib.Stage(raw_actions=True, map_name="Simple64", workers=True) as stage:
        player = Player(stage)
        assert len(stage.all("SCV")) == 12
        player.build("SupplyDepot", DEPOT_XY, 100)
        assert stage.observation.player.food_cap == 23
        player.build("Barracks", BARRACKS_XY, 150)
        player.until(lambda: len(stage.all("Marine")) >= NUM_MARINES, player.train)
        assert stage.observation.player.army_count >= NUM_MARINES
        assert stage.timestep.reward == 0
        player.until(lambda: False, player.attack)
        assert stage.timestep.last()
        assert stage.timestep.reward == 1
        assert {one.player_id: one.result for one in stage.response.player_result} == {1: 1, 2: 2}
        details = stage.response.observation.score.score_details
        assert details.killed_value_structures == 400
        assert details.spent_minerals == 100 + 150 + 50 * len(stage.all("Marine"))
