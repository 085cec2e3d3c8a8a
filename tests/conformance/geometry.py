# SPDX-License-Identifier: Apache-2.0
"""Overlaps of boxes, convex polygons and masks."""

import math

import numpy as np


def corners(rotated):
    """The 4 corners, [4, 2], of {"cx", "cy", "width", "height", "angle"} in radians."""
    along = np.array([math.cos(rotated["angle"]), math.sin(rotated["angle"])])
    across = np.array([-along[1], along[0]])
    along, across = along * rotated["width"] / 2, across * rotated["height"] / 2
    centre = np.array([rotated["cx"], rotated["cy"]])
    return np.array([centre - along - across, centre + along - across,
                     centre + along + across, centre - along + across])


def area(polygon):
    """Signed area, positive where x to y turns the same way as the corners."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def clip(subject, window):
    """The part of `subject` inside the convex `window` (Sutherland and Hodgman, 1974)."""
    if area(window) < 0:
        window = window[::-1]
    for start, end in zip(window, np.roll(window, -1, axis=0)):
        edge = end - start
        sides = edge[0] * (subject[:, 1] - start[1]) - edge[1] * (subject[:, 0] - start[0])
        kept = []
        for i, point in enumerate(subject):
            before = i - 1
            if (sides[i] >= 0) != (sides[before] >= 0):
                part = sides[before] / (sides[before] - sides[i])
                kept.append(subject[before] + part * (point - subject[before]))
            if sides[i] >= 0:
                kept.append(point)
        if not kept:
            return np.zeros((0, 2))
        subject = np.array(kept)
    return subject


def polygon_iou(a, b):
    """Overlap of two convex polygons, 1 for two that are the same point set without area."""
    shared = clip(a, b)
    inside = abs(area(shared)) if len(shared) > 2 else 0.0
    union = abs(area(a)) + abs(area(b)) - inside
    return inside / union if union > 0 else float(np.allclose(a, b, atol=1e-3))


def box_iou(a, b):
    """Overlap of two {"x1", "y1", "x2", "y2"}.

    Two of less than a pixel together (clipped away at the picture's edge) have no meaningful
    overlap: 1 when their sides are within 0.05 px, else 0.
    """
    width = min(a["x2"], b["x2"]) - max(a["x1"], b["x1"])
    height = min(a["y2"], b["y2"]) - max(a["y1"], b["y1"])
    inside = max(width, 0.0) * max(height, 0.0)
    areas = [(box["x2"] - box["x1"]) * (box["y2"] - box["y1"]) for box in (a, b)]
    union = sum(areas) - inside
    if union < 1:
        return float(all(abs(a[k] - b[k]) < 0.05 for k in a))
    return inside / union


def mask_iou(a, b):
    """Overlap of two boolean masks of one shape; 1 for two empty ones."""
    union = np.logical_or(a, b).sum()
    return float(np.logical_and(a, b).sum() / union) if union else 1.0
