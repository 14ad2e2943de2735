"""What an hkl file may consist of: checked node by node before anything is taken from it.

hickle notes the Python type of every node by a pickle of the type, reads what it cannot express
otherwise from a pickle of the object, and for files of its older versions finds such pickles in
attributes: whoever writes the file chooses what `hickle.load` runs. HDF5 itself can point to other
files. `read_tree` accepts none of this: it compares the pickled types with the few that it knows,
byte by byte, and unpickles nothing. What it accepts, `hickle.load` can read without danger too.

Source of the layout: hickle 5.0.3, `hickle.py`, `lookup.py` and `loaders`.
"""

import math
import pickle  # for the bytes of known types; nothing is ever unpickled
from collections.abc import Callable
from typing import Any, NamedTuple

import h5py
import numpy as np

MAX_NODES = 1000
MAX_ARRAY_BYTES = 1 << 34
MAX_CHUNK_BYTES = 1 << 24
_MAX_TEXT_BYTES = 1 << 22
_MAX_DEPTH = 4

_TYPES = {"dict": dict, "list": list, "str": str, "int": int, "float": float, "bool": bool,
          "None": type(None), "ndarray": np.ndarray}
_PICKLED_TYPES = {pickle.dumps(python_type, protocol): name
                  for name, python_type in _TYPES.items() for protocol in (4, 5)}
_ARRAY_DTYPES = frozenset(np.dtype(name).str for name in (
    "bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64",
    "float32", "float64"))
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE}
_LAYOUTS = {h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED}


class LayoutError(Exception):
    """The file holds something that an episode file must not hold; the text says what."""


class _Node(NamedTuple):
    """A group or dataset with its attributes, each read once; bytes are read as text."""

    object: Any
    attributes: dict[str, Any]


def read_tree(file: h5py.File) -> dict[str, Any]:
    """Checks every node of a file.

    Args:
        file: open for reading.

    Returns:
        What `hickle.load` would return, with `h5py.Dataset` in place of arrays.

    Raises:
        LayoutError: something else than plain values and arrays, or more than a file may have.
    """
    root = _node(file)
    _require(set(root.attributes) == {"HICKLE_VERSION", "HICKLE_PYTHON_VERSION"},
             f"the file has the attributes {sorted(root.attributes)}, which are not those of "
             "hickle 5")
    version = root.attributes["HICKLE_VERSION"]
    _require(isinstance(version, str) and version.startswith("5."),
             f"the file is of hickle {version!r}, expected 5")
    walk = _Walk()
    nodes = walk.children(root, "")
    _require(set(nodes) == {"data", "hickle_types_table"},
             f"the file has {sorted(nodes)}, expected data and hickle_types_table")
    walk.read_types(nodes["hickle_types_table"])
    tree = walk.value(nodes["data"], "data", set(), 0)
    _require(isinstance(tree, dict), "the data are no dictionary")
    return tree


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise LayoutError(otherwise)


def _node(opened: Any) -> _Node:
    attributes = {}
    for name, value in opened.attrs.items():
        if isinstance(value, bytes):  # np.bytes_ among them
            value = value.decode(errors="backslashreplace")
        elif isinstance(value, np.number):
            value = value.item()
        attributes[name] = value
    return _Node(opened, attributes)


class _Walk:
    """One walk through a file; counts nodes, so that it ends in whatever loops they are linked."""

    def __init__(self):
        self._num_nodes = 0
        self._types: dict[Any, str] = {}
        self._readers: dict[str, Callable[[_Node, str, int], Any]] = {
            "dict": self._dict, "list": self._list, "str": _text, "int": _scalar,
            "float": _scalar, "bool": _scalar, "None": _none, "ndarray": _array}

    def children(self, group: _Node, where: str) -> dict[str, _Node]:
        """The nodes of a group; only those that are in this file and in no other place of it."""
        _require(isinstance(group.object, h5py.Group), f"{where} is no group")
        self._num_nodes += len(group.object)
        _require(self._num_nodes <= MAX_NODES, f"the file has more than {MAX_NODES} nodes")
        nodes = {}
        for name in group.object:
            link = group.object.get(name, getlink=True)
            _require(type(link) is h5py.HardLink,
                     f"{where}/{name} is a {type(link).__name__}, which can lead out of the file")
            nodes[name] = _node(group.object[name])
        return nodes

    def read_types(self, table: _Node) -> None:
        """Learns which node of the table stands for which type."""
        entries = self.children(table, "hickle_types_table")
        bases = {name: node for name, node in entries.items() if not name.isdigit()}
        for name, node in bases.items():
            _require(name in _TYPES, f"hickle's loader {name!r} is not among "
                     f"{', '.join(_TYPES)}: what it reads could run code")
            _check_storage(node, f"hickle_types_table/{name}")
            _require(node.object.shape is None and not node.attributes,
                     f"the loader {name!r} is no marker")
        for name, node in entries.items():
            if name in bases:
                continue
            where = f"hickle_types_table/{name}"
            _check_storage(node, where)
            _require(node.object.dtype.str == "|S1" and node.object.shape is not None
                     and node.object.size < 256, f"{where} is no type")
            known = _PICKLED_TYPES.get(node.object[()].tobytes())
            _require(known is not None, f"{where} pickles another type than "
                     f"{', '.join(_TYPES)}: unpickling it could run code")
            _require(set(node.attributes) == {"base_type"} and known in bases
                     and _target(node, "base_type") == bases[known].object,
                     f"{where} is not read by hickle's loader {known!r}")
            self._types[node.object.id] = known

    def value(self, node: _Node, where: str, attributes: set[str], depth: int) -> Any:
        """What a node means.

        Args:
            node: of the file.
            where: how errors name it.
            attributes: those that the parent has read; `type` and those of the type may be there.
            depth: of dictionaries and lists above it.
        """
        _require(depth <= _MAX_DEPTH, f"{where} lies deeper than {_MAX_DEPTH}")
        _require("type" in node.attributes, f"{where} has no type: hickle would read it as a "
                 "pickled object or a reference, and unpickling could run code")
        known = self._types.get(_target(node, "type").id)
        _require(known is not None, f"{where} has a type that is not in hickle's table")
        own = {"list": {"num_items"}, "str": {"str_type"}, "ndarray": {"np_dtype"}}
        extra = set(node.attributes) - {"type"} - attributes - own.get(known, set())
        _require(not extra, f"{where} has the attributes {sorted(extra)}, which are not known")
        return self._readers[known](node, where, depth)

    def _dict(self, group: _Node, where: str, depth: int) -> dict[str, Any]:
        """A dictionary; keys are text. hickle makes room for `key_idx` items: it must be small."""
        nodes = self.children(group, where)
        items = []
        for name, node in nodes.items():
            _require(len(name) > 2 and name[0] == name[-1] == '"'
                     and node.attributes.get("key_base_type") == "str",
                     f"{where}/{name} is no item with a text as its key")
            items.append((_index(node, "key_idx", len(nodes), where), name[1:-1], self.value(
                node, f"{where}/{name[1:-1]}", {"key_idx", "key_base_type"}, depth + 1)))
        _require(len({index for index, _, _ in items}) == len(items), f"{where} has two items at "
                 "one place")
        return {name: value for _, name, value in sorted(items, key=lambda item: item[0])}

    def _list(self, node: _Node, where: str, depth: int) -> list[Any]:
        """A list; an empty one is a dataset without a shape."""
        if isinstance(node.object, h5py.Dataset):
            _check_storage(node, where)
            _require(node.object.shape is None and node.object.dtype == np.dtype(int),
                     f"{where} is no list")
            return []
        nodes = self.children(node, where)
        _require(node.attributes.get("num_items") == len(nodes), f"{where} has not as many items "
                 "as it says")
        items = {_index(item, "item_index", len(nodes), where): self.value(
            item, f"{where}/{name}", {"item_index"}, depth + 1) for name, item in nodes.items()}
        _require(len(items) == len(nodes), f"{where} has two items at one place")
        return [items[index] for index in range(len(items))]


def _target(node: _Node, attribute: str) -> Any:
    reference = node.attributes[attribute]
    _require(type(reference) is h5py.Reference and bool(reference),
             f"{node.object.name}: the attribute {attribute} is a {type(reference).__name__}, "
             "not a reference: hickle would unpickle it")
    return node.object.file[reference]


def _index(node: _Node, name: str, length: int, where: str) -> int:
    index = node.attributes.get(name)
    _require(type(index) is int and 0 <= index < length, f"{where}: {name} is {index!r}, expected "
             f"a number below {length}")
    return index


def _check_storage(node: _Node, where: str) -> None:
    """Raises LayoutError unless a dataset lies in this file, with sizes and filters that we use."""
    dataset = node.object
    _require(isinstance(dataset, h5py.Dataset), f"{where} is no dataset")
    properties = dataset.id.get_create_plist()
    layout = properties.get_layout()
    _require(layout in _LAYOUTS, f"{where} is a virtual dataset, made of other files")
    _require(properties.get_external_count() == 0, f"{where} has its data in other files")
    filters = {properties.get_filter(i)[0] for i in range(properties.get_nfilters())}
    _require(filters <= _FILTERS, f"{where} has the filters {sorted(filters - _FILTERS)}; only "
             "gzip and shuffle are read")
    shape = dataset.shape
    _require(shape == dataset.maxshape, f"{where} can grow")
    item_bytes = dataset.id.get_type().get_size()
    num_bytes = item_bytes * math.prod(shape or ())
    _require(num_bytes <= MAX_ARRAY_BYTES, f"{where} has {num_bytes} bytes, more than "
             f"{MAX_ARRAY_BYTES}")
    if layout == h5py.h5d.CHUNKED:
        chunk_bytes = item_bytes * math.prod(properties.get_chunk())
        _require(chunk_bytes <= MAX_CHUNK_BYTES, f"{where} has chunks of {chunk_bytes} bytes, more "
                 f"than {MAX_CHUNK_BYTES}")


def _array(node: _Node, where: str, depth: int) -> h5py.Dataset:
    _check_storage(node, where)
    dtype = node.object.dtype
    _require(node.object.shape is not None and dtype.metadata is None
             and dtype.str in _ARRAY_DTYPES,
             f"{where} is of the type {dtype}; expected whole numbers, numbers or booleans")
    _require(node.attributes.get("np_dtype") == dtype.str,
             f"{where} says that it is of another type than it is")
    return node.object


def _text(node: _Node, where: str, depth: int) -> str:
    _check_storage(node, where)
    dataset = node.object
    _require(dataset.dtype.str == "|S1" and dataset.shape is not None and len(dataset.shape) == 2
             and dataset.shape[0] == 1 and dataset.size <= _MAX_TEXT_BYTES
             and node.attributes.get("str_type") == "str", f"{where} is no text")
    return dataset[()].tobytes().decode("utf8")


def _scalar(node: _Node, where: str, depth: int) -> int | float | bool:
    _check_storage(node, where)
    _require(node.object.shape == () and node.object.dtype.str in ("<i8", "<f8", "|b1"),
             f"{where} is no number")
    return node.object[()].item()


def _none(node: _Node, where: str, depth: int) -> None:
    _check_storage(node, where)
    _require(node.object.shape is None, f"{where} is not nothing")
