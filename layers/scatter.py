"""The scatter connection: what is known of each entity, put on the map where the entity stands."""

import tensorflow as tf


def scatter(embeddings, cells, mask, height: int, width: int):
    """Sums entity embeddings onto a plane.

    out[b, y, x] = sum of embeddings[b, n] over entities n of the mask that stand on (x, y).

    Entities on one cell are summed, as in AlphaStar Unplugged; the Nature paper does not say.

    Args:
        embeddings: float32 [B, N, C].
        cells: int32 [B, N, 2], (x, y); what lies outside the plane is moved to its border.
        mask: bool [B, N], True for entities that exist.
        height: H.
        width: W.

    Returns:
        float32 [B, H, W, C]; differentiable w.r.t. `embeddings`.
    """
    channels = embeddings.shape[-1]
    batch_size = tf.shape(embeddings)[0]
    x, y = tf.unstack(tf.clip_by_value(cells, 0, [width - 1, height - 1]), axis=-1)
    first_cells = tf.range(batch_size)[:, tf.newaxis] * (height * width)
    # unsorted_segment_sum drops negative ids: absent entities cost nothing.
    ids = tf.where(mask, first_cells + y * width + x, -1)  # [B, N]
    planes = tf.math.unsorted_segment_sum(embeddings, ids, batch_size * height * width)
    return tf.reshape(planes, [-1, height, width, channels])
