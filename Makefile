# Every command sets itself up first: a virtual environment in .venv, made once and made again when
# requirements.txt changes. Needs Python 3.10 to 3.13 and make, nothing else.

VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed
DEMO := workspace/demo
DEMO_GAMES ?= 40
DEMO_MINUTES ?= 6
DEMO_MATCHES ?= 10
BEACON := workspace/demo-beacon
BEACON_MINUTES ?= 3
TEST_PROCESSES ?= 2
PYTEST_ARGS ?=

.PHONY: help demo demo-beacon test bench lint install clean

help:
	@echo "make demo    record $(DEMO_GAMES) matches, learn from them for $(DEMO_MINUTES) minutes, play $(DEMO_MATCHES), write a clip"
	@echo "make demo-beacon  train an agent on MoveToBeacon by playing, evaluate it, write a clip"
	@echo "make test    run every test in $(TEST_PROCESSES) processes (PYTEST_ARGS='-k actor' picks some)"
	@echo "make bench   measure the speed and the memory of the embedded game and of learning"
	@echo "make lint    check the style of the code"
	@echo "make install only make the virtual environment $(VENV)"
	@echo "make clean   remove the virtual environment"

# What is there already is not made again: delete $(DEMO) to begin anew.
demo: $(STAMP)
	$(PYTHON) -m minisc2.record --map Simple64 --player marine_rush --opponent easy \
	    --games $(DEMO_GAMES) --out $(DEMO)/replays --seed 1
	$(PYTHON) trajectory_generator.py --replay_path $(DEMO)/replays --saving_path $(DEMO)/dataset
	$(PYTHON) run.py --workspace_path $(DEMO) --environment Simple64 --training --sl_training \
	    --replay_hkl_file_path $(DEMO)/dataset --max_minutes $(DEMO_MINUTES) \
	    --decay_updates 1500 --validation_interval 100
	$(PYTHON) run.py --workspace_path $(DEMO) --environment Simple64 --load \
	    --episodes $(DEMO_MATCHES) --opponent_difficulty very_easy --video $(DEMO)/simple64.mp4
	$(PYTHON) -m evaluation.figures_curves $(DEMO)/curves.png $(DEMO) --title "Simple64, marine_rush"
	@echo "The clip is $(DEMO)/simple64.mp4, the curves are $(DEMO)/curves.png and more of them in $(VENV)/bin/tensorboard --logdir $(DEMO)/tensorboard"

demo-beacon: $(STAMP)
	$(PYTHON) run.py --workspace_path $(BEACON) --environment MoveToBeacon --training \
	    --max_minutes $(BEACON_MINUTES) --target_score 25
	$(PYTHON) run.py --workspace_path $(BEACON) --environment MoveToBeacon --load \
	    --episodes 20 --video $(BEACON)/move_to_beacon.mp4
	@echo "The clip is $(BEACON)/move_to_beacon.mp4; for the curves: $(VENV)/bin/tensorboard --logdir $(BEACON)/tensorboard"

test: $(STAMP)
	$(PYTHON) -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile $(PYTEST_ARGS)

bench: $(STAMP)
	$(PYTHON) -m minisc2.benchmark
	SC2_NO_STOPWATCH=1 $(PYTHON) -m minisc2.benchmark --only speed
	$(PYTHON) -m learners.benchmark

lint: $(STAMP)
	$(PYTHON) -m ruff check .

install: $(STAMP)

clean:
	rm -rf $(VENV)

# The first Python of a supported version makes the environment. The stamp is written last, so an
# installation that was cut short is done again.
$(STAMP): requirements.txt
	@found=""; \
	for candidate in python3 python3.13 python3.12 python3.11 python3.10 python; do \
	    if $$candidate -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' \
	        2>/dev/null; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "make: Python 3.10 to 3.13 is needed, found as python3: $$(python3 --version 2>/dev/null || echo nothing)." \
	         "Install one (python.org, your package manager or pyenv) and run make again." >&2; \
	    exit 1; \
	fi; \
	if ! $(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' \
	    2>/dev/null; then \
	    echo "Making $(VENV) with $$($$found --version)."; \
	    rm -rf $(VENV) && $$found -m venv $(VENV) || { \
	        echo "make: $$found cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv." >&2; \
	        exit 1; }; \
	fi
	@echo "Installing requirements.txt into $(VENV); this takes some minutes the first time."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@$(PYTHON) -W error -c 'import s2clientprotocol.sc2api_pb2'
	@touch $(STAMP)
