"""Converts the replays that it is given, one file after the other."""

import contextlib
import os
import re
import stat
from pathlib import Path

import numpy as np

from data import hkl
from data.conversion import episodes, interfaces, messages, players
from environment import starcraft, starcraft_replay
from environment.specs import ACTION_TYPE

_MAX_REPLAY_BYTES = 64 << 20
_MAX_NAME_LENGTH = 80
_REPLAYS_PER_GAME = 300
"""The real game grows with every replay; pysc2's own programs start it anew as often."""
_ATTEMPTS = 2
"""A game that crashed is started again, and may do better."""


class WriteError(Exception):
    """An episode file cannot be written; neither could the next one."""


def read(path: str) -> bytes:
    """The bytes of a replay file.

    Raises:
        starcraft_replay.ReplayError: it cannot be read, or is too large to be a replay.
    """
    try:
        about = os.stat(path)
        if not stat.S_ISREG(about.st_mode):  # a pipe would be waited for
            raise starcraft_replay.ReplayError("It is not a file.")
        num_bytes = about.st_size
        if num_bytes > _MAX_REPLAY_BYTES:
            raise starcraft_replay.ReplayError(
                f"It has {num_bytes} bytes; a replay has at most {_MAX_REPLAY_BYTES}.")
        return Path(path).read_bytes()
    except OSError as error:
        raise starcraft_replay.ReplayError(f"It cannot be read: {error.strerror}.") from error


def file_name(job: messages.Job, player_id: int) -> str:
    """Of an episode: the name of the replay, what tells it from others of that name, the player."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", Path(job.replay).stem)[:_MAX_NAME_LENGTH].strip(".")
    return f"{stem or 'replay'}-{job.replay_id[:8]}-player{player_id}.hkl"


class ReplayConverter(contextlib.AbstractContextManager):
    """Converts replays as a task says.

    Args:
        task: what is the same for all replays.

    Raises:
        ValueError: settings that cannot be, or a game that is not there.
    """

    def __init__(self, task: messages.Task):
        self._task = task
        self._interface = interfaces.INTERFACES[task.interface](task.settings)
        self._game = starcraft_replay.ReplayGame(task.game, task.actions_only)
        self._num_replays = 0

    def convert(self, job: messages.Job) -> messages.Outcome:
        """Converts both sides of a replay, as far as the filters let them through.

        Whatever is wrong with the replay or the game is told in the outcome.

        Raises:
            WriteError: an episode file cannot be written.
        """
        self._num_replays += 1
        if self._num_replays % _REPLAYS_PER_GAME == 0:
            self._game.close()
        reason = ""
        for _ in range(_ATTEMPTS):
            try:
                return self._attempt(job)
            except WriteError:
                raise
            except starcraft_replay.ReplayError as error:
                return messages.Outcome(job.replay, job.replay_id, failed=str(error))
            except starcraft.GameError as error:
                reason = str(error)
                self._drop_game()
            except Exception as error:  # noqa: BLE001 (one replay must not spoil the next)
                self._drop_game()
                described = " ".join(f"{type(error).__name__}: {error}".split())
                return messages.Outcome(job.replay, job.replay_id,
                                        failed=f"It cannot be converted. {described}")
        return messages.Outcome(job.replay, job.replay_id, failed=reason)

    def _drop_game(self) -> None:
        # It may be in any state, also in one in which it cannot be asked to end.
        with contextlib.suppress(Exception):
            self._game.close()

    def _attempt(self, job: messages.Job) -> messages.Outcome:
        replay = self._game.open(read(job.replay))
        match = players.match(replay.info)
        if len(match.players) > 2:
            return messages.Outcome(job.replay, job.replay_id,
                                    skipped={0: "more than two players"})
        written, skipped = [], {}
        for player in match.players:
            reason = self._task.filters.reason_to_skip(match, player)
            if reason:
                skipped[player.player_id] = reason
            else:
                episode = episodes.convert(self._game, replay, match, player, self._interface,
                                           self._task.settings)
                written.append(self._write(job, player.player_id, episode))
        if not match.players:
            raise starcraft_replay.ReplayError("The replay has no players.")
        return messages.Outcome(job.replay, job.replay_id, tuple(written), skipped)

    def _write(self, job: messages.Job, player_id: int, episode: episodes.Episode
               ) -> messages.WrittenFile:
        path = Path(self._task.folder) / file_name(job, player_id)
        try:
            hkl.write(path, episode)
            num_bytes = path.stat().st_size
        except OSError as error:
            raise WriteError(f"{path} cannot be written: {error.strerror or error}.") from error
        metadata = episode.metadata
        return messages.WrittenFile(
            path.name, player_id, episode.num_steps, num_bytes,
            int(np.count_nonzero(episode.actions[ACTION_TYPE])), metadata.num_unavailable_actions,
            sum(metadata.dropped.values()), metadata.num_units_left_out)

    def close(self) -> None:
        """Ends the game."""
        self._game.close()

    def __exit__(self, *_: object) -> None:
        self.close()
