"""The bare part: surface finishes, outline against the fixture, and machined relief."""

import cv2
import numpy as np

from .canvas import Canvas, smooth_noise

FINISHES = ("brushed", "milled", "cast", "ground")
# RGB factors of common part materials: steel, aluminium, brass, zinc plate, dark oxide.
MATERIALS = (
    ((0.97, 0.99, 1.03), 0.62),
    ((1.00, 1.00, 1.01), 0.74),
    ((1.10, 0.99, 0.76), 0.62),
    ((0.98, 1.02, 1.05), 0.68),
    ((0.98, 0.99, 1.02), 0.38),
)


def _brushed(rng: np.random.Generator, height: int, width: int) -> tuple:
    """Long parallel grooves, along x or y, slightly turned."""
    grain = rng.standard_normal((height + 160, width + 160), dtype=np.float32)
    run = int(rng.integers(60, 160)) | 1
    size = (run, 1) if rng.random() < 0.6 else (1, run)
    grain = cv2.blur(grain, size) * run**0.5
    turn = cv2.getRotationMatrix2D((width / 2 + 80, height / 2 + 80), rng.uniform(-4, 4), 1.0)
    turn[:, 2] -= 80
    grain = cv2.warpAffine(grain, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
    return grain * np.float32(0.10), grain * np.float32(rng.uniform(0.02, 0.05))


def _milled(rng: np.random.Generator, height: int, width: int) -> tuple:
    """Overlapping arcs that a face mill leaves along its path."""
    pitch_px, tool_px = rng.uniform(9, 26), rng.uniform(500, 1400)
    y, x = np.ogrid[0:height, 0:width]
    offset = (y - height * rng.uniform(0.2, 0.8)).astype(np.float32)
    arc = np.sqrt(np.maximum(tool_px**2 - np.clip(offset, -tool_px, tool_px) ** 2, 0.0))
    phase = (x.astype(np.float32) + arc.astype(np.float32)) * np.float32(2 * np.pi / pitch_px)
    wave = np.sin(phase)
    wave *= 1.0 + 0.4 * smooth_noise(rng, height, width, 90)
    fine = smooth_noise(rng, height, width, 2)
    return wave * np.float32(0.25) + fine * np.float32(0.05), wave * np.float32(0.02)


def _cast(rng: np.random.Generator, height: int, width: int) -> tuple:
    """Grainy bumps of several sizes, as left by a sand mould."""
    bumps = smooth_noise(rng, height, width, 24) * 0.9 + smooth_noise(rng, height, width, 9) * 0.5
    bumps += smooth_noise(rng, height, width, 4) * 0.22
    bumps *= np.float32(rng.uniform(0.45, 0.9))
    return bumps, smooth_noise(rng, height, width, 5) * np.float32(0.035)


def _ground(rng: np.random.Generator, height: int, width: int) -> tuple:
    """A fine, nearly even finish with faint clouds."""
    fine = smooth_noise(rng, height, width, 2) * np.float32(0.10)
    return fine, smooth_noise(rng, height, width, 110) * np.float32(0.015)


_FINISH = {"brushed": _brushed, "milled": _milled, "cast": _cast, "ground": _ground}


def bare_canvas(rng: np.random.Generator, height: int, width: int) -> Canvas:
    """A sheet of one finish and material that fills the frame."""
    finish = FINISHES[int(rng.integers(len(FINISHES)))]
    relief, mottle = _FINISH[finish](rng, height, width)
    colour, albedo = MATERIALS[int(rng.integers(len(MATERIALS)))]
    mottle += np.float32(albedo * rng.uniform(0.9, 1.12))
    tint = np.empty((height, width, 3), np.float32)
    tint[:] = np.asarray(colour) * rng.uniform(0.97, 1.03, 3)
    bearing = rng.uniform(0, 2 * np.pi)
    return Canvas(relief, mottle, tint, (float(np.cos(bearing)), float(np.sin(bearing))))


def outline_polygon(rng: np.random.Generator, height: int, width: int, turn_rad: float):
    """Corners (n, 2) in pixels of the part, cut at the corners and slightly turned.

    About a third of the parts reach beyond the frame on every side.
    """
    margin = np.full(4, -200.0)
    if rng.random() < 0.67:
        shown = rng.random(4) < 0.6
        margin[shown] = rng.uniform(30, 190, int(shown.sum()))
    left, top, right, bottom = margin[0], margin[1], width - margin[2], height - margin[3]
    cut = rng.uniform(10, 150, 4)
    corners = np.array([
        (left + cut[0], top), (right - cut[1], top), (right, top + cut[1]),
        (right, bottom - cut[2]), (right - cut[2], bottom), (left + cut[3], bottom),
        (left, bottom - cut[3]), (left, top + cut[0]),
    ])
    centre = np.array([width / 2, height / 2])
    c, s = np.cos(turn_rad), np.sin(turn_rad)
    return (corners - centre) @ np.array([[c, s], [-s, c]]) + centre


def cut_outline(rng: np.random.Generator, canvas: Canvas, corners_px: np.ndarray) -> np.ndarray:
    """Put the part on a dark fixture, chamfer its edge; returns the part mask uint8 (H, W)."""
    height, width = canvas.albedo.shape
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(corners_px * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    if mask.min() == 255:
        return mask
    inside_px = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 3)
    chamfer_px = rng.uniform(5, 14)
    # The distance grows in whole steps along a slanted edge; blurring hides the staircase.
    chamfer = cv2.GaussianBlur(np.minimum(inside_px, chamfer_px), (0, 0), 2.5)
    canvas.height_px += chamfer * np.float32(rng.uniform(0.4, 0.9))
    weight = cv2.blur(mask, (3, 3)).astype(np.float32) * np.float32(1 / 255)
    floor = smooth_noise(rng, height, width, 6) * np.float32(0.015)
    floor += np.float32(rng.uniform(0.06, 0.2))
    # The part throws a soft shadow on the fixture, away from the lamp.
    shift = np.float32([[1, 0, -30 * canvas.light[0]], [0, 1, -30 * canvas.light[1]]])
    shadow = cv2.resize(mask, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    shift[:, 2] /= 4
    shadow = cv2.GaussianBlur(cv2.warpAffine(shadow, shift, (width // 4, height // 4)), (0, 0), 5)
    shadow = cv2.resize(shadow, (width, height)).astype(np.float32) * np.float32(0.6 / 255)
    canvas.albedo *= weight
    canvas.albedo += (1 - weight) * floor * (1 - shadow)
    canvas.height_px *= weight
    return mask


def machine_relief(rng: np.random.Generator, canvas: Canvas, turn_rad: float) -> None:
    """Mill shallow pockets and straight grooves into the part: normal, never a defect."""
    height, width = canvas.albedo.shape
    angle_deg = float(np.degrees(turn_rad))
    for _ in range(int(rng.integers(0, 3))):
        relief = np.zeros((height // 2, width // 2), np.uint8)
        size = (rng.uniform(150, 480), rng.uniform(90, 260))
        centre = (rng.uniform(0.1, 0.45) * width, rng.uniform(0.1, 0.45) * height)
        points = cv2.boxPoints((centre, size, angle_deg))
        rounding = int(rng.integers(5, 40))
        cv2.fillPoly(relief, [points.astype(np.int32)], 255, cv2.LINE_AA)
        cv2.polylines(relief, [points.astype(np.int32)], True, 255, rounding, cv2.LINE_AA)
        step = cv2.GaussianBlur(cv2.resize(relief, (width, height)), (0, 0), 2.2)
        sign = rng.choice((-1.0, 1.0)) * rng.uniform(1.5, 4.0) / 255
        canvas.height_px += step.astype(np.float32) * np.float32(sign)
        canvas.albedo *= 1 + step.astype(np.float32) * np.float32(rng.uniform(-0.12, 0.08) / 255)
    if rng.random() < 0.45:
        _groove(rng, canvas, angle_deg)


def _groove(rng: np.random.Generator, canvas: Canvas, angle_deg: float) -> None:
    """One straight groove across the whole part, parallel to an edge."""
    height, width = canvas.albedo.shape
    upright = rng.random() < 0.5
    x, y = rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height
    bearing = np.radians(angle_deg + (90 if upright else 0))
    across = (np.arange(width, dtype=np.float32) - np.float32(x)) * np.float32(-np.sin(bearing))
    down = (np.arange(height, dtype=np.float32) - np.float32(y)) * np.float32(np.cos(bearing))
    distance = np.abs(across[None, :] + down[:, None])
    half_px = np.float32(rng.uniform(8, 22))
    profile = np.clip((half_px - distance) / 4 + 0.5, 0, 1)
    canvas.height_px -= profile * np.float32(rng.uniform(2, 4))
    canvas.albedo *= 1 - profile * np.float32(rng.uniform(0.05, 0.3))
