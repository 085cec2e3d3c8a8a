# SPDX-License-Identifier: Apache-2.0
"""Scenes of bright shapes on dark ground, drawn with their labels, and the pictures compared.

Every object is a disc, a plate or a wedge in its own frame: x runs along `width`, the half towards
positive x (the head) is brighter, so that direction can be learned. Angles are radians, clockwise
on the screen.
"""

import dataclasses
import math
import pathlib

import cv2
import numpy as np

SHAPES = ("disc", "bolt's \"plate\"", "wedge")
# BGR, one per class to classify. In scenes kind k has colour 2k: shape alone is learned too slowly.
COLOURS = {"red": (30, 40, 230), "violet": (220, 40, 160), "green": (50, 210, 50),
           "amber": (30, 170, 240), "blue": (240, 110, 30), "teal": (190, 190, 40)}
CLASSIFY_NAMES = tuple(f"{colour} {SHAPES[i // 2]}" for i, colour in enumerate(COLOURS))
KEYPOINTS = 3  # centre, head, tail


@dataclasses.dataclass(frozen=True)
class Shape:
    """One drawn object: its outline in pixels and what a network should say of it."""

    kind: int
    outline: np.ndarray  # [N, 2] float
    rotated: tuple  # cx, cy, width, height, angle
    keypoints: np.ndarray  # [KEYPOINTS, 2] float

    def box(self):
        """x1, y1, x2, y2 around the outline."""
        return (*self.outline.min(axis=0), *self.outline.max(axis=0))


def unit_outline(kind):
    """The outline in the object's own frame, -1..1 on both axes."""
    if kind == 0:
        turn = np.linspace(0, 2 * math.pi, 48, endpoint=False)
        return np.stack([np.cos(turn), np.sin(turn)], axis=1)
    if kind == 1:
        return np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    return np.array([[1.0, 0.0], [-1.0, 1.0], [-1.0, -1.0]])


def place(kind, centre, width, height, angle):
    """A Shape of `kind` at `centre`."""
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    half = np.array([width / 2, height / 2])
    outline = (unit_outline(kind) * half) @ turn + centre
    keypoints = (np.array([[0.0, 0.0], [0.6, 0.0], [-0.6, 0.0]]) * half) @ turn + centre
    return Shape(kind, outline, (*centre, width, height, angle), keypoints)


def paint(picture, shape, colour, rng):
    """Draws `shape` into `picture`: tail half in the colour, head half nearly white."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(shape.outline * 16).astype(np.int32)], 255, cv2.LINE_8, 4)
    rows, columns = np.nonzero(mask)
    if rows.size == 0:
        return
    cx, cy, _, _, angle = shape.rotated
    ahead = (columns - cx) * math.cos(angle) + (rows - cy) * math.sin(angle) > 0
    base = np.array(colour, np.float32) * rng.uniform(0.9, 1.0)
    head = base * 0.6 + 255 * 0.4
    fill = np.where(ahead[:, None], head, base) + rng.normal(0, 4, (rows.size, 3))
    picture[rows, columns] = np.clip(fill, 0, 255).astype(np.uint8)


def ground(rng, width, height):
    """A dark background with a slope and a little noise."""
    slope = np.linspace(0, 1, width)[None, :] * rng.uniform(-20, 20)
    slope = slope + np.linspace(0, 1, height)[:, None] * rng.uniform(-20, 20)
    base = rng.uniform(20, 60) + slope[..., None] + rng.normal(0, 5, (height, width, 3))
    return np.clip(base, 0, 255).astype(np.uint8)


def draw_scene(rng, width, height, count, longest=(22, 84)):
    """A picture (BGR uint8) and its Shapes. They do not touch; fewer than `count` may fit."""
    picture = ground(rng, width, height)
    shapes = []
    colours = list(COLOURS.values())
    for _ in range(count * 12):
        if len(shapes) == count:
            break
        long_side = rng.uniform(*longest)
        reach = long_side * 0.62
        if 2 * reach >= min(width, height):
            continue
        centre = np.array([rng.uniform(reach, width - reach), rng.uniform(reach, height - reach)])
        if any(np.hypot(*(centre - s.rotated[:2])) < reach + 0.62 * s.rotated[2] for s in shapes):
            continue
        aspect = rng.uniform(0.45, 0.62)
        kind = int(rng.integers(len(SHAPES)))
        shape = place(kind, centre, long_side, long_side * aspect, rng.uniform(-math.pi, math.pi))
        paint(picture, shape, colours[2 * kind], rng)
        shapes.append(shape)
    return picture, shapes


def draw_portrait_of_one(rng, size, label):
    """A picture for classification: one large object whose class is `label`."""
    picture = ground(rng, size, size)
    long_side = size * rng.uniform(0.45, 0.8)
    centre = np.array([size / 2, size / 2]) + rng.uniform(-0.08, 0.08, 2) * size
    shape = place(label // 2, centre, long_side, long_side * rng.uniform(0.5, 0.65),
                  rng.uniform(-math.pi, math.pi))
    paint(picture, shape, list(COLOURS.values())[label], rng)
    return picture


def drawn_pictures(seed=20261122):
    """The suite's own pictures by file name: sizes and channel counts that trip readers up."""
    rng = np.random.default_rng(seed)

    def scene(width, height, count, longest):
        return draw_scene(rng, width, height, count, longest)[0]

    grey = cv2.cvtColor(scene(300, 200, 6, (24, 60)), cv2.COLOR_BGR2GRAY)
    pictures = {
        "square.png": scene(320, 320, 9, (24, 70)),
        "portrait.png": scene(211, 397, 8, (24, 70)),
        "landscape.jpg": scene(523, 260, 10, (30, 90)),
        "large.jpg": scene(1280, 721, 14, (90, 260)),
        "double.png": scene(640, 640, 10, (50, 150)),
        "tiny.png": scene(47, 38, 1, (16, 22)),
        "small.png": scene(120, 90, 3, (18, 34)),
        "narrow.png": scene(90, 620, 7, (26, 60)),
        "grey.png": grey,
        "odd.jpg": scene(333, 319, 8, (24, 70)),
    }
    solid = scene(256, 256, 7, (24, 60))
    alpha = rng.integers(0, 256, solid.shape[:2], np.uint8)
    pictures["alpha.png"] = np.dstack([solid, alpha])
    for label in range(0, len(CLASSIFY_NAMES), 2):
        pictures[f"one_{label}.png"] = draw_portrait_of_one(rng, 180 + 40 * label, label)
    return pictures


def write_pictures(folder):
    """Writes drawn_pictures() into `folder` and returns the paths, in order."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, picture in drawn_pictures().items():
        path = folder / name
        partial = path.with_name(f"partial-{name}")  # another run may be reading the finished one
        if not cv2.imwrite(str(partial), picture):
            raise RuntimeError(f"cannot write {partial}")
        partial.replace(path)
        paths.append(path)
    return paths
