"""What scripted players read of an observation."""

import numpy as np
from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2.scripted import view as view_lib


def _image(pixels, bits):
    data = np.packbits(pixels).tobytes() if bits == 1 else pixels.astype(
        {8: np.uint8, 32: "<i4"}[bits]).tobytes()
    height, width = pixels.shape
    return common_pb2.ImageData(bits_per_pixel=bits, data=data,
                                size=common_pb2.Size2DI(x=width, y=height))


def _response():
    response = sc2api_pb2.ResponseObservation()
    types, relative, selected = (np.zeros((6, 5), int) for _ in range(3))
    types[1, 3] = 45
    types[2, 4] = 70_000  # more than two bytes
    types[4, 0] = 45
    relative[1, 3], relative[4, 0], relative[2, 4] = 1, 4, 3
    selected[5, 2] = 1
    renders = response.observation.feature_layer_data.renders
    renders.unit_type.CopyFrom(_image(types, 32))
    renders.player_relative.CopyFrom(_image(relative, 8))
    renders.selected.CopyFrom(_image(selected, 1))
    minimap = response.observation.feature_layer_data.minimap_renders
    minimap.player_relative.CopyFrom(_image(relative, 8))
    response.observation.player_common.player_id = 1
    return response


def test_layers_of_every_depth_are_read():
    view = view_lib.View(_response(), (0, 0))
    assert view.screen("unit_type")[2, 4] == 70_000
    assert view.screen("player_relative")[4, 0] == 4
    assert np.argwhere(view.screen("selected")).tolist() == [[5, 2]]


def test_pixels_are_x_and_y_of_types_and_owners():
    view = view_lib.View(_response(), (0, 0))
    assert view.pixels((45,)).tolist() == [[3, 1]]
    assert view.pixels((45,), relative=None).tolist() == [[3, 1], [0, 4]]
    assert view.dots(view_lib.ENEMY).tolist() == [[0, 4]]


def test_panels_are_read():
    response = _response()
    ui = response.observation.ui_data
    ui.production.unit.unit_type = 18
    ui.production.production_queue.add(ability_id=524, build_progress=0.25)
    ui.groups.add(control_group_index=4, leader_unit_type=21, count=3)
    view = view_lib.View(response, (0, 0))
    assert [unit.unit_type for unit in view.selected] == [18]
    assert (view.queue_length, view.queue_progress) == (1, 0.25)
    assert (view.group_size(4), view.group_size(5)) == (3, 0)
    assert view_lib.View(_response(), (0, 0)).selected == []


def test_outcome_is_that_of_the_player():
    response = _response()
    assert view_lib.View(response, (0, 0)).outcome is None
    response.player_result.add(player_id=2, result=sc2api_pb2.Victory)
    response.player_result.add(player_id=1, result=sc2api_pb2.Defeat)
    assert view_lib.View(response, (0, 0)).outcome == sc2api_pb2.Defeat
