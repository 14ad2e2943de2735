"""What every test starts from."""

import os

# TensorFlow's and pygame's greetings would hide what a failing test prints.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
# The tests need no graphics card, and one that is there must not change what they measure.
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
