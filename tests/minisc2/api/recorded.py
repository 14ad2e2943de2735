"""A real observation recorded by the authors of pysc2, where the reference data is at hand."""

import os
import pathlib

import pytest
from google.protobuf import text_format
from s2clientprotocol import sc2api_pb2

_FOLDERS = (os.environ.get("SC2_REFERENCE_DATA", ""),
            pathlib.Path(__file__).resolve().parents[4] / "shared" / "data")


def path(name: str) -> pathlib.Path:
    """A file of the reference data; skips the test where it is absent."""
    for folder in filter(None, _FOLDERS):
        if (pathlib.Path(folder) / name).exists():
            return pathlib.Path(folder) / name
    pytest.skip(f"{name} is not at hand: set SC2_REFERENCE_DATA to the reference data's folder")


def observation() -> sc2api_pb2.ResponseObservation:
    text = path("observations/obs_data1.pbtxt").read_text()
    return text_format.Parse(text, sc2api_pb2.ResponseObservation())
