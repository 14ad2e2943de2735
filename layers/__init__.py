"""Blocks that the network is built of: one idea a file, plain Keras layers on TensorFlow."""
