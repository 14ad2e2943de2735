"""Pure functions of tensors: returns, policy gradient, value and entropy losses.

Time-major: [T, B] per step. No function here knows a model, reads a setting, logs, or reduces over
time or batch, except those of `losses.masking` which exist to do that.
"""
