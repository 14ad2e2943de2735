"""What a player does next: the most urgent of its concerns, or a look around."""

from collections.abc import Callable

from minisc2.scripted import army, building, economy, hands, production
from minisc2.scripted import person as person_lib

Concern = Callable[[person_lib.Person], person_lib.Task | None]


def play(me: person_lib.Person) -> person_lib.Task:
    """Plays until the match is over: yields None between two tasks, else actions."""
    campaign = army.Campaign()
    concerns: tuple[Concern, ...] = (
        campaign.defend, economy.send_idle, economy.train_workers, economy.add_supply,
        building.follow_plan, building.look_after, production.enlist, economy.fill_gas,
        production.train, campaign.attack)
    while True:
        economy.notice_supply(me)
        tasks = (concern(me) for concern in concerns)
        yield None
        yield from next((task for task in tasks if task is not None), None) or look_around(me)


def look_around(me: person_lib.Person) -> person_lib.Task:
    """Nothing to do: people look here and there, and press keys that change nothing."""
    groups = [index for index in range(10) if me.view.group_size(index)]
    choice = me.rng.random()
    if groups and choice < 0.5:
        yield hands.recall_group(me.rng.choice(groups))
    elif me.view.player.army_count and choice < 0.7:
        yield hands.select_army()
    else:
        places = [site.xy for site in me.sites] + [production.rally_point(me)]
        yield me.move_camera(me.rng.choice(places))
