"""Counts the arithmetic of a graph: what its matrix products and convolutions cost.

A product of [M, K] and [K, N] is 2 M K N operations: a multiplication and an addition each. What
works element by element, moves data or adds up is left out, and so are loops, whose number of
rounds only the data knows: the count is a lower bound.
"""

import collections
import math
from typing import Any

import tensorflow as tf

_PRODUCTS = ("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
_CONVOLUTIONS = ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter")
_UNCOUNTED = ("PartitionedCall", "StatefulPartitionedCall", "Einsum",
              "Conv3D", "DepthwiseConv2dNative", "SparseTensorDenseMatMul")


class UncountableError(ValueError):
    """A graph holds an operation whose cost is not known here."""


def count(concrete_function: Any, unknown_size: int | None = None) -> dict[str, int]:
    """Floating-point operations of a function, by the type of operation.

    Args:
        concrete_function: from `tf.function(...).get_concrete_function(...)`; what is not needed
            for its results may still be in it, and is left out.
        unknown_size: what every dimension is that only the data knows; None is not known.

    Returns:
        Operations by type, none of them 0.

    Raises:
        UncountableError: a shape is unknown, or a kind of product is not known here.
    """
    total: collections.Counter[str] = collections.Counter()
    for operation in _needed(concrete_function.graph):
        kind = operation.type
        if kind in _PRODUCTS:
            total[kind] += _product(operation, unknown_size)
        elif kind in _CONVOLUTIONS:
            total[kind] += _convolution(operation, unknown_size)
        elif kind in _UNCOUNTED:
            raise UncountableError(f"{operation.name}: the cost of {kind} is not known here.")
    return {kind: number for kind, number in total.items() if number}


def _needed(graph: tf.Graph) -> list[tf.Operation]:
    """The operations that the results depend on, and those that change something.

    Branches are not entered: what an update does under a condition is to apply its gradients,
    element by element.
    """
    wanted = [tensor.op for tensor in tf.nest.flatten(graph.outputs)]
    wanted += [operation for operation in graph.get_operations()
               if operation.type.startswith("Assign") or operation.type in ("If", "StatelessIf")]
    seen = set()
    while wanted:
        operation = wanted.pop()
        if operation not in seen:
            seen.add(operation)
            wanted += [tensor.op for tensor in operation.inputs]
            wanted += operation.control_inputs
    return list(seen)


def _shape(operation: tf.Operation, tensor: tf.Tensor, unknown_size: int | None) -> list[int]:
    shape = tensor.shape.as_list() if tensor.shape.rank is not None else None
    if shape is None or (None in shape and unknown_size is None):
        raise UncountableError(f"{operation.name}: the shape {tensor.shape} is not known before it "
                               "runs. Trace the function with the shapes of a batch.")
    return [unknown_size if size is None else size for size in shape]


def _product(operation: tf.Operation, unknown_size: int | None) -> int:
    transposed = operation.get_attr("transpose_a" if operation.type == "MatMul" else "adj_x")
    left = _shape(operation, operation.inputs[0], unknown_size)
    result = _shape(operation, operation.outputs[0], unknown_size)
    return 2 * left[-2 if transposed else -1] * math.prod(result)


def _convolution(operation: tf.Operation, unknown_size: int | None) -> int:
    """All three do the same products: each element of the result with each of the filter."""
    if operation.type == "Conv2D":
        kernel, result = operation.inputs[1], operation.outputs[0]
    elif operation.type == "Conv2DBackpropInput":
        kernel, result = operation.inputs[1], operation.inputs[2]
    else:
        kernel, result = operation.outputs[0], operation.inputs[2]
    height, width, num_inputs, _ = _shape(operation, kernel, unknown_size)
    return 2 * height * width * num_inputs * math.prod(_shape(operation, result, unknown_size))
