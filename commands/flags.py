"""The flags of run.py: each with its limits, its default and a sentence with its unit."""

import functools
from collections.abc import Callable
from typing import Any

from absl import flags

MODEL_NAMES = ("fullyconv", "alphastar")
SIZES = ("tiny", "small", "full")
GAMES = ("auto", "minisc2", "starcraft2")
RACES = ("random", "protoss", "terran", "zerg")
DIFFICULTIES = ("very_easy", "easy", "medium", "medium_hard", "hard", "harder", "very_hard",
                "cheat_vision", "cheat_money", "cheat_insane")
EXPERTS = ("agent", "scripted")
SCHEDULES = ("constant", "linear", "cosine")

KL_COST = 1.0

NOTHING = "none"
"""Value of --follow."""

_Define = Callable[..., None]
"""Called with the kind, the name, the default and the sentence of a flag, and its limits."""


def define() -> flags.FlagValues:
    """Every flag of the program; new values each time, so that importing defines nothing."""
    values = flags.FlagValues()
    for title, define_section in _SECTIONS.items():
        define_section(functools.partial(_define, values, title))
    flags.DEFINE_alias("load", "load_model", flag_values=values,
                       module_name=next(iter(_SECTIONS)))
    return values


def _define(values: flags.FlagValues, section: str, kind: str, name: str, default: Any, text: str,
            **limits: Any) -> None:
    getattr(flags, f"DEFINE_{kind}")(name, default=default, help=text, flag_values=values,
                                     module_name=section, **limits)


def _tasks(define: _Define) -> None:
    define("boolean", "training", False, "Trains an agent: by playing, or with --sl_training.")
    define("boolean", "sl_training", False, "Supervised learning: the agent learns to act as the "
           "players in a dataset did.")
    define("boolean", "load_model", False, "Begins with the model saved in the workspace; training "
           "goes on exactly where it was.")
    define("integer", "episodes", None, "Episodes that are played to evaluate the agent, after "
           "training if there is any (default: 0; 10 with --load alone; 3 to watch a mini-game, 1 "
           "to watch a match).", lower_bound=0)
    define("string", "collect_path", None, "Plays --episodes (default: 100) and writes them as "
           ".hkl files into this folder, for others to learn from with --sl_training.")
    define("enum", "expert", "agent", "Who plays them: the agent, or the one that pysc2 or "
           "Gymnasium comes with for the environment.", enum_values=EXPERTS)
    define("boolean", "describe", False, "Prints the parts of the network with their sizes.")
    define("boolean", "help", False, "Shows this list.", short_name="h")


def _game(define: _Define) -> None:
    define("string", "environment", None, "Name of the map that is played, or of a task of "
           "Gymnasium, as LunarLander-v3 (default: MoveToBeacon; with --sl_training that of the "
           "dataset, for replays Simple64).")
    define("enum", "model_name", None, "Network of the agent (default: fullyconv; alphastar to "
           "learn from replays).", enum_values=MODEL_NAMES)
    define("enum", "size", "small", "Size of the network.", enum_values=SIZES)
    define("integer", "screen_size", 16, "Width and height of the screen and of the minimap, in "
           "pixels. A dataset brings its own.", lower_bound=8, upper_bound=256)
    define("integer", "step_mul", 8, "Game loops between two observations. A dataset brings its "
           "own.", lower_bound=1)
    define("enum", "race", None, "Race of the agent, on maps for two players (default: random; "
           "that of the dataset with --sl_training).", enum_values=RACES)
    define("enum", "game", "auto", "Which game is played; auto takes StarCraft II where it is "
           "installed and else the embedded game.", enum_values=GAMES)


def _machine(define: _Define) -> None:
    define("string", "workspace_path", "./workspace/", "Folder that everything is written to.")
    define("boolean", "save_model", True, "Saves the model in the workspace while it is trained.")
    define("float", "save_interval_seconds", 60, "Seconds between two saves.", lower_bound=0)
    define("integer", "log_interval", 10, "Updates between two points in TensorBoard.",
           lower_bound=1)
    define("integer", "seed", 1, "Seed of the weights, the games, the order of the data and the "
           "agent's choices.", lower_bound=0, upper_bound=2**31 - 1)
    define("boolean", "gpu_use", False, "Computes on a GPU if there is one, on all there are with "
           "--sl_training.")
    define("integer", "num_threads", None, "Threads that TensorFlow uses for one operation; 0 lets "
           "it choose (default: 1; 0 with --sl_training).", lower_bound=0)
    define("integer", "num_workers", None, "Processes that the games are spread over; 0 plays them "
           "in this process (default: the number of cores, at most 8).", lower_bound=0)


def _training(define: _Define) -> None:
    define("float", "max_minutes", None, "Training ends after so many minutes (default: 60 with "
           "--sl_training and neither --max_updates nor --max_epochs).", lower_bound=0)
    define("float", "learning_rate", None, "Step size of the optimizer (default: the learner's).",
           lower_bound=0)
    define("float", "gradient_clipping", None, "Greatest norm of a gradient (default: the "
           "learner's).", lower_bound=0)
    define("integer", "unroll_len", None, "Agent steps of a game between two updates, or actions "
           "of a window of data (default: 16).", lower_bound=1)


def _supervised(define: _Define) -> None:
    define("string", "replay_hkl_file_path", "./dataset/simple64/", "Folder of the .hkl files that "
           "trajectory_generator.py has made.")
    define("integer", "batch_size", None, "Episodes that are learned from side by side (default: "
           "8).", lower_bound=1)
    define("integer", "max_updates", None, "Training ends after so many updates, those before "
           "--load included.", lower_bound=1)
    define("integer", "max_epochs", None, "Training ends when the data was seen so often.",
           lower_bound=1)
    define("enum", "schedule", "cosine", "What becomes of the learning rate after the warm-up; "
           "linear and cosine keep a twentieth of it in the end.", enum_values=SCHEDULES)
    define("integer", "warmup_updates", 100, "Updates in which the learning rate rises to its full "
           "size.", lower_bound=0)
    define("integer", "decay_updates", 10_000, "Updates after which a linear or cosine schedule "
           "has reached its end; an hour on two cores does about as many.", lower_bound=0)
    define("float", "l2", 1e-5, "Weight of half the sum of the squared weights.", lower_bound=0)
    define("list", "head_weights", ["uniform", "delay=0.3"], "How much each head counts: uniform, "
           "or the published sets unplugged or di_star, or any of action_type, delay, flat, "
           "sequence, pointer, place as NAME=NUMBER, or both, with commas: unplugged,place=20.")
    define("float", "label_smoothing", 0.0, "Share of each target that is spread over all allowed "
           "choices.", lower_bound=0, upper_bound=1)
    define("integer", "num_parts", 1, "Parts that a batch is worked through in, gradients added "
           "up: less memory, the same update.", lower_bound=1)
    define("boolean", "mixed_precision", False, "Computes products in 16 bits on a GPU.")
    define("float", "validation_share", 0.1, "Share of the matches that is kept for validation.",
           lower_bound=0, upper_bound=0.9)
    define("integer", "validation_interval", 500, "Updates between two validations.",
           lower_bound=1)
    define("integer", "validation_batches", 100, "Batches of a validation at most.", lower_bound=1)
    define("integer", "patience", 20, "Training ends when so many validations in a row were no "
           "better than the best; 0 never ends it.", lower_bound=0)
    define("float", "build_order_share", 0.8, "Share of the episodes in which the agent is told "
           "the build order that it will follow.", lower_bound=0, upper_bound=1)
    define("float", "statistics_share", 0.5, "Share of the episodes in which it is told what it "
           "will have had by the end.", lower_bound=0, upper_bound=1)
    define("boolean", "winners_only", False, "Learns from players who won alone.")
    define("string", "fine_tune", None, "Checkpoint whose network a new training begins with.")


def _playing(define: _Define) -> None:
    define("integer", "num_environments", 32, "Games that are played at once.", lower_bound=1)
    define("integer", "max_agent_steps", None, "Training ends after so many agent steps, those "
           "before --load included (default: what the environment needs; 1000000 for maps of "
           "StarCraft II).", lower_bound=1)
    define("float", "target_score", None, "Training ends when the mean score of the last 100 "
           "episodes reaches this.")
    define("float", "entropy_cost", None, "Weight of the entropy bonus at the start (default: the "
           "learner's).", lower_bound=0)
    define("string", "teacher_path", None, "Workspace or checkpoint of a trained agent of the same "
           "environment: the agent's choices are kept close to what that one would have done.")
    define("float", "kl_cost", None, "Weight of the distance from the teacher at the start "
           f"(default: {KL_COST} with --teacher_path).", lower_bound=0)
    define("integer", "kl_decay_steps", 0, "Agent steps after which --kl_cost has fallen linearly "
           "to 0; 0 keeps it as it is.", lower_bound=0)
    define("float", "discount", None, "What a reward one agent step later is worth (default: the "
           "learner's).", lower_bound=0, upper_bound=1)


def _evaluation(define: _Define) -> None:
    define("boolean", "greedy", False, "Plays the likeliest action instead of sampling it.")
    define("float", "temperature", None, "Below 1 the sampled actions, but for their delay, are "
           "likelier ones (default: 0.8 after supervised learning, as AlphaStar; else 1).",
           lower_bound=0.01)
    define("enum", "opponent_difficulty", "very_easy", "The computer player on maps for two "
           "players.", enum_values=DIFFICULTIES)
    define("enum", "opponent_race", "random", "Its race; the embedded game has Terran alone.",
           enum_values=RACES)
    define("string", "against", None, "Checkpoint of another agent that plays matches in place of "
           "the computer player.")
    define("string", "follow", None, "Folder of .hkl files; in each match against the computer "
           "player the agent is told the strategy of one of them (default: of those that it "
           f"learned from, if it was told any; {NOTHING} tells it none).")
    define("integer", "mmr", None, "Rating that the agent is told to play like, on maps for two "
           "players.", lower_bound=0)
    define("integer", "action_limit", None, "Actions that the agent may do in any 5 seconds of a "
           "match; AlphaStar had 22.", lower_bound=1)
    define("integer", "reaction_game_loops", 0, "Game loops between what the agent sees in a match "
           "and what it does about it.", lower_bound=0)
    define("boolean", "visualize", False, "Shows the evaluation in pysc2's window.")
    define("string", "video", None, "File for a clip of the evaluation, .mp4 or .gif.")
    define("string", "save_replays", None, "Folder for a replay of every evaluated episode.")


_SECTIONS: dict[str, Callable[[_Define], None]] = {
    "What is done": _tasks,
    "Agent and game": _game,
    "Machine and workspace": _machine,
    "Training of both kinds": _training,
    "Supervised learning": _supervised,
    "Learning by playing": _playing,
    "Evaluation": _evaluation,
}
"""By title, in the order of the list that --help shows."""
