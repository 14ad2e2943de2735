"""Training: the course that the flags ask for, from its beginning or from where it was."""

import contextlib
import dataclasses
import functools
import operator
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import utils
from commands import command_line, sessions

SETTING_FLAGS = ("learning_rate", "gradient_clipping", "entropy_cost", "discount", "unroll_len",
                 "kl_cost")
"""Those that have the names of `ActorCriticSettings`."""


class Interrupted(Exception):
    """Training was stopped by a signal, and the model is saved."""

    def __init__(self, signal_number: int):
        super().__init__(signal_number)
        self.signal_number = signal_number


def train(session: sessions.Session) -> None:
    """Trains the agent, from where a saved model was if one is loaded.

    Raises:
        utils.UserError: a setting that cannot be, or learning diverged.
        Interrupted: by a signal; the model is saved.
    """
    import learners

    options, folder = session.options, session.folder
    with sessions.user_errors(ValueError):
        course = (_imitation if options.sl_training else _playing)(session)
    names = (command_line.SUPERVISED_FLAGS if options.sl_training
             else command_line.LEARNING_FLAGS)
    models = utils.ModelFiles(folder, session.checkpointer, course.variables, {
        name: getattr(options, name) for name in names}, options.save_model)
    if options.load_model:
        course.restore(models.restore(options.checkpoint)["progress"])
    elif options.fine_tune:
        models.restore(Path(options.fine_tune), ["network"])
    if not options.load_model and (aside := folder.set_checkpoints_aside()):
        print(f"The saved model of an earlier run was moved to {aside}.")
    folder.write_json("settings.json", {
        "flags": {name: str(value) if isinstance(value, Path) else value
                  for name, value in vars(options).items()},
        "learner": dataclasses.asdict(course.settings)})

    unit = course.counter.removeprefix("num_").removesuffix("s").replace("_", " ")
    with contextlib.ExitStack() as stack:
        interruption = stack.enter_context(utils.noticing_interruption())
        try:
            reason = course.train(_outlets(session, course, models, unit, interruption, stack))
        except learners.DivergenceError as error:
            kept = f" The last good model is {models.last}." if models.last.exists() else ""
            raise utils.UserError(f"Learning diverged. {error}{kept}") from error
    done, seconds = getattr(course.progress, course.counter), course.progress.seconds
    print(f"{reason} {done:,} {unit}s, {seconds:.0f} s. "
          + (f"Saved in {models.last}." if options.save_model else "Nothing was saved."))
    if interruption.signal_number:
        raise Interrupted(interruption.signal_number)
    if options.sl_training and models.best.exists():
        models.restore(models.best, ["network"])


def _playing(session: sessions.Session) -> Any:
    """The course of an agent that learns by playing."""
    from learners import actor_critic, courses, presets, training

    options = session.options
    settings = actor_critic.ActorCriticSettings(
        **presets.actor_critic(options.environment) | _given(options, SETTING_FLAGS),
        kl_decay_agent_steps=options.kl_decay_steps)
    if options.max_agent_steps is None:
        options.max_agent_steps = presets.max_agent_steps(options.environment)
    limits = training.Limits(**{name: getattr(options, name) for name in (
        "max_agent_steps", "max_minutes", "target_score", "log_interval",
        "save_interval_seconds")})
    return courses.Playing(
        session.agent, lambda num_agent_steps: sessions.parallel(
            session, options.num_environments, utils.seed_of(options.seed, num_agent_steps)),
        settings, limits, _teacher(session) if options.teacher_path else None)


def _teacher(session: sessions.Session) -> Any:
    """Another agent, whom the one that learns stays close to."""
    from learners import teacher

    options = session.options
    model = command_line.find_model(Path(options.teacher_path))
    return teacher.Teacher(sessions.load_agent(model, options.seed), session.agent,
                           options.num_environments)


def _imitation(session: sessions.Session) -> Any:
    """The course of an agent that learns from replays."""
    from data import lanes
    from learners import courses, schedules, supervised, supervised_training
    from losses import head_weights

    options, data = session.options, session.world.data
    settings = supervised.SupervisedSettings(
        schedule=schedules.Schedule(
            name=options.schedule, warmup_updates=options.warmup_updates,
            decay_updates=options.decay_updates, final_fraction=0.05),
        head_weights=head_weights.parse(options.head_weights),
        **_given(options, ("learning_rate", "gradient_clipping", "l2", "label_smoothing",
                           "num_parts", "mixed_precision")))
    limits = supervised_training.Limits(
        patience=options.patience or None, **{name: getattr(options, name) for name in (
            "max_updates", "max_epochs", "max_minutes", "validation_interval", "log_interval",
            "save_interval_seconds")})
    windows = lanes.LaneSettings(batch_size=options.batch_size, unroll_len=options.unroll_len,
                                 seed=options.seed)
    print(f"{len(data.files['training'])} episodes for training and "
          f"{len(data.files['validation'])} for validation, {data.num_damaged} damaged; "
          f"{data.num_transitions('training'):,} actions in an epoch.")
    return courses.Imitation(session.agent, data, windows, settings, limits,
                             options.validation_batches, session.strategy)


def _given(options: types.SimpleNamespace, names: Sequence[str]) -> dict[str, Any]:
    """The flags that have a value; the learner knows the others."""
    return {name: getattr(options, name) for name in names if getattr(options, name) is not None}


def _outlets(session: sessions.Session, course: Any, models: utils.ModelFiles, unit: str,
             interruption: utils.Interruption, stack: contextlib.ExitStack) -> Any:
    """Opens the curves and the progress bar of a course."""
    from evaluation import figures
    from learners import outlets

    options, count = session.options, operator.attrgetter(course.counter)
    name = f"{options.environment}-{options.model_name}-seed{options.seed}"
    folder = session.folder.metrics_folder(name, options.load_model)
    metrics = stack.enter_context(contextlib.closing(utils.MetricsWriter(folder)))
    bar = stack.enter_context(contextlib.closing(utils.ProgressBar(
        course.total, count(course.progress), unit)))
    parts = (count, metrics, bar, models, interruption)
    if not options.sl_training:
        return outlets.RunOutlets(*parts, lambda: course.scalars() | {
            "memory/megabytes": utils.memory_megabytes()})
    # A validation has the same tags, in a run of its own: TensorBoard draws both into one picture.
    validation = stack.enter_context(contextlib.closing(utils.MetricsWriter(
        folder / "validation")))
    return outlets.SupervisedOutlets(
        *parts, course.scalars, validation_metrics=validation, limits=course.limits,
        epoch_transitions=course.epoch_transitions,
        draw=functools.partial(figures.of_counts, session.world.action_spec.action_types))
