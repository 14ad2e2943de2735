"""Environments that count show whether every step arrives once, at its place, with its action."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from environment import parallel
from environment.specs import StepType
from tests.environment import counting

ROOT = Path(__file__).resolve().parents[2]


def _environments(make=counting.make, num_environments=5, num_workers=2, **kwargs):
    return parallel.ParallelEnvironments(
        make, num_environments, num_workers, counting.OBSERVATION_SPEC, counting.ACTION_SPEC,
        **kwargs)


def _action(values, action_types=counting.NOTHING):
    values = np.asarray(values, np.int32)
    return {"action_type": np.broadcast_to(np.int32(action_types), values.shape).astype(np.int32),
            "value": values}


def _play(environments, num_steps):
    """Steps everything `num_steps` times; returns [(group, step, action values sent before it)]."""
    record, sent = [], [None] * environments.num_groups
    environments.reset()
    for t in range(num_steps):
        for group in range(environments.num_groups):
            step = environments.receive(group)
            record.append((group, step, sent[group]))
            part = environments.group_slice(group)
            sent[group] = np.arange(part.start, part.stop) * 10 + t % 10
            environments.send(group, _action(sent[group]))
    return record


@pytest.mark.parametrize("num_environments, num_workers", [(5, 2), (4, 4), (3, 1), (5, 0)])
def test_every_step_arrives_once_at_its_place(num_environments, num_workers):
    with _environments(num_environments=num_environments, num_workers=num_workers) as environments:
        assert environments.num_groups == max(num_workers, 1)
        record = _play(environments, num_steps=15)
    times = [0] * environments.num_groups
    for group, step, sent in record:
        part = environments.group_slice(group)
        # An episode is a FIRST step and 5 more; the next FIRST follows its LAST.
        episode, count = divmod(times[group], 6)
        times[group] += 1
        numbers = np.arange(part.start, part.stop)
        last_value = np.full(len(numbers), -1) if count == 0 else sent
        expected = np.stack(
            [numbers, np.full_like(numbers, episode), np.full_like(numbers, count), last_value], 1)
        np.testing.assert_array_equal(step.observation["counts"], expected)
        np.testing.assert_array_equal(step.observation["picture"],
                                      np.full((len(numbers), 3, 2, 1), count))
        is_last = count == 5
        step_type = StepType.LAST if is_last else StepType.MID if count else StepType.FIRST
        np.testing.assert_array_equal(step.step_type, step_type)
        np.testing.assert_array_equal(step.reward, 0 if count == 0 else last_value)
        np.testing.assert_array_equal(step.discount, 0 if is_last and episode % 2 == 0 else 1)
    covered = [i for g in range(environments.num_groups)
               for i in range(num_environments)[environments.group_slice(g)]]
    assert covered == list(range(num_environments))


def test_environments_of_a_group_end_their_episodes_independently():
    with _environments(counting.make_with_episode_len_by_number, 4, 2) as environments:
        record = _play(environments, num_steps=20)
    for environment in range(4):
        part = [(step, environment - environments.group_slice(group).start)
                for group, step, _ in record
                if environments.group_slice(group).start <= environment
                < environments.group_slice(group).stop]
        counts = [int(step.observation["counts"][i, 2]) for step, i in part]
        episode_len = 3 + environment % 3
        assert counts == [t % (episode_len + 1) for t in range(20)]


def test_steps_fit_the_spec_and_are_copies():
    with _environments() as environments:
        environments.reset()
        first = environments.receive(0)
        counting.OBSERVATION_SPEC.validate(first.observation, (2,))
        assert (first.step_type.dtype, first.reward.dtype, first.discount.dtype) == (
            np.int8, np.float32, np.float32)
        before = first.observation["counts"].copy()
        environments.send(0, _action([1, 2]))
        second = environments.receive(0)
        np.testing.assert_array_equal(first.observation["counts"], before)
        assert second.observation["counts"][0, 2] == 1


def test_same_seed_same_steps_with_any_number_of_workers():
    def last_counts(num_workers):
        with _environments(counting.make_with_episode_len_by_number, 6, num_workers) as some:
            record = _play(some, num_steps=8)
        return np.concatenate([s.observation["counts"] for g, s, _ in record[-some.num_groups:]])

    np.testing.assert_array_equal(last_counts(2), last_counts(3))
    np.testing.assert_array_equal(last_counts(2), last_counts(0))


@pytest.mark.parametrize("num_workers", [2, 0])
def test_an_environment_that_fails_is_replaced_and_the_others_go_on(num_workers):
    with _environments(num_environments=4, num_workers=num_workers) as environments:
        environments.reset()
        size = 4 // environments.num_groups
        environments.receive(0)
        environments.send(0, _action(np.arange(size)))
        environments.receive(0)
        types = np.array([0, counting.FAIL, 0, 0])[:size]
        environments.send(0, _action(np.arange(size), types))
        step = environments.receive(0)
        assert step.step_type.tolist() == [StepType.MID, StepType.FIRST, StepType.MID,
                                           StepType.MID][:size]
        # Number 1 failed; what replaces it has the unused number 1 + 4.
        assert step.observation["counts"][1].tolist() == [5, 0, 0, -1]
        assert step.observation["counts"][0].tolist() == [0, 0, 2, 0]
        assert step.reward[1] == 0 and step.discount[1] == 1
        assert (environments.num_restarts, environments.num_dropped_episodes) == (1, 1)
        environments.send(0, _action(np.full(size, 7)))
        assert environments.receive(0).observation["counts"][1].tolist() == [5, 0, 1, 7]


@pytest.mark.parametrize("what, timeout", [(counting.DIE, 60.0), (counting.HANG, 1.0)])
def test_a_worker_that_dies_or_hangs_is_replaced(what, timeout):
    with _environments(num_environments=4, timeout_seconds=timeout) as environments:
        environments.reset()
        for group in (0, 1):
            environments.receive(group)
            environments.send(group, _action([1, 2]))
        environments.receive(0)
        environments.send(0, _action([3, 4], [0, what]))
        step = environments.receive(0)
        assert step.step_type.tolist() == [StepType.FIRST] * 2
        assert step.observation["counts"][:, 0].tolist() == [4, 5]  # 0 + 4 and 1 + 4
        # The other group did not notice.
        assert environments.receive(1).observation["counts"].tolist() == [[2, 0, 1, 1],
                                                                          [3, 0, 1, 2]]
        environments.send(0, _action([5, 6]))
        assert environments.receive(0).observation["counts"][:, 3].tolist() == [5, 6]
        assert (environments.num_restarts, environments.num_dropped_episodes) == (1, 2)


def test_a_worker_killed_from_outside_between_two_steps_is_replaced():
    with _environments(num_environments=4) as environments:
        environments.reset()
        environments.receive(0)
        (victim,) = [child for child in psutil.Process().children()
                     if child.pid == environments.worker_pids[0]]
        victim.kill()
        victim.wait()
        environments.send(0, _action([1, 2]))
        assert environments.receive(0).step_type.tolist() == [StepType.FIRST] * 2
        assert environments.num_dropped_episodes == 2


def test_no_episode_is_dropped_where_none_was_running():
    with _environments(num_environments=2, num_workers=1) as environments:
        environments.reset()
        for _ in range(5):
            environments.receive(0)
            environments.send(0, _action([0, 0]))
        assert environments.receive(0).step_type.tolist() == [StepType.LAST] * 2
        os.kill(environments.worker_pids[0], signal.SIGKILL)
        environments.send(0, _action([0, 0]))
        assert environments.receive(0).step_type.tolist() == [StepType.FIRST] * 2
        assert (environments.num_restarts, environments.num_dropped_episodes) == (1, 0)


def test_failing_again_and_again_is_an_error():
    with _environments(counting.make_fails_once_stepped, 2, 1) as environments:
        environments.reset()
        with pytest.raises(parallel.WorkerError, match="3 times in a row.*never works") as caught:
            for _ in range(4):
                environments.receive(0)
                environments.send(0, _action([0, 0]))
        assert "Traceback" in caught.value.details


def test_an_environment_that_never_starts_is_an_error_with_the_workers_message():
    with _environments(counting.make_that_fails, 2, 1) as environments:
        environments.reset()
        with pytest.raises(parallel.WorkerError, match="3 times in a row.*OSError: no game for"):
            environments.receive(0)


def test_failures_long_ago_are_forgiven_but_not_recent_ones():
    with _environments(num_environments=1, num_workers=0) as environments:
        environments.reset()
        for _ in range(6):
            environments.receive(0)
            environments.send(0, _action([0], [counting.FAIL]))
            for _ in range(130):
                environments.receive(0)
                environments.send(0, _action([0]))
        assert environments.num_restarts == 6
        with pytest.raises(parallel.WorkerError, match="3 times in a row"):
            for _ in range(3):
                environments.receive(0)
                environments.send(0, _action([0], [counting.FAIL]))
            environments.receive(0)
        assert environments.num_restarts == 9


@pytest.mark.parametrize("make, message", [
    (counting.make_that_cannot_be, "Environment 0: ValueError: Unknown environment 'Nowhere'"),
    (counting.make_never_first, "expected a FIRST step, got MID"),
    (counting.make_wrong_shape, "'picture': expected"),
])
def test_a_mistake_of_the_caller_is_an_error_at_once(make, message):
    with _environments(make, 2, 1) as environments:
        environments.reset()
        with pytest.raises(parallel.WorkerError, match=message):
            environments.receive(0)
        assert environments.num_restarts == 0


def test_an_action_that_cannot_be_played_is_an_error_at_once():
    with _environments(num_environments=2, num_workers=1) as environments:
        environments.reset()
        environments.receive(0)
        environments.send(0, _action([0, 0], [0, counting.MISTAKE]))
        with pytest.raises(parallel.WorkerError, match="Environment 1: ValueError: no such action"):
            environments.receive(0)


def test_calls_out_of_order_and_actions_that_do_not_fit_are_errors():
    with _environments(num_environments=4) as environments:
        with pytest.raises(RuntimeError, match=r"send\(\) must follow"):
            environments.send(0, _action([0, 0]))
        with pytest.raises(RuntimeError, match=r"receive\(\) must follow"):
            environments.receive(0)
        environments.reset()
        with pytest.raises(RuntimeError, match=r"send\(\) must follow"):
            environments.send(0, _action([0, 0]))
        environments.receive(0)
        for action in (_action([0]), _action([1000, 0]), _action([0, 0], 5), {"value": [0, 0]}):
            with pytest.raises(ValueError):
                environments.send(0, action)


@pytest.mark.parametrize("num_environments, num_workers", [(0, 0), (1, 2), (2, -1)])
def test_numbers_that_cannot_be_are_errors(num_environments, num_workers):
    with pytest.raises(ValueError, match="num_environments"):
        _environments(num_environments=num_environments, num_workers=num_workers)


def test_a_function_that_cannot_be_sent_is_an_error():
    with pytest.raises(ValueError, match="make_environment"):
        _environments(lambda number: counting.CountingEnvironment(number))


def test_reset_in_the_middle_starts_new_episodes():
    with _environments(num_environments=4) as environments:
        environments.reset()
        for group in (0, 1):
            environments.receive(group)
            environments.send(group, _action([1, 2]))
        environments.reset()
        for group in (0, 1):
            step = environments.receive(group)
            assert step.observation["counts"][:, 1:].tolist() == [[1, 0, -1]] * 2
        assert (environments.num_restarts, environments.num_dropped_episodes) == (0, 0)


def test_workers_import_neither_tensorflow_nor_the_main_program():
    with _environments(counting.make_spying, 1, 1) as environments:
        environments.reset()
        step = environments.receive(0)
    assert (step.reward.tolist(), step.discount.tolist()) == ([0.0], [0.0])


def test_closing_leaves_no_process_and_no_open_file():
    files_before = psutil.Process().num_fds()
    environments = _environments(num_environments=4)
    environments.reset()
    environments.receive(0)
    workers = [psutil.Process(pid) for pid in environments.worker_pids]
    assert len(workers) == 2
    environments.close()
    environments.close()
    assert not any(worker.is_running() for worker in workers)
    del environments  # the shared memory goes with the last array of it
    assert psutil.Process().num_fds() == files_before


_PROGRAM = """
    import os, sys, time
    import numpy as np
    from environment import parallel
    from tests.environment import counting
    environments = parallel.ParallelEnvironments(
        counting.make, 4, 2, counting.OBSERVATION_SPEC, counting.ACTION_SPEC)
    environments.reset()
    for group in (0, 1):
        environments.receive(group)
    print(*environments.worker_pids, flush=True)
    {then}
"""


def _workers_of(program):
    pids = [int(pid) for pid in program.stdout.readline().split()]
    assert len(pids) == 2
    return [psutil.Process(pid) for pid in pids]


def _start(then):
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(_PROGRAM).format(then=then)],
                            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            start_new_session=True)


def _assert_gone(workers, seconds=20.0):
    _, alive = psutil.wait_procs(workers, timeout=seconds)
    assert not alive, alive


@pytest.mark.parametrize("then", ["", "raise SystemExit(3)", "raise RuntimeError('no')"])
def test_workers_end_with_a_program_that_does_not_close(then):
    with _start(then) as program:
        _assert_gone(_workers_of(program))
        program.wait(10)


def test_workers_end_when_nobody_refers_to_them():
    environments = _environments(num_environments=4)
    environments.reset()
    workers = [psutil.Process(pid) for pid in environments.worker_pids]
    del environments
    assert not any(worker.is_running() for worker in workers)


def test_workers_end_when_their_parent_is_killed():
    with _start("time.sleep(3600)") as program:
        workers = _workers_of(program)
        program.kill()
        _assert_gone(workers)


@pytest.mark.slow
def test_a_hanging_worker_ends_when_its_parent_is_killed():
    then = ("environments.send(0, {'action_type': np.full(2, counting.HANG, np.int32),"
            " 'value': np.zeros(2, np.int32)}); time.sleep(3600)")
    with _start(then) as program:
        workers = _workers_of(program)
        time.sleep(0.5)
        program.kill()
        _assert_gone(workers)


def test_ctrl_c_reaches_the_parent_only():
    # A program that a shell started in the background would ignore Ctrl-C.
    then = """
    import signal
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        print('waiting', flush=True)
        time.sleep(3600)
    except KeyboardInterrupt:
        pass
    action = {'action_type': np.zeros(2, np.int32), 'value': np.full(2, 9, np.int32)}
    environments.send(0, action)
    print(environments.receive(0).observation['counts'].tolist(), environments.num_restarts)
"""
    with _start(textwrap.indent(textwrap.dedent(then), "    ").strip().replace("\n    ", "\n")) \
            as program:
        workers = _workers_of(program)
        assert program.stdout.readline() == "waiting\n"
        os.killpg(program.pid, signal.SIGINT)  # what a terminal does on Ctrl-C
        assert program.stdout.readline() == "[[0, 0, 1, 9], [1, 0, 1, 9]] 0\n"
        _assert_gone(workers)
