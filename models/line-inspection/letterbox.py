"""The input geometry of the model: fit a picture into the square, and map boxes back."""

import cv2
import numpy as np

INPUT_SIDE_PX = 640
PAD_VALUE = 114


def letterbox_geometry(width_px: int, height_px: int, side_px: int = INPUT_SIDE_PX) -> tuple:
    """(scale, content width, content height, left pad, top pad) of a centred fit, in pixels."""
    scale = min(side_px / width_px, side_px / height_px)
    wide, high = round(width_px * scale), round(height_px * scale)
    # Where the padding is odd, the left and the top get the smaller half.
    return scale, wide, high, (side_px - wide) // 2, (side_px - high) // 2


def letterbox(image: np.ndarray, side_px: int = INPUT_SIDE_PX) -> np.ndarray:
    """Scale an RGB uint8 picture (H, W, 3) into (side, side, 3), grey 114 around it."""
    height, width = image.shape[:2]
    _, wide, high, left, top = letterbox_geometry(width, height, side_px)
    square = np.full((side_px, side_px, 3), PAD_VALUE, np.uint8)
    content = cv2.resize(image, (wide, high), interpolation=cv2.INTER_LINEAR)
    square[top : top + high, left : left + wide] = content
    return square


def to_tensor(square: np.ndarray) -> np.ndarray:
    """uint8 (S, S, 3) to float32 (1, 3, S, S) in 0..1."""
    return np.ascontiguousarray(square.transpose(2, 0, 1)[None], np.float32) / 255


def boxes_to_picture(boxes_px: np.ndarray, width_px: int, height_px: int) -> np.ndarray:
    """Map boxes (n, 4) xyxy from the square back to the picture and clip them to it."""
    scale, _, _, left, top = letterbox_geometry(width_px, height_px)
    boxes = (boxes_px - np.float32([left, top, left, top])) / np.float32(scale)
    return np.clip(boxes, 0, np.float32([width_px, height_px, width_px, height_px]))
