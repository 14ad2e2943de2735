"""How large the networks are: `tiny` for tests, `small` for a CPU, `full` about as published.

Source of `full`: AlphaStar (Nature 2019), supplementary architecture description; the FullyConv
agent of SC2LE (Vinyals et al. 2017), section 4.3.
"""

import dataclasses
from collections.abc import Mapping

from layers import pyramid, stage_heads


@dataclasses.dataclass(frozen=True)
class FullyConvSizes:
    """Sizes of `fullyconv`.

    Attributes:
        filters: channels of the convolutions.
        kernel_sizes: their kernels.
        bottleneck: channels of the map that the dense layer reads.
        vector: size of the dense layer behind each map and behind all.
        gain: factor of the encoded features of a map.
        coordinate_gain: factor of the coordinate planes. Small: they are lit everywhere, so the
            noise of the first gradients would move clicks to an edge before a thing is noticed.
        place_gain: factor of the logits of places.
    """

    filters: tuple[int, ...]
    kernel_sizes: tuple[int, ...]
    bottleneck: int
    vector: int
    gain: float
    coordinate_gain: float
    place_gain: float


@dataclasses.dataclass(frozen=True)
class AlphaStarSizes:
    """Sizes of `alphastar`.

    Attributes:
        flat_side: maps with no side longer than this keep their resolution, as in `fullyconv`.
        spatial: of the encoder of such maps.
        pyramid: of the encoder of larger maps, and of the heads of places on them.
        scattered: channels of entities put on the map.
        embedding: columns of a category of an entity that has many values.
        scalar: size of each scalar embedding, unless `scalar_sizes` names another.
        scalar_sizes: name of an array, or the beginning of names -> size of its embedding.
        order_row, order_head: of the encoder of an order: width of a row, size of a head.
        entity: width of entities, and `entity_blocks`, `entity_heads`, `entity_head_size`,
            `entity_mlp`: their transformer.
        lstm: units of a layer, and `lstm_layers`.
        heads: sizes of the heads.
        value_blocks: residual blocks of the value head.
    """

    flat_side: int
    spatial: FullyConvSizes
    pyramid: pyramid.PyramidSizes
    scattered: int
    embedding: int
    scalar: int
    scalar_sizes: Mapping[str, int]
    order_row: int
    order_head: int
    entity: int
    entity_blocks: int
    entity_heads: int
    entity_head_size: int
    entity_mlp: int
    lstm: int
    lstm_layers: int
    heads: stage_heads.HeadSizes
    value_blocks: int


FULLY_CONV = {
    "tiny": FullyConvSizes((4,), (3,), 1, 16, 3.0, 0.3, 10.0),
    "small": FullyConvSizes((16, 32), (5, 3), 4, 128, 3.0, 0.3, 10.0),
    "full": FullyConvSizes((16, 32), (5, 3), 32, 256, 3.0, 0.3, 10.0),
}
FULLY_CONV_KEY = 16
"""Size of the keys of pointers of `fullyconv`."""

_PUBLISHED_SCALARS = {"player": 64, "races": 64, "game_loop": 64, "available_actions": 64,
                      "mmr": 64, "cumulative_": 32, "build_order": 64}
ALPHA_STAR = {
    "tiny": AlphaStarSizes(
        flat_side=8, spatial=FULLY_CONV["tiny"],
        pyramid=pyramid.PyramidSizes(
            base_side=4, stem=4, widths=(4,), num_blocks=1, bottleneck=2, vector=16,
            context_planes=1, up_widths=(4,), coordinate_gain=0.3),
        scattered=4, embedding=8, scalar=8, scalar_sizes={}, order_row=8, order_head=4, entity=8,
        entity_blocks=1, entity_heads=2, entity_head_size=4, entity_mlp=8, lstm=16, lstm_layers=1,
        heads=stage_heads.HeadSizes(True, 16, 1, 16, 10.0, 8), value_blocks=0),
    "small": AlphaStarSizes(
        flat_side=16, spatial=FULLY_CONV["small"],
        pyramid=pyramid.PyramidSizes(
            base_side=16, stem=16, widths=(32,), num_blocks=2, bottleneck=8, vector=128,
            context_planes=4, up_widths=(16,), coordinate_gain=0.3),
        scattered=8, embedding=8, scalar=64, scalar_sizes={}, order_row=32, order_head=8,
        entity=32, entity_blocks=1, entity_heads=2, entity_head_size=16, entity_mlp=64,
        lstm=128, lstm_layers=1,
        heads=stage_heads.HeadSizes(True, 128, 1, 128, 10.0, 32), value_blocks=0),
    "full": AlphaStarSizes(
        flat_side=0, spatial=FULLY_CONV["full"],
        pyramid=pyramid.PyramidSizes(
            base_side=16, stem=32, widths=(64, 128, 128), num_blocks=4, bottleneck=0, vector=256,
            context_planes=4, up_widths=(128, 64, 16), coordinate_gain=0.3),
        scattered=32, embedding=32, scalar=128, scalar_sizes=_PUBLISHED_SCALARS, order_row=32,
        order_head=8, entity=256, entity_blocks=3, entity_heads=2, entity_head_size=128,
        entity_mlp=1024, lstm=384, lstm_layers=3,
        heads=stage_heads.HeadSizes(True, 256, 16, 1024, 10.0, 32), value_blocks=16),
}
