# SPDX-License-Identifier: Apache-2.0
"""COCO's uncompressed run lengths: columns first, the first run counts zeros."""

import numpy as np


def encode(mask):
    """A boolean [height, width] mask as {"size": [h, w], "counts": [...]}."""
    flat = np.asarray(mask, dtype=np.uint8).ravel(order="F")
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat, [2]])))
    counts = np.diff(np.concatenate([[0], edges]))
    return {"size": [int(n) for n in mask.shape], "counts": [int(n) for n in counts]}


def decode(runs):
    """The boolean mask back. ValueError when the runs do not fill it."""
    height, width = runs["size"]
    counts = np.asarray(runs["counts"], dtype=np.int64)
    if (counts < 0).any() or counts.sum() != height * width:
        raise ValueError(f"runs of {counts.sum()} pixels for a mask of {height} x {width}")
    values = np.arange(counts.size) % 2
    return np.repeat(values, counts).reshape((height, width), order="F").astype(bool)
