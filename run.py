"""Trains an agent to play StarCraft II or a task of Gymnasium, and plays with a trained one.

Learn from the replays of others (trajectory_generator.py makes the dataset), watch, count:

    python run.py --training --sl_training --replay_hkl_file_path ./dataset/simple64/
    python run.py --load --visualize
    python run.py --load --episodes 100 --opponent_difficulty easy

Learn by playing:

    python run.py --training --environment MoveToBeacon --max_minutes 2
    python run.py --load --environment MoveToBeacon --episodes 20 --video clip.mp4

Learn from an expert's episodes, then by playing close to what was learned from them:

    python run.py --environment LunarLander-v3 --expert scripted --collect_path ./lunar/expert
    python run.py --training --sl_training --replay_hkl_file_path ./lunar/expert \\
        --workspace_path ./lunar/clone
    python run.py --training --environment LunarLander-v3 --teacher_path ./lunar/clone \\
        --workspace_path ./lunar/a2c

The curves of all: tensorboard --logdir ./workspace/tensorboard

A training that is stopped with Ctrl-C saves first, and goes on where it was with
`--training --load`. A loaded model brings its flags with it.
"""

import signal
import sys
from collections.abc import Sequence

import utils
from commands import collection, command_line, evaluation, sessions, training


def run(argv: Sequence[str]) -> None:
    """Does what the command line says; raises what `main` reports."""
    options = command_line.resolve(argv, __doc__)
    if options is None:
        return
    session = sessions.open_session(options)
    from environment import parallel

    with sessions.user_errors(parallel.WorkerError):
        play(session)


def play(session: sessions.Session) -> None:
    """Trains or loads the agent, and lets it play to be evaluated or to be learned from."""
    options = session.options
    if options.describe:
        import network

        print(network.describe(session.agent.network))
    if options.training:
        with session.folder.held():
            training.train(session)
    elif options.checkpoint:
        session.checkpointer.restore(options.checkpoint,
                                     {"network": session.agent.network.variables})
        print(f"Loaded {options.checkpoint}.")
    elif options.episodes and options.expert == "agent":
        print("The agent is not trained; --load_model True loads a saved one.")
    if options.collect_path:
        collection.collect(session)
    elif options.episodes:
        evaluation.evaluate(session)


def main(argv: Sequence[str] = tuple(sys.argv)) -> int:
    """Returns the exit status: 0, 1 for a failure, 2 for a wrong command line, 130 for Ctrl-C."""
    try:
        run(argv)
    except utils.UserError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return error.exit_status
    except training.Interrupted as interrupted:
        return 128 + interrupted.signal_number
    except KeyboardInterrupt:
        print("run.py: stopped by Ctrl-C; nothing was saved by it.", file=sys.stderr)
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    utils.end_with(main)
