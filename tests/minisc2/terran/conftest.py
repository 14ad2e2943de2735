"""The stage on which tests of the Terran match play, once for each kind of actions."""

from collections.abc import Iterator

import pytest

from tests.minisc2.terran import stage as stage_lib


@pytest.fixture(params=["features", "raw"])
def stage(request: pytest.FixtureRequest) -> Iterator[stage_lib.Stage]:
    """A player without workers who looks at the middle of Flat64."""
    with stage_lib.Stage(raw_actions=request.param == "raw") as made:
        made.look_at(44.0, 44.0)
        yield made


@pytest.fixture
def screen() -> Iterator[stage_lib.Stage]:
    """The same for what only feature-layer actions can do."""
    with stage_lib.Stage() as made:
        made.look_at(44.0, 44.0)
        yield made
