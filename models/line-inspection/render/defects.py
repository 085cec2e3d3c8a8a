"""The defects. Each drawing function returns the exact box of the pixels that it changed."""

import cv2
import numpy as np

from .canvas import Canvas, blend, box_of, coverage, patch_around, smooth_noise, wavy_outline

# RGB factors that a full-strength stain leaves: oil, rust, heat tint, coolant residue, ink.
STAINS = (
    (0.42, 0.34, 0.24), (0.80, 0.46, 0.24), (0.50, 0.58, 0.95), (1.55, 1.52, 1.45),
    (0.30, 0.32, 0.36),
)


def scratch_path(rng: np.random.Generator, x_px: float, y_px: float) -> np.ndarray:
    """Points (n, 2) in pixels along a bent scratch whose box is at least 24 px thick."""
    while True:
        length_px, bearing = rng.uniform(140, 560), rng.uniform(0, np.pi)
        half = 0.5 * length_px * np.array([np.cos(bearing), np.sin(bearing)])
        bend = rng.normal(0, 0.18, 2) * length_px
        t = np.linspace(0, 1, 48)[:, None]
        start, middle, end = -half, bend, half
        path = (1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end
        if np.ptp(path, axis=0).min() >= 24:
            return path + (x_px, y_px)


def draw_scratch(rng: np.random.Generator, canvas: Canvas, path_px: np.ndarray) -> tuple:
    """A groove along the path: bright torn metal or a dark line, tapered at both ends."""
    height, width = canvas.albedo.shape
    low = np.maximum(np.floor(path_px.min(axis=0)).astype(int) - 20, 0)
    high = np.minimum(np.ceil(path_px.max(axis=0)).astype(int) + 20, (width, height))
    rows, columns = slice(low[1], high[1]), slice(low[0], high[0])
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    widest_px = rng.uniform(3.5, 7.5)
    strands = 1 if rng.random() < 0.65 else 2
    for strand in range(strands):
        shifted = path_px - low + strand * rng.uniform(-11, 11, 2)
        points = np.round(shifted * 16).astype(np.int32)
        for i in range(len(points) - 1):
            taper = np.sin(np.pi * (i + 4) / (len(points) + 8)) ** 0.5
            thickness = max(1, int(round(widest_px * taper)))
            a, b = tuple(map(int, points[i])), tuple(map(int, points[i + 1]))
            cv2.line(mask, a, b, 255, thickness, cv2.LINE_AA, shift=4)
    weight = mask.astype(np.float32) / 255
    patchy = 0.85 + 0.2 * smooth_noise(rng, *mask.shape, cell_px=18)
    weight *= np.clip(patchy, 0.45, 1.0)
    bright = rng.random() < 0.6
    change = rng.uniform(0.5, 1.0) if bright else rng.uniform(-0.75, -0.5)
    canvas.albedo[rows, columns] *= 1 + weight * np.float32(change)
    canvas.height_px[rows, columns] -= weight * np.float32(rng.uniform(0.5, 1.5))
    return box_of(mask > 24, rows, columns)


def draw_dent(rng: np.random.Generator, canvas: Canvas, x_px, y_px, radius_px) -> tuple:
    """A smooth hollow with a slightly raised shoulder; only its shading gives it away."""
    patch = patch_around(canvas, x_px, y_px, radius_px * 1.5)
    turn, squash = rng.uniform(0, np.pi), rng.uniform(0.68, 1.0)
    u = patch.dx_px * np.cos(turn) + patch.dy_px * np.sin(turn)
    v = (-patch.dx_px * np.sin(turn) + patch.dy_px * np.cos(turn)) / squash
    q = np.hypot(u, v) / (radius_px * wavy_outline(rng, patch, 3, 0.12))
    bowl = np.where(q < 1, (1 - q**2) ** 2, 0)
    shoulder = np.where(q < 1, q**4 * (1 - q**2) ** 2, 0)
    depth_px = radius_px * rng.uniform(0.20, 0.34)
    canvas.height_px[patch.at] -= depth_px * (bowl - 1.2 * shoulder)
    # The blow also polishes or scuffs the bottom a little.
    canvas.albedo[patch.at] *= 1 + np.float32(rng.uniform(-0.22, 0.1)) * bowl
    return box_of(q < 1, *patch.at)


def draw_hole(rng: np.random.Generator, canvas: Canvas, x_px, y_px, radius_px) -> tuple:
    """An unwanted perforation: ragged outline, torn bright lip, no chamfer."""
    patch = patch_around(canvas, x_px, y_px, radius_px * 2.1)
    ragged = wavy_outline(rng, patch, 14, 0.26) + 0.05 * smooth_noise(
        rng, *patch.radius_px.shape, cell_px=max(4.0, radius_px / 5)
    )
    edge_px = radius_px * ragged
    lip_px = edge_px + radius_px * rng.uniform(0.12, 0.28) * wavy_outline(rng, patch, 8, 0.8) + 2
    lip = coverage(patch.radius_px, lip_px)
    inside = coverage(patch.radius_px, edge_px)
    crest = np.sin(np.pi * np.clip((lip_px - patch.radius_px) / (lip_px - edge_px), 0, 1))
    canvas.height_px[patch.at] += crest * radius_px * 0.14
    torn = 1 + rng.uniform(0.0, 0.3) * (1 + smooth_noise(rng, *lip.shape, cell_px=8))
    canvas.albedo[patch.at] *= 1 + (torn - 1) * lip
    depth = 0.04 + 0.05 * np.clip(smooth_noise(rng, *lip.shape, cell_px=9), 0, 2)
    blend(canvas.height_px, patch.at, -2.0, inside)
    blend(canvas.albedo, patch.at, depth, inside)
    return box_of(lip > 0.1, *patch.at)


def draw_stain(rng: np.random.Generator, canvas: Canvas, x_px, y_px, radius_px) -> tuple:
    """A discoloured blot with a denser rim; it leaves the relief as it was."""
    patch = patch_around(canvas, x_px, y_px, radius_px * 1.5)
    edge_px = radius_px * wavy_outline(rng, patch, 9, 0.28)
    edge_px = edge_px + smooth_noise(rng, *edge_px.shape, cell_px=22) * radius_px * 0.07
    soft_px = rng.uniform(4, 14)
    blot = coverage(patch.radius_px, edge_px, soft_px)
    rim = np.exp(-(((edge_px - patch.radius_px) / (soft_px + radius_px * 0.1)) ** 2))
    cloud = np.clip(0.8 + 0.2 * smooth_noise(rng, *blot.shape, cell_px=radius_px / 3), 0.4, 1)
    weight = blot * (cloud * rng.uniform(0.5, 0.8) + 0.25 * rim)
    # Nothing outside the reach of the patch: the box must hold every changed pixel.
    weight = np.clip(weight - 0.04, 0, 0.95).astype(np.float32)
    colour = np.asarray(STAINS[int(rng.integers(len(STAINS)))], np.float32)
    canvas.tint[patch.at] *= 1 + weight[..., None] * (colour - 1)
    return box_of(weight > 0.02, *patch.at)
