"""Runs one of pysc2's own tests or programs, unmodified, from the installed package.

    python tests/minisc2/run_pysc2_test.py in_process ping_test
    python tests/minisc2/run_pysc2_test.py in_process bin.replay_info FOLDER
    SC2PATH=FOLDER python tests/minisc2/run_pysc2_test.py socket random_agent_test -- -v

Arguments after the module go to the module, for example the name of a single test.
"""

import pathlib
import runpy
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from environment import pysc2_compat


def main(transport: str, module: str, *arguments: str) -> None:
    """Runs `pysc2.tests.<module>`, or `pysc2.<module>` if it has a dot, as the main program.

    It exits with its own status.
    """
    pysc2_compat.install()
    sys.argv = [module, *arguments]
    if transport == "in_process":
        from minisc2 import run_config
        sys.argv.append(f"--sc2_run_config={run_config.Minisc2.name()}")
    elif transport != "socket":
        sys.exit(f"Unknown transport {transport!r}; expected in_process or socket.")
    name = f"pysc2.{module}" if "." in module else f"pysc2.tests.{module}"
    runpy.run_module(name, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
