"""What is told of an episode: everything that its file knows, as far as the coins allow."""

import dataclasses

import numpy as np
import pytest

from data import conditioning, hkl, strategy
from environment import conditioning as match_conditioning
from environment.conditioning import Built, Conditioning, Cumulative
from tests.data import episodes

EPISODE = episodes.small()
KNOWN = Conditioning(race="terran", opponent_race="zerg", mmr=3500, build_order=(),
                     cumulative=Cumulative())


def test_everything_that_a_file_knows(tmp_path):
    path = tmp_path / "a.hkl"
    hkl.write(path, EPISODE)
    told = conditioning.of_file(path)
    assert told == Conditioning(
        race="terran", opponent_race="terran", mmr=3500,
        build_order=(Built(19, 8, 9.5), Built(45, 3.5, 4)),
        cumulative=Cumulative(units=(19, 45), upgrades=(15,), effects=(6,)))


def test_what_the_tables_do_not_know_stays_unknown():
    played = strategy.summarize([strategy.Made(1, 60_000, (1, 2))], [60_000], [])
    metadata = dataclasses.replace(EPISODE.metadata, race="random", opponent_race=None, mmr=None)
    told = conditioning.of_episode(metadata, played.to_dict())
    assert (told.race, told.opponent_race, told.mmr) == (None, None, None)
    encoded = match_conditioning.encode(told)
    np.testing.assert_array_equal(encoded["cumulative_units"][1:], played.cumulative_units)
    np.testing.assert_array_equal(encoded["cumulative_upgrades"][1:], played.cumulative_upgrades)
    assert encoded["build_order"][0].tolist() == [strategy.UNKNOWN_UNIT_TYPE, 1, 1, 2]


def test_coins_fall_as_often_as_they_should_and_independently():
    coins = conditioning.Coins(seed=5)
    told = [conditioning.toss(KNOWN, coins, EPISODE.metadata, epoch) for epoch in range(4000)]
    build_order = np.array([one.build_order is not None for one in told])
    cumulative = np.array([one.cumulative is not None for one in told])
    opponent = np.array([one.opponent_race is not None for one in told])
    # Four standard deviations of a mean of 4000 coins are below 0.032.
    assert build_order.mean() == pytest.approx(0.8, abs=0.032)
    assert cumulative.mean() == pytest.approx(0.5, abs=0.032)
    assert opponent.mean() == pytest.approx(0.9, abs=0.032)
    assert (~build_order & ~cumulative).mean() == pytest.approx(0.1, abs=0.032)
    assert all(one.race == "terran" and one.mmr == 3500 for one in told)


def test_coins_depend_on_seed_epoch_and_episode_alone():
    def fall(seed=0, first_epoch=0, **metadata):
        changed = dataclasses.replace(EPISODE.metadata, **metadata)
        coins = conditioning.Coins(seed=seed)
        return [conditioning.toss(KNOWN, coins, changed, epoch)
                for epoch in range(first_epoch, first_epoch + 20)]

    assert fall() == fall()
    others = (fall(seed=1), fall(first_epoch=20), fall(player_id=2), fall(replay_id="another"))
    assert all(other != fall() for other in others)


def test_certain_coins():
    always = conditioning.Coins(build_order=1, cumulative=1, opponent_race=1)
    never = conditioning.Coins(build_order=0, cumulative=0, opponent_race=0)
    for epoch in range(20):
        assert conditioning.toss(KNOWN, always, EPISODE.metadata, epoch) == KNOWN
        assert conditioning.toss(KNOWN, never, EPISODE.metadata, epoch) == Conditioning(
            race="terran", mmr=3500)
    with pytest.raises(ValueError, match="cumulative: expected a probability, got 2"):
        conditioning.Coins(cumulative=2)
