"""What an agent is told of a match: known values, and "not known" apart from "nothing"."""

import numpy as np
import pytest

from environment import conditioning, vocabulary
from environment.conditioning import Built, Conditioning, Cumulative
from environment.specs import ObservationSpec

SPEC = ObservationSpec(tuple(conditioning.ARRAYS.values()))
BARRACKS, MARINE = 21, 48


def test_known_values():
    encoded = conditioning.encode(Conditioning(
        race="zerg", opponent_race="terran", mmr=4321,
        build_order=(Built(BARRACKS, 30.4, 7.6), Built(60_000, -1, 1e6)),
        cumulative=Cumulative(units=(MARINE, 60_000), upgrades=(15,))))
    SPEC.validate(encoded)
    assert encoded["races"].tolist() == [2, 1]
    assert encoded["mmr"].tolist() == [5]  # floor(4.321) + 1
    # Type, position from 1, place; unknown types are the last category but "end", which is 1963.
    assert encoded["build_order"][:4].tolist() == [
        [BARRACKS, 1, 30, 8], [1962, 2, 0, 65535], [1963, 3, 0, 0], [0, 0, 0, 0]]
    names = [feature.name for feature in SPEC.by_name["cumulative_units"].features]
    assert {names[i] for i in np.flatnonzero(encoded["cumulative_units"])} == {
        "known", f"unit {MARINE}", "unit unknown"}
    assert encoded["cumulative_upgrades"].sum() == 2  # "known", and one upgrade
    assert np.flatnonzero(encoded["cumulative_effects"]).tolist() == [0]


@pytest.mark.parametrize("mmr, category", [
    (None, 0), (-36400, 1), (0, 1), (999, 1), (1000, 2), (5999, 6), (6000, 7), (7400, 7)])
def test_ratings_are_categories(mmr, category):
    assert conditioning.mmr_category(mmr) == category
    assert category < SPEC.by_name["mmr"].features[0].num_categories


def test_nothing_known_is_all_zeros_and_differs_from_nothing_built():
    unknown = conditioning.encode(Conditioning())
    assert not any(value.any() for value in unknown.values())
    nothing = conditioning.encode(Conditioning(build_order=(), cumulative=Cumulative()))
    for name in ("build_order", "cumulative_units", "cumulative_upgrades", "cumulative_effects"):
        assert nothing[name].any(), name
        assert nothing[name].reshape(-1)[0], name  # rows are real by their first feature


def test_only_the_first_twenty_count():
    built = tuple(Built(MARINE, n, n) for n in range(30))
    rows = conditioning.encode(Conditioning(build_order=built))["build_order"]
    assert rows[:, 1].tolist() == list(range(1, 21))
    assert (rows[:, 0] == MARINE).all()


def test_values_stay_below_their_categories():
    everything = Conditioning(
        race="protoss", opponent_race="protoss", mmr=10**6, build_order=(),
        cumulative=Cumulative(vocabulary.UNIT_TYPES.ids, vocabulary.UPGRADES.ids,
                              vocabulary.EFFECTS.ids))
    encoded = conditioning.encode(everything)
    for array in SPEC.arrays:
        for column, feature in enumerate(array.features):
            if feature.num_categories:
                assert encoded[array.name][..., column].max() < feature.num_categories
    assert encoded["cumulative_units"][:-1].all() and not encoded["cumulative_units"][-1]


def test_a_race_that_is_none_is_refused():
    with pytest.raises(ValueError, match="opponent_race: expected one of terran, zerg, protoss"):
        Conditioning(opponent_race="random")
