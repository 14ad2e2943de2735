"""pysc2 made ready for the command lines here that play through it."""

import importlib
import importlib.util


def prepare(program: str) -> None:
    """Readies pysc2's flags, and pysc2 itself on Pythons that it was not written for.

    Args:
        program: name of the program, for the flags.
    """
    # The shims live outside this package, which can be used without them where pysc2 needs none.
    if importlib.util.find_spec("environment") and importlib.util.find_spec(
            "environment.pysc2_compat"):
        importlib.import_module("environment.pysc2_compat").install()
    importlib.import_module("minisc2.run_config")
    importlib.import_module("absl.flags").FLAGS([program, "--sc2_run_config=Minisc2"])
