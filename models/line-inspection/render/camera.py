"""From the canvas to the picture: light on the surface, then the lens and the sensor."""

import cv2
import numpy as np

from .canvas import Canvas


def illumination(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Light that reaches each pixel, float32 (H, W) around 1: gradient, lamps and a shadow."""
    rows, columns = height // 8, width // 8
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    y, x = y / rows - 0.5, x / columns - 0.5
    bearing = rng.uniform(0, 2 * np.pi)
    field = 1.0 + rng.uniform(0, 0.45) * (x * np.cos(bearing) + y * np.sin(bearing))
    for _ in range(int(rng.integers(0, 3))):
        centre_x, centre_y, reach = *rng.uniform(-0.5, 0.5, 2), rng.uniform(0.12, 0.4)
        square = (x - centre_x) ** 2 + ((y - centre_y) * 0.6) ** 2
        field += rng.uniform(0.1, 0.4) * np.exp(-square / reach**2)
    if rng.random() < 0.25:
        bearing, at = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.4)
        edge = (x * np.cos(bearing) + y * np.sin(bearing) - at) / 0.04
        field *= 1 - rng.uniform(0.2, 0.4) / (1 + np.exp(-np.clip(edge, -30, 30)))
    field *= 1 - rng.uniform(0, 0.5) * (x**2 + y**2)
    return cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)


def shade(rng: np.random.Generator, canvas: Canvas) -> np.ndarray:
    """Light the canvas; returns linear RGB float32 (H, W, 3), about 0 to 1."""
    height, width = canvas.albedo.shape
    light = illumination(rng, height, width) * np.float32(rng.uniform(0.75, 1.12))
    gain, gloss = rng.uniform(0.9, 1.5), rng.uniform(0.1, 0.5)
    relief = cv2.Sobel(canvas.height_px, cv2.CV_32F, 1, 0, scale=-canvas.light[0] * gain / 8)
    relief += cv2.Sobel(canvas.height_px, cv2.CV_32F, 0, 1, scale=-canvas.light[1] * gain / 8)
    np.clip(relief, -0.8, 1.2, out=relief)
    glint = np.maximum(relief, 0)
    glint *= glint
    glint *= np.float32(gloss * 0.6)
    relief += 1
    relief *= canvas.albedo
    # A black bore sends no glint back, however steep its edge.
    relief += glint * np.minimum(canvas.albedo * 1.6, 1)
    relief *= light
    return relief[..., None] * canvas.tint


def photograph(rng: np.random.Generator, linear: np.ndarray, with_noise: bool = True):
    """Expose linear RGB into uint8 RGB (H, W, 3), with blur, noise and JPEG traces if asked."""
    height, width = linear.shape[:2]
    if with_noise:
        if rng.random() < 0.5:
            linear = cv2.GaussianBlur(linear, (0, 0), rng.uniform(0.5, 1.7))
        if rng.random() < 0.3:
            linear = cv2.filter2D(linear, -1, _motion_kernel(rng))
        grain = rng.standard_normal((height, width), dtype=np.float32)
        grain *= np.float32(rng.uniform(0.004, 0.022))
        linear = linear + grain[..., None]
        coarse = rng.standard_normal((height // 2, width // 2, 3), dtype=np.float32)
        coarse *= np.float32(rng.uniform(0.0, 0.01))
        linear += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
        linear *= rng.uniform(0.96, 1.04, 3).astype(np.float32)
    image = cv2.convertScaleAbs(np.clip(linear, 0, 1), alpha=255)
    if with_noise:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(72, 96))]
        coded = cv2.imencode(".jpg", image, quality)[1]
        image = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    return image


def _motion_kernel(rng: np.random.Generator) -> np.ndarray:
    """Normalised line kernel of 3 to 8 px: the part moved during the exposure."""
    size, bearing = 9, rng.uniform(0, np.pi)
    half = rng.uniform(1.5, 4.0) * np.array([np.cos(bearing), np.sin(bearing)])
    kernel = np.zeros((size, size), np.float32)
    a, b = np.round((4 - half) * 16).astype(int), np.round((4 + half) * 16).astype(int)
    cv2.line(kernel, tuple(map(int, a)), tuple(map(int, b)), 1.0, 1, cv2.LINE_AA, shift=4)
    return kernel / kernel.sum()
