# SPDX-License-Identifier: Apache-2.0
"""Inputs of the models that are served, and what may differ between two answers."""

import numpy as np

SIDE = 64  # of the pictures that `batches` takes
CONFIDENCE = 0.25  # both sides' default


def tensor(batch=1, seed=0):
    """Pictures of noise for `batches`, as its graph takes them."""
    drawn = np.random.default_rng(seed)
    return drawn.random((batch, 3, SIDE, SIDE), dtype=np.float32)


def text(picture):
    """The only element of a BYTES tensor: a picture's bytes."""
    return np.array([picture.read_bytes()], dtype=np.object_)


def overlap(one, other):
    """Intersection over union of two (x1, y1, x2, y2)."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    area = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (area[0] + area[1] - width * height)


def differences(expected, actual, iou=0.99, score=0.002):
    """What two lists of (class, score, x1, y1, x2, y2) do not share, in words.

    The limits are those of tests/conformance. One that hardly passes the confidence threshold may
    be missing on one side.
    """
    left, found = list(actual), []
    for one in expected:
        same = [other for other in left if other[0] == one[0] and abs(other[1] - one[1]) <= score
                and overlap(one[2:], other[2:]) >= iou]
        if same:
            left.remove(same[0])
        elif one[1] > CONFIDENCE + score:
            found.append(f"missing {one}")
    return found + [f"added {one}" for one in left if one[1] > CONFIDENCE + score]
