"""The drawing surface: height, albedo and tint fields, and the patch geometry drawn on them."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass
class Canvas:
    """Per-pixel description of the part, shaded into an image only at the very end.

    height_px: float32 (H, W), elevation of the surface in pixels, larger is nearer the camera.
    albedo: float32 (H, W), share of the light that is sent back, about 0.05 to 1.5.
    tint: float32 (H, W, 3), colour factor per RGB channel, about 1.
    light: unit vector (x, y) that points from the part towards the lamp, in the image plane.
    """

    height_px: np.ndarray
    albedo: np.ndarray
    tint: np.ndarray
    light: tuple[float, float]


@dataclass
class Patch:
    """A square cut-out of the canvas around a centre, with its local coordinates.

    rows, columns: slices into the canvas fields.
    dx_px, dy_px: float32 (h, w), offset of each pixel from the centre.
    radius_px: float32 (h, w), distance of each pixel from the centre.
    """

    rows: slice
    columns: slice
    dx_px: np.ndarray
    dy_px: np.ndarray
    radius_px: np.ndarray

    @property
    def at(self) -> tuple[slice, slice]:
        """Index of the patch in a canvas field."""
        return self.rows, self.columns


def patch_around(canvas: Canvas, x_px: float, y_px: float, reach_px: float) -> Patch:
    """Cut the square of half side reach_px around (x_px, y_px), clipped to the canvas."""
    height, width = canvas.albedo.shape
    top, bottom = max(0, int(y_px - reach_px)), min(height, int(y_px + reach_px) + 2)
    left, right = max(0, int(x_px - reach_px)), min(width, int(x_px + reach_px) + 2)
    dy, dx = np.mgrid[top:bottom, left:right].astype(np.float32)
    dx -= x_px
    dy -= y_px
    return Patch(slice(top, bottom), slice(left, right), dx, dy, np.hypot(dx, dy))


def coverage(distance_px: np.ndarray, limit_px, soft_px: float = 1.5) -> np.ndarray:
    """Anti-aliased membership 0..1 of the pixels whose distance is below the limit."""
    return np.clip((limit_px - distance_px) / soft_px + 0.5, 0.0, 1.0)


def blend(field: np.ndarray, at, value, weight: np.ndarray) -> None:
    """Move field[at] towards value by weight (0..1), in place."""
    field[at] += (value - field[at]) * weight


def smooth_noise(rng: np.random.Generator, height: int, width: int, cell_px: float) -> np.ndarray:
    """Value noise (height, width) with zero mean and a feature size of about cell_px."""
    rows, columns = max(2, round(height / cell_px)), max(2, round(width / cell_px))
    coarse = rng.standard_normal((rows, columns), dtype=np.float32)
    flags = cv2.INTER_CUBIC if cell_px > 3 else cv2.INTER_LINEAR
    return cv2.resize(coarse, (width, height), interpolation=flags)


def wavy_outline(rng: np.random.Generator, patch: Patch, waves: int, depth: float) -> np.ndarray:
    """Factor (h, w) around 1 by which a circle's radius is bent at each pixel's bearing."""
    bearing = np.arctan2(patch.dy_px, patch.dx_px)
    factor = np.ones_like(bearing)
    for k in range(2, 2 + waves):
        factor += depth / k * rng.normal() * np.cos(k * bearing + rng.uniform(0, 2 * np.pi))
    return np.clip(factor, 0.55, 1.45)


def box_of(mask: np.ndarray, patch_rows: slice, patch_columns: slice) -> tuple:
    """Box (x0, y0, x1, y1) in canvas pixels around the true pixels of a patch's mask.

    x1 and y1 are exclusive: they are the right and lower borders of the last pixels.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        float(patch_columns.start + columns[0]),
        float(patch_rows.start + rows[0]),
        float(patch_columns.start + columns[-1] + 1),
        float(patch_rows.start + rows[-1] + 1),
    )
