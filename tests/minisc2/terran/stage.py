"""A match in pysc2's hands in which debug commands set the scene, and an opponent stands idle."""

from typing import Any

from typing_extensions import Self

from environment import pysc2_compat

pysc2_compat.install()

from absl import flags
from absl.testing import flagsaver
from pysc2.env import sc2_env
from pysc2.lib import actions, features, units
from s2clientprotocol import common_pb2, debug_pb2, query_pb2, raw_pb2
from s2clientprotocol import sc2api_pb2 as sc_pb

from minisc2 import run_config

SELF, ALLY, NEUTRAL, ENEMY = 1, 2, 3, 4
FUNCTIONS, RAW_FUNCTIONS = actions.FUNCTIONS, actions.RAW_FUNCTIONS
RAW_NAMES = frozenset(function.name for function in RAW_FUNCTIONS)
SCREEN, MINIMAP = 84, 64


def type_id(name: str) -> int:
    """The unit type of a Terran or neutral name, by pysc2's own tables."""
    for race in (units.Terran, units.Neutral, units.Zerg, units.Protoss):
        if name in race.__members__:
            return int(race[name])
    raise ValueError(f"pysc2 knows no unit named {name!r}.")


def point(x: float, y: float) -> common_pb2.Point2D:
    return common_pb2.Point2D(x=x, y=y)


class Stage:
    """One player of Flat64 (unless said otherwise) with feature-layer or raw actions.

    Attributes:
        env: pysc2's environment.
        timestep: what it gave last.
        before: the observation before that.
    """

    def __init__(self, raw_actions: bool = False, map_name: str = "Flat64", seed: int = 1,
                 workers: bool = False, **interface: Any):
        if not flags.FLAGS.is_parsed():
            flags.FLAGS(["test"])
        space = sc2_env.ActionSpace.RAW if raw_actions else sc2_env.ActionSpace.FEATURES
        with flagsaver.flagsaver(sc2_run_config=run_config.Minisc2.name()):
            self.env = sc2_env.SC2Env(
                map_name=map_name, step_mul=1, random_seed=seed, disable_fog=False,
                ensure_available_actions=not raw_actions,
                players=[sc2_env.Agent(sc2_env.Race.terran),
                         sc2_env.Bot(sc2_env.Race.protoss, sc2_env.Difficulty.very_easy)],
                agent_interface_format=sc2_env.AgentInterfaceFormat(
                    feature_dimensions=sc2_env.Dimensions(screen=SCREEN, minimap=MINIMAP),
                    action_space=space, use_feature_units=True, use_raw_units=True,
                    use_raw_actions=raw_actions, use_unit_counts=True, use_camera_position=True,
                    add_cargo_to_units=True, **interface))
        self.timestep = self.env.reset()[0]
        self.before = self.timestep.observation
        self.wait(2)
        if not workers:
            self.kill(*[one.tag for one in self.all("SCV")])

    def close(self) -> None:
        self.env.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What pysc2 shows.

    @property
    def observation(self) -> Any:
        return self.timestep.observation

    @property
    def response(self) -> sc_pb.ResponseObservation:
        """The game's own message behind the last observation."""
        return self.env._obs[0]

    @property
    def features(self) -> features.Features:
        return self.env._features[0]

    @property
    def controller(self) -> Any:
        return self.env._controllers[0]

    @property
    def loop(self) -> int:
        return int(self.response.observation.game_loop)

    @property
    def money(self) -> tuple[int, int]:
        player = self.observation.player
        return int(player.minerals), int(player.vespene)

    def available(self) -> set[str]:
        """Names of the feature-layer functions that can be called now."""
        return {FUNCTIONS[one].name for one in self.features.available_actions(
            self.response.observation)}

    def all(self, name: str, alliance: int = SELF) -> list[raw_pb2.Unit]:
        """Raw units of a type, oldest first."""
        wanted = type_id(name)
        return sorted((one for one in self.response.observation.raw_data.units
                       if one.unit_type == wanted and one.alliance == alliance),
                      key=lambda one: one.tag)

    def one(self, name: str, alliance: int = SELF) -> raw_pb2.Unit:
        """The newest unit of a type."""
        found = self.all(name, alliance)
        if not found:
            raise AssertionError(f"no {name} of {alliance} is seen")
        return found[-1]

    def by_tag(self, tag: int) -> raw_pb2.Unit | None:
        return next((one for one in self.response.observation.raw_data.units if one.tag == tag),
                    None)

    def errors(self) -> list[int]:
        """What the last observation says of commands that failed."""
        return [one.result for one in self.response.action_errors]

    def abilities(self, tag: int, ignore_costs: bool = False) -> set[int]:
        query = query_pb2.RequestQuery(ignore_resource_requirements=ignore_costs)
        query.abilities.add(unit_tag=tag)
        return {one.ability_id for one in self.controller.query(query).abilities[0].abilities}

    # Setting the scene.

    def debug(self, **command: Any) -> None:
        self.controller.debug([debug_pb2.DebugCommand(**command)])

    def rich(self) -> None:
        self.debug(game_state=debug_pb2.all_resources)
        self.debug(game_state=debug_pb2.food)
        self.wait(1)

    def create(self, name: str, x: float, y: float, owner: int = 1, count: int = 1
               ) -> raw_pb2.Unit:
        """Makes units and returns the newest as observed."""
        self.debug(create_unit=debug_pb2.DebugCreateUnit(
            unit_type=type_id(name), owner=owner, pos=point(x, y),
            quantity=count))
        self.wait(1)
        made = self.one(name, {1: SELF, 16: NEUTRAL}.get(owner, ENEMY))
        assert abs(made.pos.x - x) + abs(made.pos.y - y) < 8, f"{name} is made out of sight"
        return made

    def value(self, tag: int, **values: float) -> None:
        """Sets energy, life or shields of a unit."""
        for name, value in values.items():
            self.debug(unit_value=debug_pb2.DebugSetUnitValue(
                unit_value=getattr(debug_pb2.DebugSetUnitValue, name.capitalize()),
                value=value, unit_tag=tag))
        self.wait(1)

    def kill(self, *tags: int) -> None:
        self.debug(kill_unit=debug_pb2.DebugKillUnit(tag=tags))
        self.wait(1)

    # Playing.

    def wait(self, game_loops: int) -> None:
        """Does nothing for some game loops."""
        self._step(self.functions.no_op(), game_loops)

    def do(self, name: str, *arguments: Any) -> None:
        """Calls a function of pysc2 and plays one game loop."""
        self._step(self.functions[name](*arguments), 1)

    def _step(self, action: Any, game_loops: int) -> None:
        self.before = self.observation
        self.timestep = self.env.step([action], step_mul=game_loops)[0]

    @property
    def is_raw(self) -> bool:
        return self.features._raw

    @property
    def functions(self) -> Any:
        return RAW_FUNCTIONS if self.is_raw else FUNCTIONS

    def can(self, name: str, tag: int) -> bool:
        """Whether a unit can use a function now; with feature-layer actions it is selected."""
        if not self.is_raw:
            return name in self.available()
        function = RAW_FUNCTIONS[name]
        able = self.abilities(tag)
        return any(row.ability_id in able and function.ability_id in (
            row.ability_id, row.general_id) for row in RAW_FUNCTIONS)

    def call(self, name: str, tag: int, target: raw_pb2.Unit | tuple[float, float] | None = None,
             queued: bool = False) -> Any:
        """Calls a function for the selected unit, or for a unit by its tag in the raw interface.

        Args:
            name: of the function.
            tag: of the unit.
            target: a unit, or a world point; what takes a unit gets the one nearest to that.
            queued: whether it comes after what the unit does.

        Returns:
            The function call.
        """
        function = self.functions[name]
        target_tag = 0
        if isinstance(target, raw_pb2.Unit):
            target_tag, target = target.tag, (target.pos.x, target.pos.y)
        arguments: list[Any] = ["queued" if queued else "now"]
        if self.is_raw:
            arguments.append([self.index(tag)])
        if target is not None and not self.is_raw:
            arguments.append(self.minimap_pixel(*target) if name.endswith("_minimap")
                             else self.pixel(*target))
        elif target is not None:
            takes_unit = function.function_type is actions.raw_cmd_unit
            arguments.append([self.index(target_tag or self.at(*target).tag)] if takes_unit
                             else self.raw_pixel(*target))
        self._step(function(*arguments), 1)
        return function(*arguments)

    def use(self, name: str, unit: raw_pb2.Unit | int, target: raw_pb2.Unit | tuple | None = None,
            queued: bool = False) -> None:
        """Lets a unit use an ability, as either interface does, and checks what is told of it.

        Args:
            name: of the function without its ending.
            unit: or its tag; it is selected first with feature-layer actions.
            target: a unit, or a world point.
            queued: whether it comes after what the unit does.
        """
        tag = unit if isinstance(unit, int) else unit.tag
        is_unit = isinstance(target, raw_pb2.Unit)
        if target is None:
            name += "_quick"
        elif self.is_raw:
            name += "_unit" if is_unit and f"{name}_unit" in RAW_NAMES else "_pt"
        else:
            name += "_screen"
            self.select(self.by_tag(tag))
        if not self.is_raw and target is None:
            self.select(self.by_tag(tag))
        assert self.can(name, tag), f"{name} is not available"
        called = self.call(name, tag, target, queued)
        assert not self.errors(), (name, self.errors())
        (told,) = self.told()
        assert same(told, called), (told, called)

    def order(self, ability_id: int, tag: int, xy: tuple[float, float] | None = None) -> None:
        """Sends a raw command by its ability, whether or not pysc2 would offer it."""
        command = raw_pb2.ActionRawUnitCommand(ability_id=ability_id, unit_tags=[tag])
        if xy is not None:
            command.target_world_space_pos.CopyFrom(point(*xy))
        self.controller.act(sc_pb.Action(action_raw=raw_pb2.ActionRaw(unit_command=command)))
        self.wait(1)

    def can_use(self, name: str, unit: raw_pb2.Unit | int) -> bool:
        """Whether a unit can use an ability now that needs no target."""
        tag = unit if isinstance(unit, int) else unit.tag
        if not self.is_raw:
            self.select(self.by_tag(tag))
        return self.can(f"{name}_quick", tag)

    def at(self, x: float, y: float, name: str = "") -> raw_pb2.Unit:
        """The unit nearest to a point of the world: of any type, or of those of a name."""
        known = {type_id(name)} if name else {
            one.unit_type for one in self.response.observation.raw_data.units}
        return min((one for one in self.response.observation.raw_data.units
                    if one.unit_type in known),
                   key=lambda one: (one.pos.x - x) ** 2 + (one.pos.y - y) ** 2)

    def look_at(self, x: float, y: float) -> None:
        """Moves the camera to a point of the world."""
        self.controller.act(sc_pb.Action(action_raw=raw_pb2.ActionRaw(
            camera_move=raw_pb2.ActionRawCameraMove(
                center_world_space=common_pb2.Point(x=x, y=y)))))
        self.wait(1)

    def pixel(self, x: float, y: float) -> tuple[int, int]:
        """The pixel of the screen under which a point of the world is."""
        self.features._update_camera(
            features.point.Point.build(self.response.observation.raw_data.player.camera))
        at = self.features._world_to_feature_screen_px.fwd_pt(features.point.Point(x, y))
        assert 0 <= at.x < SCREEN and 0 <= at.y < SCREEN, f"({x}, {y}) is off the screen"
        return int(at.x), int(at.y)

    def raw_pixel(self, x: float, y: float) -> tuple[int, int]:
        """Where raw functions have a point of the world: y goes down."""
        at = self.features._world_to_minimap_px.fwd_pt(features.point.Point(x, y))
        return int(at.x), int(at.y)

    def minimap_pixel(self, x: float, y: float) -> tuple[int, int]:
        """The pixel of the minimap under which a point of the world is."""
        size = self.controller.game_info().start_raw.map_size
        scale = MINIMAP / max(size.x, size.y)
        return int(x * scale), int((size.y - y) * scale)

    def select(self, unit: raw_pb2.Unit, how: str = "select") -> None:
        """Clicks a unit on the screen."""
        self.do("select_point", how, self.pixel(unit.pos.x, unit.pos.y))

    def index(self, tag: int) -> int:
        """Where raw functions find a unit."""
        return list(self.features._raw_tags).index(tag)

    def told(self) -> list[Any]:
        """What pysc2 makes of the actions that the last observation tells of."""
        if self.is_raw:
            return [self.features.reverse_raw_action(action, self.before)
                    for action in self.response.actions]
        return [self.features.reverse_action(action) for action in self.response.actions]


def same(first: Any, second: Any) -> bool:
    """Whether two calls of pysc2 functions are the same."""
    return first.function == second.function and [
        [int(value) for value in argument] for argument in first.arguments] == [
        [int(value) for value in argument] for argument in second.arguments]
