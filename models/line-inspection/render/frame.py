"""One frame: lay out the part, its features and its defects, draw, light and photograph it."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from . import defects, features
from .camera import photograph, shade
from .canvas import Canvas
from .surface import bare_canvas, cut_outline, machine_relief, outline_polygon

FRAME_WIDTH_PX, FRAME_HEIGHT_PX = 1920, 1080
CLASS_NAMES = ("scratch", "dent", "hole", "stain", "missing_screw")
_CELL_PX = 8
_DRIVES = ("hex", "cross", "slot", "star")


@dataclass
class Frame:
    """A rendered picture and its truth.

    image: uint8 (1080, 1920, 3), RGB.
    boxes_px: float32 (n, 4), x0, y0, x1, y1 in frame pixels, far borders exclusive.
    class_ids: int64 (n,), index into CLASS_NAMES.
    """

    image: np.ndarray
    boxes_px: np.ndarray
    class_ids: np.ndarray


@dataclass
class Layout:
    """Places already taken, on a grid of 8 px cells, and what was put there.

    Every item is a tuple (kind, arguments); the drawing order is the order of the list.
    """

    taken: np.ndarray
    items: list = field(default_factory=list)

    def claim_disc(self, x_px: float, y_px: float, radius_px: float) -> bool:
        """Take the square around a disc; False, and nothing taken, where it is not free."""
        r = radius_px + 10
        top, bottom = int((y_px - r) // _CELL_PX), int((y_px + r) // _CELL_PX) + 1
        left, right = int((x_px - r) // _CELL_PX), int((x_px + r) // _CELL_PX) + 1
        if top < 0 or left < 0 or bottom > self.taken.shape[0] or right > self.taken.shape[1]:
            return False
        cells = self.taken[top:bottom, left:right]
        if cells.any():
            return False
        cells[:] = 1
        return True

    def claim_path(self, path_px: np.ndarray) -> bool:
        """Take a band of about 40 px along a path; False where it leaves the free area."""
        points = np.round(path_px / _CELL_PX).astype(np.int32)
        if points.min() < 3 or (points.max(axis=0) >= np.array(self.taken.shape[::-1]) - 3).any():
            return False
        band = np.zeros_like(self.taken)
        cv2.polylines(band, [points], False, 1, 5)
        if (band & self.taken).any():
            return False
        self.taken |= band
        return True


def _free_area(corners_px: np.ndarray) -> Layout:
    """Layout in which everything outside the part, and its edge, counts as taken."""
    shape = (FRAME_HEIGHT_PX // _CELL_PX, FRAME_WIDTH_PX // _CELL_PX)
    inside = np.zeros(shape, np.uint8)
    cv2.fillPoly(inside, [np.round(corners_px / _CELL_PX).astype(np.int32)], 1)
    inside = cv2.erode(inside, np.ones((7, 7), np.uint8), borderValue=0)
    return Layout(1 - inside)


def _lay_screws(rng: np.random.Generator, layout: Layout, missing: int, turn_rad: float) -> None:
    """A rectangle or row of equal screw seats, of which some have lost their screw."""
    seat_px = rng.uniform(34, 66)
    drive, albedo = _DRIVES[int(rng.integers(4))], float(rng.choice((0.25, 0.55, 0.8)))
    across, down = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    pitch_x, pitch_y = rng.uniform(190, 520), rng.uniform(190, 420)
    places = []
    for _ in range(12):
        x0, y0 = rng.uniform(90, FRAME_WIDTH_PX - 90), rng.uniform(90, FRAME_HEIGHT_PX - 90)
        for i in range(across * down):
            dx, dy = (i % across) * pitch_x, (i // across) * pitch_y
            x = x0 + dx * np.cos(turn_rad) - dy * np.sin(turn_rad)
            y = y0 + dx * np.sin(turn_rad) + dy * np.cos(turn_rad)
            if layout.claim_disc(x, y, seat_px + 6):
                places.append((x, y))
        if len(places) >= max(missing, min(2, across * down)):
            break
    lost = set(rng.permutation(len(places))[:missing].tolist())
    for i, (x, y) in enumerate(places):
        layout.items.append(("seat", (x, y, seat_px, drive, albedo, i in lost)))


def _lay_features(rng: np.random.Generator, layout: Layout, turn_rad: float) -> None:
    """Drilled holes, slots and a part number at free places."""
    radius_px = rng.uniform(16, 52)
    for _ in range(int(rng.integers(0, 7))):
        x, y = rng.uniform(60, FRAME_WIDTH_PX - 60), rng.uniform(60, FRAME_HEIGHT_PX - 60)
        if rng.random() < 0.25:
            radius_px = rng.uniform(16, 52)
        if layout.claim_disc(x, y, radius_px * 1.35):
            layout.items.append(("bore", (x, y, radius_px)))
    if rng.random() < 0.35:
        x, y, length_px = rng.uniform(200, 1700), rng.uniform(200, 880), rng.uniform(110, 240)
        angle = turn_rad + (np.pi / 2 if rng.random() < 0.5 else 0.0)
        if layout.claim_disc(x, y, length_px / 2 + 12):
            layout.items.append(("slot", (x, y, length_px, angle)))
    if rng.random() < 0.4:
        x, y = rng.uniform(260, FRAME_WIDTH_PX - 260), rng.uniform(80, FRAME_HEIGHT_PX - 80)
        if layout.claim_path(np.array([(x - 210, y), (x + 210, y)])):
            text = "".join(rng.choice(list("ABCDEFHKLMNPRTX"), 2)) + f"-{rng.integers(100, 9999)}"
            layout.items.append(("engraving", (x, y, text)))


def _lay_defects(rng: np.random.Generator, layout: Layout, kinds: list) -> None:
    """Find a free place for each of the asked defects; gives up on one after 30 trials."""
    for kind in kinds:
        for _ in range(30):
            x, y = rng.uniform(40, FRAME_WIDTH_PX - 40), rng.uniform(40, FRAME_HEIGHT_PX - 40)
            if kind == "scratch":
                path = defects.scratch_path(rng, x, y)
                if layout.claim_path(path):
                    layout.items.append((kind, (path,)))
                    break
                continue
            low, high = {"dent": (30, 88), "hole": (17, 52), "stain": (34, 130)}[kind]
            radius_px = low * (high / low) ** rng.random()
            if layout.claim_disc(x, y, radius_px * (1.6 if kind == "hole" else 1.25)):
                layout.items.append((kind, (x, y, radius_px)))
                break


def _draw(rng: np.random.Generator, canvas: Canvas, item: tuple, with_defects: bool):
    """Draw one item; returns (class name, box) for a defect, else None."""
    kind, args = item
    if kind == "seat":
        x, y, seat_px, drive, albedo, lost = args
        features.draw_seat(rng, canvas, x, y, seat_px)
        if lost and with_defects:
            features.draw_thread(rng, canvas, x, y, seat_px)
            r = seat_px + 2
            return "missing_screw", (x - r, y - r, x + r, y + r)
        features.draw_screw(rng, canvas, x, y, seat_px, drive, albedo)
        return None
    if kind in CLASS_NAMES:
        if not with_defects:
            return None
        return kind, getattr(defects, f"draw_{kind}")(rng, canvas, *args)
    getattr(features, f"draw_{kind}")(rng, canvas, *args)
    return None


def render_frame(
    seed: int, *, with_defects: bool = True, with_noise: bool = True, clean: bool = False
) -> Frame:
    """Render the frame of a seed; the same arguments always give the same frame.

    with_defects=False draws the same part without its defects, with its screws in place.
    with_noise=False leaves out blur, grain and JPEG traces. clean=True asks for a part on
    which no defect is planned at all.
    """
    plan = np.random.default_rng([seed, 0])
    turn_rad = float(np.radians(plan.uniform(-5, 5)))
    corners = outline_polygon(plan, FRAME_HEIGHT_PX, FRAME_WIDTH_PX, turn_rad)
    layout = _free_area(corners)
    count = 0 if clean or plan.random() < 0.06 else int(plan.integers(3, 9))
    kinds = [CLASS_NAMES[i] for i in plan.integers(0, len(CLASS_NAMES), count)]
    missing = min(2, kinds.count("missing_screw"))
    if missing or plan.random() < 0.6:
        _lay_screws(plan, layout, missing, turn_rad)
    _lay_features(plan, layout, turn_rad)
    _lay_defects(plan, layout, [kind for kind in kinds if kind != "missing_screw"])

    base = np.random.default_rng([seed, 1])
    canvas = bare_canvas(base, FRAME_HEIGHT_PX, FRAME_WIDTH_PX)
    machine_relief(base, canvas, turn_rad)
    cut_outline(base, canvas, corners)
    found = []
    for i, item in enumerate(layout.items):
        # Each item has its own stream, so leaving a defect out changes nothing else.
        truth = _draw(np.random.default_rng([seed, 2, i]), canvas, item, with_defects)
        if truth is not None:
            found.append(truth)
    linear = shade(np.random.default_rng([seed, 4]), canvas)
    image = photograph(np.random.default_rng([seed, 3]), linear, with_noise)
    boxes = np.array([box for _, box in found], np.float32).reshape(-1, 4)
    boxes = np.clip(boxes, 0, (FRAME_WIDTH_PX, FRAME_HEIGHT_PX) * 2)
    ids = np.array([CLASS_NAMES.index(name) for name, _ in found], np.int64)
    return Frame(image, boxes, ids)
