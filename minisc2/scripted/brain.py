"""What a player does next: the most urgent of its concerns, or a look around."""

from collections.abc import Callable, Iterator

from s2clientprotocol import sc2api_pb2

from minisc2.scripted import army, building, economy, hands, production
from minisc2.scripted import pace as pace_lib
from minisc2.scripted import person as person_lib

Concern = Callable[[person_lib.Person], person_lib.Task | None]


def play(me: person_lib.Person) -> Iterator[tuple[pace_lib.Moment, sc2api_pb2.Action]]:
    """Plays for ever.

    Yields:
        Each action, and what the player is at; `me.view` has to be new after each.
    """
    campaign = army.Campaign()
    concerns: tuple[Concern, ...] = (
        campaign.defend, economy.send_idle, economy.train_workers, economy.add_supply,
        building.follow_plan, building.look_after, production.enlist, economy.fill_gas,
        economy.call_mules, production.train, production.research, campaign.search,
        campaign.attack, campaign.dig_in, campaign.fight)
    rounds = look_around(me)
    while True:
        economy.notice_supply(me)
        tasks = (concern(me) for concern in concerns)
        task = next((task for task in tasks if task is not None), None)
        if task is None:
            yield pace_lib.Moment.WAIT, next(rounds)
            continue
        for action in task:
            yield pace_lib.Moment.TASK, action


def look_around(me: person_lib.Person) -> Iterator[sc2api_pb2.Action]:
    """What people do who wait: again and again they look at home, then at each of their control
    groups, then at the newest structure."""
    while True:
        yield me.move_camera(me.home_xy)
        for index in range(10):
            if me.view.group_size(index):
                yield hands.recall_group(index)
        if me.sites and not me.shows(me.sites[-1].xy):
            yield me.move_camera(me.sites[-1].xy)
        if me.view.player.army_count:
            yield hands.select_army()
            yield me.move_camera(production.rally_point(me))
