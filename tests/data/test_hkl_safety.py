"""Reading a file never runs what the file says, wherever hickle or HDF5 would follow it."""

import os
import pickle
import warnings

import h5py
import hickle
import numpy as np
import pytest

from data import hkl, hkl_layout, seal
from data.seal import EpisodeError
from tests.data import episodes


class Malice:
    """Makes a file when it is unpickled."""

    def __init__(self, mark):
        self._mark = str(mark)

    def __reduce__(self):
        return os.mkdir, (self._mark,)


def _seal(path, write):
    """Makes a sealed HDF5 file by `write(file)`."""
    with h5py.File(path, "w", userblock_size=seal.BLOCK_BYTES) as file:
        write(file)
    data = bytearray(path.read_bytes())
    seal.seal(data)
    path.write_bytes(data)


def _assert_refused(path, mark, words):
    """Refused for this reason with nothing run, though hickle would run it."""
    with pytest.raises(EpisodeError, match=words):
        hkl.check(path)
    with pytest.raises(EpisodeError, match=words):
        hkl.read(path)
    assert not mark.exists()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            hickle.load(path)
        except ValueError:
            pass  # it complains about what it has got after it has run it
    assert mark.exists(), "this file is harmless, so the test says nothing"


def test_an_object_that_hickle_pickles(tmp_path):
    mark, path = tmp_path / "mark", tmp_path / "a.hkl"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _seal(path, lambda file: hickle.dump({"observation": Malice(mark)}, file))
    _assert_refused(path, mark, "could run code")


def test_an_object_in_an_episode(tmp_path):
    mark, path = tmp_path / "mark", tmp_path / "a.hkl"

    def change(file):
        node = file['data/"metadata"'].create_dataset(
            '"more"', data=np.frombuffer(pickle.dumps(Malice(mark)), "V1"))
        node.attrs.update({"key_idx": 99, "key_base_type": b"str"})
        for name in ('"dropped"', '"inferred"'):
            node.attrs["key_idx"] = file['data/"metadata"'][name].attrs["key_idx"]
            del file['data/"metadata"'][name]
            break

    episodes.tamper(path, change)
    _assert_refused(path, mark, "more has no type: hickle would read it as a pickled object")


def test_a_type_that_is_a_call(tmp_path):
    mark, path = tmp_path / "mark", tmp_path / "a.hkl"

    def change(file):
        table = file["hickle_types_table"]
        name = next(name for name in table if name.isdigit())
        base = table[name].attrs["base_type"]
        pickled = np.frombuffer(pickle.dumps(Malice(mark)), "S1")[np.newaxis]
        fake = table.create_dataset("99", data=pickled)
        fake.attrs["base_type"] = base
        file["data"].attrs["type"] = fake.ref

    episodes.tamper(path, change)
    _assert_refused(path, mark, "99 pickles another type")


def test_an_attribute_that_is_a_pickle(tmp_path):
    """How hickle 4 noted types, which hickle 5 still reads."""
    mark, path = tmp_path / "mark", tmp_path / "a.hkl"

    def change(file):
        file["data"].attrs["type"] = np.void(pickle.dumps(Malice(mark)))

    episodes.tamper(path, change)
    _assert_refused(path, mark, "hickle would unpickle it")


def test_other_versions_of_hickle(tmp_path):
    path = tmp_path / "a.hkl"
    for change, words in (
            (lambda file: file.attrs.update({"HICKLE_VERSION": "4.0.4"}), "expected 5"),
            (lambda file: file.attrs.update({"CLASS": "hickle", "VERSION": "3.0.0",
                                             "PYTHON_VERSION": "3"}), "not those of hickle 5")):
        episodes.tamper(path, change)
        with pytest.raises(EpisodeError, match=words):
            hkl.check(path)


def _replace(file, name, create):
    """Puts a dataset of `create(parent, key)` in place of another, with its attributes."""
    parent, _, key = f'data/{name}'.rpartition("/")
    attributes = dict(file[parent][key].attrs)
    del file[parent][key]
    create(file[parent], key)
    file[parent][key].attrs.update(attributes)


def _virtual(parent, key):
    layout = h5py.VirtualLayout((30,), "int32")
    layout[:] = h5py.VirtualSource("/etc/passwd", "data", (30,))
    parent.create_virtual_dataset(key, layout)


_CHANGES = {
    "external link": (lambda f: f['data/"metadata"'].__setitem__(
        '"race"', h5py.ExternalLink("other.h5", "/")) if f['data/"metadata"'].pop(
            '"race"', None) else None, "ExternalLink"),
    "soft link": (lambda f: (f.move('data/"reward"', 'data/"r"'), f["data"].__setitem__(
        '"reward"', h5py.SoftLink('/data/"r"'))), "SoftLink"),
    "loop": (lambda f: f['data/"metadata"'].__setitem__('"loop"', f['data/"metadata"']),
             "deeper than 4"),
    "virtual": (lambda f: _replace(f, '"game_loop"', _virtual), "virtual"),
    "external storage": (lambda f: _replace(f, '"game_loop"', lambda p, k: p.create_dataset(
        k, (30,), "int32", external=[("/etc/passwd", 0, 120)])), "in other files"),
    "objects": (lambda f: _replace(f, '"game_loop"', lambda p, k: p.create_dataset(
        k, data=["text"] * 30, dtype=h5py.string_dtype())), "of the type object"),
    "compound": (lambda f: _replace(f, '"game_loop"', lambda p, k: p.create_dataset(
        k, data=np.zeros(30, [("a", "i4")]))), "of the type"),
    "raw bytes": (lambda f: _replace(f, '"game_loop"', lambda p, k: p.create_dataset(
        k, data=np.zeros(30, "V4"))), "of the type"),
    "references": (lambda f: _replace(f, '"game_loop"', lambda p, k: p.create_dataset(
        k, (30,), h5py.ref_dtype)), "of the type"),
    "filter": (lambda f: _replace(f, '"game_loop"', lambda p, k: p.create_dataset(
        k, data=np.zeros(30, "i4"), compression="lzf")), "filters"),
    "huge": (lambda f: _replace(f, '"game_loop"', lambda p, k: p.create_dataset(
        k, (1 << 50,), "int32", chunks=(1 << 10,))), "more than 17179869184"),
    "huge chunks": (lambda f: _replace(f, '"game_loop"', lambda p, k: p.create_dataset(
        k, (1 << 28,), "int32", chunks=(1 << 28,))), "chunks of 1073741824"),
    "growing": (lambda f: _replace(f, '"game_loop"', lambda p, k: p.create_dataset(
        k, (30,), "int32", maxshape=(None,), chunks=(30,))), "can grow"),
    "place in a dictionary": (lambda f: f['data/"reward"'].attrs.update({"key_idx": 10**12}),
                              "key_idx is 1000000000000"),
    "length of a list": (lambda f: f['data/"metadata"/"inferred"'].attrs.update(
        {"num_items": 10**12}), "not as many items"),
    "place in a list": (lambda f: f['data/"metadata"/"inferred"/data0'].attrs.update(
        {"item_index": 10**12}), "item_index is 1000000000000"),
    "other type": (lambda f: f['data/"game_loop"'].attrs.update({"np_dtype": b"|O"}),
                   "another type than it is"),
    "unknown attribute": (lambda f: f['data/"game_loop"'].attrs.update({"more": 1}),
                          "attributes.*more"),
    "many nodes": (lambda f: [f['data/"metadata"'].create_group(str(i)) for i in range(2000)],
                   "more than 1000 nodes"),
    "missing": (lambda f: f["data"].__delitem__('"reward"'), "key_idx|expected"),
    "other length": (lambda f: _replace(f, '"game_loop"', lambda p, k: p.create_dataset(
        k, data=np.zeros(29, "i4"))), "is .* expected"),
    "action out of range": (lambda f: f['data/"action"/"queued"'].__setitem__(3, 2), None),
    "specs of others": (lambda f: f['data/"spec"/"observation"'].__setitem__(
        (0, 0), b"x"), "fingerprints"),
}


@pytest.mark.parametrize("name", _CHANGES)
def test_what_an_episode_must_not_hold(tmp_path, name):
    change, words = _CHANGES[name]
    episodes.tamper(tmp_path / "a.hkl", change)
    with pytest.raises(EpisodeError, match=words):
        hkl.read(tmp_path / "a.hkl")


def test_windows_check_their_actions(tmp_path):
    episodes.tamper(tmp_path / "a.hkl", _CHANGES["action out of range"][0])
    with hkl.EpisodeReader(tmp_path / "a.hkl") as reader:
        reader.read(0, 3)
        with pytest.raises(EpisodeError, match="'queued': values must be in"):
            reader.read(2, 5)


def test_a_change_that_changes_nothing_is_read(tmp_path):
    """The tampering itself is not what is refused above."""
    episodes.tamper(tmp_path / "a.hkl", lambda file: _replace(
        file, '"game_loop"', lambda parent, key: parent.create_dataset(
            key, data=episodes.small().game_loops)))
    episodes.assert_equal(hkl.read(tmp_path / "a.hkl"), episodes.small())


def test_nothing_is_unpickled(tmp_path, monkeypatch):
    hkl.write(tmp_path / "a.hkl", episodes.small())

    def forbidden(*_, **__):
        raise AssertionError("unpickled")

    for module in (pickle, hkl_layout.pickle):
        monkeypatch.setattr(module, "loads", forbidden)
        monkeypatch.setattr(module, "load", forbidden)
        monkeypatch.setattr(module, "Unpickler", forbidden)
    monkeypatch.setattr(hickle, "load", forbidden)
    hkl.read(tmp_path / "a.hkl")
