"""The ladder: what it plays, what it writes down, how it counts."""

import io

import pytest

from minisc2 import ladder
from minisc2.ai import levels
from minisc2.replay import fingerprint

FAST = ["--map", "Flat32", "--max-game-loops", "40"]


def result(winner, seed=1, simulation=None, first="Easy", second="Medium"):
    return ladder.Result("Flat32", first, second, seed, 40, winner, 1000 + seed, 0.5,
                         simulation or fingerprint.simulation())


def test_neighbours_and_all_pairs():
    games = ladder.games(ladder._parse(["--games", "2"]))
    assert len(games) == 2 * (len(levels.LEVELS) - 1)
    assert [game.swapped for game in games[:2]] == [False, True]
    assert [game.seed for game in games[:2]] == [1, 2]
    assert all(game.first.ai_build == game.second.ai_build for game in games)
    ten = ladder.games(ladder._parse(["--games", "10", "--levels", "Easy", "Medium"]))
    # Every build from both seats.
    assert sorted((game.first.ai_build, game.swapped) for game in ten) == [
        (build, swapped) for build in range(2, 7) for swapped in (False, True)]
    assert len(ladder.games(ladder._parse(["--games", "1", "--pairs", "all"]))) == 45
    builds = ladder.games(ladder._parse(["--games", "1", "--builds", "--level", "Easy"]))
    assert len(builds) == 10
    assert builds[0].first.name == "Easy/Rush"


def test_a_run_goes_on_where_it_stopped(tmp_path):
    out = tmp_path / "ladder.csv"
    first, second = (ladder.games(ladder._parse(
        [*FAST, "--games", games, "--levels", "Easy", "Medium"])) for games in ("1", "2"))
    progress = io.StringIO()
    ladder.run(first, 1, out, progress)
    assert progress.getvalue().count("\n") == 1
    progress = io.StringIO()
    found = ladder.run(second, 1, out, progress)
    assert progress.getvalue().count("\n") == 1  # only the one that was missing
    assert found == ladder.read(out)
    assert [row.seed for row in found] == [1, 2]
    assert {row.loops for row in found} == {40}
    assert {row.winner for row in found} == {0}


def test_seats_change_and_winners_are_counted_by_side():
    game = ladder.Game("Flat32", ladder.Side(1, 2), ladder.Side(10, 2), 1, False, 12_000)
    for swapped in (False, True):
        row = ladder.play(game._replace(swapped=swapped), "code")
        assert (row.first, row.second) == ("VeryEasy/Rush", "CheatInsane/Rush")
        assert row.winner == 2


def test_table():
    rows = [result(2, first="Easy/Rush", second="Medium/Rush"), result(2, 2), result(1, 3),
            result(0, 4),
            result(2, 1, first="Medium/Rush", second="Hard/Rush")]
    lines = ladder.table(rows, by_build=False).splitlines()
    # Wilson's interval of 2 of 3: (2/3 + z²/6 ± z·sqrt(2/27 + z²/36)) / (1 + z²/3), z = 1.96.
    assert lines[2] == "| Easy | Medium | 4 | 1 | 2 | 1 | 67 % (21-94) | 1003 |"
    assert ladder.table(rows, by_build=True).splitlines()[2].startswith("| Easy/Rush | Medium/Rush")
    assert lines[3].startswith("| Medium | Hard | 1 | 0 | 1 | 0 | 100 % (21-100) |")


def test_results_of_other_code_or_files_are_refused(tmp_path, capsys):
    out = tmp_path / "results.csv"
    ladder._append(out, result(1, simulation="other"))
    with pytest.raises(ladder.ResultsError, match="other code"):
        ladder.read(out)
    out.write_text("name,score\n")
    assert ladder.main([*FAST, "--out", str(out)]) == 2
    assert "--out" in capsys.readouterr().err


def test_wrong_arguments_name_the_way_out(capsys):
    assert ladder.main(["--map", "Nowhere"]) == 2
    assert "Simple64" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        ladder.main(["--games", "0"])
    assert "--games" in capsys.readouterr().err
