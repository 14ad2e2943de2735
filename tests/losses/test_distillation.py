"""Distance of a student's policy from a teacher's: known values, slow truth, masks, gradients."""

import math

import numpy as np
import pytest
import tensorflow as tf

from losses import distillation

FORBIDDEN = -1e9
# Values of two actions, of a teacher and of a student.
TEACHER, STUDENT = [[[1.0, 2.0, 0.0]]], [[[0.5, 1.0, 0.0]]]
LOSSES = [distillation.kl_divergence, distillation.negative_log_likelihood,
          distillation.squared_error]


def random_logits(seed, shape=(4, 3, 5)):
    return np.random.default_rng(seed).normal(scale=2.0, size=shape).astype(np.float32)


def test_known_divergence_of_two_policies():
    # p = softmax(0, 1, 0), q = softmax(1, 0, -1).
    loss = distillation.kl_divergence([[[0.0, 1.0, 0.0]]], [[[1.0, 0.0, -1.0]]])
    np.testing.assert_allclose(loss, [[0.4322781]], rtol=1e-5)


@pytest.mark.parametrize("temperature, expected", [
    (1.0, 0.0602689), (0.1, 0.6797930), (0.01, 0.6802697)])
def test_known_divergences_by_temperature(temperature, expected):
    loss = distillation.kl_divergence(TEACHER, STUDENT, temperature)
    np.testing.assert_allclose(loss, [[expected]], rtol=1e-5)


def test_known_likelihood_and_squared_error():
    # -log(e / (e^0.5 + e + 1)); (1 - 0.5)^2 + (2 - 1)^2.
    np.testing.assert_allclose(
        distillation.negative_log_likelihood(TEACHER, STUDENT), [[0.6802697]], rtol=1e-5)
    np.testing.assert_allclose(distillation.squared_error(TEACHER, STUDENT), [[1.25]])


def slow_divergence(teacher, student, temperature):
    """By the definition, in plain numbers; forbidden choices are not looked at."""
    allowed = [a for a in range(len(student)) if student[a] > -1e8]
    both = [a for a in allowed if teacher[a] > -1e8]
    teacher_sum = sum(math.exp(teacher[a] / temperature) for a in both)
    student_sum = sum(math.exp(student[a]) for a in allowed)
    total = 0.0
    for a in both:
        p = math.exp(teacher[a] / temperature) / teacher_sum
        total += p * math.log(p / (math.exp(student[a]) / student_sum))
    return total


@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
@pytest.mark.parametrize("masked", [False, True])
def test_the_divergence_is_that_of_plain_loops(temperature, masked):
    teacher, student = random_logits(0), random_logits(1)
    if masked:
        teacher[:, :, 0] = student[:, :, 0] = FORBIDDEN  # as a common mask does
        teacher[0, :, 1] = FORBIDDEN  # the teacher alone: probability 0
        student[1, :, 2] = FORBIDDEN  # the student alone: cannot be learned
    loss = distillation.kl_divergence(teacher, student, temperature)
    expected = [[slow_divergence(teacher[t, b].tolist(), student[t, b].tolist(), temperature)
                 for b in range(3)] for t in range(4)]
    np.testing.assert_allclose(loss, expected, rtol=1e-4, atol=1e-5)


def test_equal_policies_do_not_diverge_and_others_do():
    teacher = random_logits(0)
    np.testing.assert_allclose(distillation.kl_divergence(teacher, teacher + 7.0), 0.0, atol=1e-5)
    assert np.all(distillation.kl_divergence(teacher, random_logits(1)) > 0.0)


def test_a_cold_teacher_makes_the_divergence_the_likelihood_of_its_best_choice():
    teacher, student = random_logits(0), random_logits(1)
    teacher[:, :, 1] = student[:, :, 1] = FORBIDDEN
    np.testing.assert_allclose(distillation.kl_divergence(teacher, student, 1e-3),
                               distillation.negative_log_likelihood(teacher, student), rtol=1e-4)


def test_the_likelihood_looks_at_choices_that_the_student_may_take():
    student = [[[0.0, 0.0, FORBIDDEN]]]
    loss = distillation.negative_log_likelihood([[[1.0, 2.0, 9.0]]], student)
    np.testing.assert_allclose(loss, [[math.log(2)]], rtol=1e-6)


def test_the_squared_error_leaves_out_what_one_may_not_take():
    loss = distillation.squared_error([[[1.0, FORBIDDEN, 3.0]]], [[[3.0, 1.0, FORBIDDEN]]])
    np.testing.assert_allclose(loss, [[4.0]])


@pytest.mark.parametrize("loss", LOSSES)
def test_the_gradient_is_the_students_alone(loss):
    teacher, student = tf.constant(random_logits(0)), tf.constant(random_logits(1))
    with tf.GradientTape() as tape:
        tape.watch([teacher, student])
        value = loss(teacher, student)
    of_teacher, of_student = tape.gradient(value, [teacher, student])
    assert of_teacher is None
    assert np.abs(of_student).sum(-1).min() > 0


def test_the_gradient_of_the_divergence_is_the_difference_of_the_probabilities():
    teacher, student = tf.constant(random_logits(0)), tf.constant(random_logits(1))
    with tf.GradientTape() as tape:
        tape.watch(student)
        value = distillation.kl_divergence(teacher, student)
    np.testing.assert_allclose(tape.gradient(value, student),
                               tf.nn.softmax(student) - tf.nn.softmax(teacher), atol=1e-5)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("student", [[1.0, FORBIDDEN, 0.0], [FORBIDDEN, FORBIDDEN, FORBIDDEN]])
def test_forbidden_choices_get_no_gradient_and_nothing_is_infinite(loss, student):
    teacher, student = tf.constant([[[FORBIDDEN, 1.0, FORBIDDEN]]]), tf.constant([[student]])
    with tf.GradientTape() as tape:
        tape.watch(student)
        value = loss(teacher, student)
    np.testing.assert_array_equal(value, [[0.0]])  # no choice is left to both
    assert np.all(np.isfinite(tape.gradient(value, student)))
    with tf.GradientTape() as tape:
        tape.watch(student)
        value = loss(tf.constant([[[1.0, FORBIDDEN, 0.5]]]), student)
    gradient = tape.gradient(value, student)
    assert np.all(np.isfinite(value)) and np.all(np.isfinite(gradient))
    assert gradient[0, 0, 1] == 0.0


def test_arguments_that_are_not_used_cost_nothing():
    teacher = {"action_type": random_logits(0), "place": random_logits(2, (4, 3, 9))}
    student = {"action_type": random_logits(1), "place": random_logits(3, (4, 3, 9))}
    place_used = np.random.default_rng(0).random((4, 3)) < 0.5
    used = {"action_type": np.ones((4, 3), np.float32), "place": place_used}
    losses = distillation.by_argument(distillation.kl_divergence, teacher, student, used)
    assert list(losses) == ["action_type", "place"]
    for name in losses:
        expected = distillation.kl_divergence(teacher[name], student[name])
        np.testing.assert_allclose(losses[name], np.where(used[name], expected, 0.0))


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_an_argument_that_is_missing_is_named(missing):
    given = [{"place": random_logits(i)} for i in range(2)] + [{"place": np.ones((4, 3))}]
    given[missing] = {"queued": given[missing]["place"]}
    with pytest.raises(ValueError, match="same arguments.*queued"):
        distillation.by_argument(distillation.kl_divergence, *given)
    with pytest.raises(ValueError, match="at least one"):
        distillation.by_argument(distillation.kl_divergence, {}, {}, {})


@pytest.mark.parametrize("loss", LOSSES)
def test_shapes_that_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match="one shape"):
        loss(random_logits(0), random_logits(1, (4, 1, 5)))
    with pytest.raises(ValueError, match=r"student_logits: expected shape \[T, B, A\]"):
        loss(random_logits(0), random_logits(1, (3, 5)))


def test_a_temperature_of_zero_is_refused():
    with pytest.raises(ValueError, match="temperature"):
        distillation.kl_divergence(TEACHER, STUDENT, 0.0)
