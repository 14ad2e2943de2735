"""How far a student's policy is from a teacher's, argument by argument.

Three losses of policy distillation (Rusu et al. 2016, arXiv:1511.06295, section 3) and the
divergence that keeps reinforcement learning close to a supervised policy (AlphaStar, Nature 2019,
Methods: KL(teacher || student), summed over the arguments that the action uses). Each works on one
argument; `by_argument` applies one to all of them.

Choices that the student's mask forbids cannot be learned: what the teacher thinks of them is left
out, and its other probabilities take their place. Where nothing is left, the loss is 0. A logit
below `losses.supervised.FORBIDDEN_BELOW` is forbidden.

Every loss is differentiable w.r.t. the student's logits only.
"""

from collections.abc import Callable, Mapping

import tensorflow as tf

from losses import shapes, supervised

_LOW = -1e9
"""Logit that gives a probability of exactly 0 in float32."""

Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
"""Teacher's logits and student's logits [T, B, A] -> [T, B]."""


def kl_divergence(teacher_logits: tf.Tensor, student_logits: tf.Tensor,
                  temperature: float = 1.0) -> tf.Tensor:
    """The divergence of the student's distribution from the teacher's.

        p = softmax(teacher / temperature),  q = softmax(student)
        loss_t = sum_a p_a * (log p_a - log q_a)

    It is at least 0, and 0 where both are equal and the temperature is 1. Towards temperature 0 it
    becomes `negative_log_likelihood`. Only the teacher is sharpened (Rusu et al., equation 3).

    Args:
        teacher_logits: float32 [T, B, A].
        student_logits: float32 [T, B, A].
        temperature: above 0; below 1 the teacher's likely choices become likelier.

    Returns:
        float32 [T, B].

    Raises:
        ValueError: the shapes are not one shape [T, B, A], or the temperature is not above 0.
    """
    if temperature <= 0:
        raise ValueError(f"temperature: expected a number above 0, got {temperature!r}.")
    teacher, student, both = _prepare(teacher_logits, student_logits)
    # Masked again after the division: the forbidden choices must not come near.
    log_p = tf.nn.log_softmax(tf.where(both, teacher / temperature, _LOW))
    log_q = tf.nn.log_softmax(student)
    terms = tf.exp(log_p) * (log_p - log_q)
    return tf.reduce_sum(tf.where(both, terms, tf.zeros_like(terms)), axis=-1)


def negative_log_likelihood(teacher_logits: tf.Tensor, student_logits: tf.Tensor) -> tf.Tensor:
    """How unlikely the student finds the teacher's likeliest choice, the lowest of equals.

        loss_t = -log softmax(student)[argmax teacher]

    Args:
        teacher_logits: float32 [T, B, A].
        student_logits: float32 [T, B, A].

    Returns:
        float32 [T, B].

    Raises:
        ValueError: the shapes are not one shape [T, B, A].
    """
    teacher, student, both = _prepare(teacher_logits, student_logits)
    best = tf.argmax(tf.where(both, teacher, _LOW), axis=-1)
    likelihood = tf.gather(tf.nn.log_softmax(student), best, axis=-1, batch_dims=2)  # [T, B]
    return tf.where(tf.reduce_any(both, axis=-1), -likelihood, tf.zeros_like(likelihood))


def squared_error(teacher_logits: tf.Tensor, student_logits: tf.Tensor) -> tf.Tensor:
    """The squared distance of the logits, over the choices that both may take.

        loss_t = sum_a (teacher_a - student_a)^2

    Unlike the others it sees a constant that is added to all logits: it suits values of actions
    rather than policies.

    Args:
        teacher_logits: float32 [T, B, A].
        student_logits: float32 [T, B, A].

    Returns:
        float32 [T, B].

    Raises:
        ValueError: the shapes are not one shape [T, B, A].
    """
    teacher, student, both = _prepare(teacher_logits, student_logits)
    differences = tf.where(both, teacher - student, tf.zeros_like(student))
    return tf.reduce_sum(tf.square(differences), axis=-1)


def by_argument(loss: Loss, teacher_logits: Mapping[str, tf.Tensor],
                student_logits: Mapping[str, tf.Tensor],
                used: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """A loss of every argument, 0 where the action does not use it.

    Args:
        loss: one of those above, or another `Loss`.
        teacher_logits: float32 [T, B, A] by argument, conditioned on the arguments that were taken
            before it.
        student_logits: float32 [T, B, A] by argument, likewise.
        used: [T, B] by argument, bool or numbers that are 0 where it is not used.

    Returns:
        float32 [T, B] by argument, in the order of `student_logits`.

    Raises:
        ValueError: there is no argument, one of the three lacks an argument, or shapes differ.
    """
    if not student_logits or not set(student_logits) == set(teacher_logits) == set(used):
        raise ValueError(
            "Expected the same arguments (at least one) three times, got teacher_logits of "
            f"{sorted(teacher_logits)}, student_logits of {sorted(student_logits)} and used of "
            f"{sorted(used)}.")
    losses = {}
    for name, student in student_logits.items():
        value = loss(teacher_logits[name], student)
        mask = tf.cast(used[name], tf.bool)
        shapes.require_time_batch(**{f"loss of {name}": value, f"used of {name}": mask})
        losses[name] = tf.where(mask, value, tf.zeros_like(value))
    return losses


def _prepare(teacher: tf.Tensor, student: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The logits, the teacher's without a gradient, and which choices both may take."""
    teacher, student = tf.convert_to_tensor(teacher), tf.convert_to_tensor(student)
    for name, logits in (("teacher_logits", teacher), ("student_logits", student)):
        if logits.shape.rank != 3:
            raise ValueError(f"{name}: expected shape [T, B, A], got {logits.shape}.")
    if not teacher.shape.is_compatible_with(student.shape):
        raise ValueError(f"teacher_logits has shape {teacher.shape} and student_logits "
                         f"{student.shape}; expected one shape [T, B, A] for both.")
    both = (teacher > supervised.FORBIDDEN_BELOW) & (student > supervised.FORBIDDEN_BELOW)
    return tf.stop_gradient(teacher), student, both
