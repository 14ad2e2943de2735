"""Holds the house together: who may import whom, what lies where, how long a file may be.

| floor | rooms | may import |
| 6 | run.py | everything; nobody imports it |
| 5 | commands/ | the parts of run.py: everything below |
| 4 | agent.py, trajectory_generator.py | all below |
| 3 | network.py, learners/, ... | network: layers, specs; learners: losses, specs |
| 2 | data/, environment/starcraft*, environment/gym* | the codecs, minisc2 where a game is chosen |
| 1 | layers/, losses/, the codecs in environment/ | floor 0, never each other |
| 0 | environment/specs.py | NumPy |
| - | minisc2/ | nothing of ours |
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOP_LEVEL = {
    "run.py", "trajectory_generator.py", "agent.py", "network.py", "utils.py",
    "commands", "layers", "losses", "learners", "environment", "data", "evaluation", "minisc2",
    "tests", "image", "docs",
    "Makefile", "requirements.txt", "pyproject.toml", "README.md", "CONTRIBUTING.md", "LICENSE",
}
PACKAGES = {"run", "trajectory_generator", "commands", "agent", "network", "utils", "layers",
            "losses", "learners", "environment", "data", "evaluation", "minisc2", "tests"}
PLAYING = {"environment", "data", "evaluation", "learners", "layers", "losses", "network", "utils"}

# The longest prefix of a file decides what of ours it may import.
MAY_IMPORT = {
    "run.py": PLAYING | {"agent", "commands"},
    "commands/": PLAYING | {"agent", "commands"},
    "trajectory_generator.py": PLAYING | {"agent", "minisc2"},
    "agent.py": PLAYING,
    "network.py": {"layers", "environment.specs"},
    "utils.py": {"environment", "data"},
    "learners/": {"learners", "losses", "environment.specs"},
    # Two agents meet there, so it compares their specs.
    "learners/teacher.py": {"environment.specs", "environment.spec_differences"},
    # A command line of its own: it measures the whole way from files to updates.
    "learners/benchmark.py": {"learners", "losses", "environment", "data", "agent", "network"},
    "evaluation/": {"evaluation", "environment", "data"},
    "evaluation/watching.py": {"evaluation", "environment", "data", "minisc2.display"},
    "data/": {"data", "environment"},
    "data/inspect.py": {"data", "environment", "evaluation"},
    "environment/": {"environment"},
    "environment/starcraft": {"environment", "minisc2"},
    "environment/specs.py": set(),
    "environment/pysc2_compat.py": set(),
    "environment/actions.py": {"environment.specs", "environment.pysc2_compat"},
    # The vocabulary: which column of an array is which of the game's ids.
    "environment/observation": {"environment.specs", "environment.pysc2_compat",
                                "environment.observation_arrays", "environment.vocabulary"},
    "layers/": {"layers", "environment.specs"},
    "losses/": {"losses", "environment.specs"},
    "minisc2/": {"minisc2"},
}
WITHOUT_TENSORFLOW = ("environment/", "minisc2/", "data/hkl", "run.py", "commands/", "utils.py")
"""What worker processes load, and what answers `--help`: TensorFlow takes seconds to import."""


def source_files() -> list[str]:
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"], cwd=ROOT,
        capture_output=True, text=True, check=False).stdout.split()
    files = tracked or [str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py")
                        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)]
    return sorted(name for name in files if (ROOT / name).exists())


def imported(tree: ast.AST) -> set[str]:
    """Full names of what is imported: `from a import b` counts as `a.b`."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imported_at_import(tree: ast.Module) -> set[str]:
    """What importing the module imports: not what its functions import when they are called."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

    def outside_functions(node):
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, functions):
                yield child
                yield from outside_functions(child)

    return set().union(*(imported(ast.Module([node], [])) for node in outside_functions(tree)
                         if isinstance(node, ast.Import | ast.ImportFrom)))


def may_import(file: str) -> set[str]:
    return MAY_IMPORT[max((prefix for prefix in MAY_IMPORT if file.startswith(prefix)), key=len)]


def is_allowed(name: str, allowed: set[str]) -> bool:
    return name.split(".")[0] not in PACKAGES or any(
        f"{name}.".startswith(f"{prefix}.") for prefix in allowed)


CODE = [name for name in source_files() if not name.startswith("tests/")]


@pytest.mark.parametrize("file", CODE)
def test_rooms_import_only_from_lower_floors(file):
    allowed = may_import(file)
    names = imported(ast.parse((ROOT / file).read_text()))
    assert not [name for name in sorted(names) if not is_allowed(name, allowed)]


@pytest.mark.parametrize("file", [name for name in CODE if name.startswith(WITHOUT_TENSORFLOW)])
def test_importing_it_does_not_load_tensorflow(file):
    names = imported_at_import(ast.parse((ROOT / file).read_text()))
    heavy = {"tensorflow", "keras", "tf_keras", "tensorflow_probability", "agent", "network",
             "learners", "layers", "losses"}
    assert not {name.split(".")[0] for name in names} & heavy


def test_the_rules_catch_what_they_forbid():
    def broken(file, source):
        return [name for name in imported(ast.parse(source))
                if not is_allowed(name, may_import(file))]

    assert broken("learners/a.py", "import agent") == ["agent"]
    assert broken("learners/a.py", "from environment import starcraft")
    assert not broken("learners/a.py", "from environment import specs\nfrom losses import value")
    assert broken("losses/a.py", "from layers import scatter")
    assert broken("evaluation/a.py", "import utils")
    assert broken("minisc2/a/b.py", "from environment.specs import Kind")
    assert broken("environment/actions.py", "import minisc2.maps")
    assert not broken("environment/starcraft_game.py", "import minisc2.maps")
    assert broken("agent.py", "def f():\n    import run")
    assert imported_at_import(ast.parse("import a\ndef f():\n    import b\nclass C:\n    import c"
                                        )) == {"a", "c"}


def test_nobody_imports_the_command_lines():
    for file in CODE:
        names = {name.split(".")[0] for name in imported(ast.parse((ROOT / file).read_text()))}
        assert not names & {"run", "trajectory_generator"}, file


def test_top_level_is_the_layout():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True,
                             check=False).stdout.split("\n")
    if tracked == [""]:
        pytest.skip("not a git checkout")
    visible = {name.split("/")[0] for name in tracked if name and not name.startswith(".")}
    assert visible <= TOP_LEVEL


@pytest.mark.parametrize("file", source_files())
def test_files_stay_short_and_import_no_stars(file):
    text = (ROOT / file).read_text()
    assert text.count("\n") < 700
    assert not [name for name in imported(ast.parse(text)) if name.endswith(".*")]


def test_ruff_finds_nothing():
    result = subprocess.run([sys.executable, "-m", "ruff", "check", "--output-format", "concise"],
                            cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
