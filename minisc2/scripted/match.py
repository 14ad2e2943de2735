"""One match of a scripted player against a computer player, from the first loop to the replay."""

import dataclasses
import random
from collections.abc import Callable

from s2clientprotocol import error_pb2, sc2api_pb2

from minisc2.scripted import brain, pace
from minisc2.scripted import client as client_lib
from minisc2.scripted import knowledge as knowledge_lib
from minisc2.scripted import person as person_lib
from minisc2.scripted import plan as plan_lib


@dataclasses.dataclass(frozen=True)
class Played:
    """What came of a match.

    Attributes:
        result: sc2api_pb2.Result of the player; Undecided when time ran out.
        game_loops: how long it took.
        num_actions: what the player did.
        num_refused: how much of it the game refused.
    """

    result: int
    game_loops: int
    num_actions: int
    num_refused: int


def play(client: client_lib.Client, known: knowledge_lib.MapKnowledge, plan: plan_lib.Plan,
         opponent: sc2api_pb2.PlayerSetup | None, seed: int, apm: float = 120.0,
         resolution: int = 64, max_game_loops: int = 40_000,
         watch: Callable[[person_lib.Person, sc2api_pb2.Action], None] | None = None) -> Played:
    """Plays one match; the client is still in it afterwards.

    Args:
        client: of a game in which nothing is going on.
        known: the map.
        plan: how to play.
        opponent: a computer player.
        seed: of the match and of the player.
        apm: mean actions a minute.
        resolution: pixels of a side of the screen and the minimap.
        max_game_loops: when to stop an undecided match.
        watch: called after each action with the player, who sees what came of it.

    Raises:
        client.GameError: the match cannot be played so.
    """
    client.join(known.name, seed, opponent, client_lib.feature_layers(resolution), plan.name)
    rng = random.Random(seed)
    me = person_lib.Person(known, plan, resolution, client.observe(), rng)
    timing = pace.Pace(apm, rng)
    num_actions = num_refused = 0
    for moment, action in brain.play(me):
        if me.view.outcome is not None or me.view.loop >= max_game_loops:
            break
        result = client.act(action)
        num_actions += 1
        num_refused += result != error_pb2.Success
        client.step(min(timing.gap(moment), max_game_loops - me.view.loop))
        me.see(client.observe(), result)
        if watch is not None:
            watch(me, action)
    return Played(me.view.outcome or sc2api_pb2.Undecided, me.view.loop, num_actions, num_refused)
