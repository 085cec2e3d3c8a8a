"""Normal features of a part: drilled holes, slots, screw seats and engraved marks."""

import cv2
import numpy as np

from .canvas import Canvas, Patch, blend, coverage, patch_around


def _lit_wall(canvas: Canvas, patch: Patch, radius_px: float) -> np.ndarray:
    """Albedo inside a bore: dark, with a crescent where its wall faces the lamp."""
    unit = np.maximum(patch.radius_px, 1.0)
    # The wall on the far side from the lamp is the one that the lamp reaches.
    facing = -(patch.dx_px * canvas.light[0] + patch.dy_px * canvas.light[1]) / unit
    near_wall = np.clip(patch.radius_px / radius_px, 0, 1) ** 5
    return 0.06 + 0.30 * np.clip(facing, 0, 1) * near_wall


def draw_bore(rng: np.random.Generator, canvas: Canvas, x_px, y_px, radius_px) -> None:
    """A clean drilled hole of the given radius with a chamfered round rim."""
    rim_px = radius_px * rng.uniform(1.12, 1.28) + 2
    patch = patch_around(canvas, x_px, y_px, rim_px + 4)
    slope = np.clip((rim_px - patch.radius_px) / (rim_px - radius_px), 0, 1)
    inside = coverage(patch.radius_px, radius_px)
    canvas.height_px[patch.at] -= slope * (rim_px - radius_px) * 0.7
    bright = canvas.albedo[patch.at] * 1.12
    blend(canvas.albedo, patch.at, bright, coverage(patch.radius_px, rim_px))
    blend(canvas.height_px, patch.at, float(canvas.height_px[patch.at].min()), inside)
    blend(canvas.albedo, patch.at, _lit_wall(canvas, patch, radius_px), inside)


def draw_slot(rng: np.random.Generator, canvas: Canvas, x_px, y_px, length_px, turn_rad) -> None:
    """A milled through-slot with round ends and a bright chamfer."""
    half_px, radius_px = length_px / 2, length_px * rng.uniform(0.13, 0.2)
    patch = patch_around(canvas, x_px, y_px, half_px + radius_px + 8)
    along = patch.dx_px * np.cos(turn_rad) + patch.dy_px * np.sin(turn_rad)
    across = -patch.dx_px * np.sin(turn_rad) + patch.dy_px * np.cos(turn_rad)
    distance = np.hypot(np.maximum(np.abs(along) - half_px + radius_px, 0), across)
    rim_px = radius_px + rng.uniform(4, 8)
    slope = np.clip((rim_px - distance) / (rim_px - radius_px), 0, 1)
    canvas.height_px[patch.at] -= slope * 4
    inside = coverage(distance, radius_px)
    blend(canvas.height_px, patch.at, -6.0, inside)
    blend(canvas.albedo, patch.at, 0.07, inside)


def draw_engraving(rng: np.random.Generator, canvas: Canvas, x_px, y_px, text: str) -> None:
    """A part number cut into the surface; darker or brighter than the metal around it."""
    height, width = canvas.albedo.shape
    mask = np.zeros((110, 460), np.uint8)
    scale = rng.uniform(1.3, 2.2)
    cv2.putText(mask, text, (8, 75), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 4, cv2.LINE_AA)
    top, left = int(np.clip(y_px - 55, 0, height - 110)), int(np.clip(x_px - 230, 0, width - 460))
    at = (slice(top, top + 110), slice(left, left + 460))
    weight = mask.astype(np.float32) / 255
    canvas.height_px[at] -= weight * 1.2
    canvas.albedo[at] *= 1 + weight * np.float32(rng.uniform(-0.45, -0.15))


def draw_seat(rng: np.random.Generator, canvas: Canvas, x_px, y_px, radius_px) -> None:
    """A counterbore for a screw: a flat floor below the surface, ringed by a sharp step."""
    patch = patch_around(canvas, x_px, y_px, radius_px + 6)
    floor = coverage(patch.radius_px, radius_px, 3.0)
    blend(canvas.height_px, patch.at, -3.5, floor)
    turned = 0.05 * np.sin(patch.radius_px * (2 * np.pi / rng.uniform(5, 9)))
    blend(canvas.albedo, patch.at, np.median(canvas.albedo[patch.at]) * 0.85 + turned, floor)
    # The step hides the floor beside it from the lamp.
    toward = patch.dx_px * canvas.light[0] + patch.dy_px * canvas.light[1]
    shade = np.clip((toward / radius_px - 0.55) / 0.3, 0, 1) * floor
    canvas.albedo[patch.at] *= 1 - 0.55 * shade


def draw_thread(rng: np.random.Generator, canvas: Canvas, x_px, y_px, seat_px) -> None:
    """The empty threaded hole of a seat whose screw is missing."""
    radius_px = seat_px * rng.uniform(0.42, 0.54)
    patch = patch_around(canvas, x_px, y_px, radius_px + 4)
    inside = coverage(patch.radius_px, radius_px)
    turns = 0.5 + 0.5 * np.sin(patch.radius_px * (2 * np.pi / max(4.0, radius_px / 4)))
    wall = _lit_wall(canvas, patch, radius_px)
    wall += 0.14 * turns * np.clip(patch.radius_px / radius_px, 0, 1) ** 2
    blend(canvas.height_px, patch.at, -8.0, inside)
    blend(canvas.albedo, patch.at, wall, inside)


def _drive(patch: Patch, drive: str, size_px: float, turn_rad: float) -> np.ndarray:
    """Coverage 0..1 of the drive recess of a screw head."""
    u = patch.dx_px * np.cos(turn_rad) + patch.dy_px * np.sin(turn_rad)
    v = -patch.dx_px * np.sin(turn_rad) + patch.dy_px * np.cos(turn_rad)
    if drive == "slot":
        return coverage(np.abs(v), size_px * 0.2) * coverage(patch.radius_px, size_px * 1.6)
    if drive == "cross":
        arms = np.minimum(np.abs(u), np.abs(v))
        return coverage(arms, size_px * 0.24) * coverage(patch.radius_px, size_px * 1.15)
    bearing = np.arctan2(v, u)
    if drive == "star":
        return coverage(patch.radius_px, size_px * (0.82 + 0.2 * np.cos(6 * bearing)))
    sector = np.mod(bearing, np.pi / 3) - np.pi / 6
    return coverage(patch.radius_px * np.cos(sector), size_px * 0.85)


def draw_screw(rng, canvas: Canvas, x_px, y_px, seat_px, drive: str, albedo: float) -> None:
    """A screw head in its seat: domed, with a recess and a dark gap around it."""
    head_px = seat_px * rng.uniform(0.80, 0.88)
    patch = patch_around(canvas, x_px, y_px, seat_px)
    gap = coverage(patch.radius_px, seat_px * 0.95) - coverage(patch.radius_px, head_px)
    canvas.albedo[patch.at] *= 1 - 0.75 * np.clip(gap, 0, 1)
    head = coverage(patch.radius_px, head_px)
    dome = 0.16 * head_px * np.sqrt(np.clip(1 - (patch.radius_px / (head_px * 1.05)) ** 2, 0, 1))
    recess = _drive(patch, drive, head_px * 0.5, rng.uniform(0, np.pi))
    blend(canvas.height_px, patch.at, dome, head)
    blend(canvas.albedo, patch.at, albedo, head)
    blend(canvas.albedo, patch.at, albedo * 0.16, recess * head)
    canvas.height_px[patch.at] -= recess * head * 2.0
    canvas.tint[patch.at] += (1.0 - canvas.tint[patch.at]) * head[..., None]
