"""The cross-entropy of a teacher's actions: heads, masks, slow truth, gradients."""

import numpy as np
import pytest
import tensorflow as tf

from environment import specs
from losses import head_weights, supervised

T, B, ROWS, SLOTS = 3, 4, 5, 3


def raw_like():
    """Two kinds of arguments, a place, and a sequence of three rows; wait takes only a delay."""
    arguments = (
        specs.ArgumentSpec("delay", 4), specs.ArgumentSpec("queued", 2),
        *(specs.ArgumentSpec(f"unit_{k}", ROWS + 1, points_to="units", sequence="units")
          for k in range(SLOTS)),
        specs.ArgumentSpec("target_unit", ROWS, points_to="units"),
        specs.ArgumentSpec("world", 6, (2, 3)))
    uses = np.zeros((3, len(arguments)), np.bool_)
    uses[:, 0] = True
    uses[1, [1, 2, 3, 4, 6]] = True
    uses[2, [1, 2, 3, 4, 5]] = True
    return specs.ActionSpec(("wait", "move", "attack"), arguments, uses)


def random_case(rng):
    """Targets and masked logits; every choice of 1 in 3 is forbidden, but never all."""
    spec = raw_like()
    actions = {name: rng.integers(0, size, (T, B)).astype(np.int32)
               for name, size in spec.sizes.items()}
    logits = {}
    for name, size in spec.sizes.items():
        values = rng.normal(0, 2, (T, B, size)).astype(np.float32)
        forbidden = rng.random((T, B, size)) < 0.33
        forbidden[..., 0] = False
        logits[name] = np.where(forbidden, np.float32(-1e9), values)
    valid = rng.random((T, B)) < 0.8
    return spec, actions, logits, valid


def log_softmax(logits):
    shifted = logits.astype(np.float64) - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


def slow_truth(spec, actions, logits, valid, smoothing):
    """The definition in plain loops: loss [T, B] by head, and counts of used and forbidden."""
    found = {}
    for head in supervised.heads(spec):
        losses, num_used, num_forbidden = np.zeros((T, B)), 0, 0
        for t in range(T):
            for b in range(B):
                for name in head.components:
                    action_type = actions["action_type"][t, b]
                    if not valid[t, b] or not spec.used_by[name][action_type]:
                        continue
                    num_used += 1
                    row, target = logits[name][t, b], actions[name][t, b]
                    if row[target] < -1e8:
                        num_forbidden += 1
                    else:
                        log_probs = log_softmax(row)
                        allowed = [a for a in range(len(row)) if row[a] > -1e8]
                        losses[t, b] -= (1 - smoothing) * log_probs[target]
                        for a in allowed:
                            losses[t, b] -= smoothing / len(allowed) * log_probs[a]
                    if head.is_sequence and target == 0:
                        break
        found[head.name] = losses, num_used, num_forbidden
    return found


def run(spec, head, actions, logits, valid, smoothing=0.0):
    targets = supervised.stack_slots(head, actions)
    slot_logits = supervised.stack_slots(head, logits)
    log_probs = -tf.nn.sparse_softmax_cross_entropy_with_logits(targets, slot_logits)
    used = supervised.used_slots(head, spec, actions, tf.constant(valid))
    return used, supervised.head_loss(log_probs, slot_logits, targets, used, smoothing)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_equals_the_definition_in_loops(seed, smoothing):
    spec, actions, logits, valid = random_case(np.random.default_rng(seed))
    truth = slow_truth(spec, actions, logits, valid, smoothing)
    for head in supervised.heads(spec):
        losses, num_used, num_forbidden = truth[head.name]
        used, result = run(spec, head, actions, logits, valid, smoothing)
        np.testing.assert_allclose(result.loss, losses, rtol=1e-5, atol=1e-5, err_msg=head.name)
        assert np.count_nonzero(used) == num_used
        assert np.count_nonzero(result.forbidden) == num_forbidden
        assert np.count_nonzero(result.counted) == num_used - num_forbidden


def test_heads_join_the_slots_of_a_sequence():
    heads = supervised.heads(raw_like())
    assert [head.name for head in heads] == [
        "action_type", "delay", "queued", "units", "target_unit", "world"]
    assert heads[3].components == ("unit_0", "unit_1", "unit_2") and heads[3].is_sequence
    assert heads[5].plane == (2, 3) and heads[4].points_to == "units"
    assert not any(head.is_sequence for head in heads if head.name != "units")


def test_a_sequence_of_one_slot_is_a_sequence():
    spec = specs.ActionSpec(("select",), (specs.ArgumentSpec(
        "unit_0", 3, points_to="units", sequence="units"),), np.array([[True]]))
    _, head = supervised.heads(spec)
    assert head.name == "units" and head.is_sequence


def test_slots_are_used_up_to_the_end_and_only_by_types_that_take_them():
    spec = raw_like()
    units = supervised.heads(spec)[3]
    actions = {name: np.zeros((1, 4), np.int32) for name in spec.sizes}
    actions["action_type"] = np.array([[1, 1, 1, 0]], np.int32)
    actions["unit_0"] = np.array([[2, 0, 1, 3]], np.int32)
    actions["unit_1"] = np.array([[0, 0, 3, 1]], np.int32)
    actions["unit_2"] = np.array([[0, 4, 2, 0]], np.int32)
    used = supervised.used_slots(units, spec, actions, tf.constant([[True] * 4]))
    # Ended by the second slot; by the first; never; the type takes no units.
    np.testing.assert_array_equal(used[0], [[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]])


def test_known_values():
    # Two allowed choices with logits 0 and log 3: probabilities 1/4 and 3/4; a third is forbidden.
    logits = tf.constant([[[[0.0, np.log(3.0), -1e9]]]], tf.float32)
    log_probs = tf.constant([[[np.log(0.75)]]], tf.float32)
    used = tf.constant([[[True]]])

    def loss(smoothing):
        result = supervised.head_loss(log_probs, logits, tf.constant([[[1]]]), used, smoothing)
        return result.loss.numpy().item()

    assert loss(0.0) == pytest.approx(0.28768207)  # -log(3/4)
    # 0.8 * 0.28768207 + 0.1 * -log(1/4) + 0.1 * -log(3/4); the forbidden choice has no part.
    assert loss(0.2) == pytest.approx(0.8 * 0.28768207 + 0.1 * 1.38629436 + 0.1 * 0.28768207)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_gradients_reach_counted_slots_and_allowed_choices_alone(smoothing):
    spec, actions, logits, valid = random_case(np.random.default_rng(7))
    for head in supervised.heads(spec):
        raw = tf.Variable(supervised.stack_slots(head, logits))
        allowed = supervised.stack_slots(head, logits) > -1e8
        targets = supervised.stack_slots(head, actions)
        used = supervised.used_slots(head, spec, actions, tf.constant(valid))
        with tf.GradientTape() as tape:
            masked = tf.where(allowed, raw, -1e9)
            log_probs = -tf.nn.sparse_softmax_cross_entropy_with_logits(targets, masked)
            result = supervised.head_loss(log_probs, masked, targets, used, smoothing)
            total = tf.reduce_sum(result.loss)
        gradient = tape.gradient(total, raw).numpy()
        assert np.isfinite(gradient).all()
        assert not gradient[~allowed.numpy()].any()
        assert not gradient[~result.counted.numpy()].any()
        # pi - q: the probabilities minus the smoothed target.
        probabilities = tf.nn.softmax(masked).numpy()
        share = allowed.numpy() / allowed.numpy().sum(-1, keepdims=True)
        wanted = (1 - smoothing) * np.eye(head.size)[targets] + smoothing * share
        expected = (probabilities - wanted) * result.counted.numpy()[..., np.newaxis]
        np.testing.assert_allclose(gradient, expected, atol=1e-5)
        assert gradient.any()


def test_a_target_that_everything_forbids_is_left_out():
    # All forbidden: the softmax is uniform and its logarithm looks harmless.
    logits = tf.fill([1, 1, 1, 4], -1e9)
    log_probs = tf.fill([1, 1, 1], -np.log(4.0).astype(np.float32))
    result = supervised.head_loss(log_probs, logits, tf.zeros([1, 1, 1], tf.int32),
                                  tf.constant([[[True]]]), 0.1)
    assert result.loss.numpy().item() == 0.0
    assert result.forbidden.numpy().item() and not result.counted.numpy().item()


def test_wrong_shapes_and_numbers_are_refused():
    ok = tf.zeros([2, 3, 1])
    logits, targets = tf.zeros([2, 3, 1, 4]), tf.zeros([2, 3, 1], tf.int32)
    used = tf.ones([2, 3, 1], tf.bool)
    supervised.head_loss(ok, logits, targets, used)
    with pytest.raises(ValueError, match="log_probs"):
        supervised.head_loss(tf.zeros([2, 3]), logits, targets, used)
    with pytest.raises(ValueError, match="used"):
        supervised.head_loss(ok, logits, targets, tf.ones([3, 2, 1], tf.bool))
    with pytest.raises(ValueError, match="logits"):
        supervised.head_loss(ok, logits[:, :, 0], targets, used)
    with pytest.raises(ValueError, match="label_smoothing.*1.0"):
        supervised.head_loss(ok, logits, targets, used, 1.0)


def test_l2_is_half_the_squares_and_its_gradient_the_weights():
    weights = [tf.Variable([1.0, 2.0]), tf.Variable([[3.0]])]
    with tf.GradientTape() as tape:
        loss = supervised.l2_loss(weights)
    assert float(loss) == 7.0  # (1 + 4 + 9) / 2
    for gradient, weight in zip(tape.gradient(loss, weights), weights, strict=True):
        np.testing.assert_array_equal(gradient, weight)


def test_weights_follow_the_kinds_of_the_heads():
    heads = supervised.heads(raw_like())
    assert head_weights.preset("unplugged").of(heads) == {
        "action_type": 40, "delay": 9, "queued": 1, "units": 5, "target_unit": 30, "world": 11}
    assert head_weights.preset("di_star").of(heads) == {
        "action_type": 30, "delay": 9, "queued": 1, "units": 4, "target_unit": 4, "world": 8}
    assert head_weights.preset("di_star").by_head and not head_weights.preset("unplugged").by_head
    assert set(head_weights.preset("uniform").of(heads).values()) == {1.0}
    with pytest.raises(ValueError, match=r"'unplugged', 'di_star'.*'human'"):
        head_weights.preset("human")
