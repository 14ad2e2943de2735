"""Several devices make the update that one makes, tried on two halves of the processor."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import dataclasses, sys
import numpy as np
import tensorflow as tf

devices = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(
    devices[0], [tf.config.LogicalDeviceConfiguration()] * 2)

from learners import schedules, supervised
from losses import head_weights
from tests.learners import supervised_fakes as fakes

results = {}
for num_devices in (1, 2):
    strategy = None if num_devices == 1 else tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    settings = supervised.SupervisedSettings(
        learning_rate=0.01, schedule=schedules.Schedule(warmup_updates=2), gradient_clipping=0.5,
        l2=1e-2, head_weights=head_weights.preset("di_star"), num_parts=num_devices)
    with (strategy or tf.distribute.get_strategy()).scope():
        agent = fakes.MemoryAgent()
    learner = supervised.SupervisedLearner(agent, settings, strategy)
    state = None
    for seed in range(3):
        scalars, state = learner.step(fakes.make_batch(seed), state)
    tally, _ = learner.evaluate(fakes.make_batch(9), state)
    assert learner.num_updates == 3
    for i, variable in enumerate([*agent.trainable_variables, *learner.variables]):
        results[f"{num_devices}/variable_{i}"] = np.asarray(variable)
    kernel = agent.trainable_variables[0].value
    if num_devices == 2:
        copies = strategy.experimental_local_results(kernel)
        assert len(copies) == 2 and copies[0].device != copies[1].device
        np.testing.assert_array_equal(copies[0].numpy(), copies[1].numpy())
    results[f"{num_devices}/state"] = state[0].numpy()
    results[f"{num_devices}/scalars"] = np.array([scalars[tag] for tag in sorted(scalars)])
    found = learner.scalars(tally)
    results[f"{num_devices}/found"] = np.array([found[tag] for tag in sorted(found)])
np.savez(sys.argv[1], **results)
"""


def test_two_devices_and_two_parts_make_the_update_of_one(tmp_path):
    file = tmp_path / "results.npz"
    subprocess.run([sys.executable, "-c", SCRIPT, str(file)], cwd=ROOT, check=True, timeout=300,
                   env=os.environ | {"PYTHONPATH": str(ROOT)})
    with np.load(file) as results:
        names = [name.removeprefix("1/") for name in results.files if name.startswith("1/")]
        assert len(names) == 2 + 1 + 4 + 3  # weights, iterations, Adam's moments, and the rest
        for name in names:
            np.testing.assert_allclose(results[f"2/{name}"], results[f"1/{name}"], rtol=1e-4,
                                       atol=1e-5, err_msg=name)
