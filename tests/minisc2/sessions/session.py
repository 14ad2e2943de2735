"""A recorded session: what a client sent in one match, and digests of what it then observed."""

import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Callable

from google.protobuf import json_format
from s2clientprotocol import common_pb2, sc2api_pb2

FOLDER = pathlib.Path(__file__).parent
Ask = Callable[[bytes], bytes]


@dataclasses.dataclass(frozen=True)
class Session:
    """One match of one client.

    Attributes:
        map_name: where.
        seed: of the game.
        options: the client's interface, as JSON of sc2api_pb2.InterfaceOptions.
        computer: (difficulty, build) of the other player, or None.
        step_mul: game loops between two observations.
        num_steps: how many there are.
        actions: (number of the step, JSON of the sc2api_pb2.Action) in the order of sending.
        digests: of each observation at which somebody may want to look: every tenth, and the last.
    """

    map_name: str
    seed: int
    options: dict
    computer: tuple[int, int] | None
    step_mul: int
    num_steps: int
    actions: tuple[tuple[int, dict], ...] = ()
    digests: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: pathlib.Path) -> "Session":
        content = json.loads(path.read_text())
        return cls(**{**content, "computer": content["computer"] and tuple(content["computer"]),
                      "actions": tuple((step, action) for step, action in content["actions"]),
                      "digests": tuple(content["digests"])})

    def save(self, path: pathlib.Path) -> None:
        head = {key: value for key, value in dataclasses.asdict(self).items() if key != "actions"}
        lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in self.actions)
        text = json.dumps({**head, "actions": []}, separators=(",", ":"))
        path.write_text(text.replace('"actions":[]', f'"actions":[\n{lines}]') + "\n")


def play(session: Session, ask: Ask,
         choose: Callable[[int, sc2api_pb2.Observation], list[sc2api_pb2.Action]] | None = None
         ) -> Session:
    """Plays a session, and returns it with the digests and actions of this time.

    Args:
        session: what to play.
        ask: sends one serialized Request and returns the serialized Response.
        choose: step number and observation -> actions to send; None sends those of the session.
    """
    _send(ask, sc2api_pb2.Request(create_game=_create(session)))
    join = sc2api_pb2.RequestJoinGame(race=common_pb2.Terran)
    json_format.ParseDict(session.options, join.options)
    _send(ask, sc2api_pb2.Request(join_game=join))
    recorded: dict[int, list[sc2api_pb2.Action]] = {}
    for step, action in session.actions:
        recorded.setdefault(step, []).append(json_format.ParseDict(action, sc2api_pb2.Action()))
    sent: list[tuple[int, dict]] = []
    digests = []
    for step in range(session.num_steps):
        answer = ask(sc2api_pb2.Request(
            observation=sc2api_pb2.RequestObservation()).SerializeToString())
        response = sc2api_pb2.Response.FromString(answer)
        is_over = bool(response.observation.player_result)
        if step % 10 == 0 or is_over or step == session.num_steps - 1:
            digests.append(hashlib.sha256(response.observation.SerializeToString(
                deterministic=True)).hexdigest()[:16])
        if is_over:
            break
        actions = (recorded.get(step, []) if choose is None
                   else choose(step, response.observation.observation))
        sent += [(step, json_format.MessageToDict(action)) for action in actions]
        _send(ask, sc2api_pb2.Request(action=sc2api_pb2.RequestAction(actions=actions)))
        _send(ask, sc2api_pb2.Request(step=sc2api_pb2.RequestStep(count=session.step_mul)))
    _send(ask, sc2api_pb2.Request(leave_game=sc2api_pb2.RequestLeaveGame()))
    return dataclasses.replace(session, actions=tuple(sent), digests=tuple(digests))


def _create(session: Session) -> sc2api_pb2.RequestCreateGame:
    create = sc2api_pb2.RequestCreateGame(
        local_map=sc2api_pb2.LocalMap(map_path=session.map_name), random_seed=session.seed)
    create.player_setup.add(type=sc2api_pb2.Participant)
    if session.computer is not None:
        create.player_setup.add(type=sc2api_pb2.Computer, race=common_pb2.Terran,
                                difficulty=session.computer[0], ai_build=session.computer[1])
    return create


def _send(ask: Ask, request: sc2api_pb2.Request) -> sc2api_pb2.Response:
    response = sc2api_pb2.Response.FromString(ask(request.SerializeToString()))
    assert not response.error, response.error
    return response
