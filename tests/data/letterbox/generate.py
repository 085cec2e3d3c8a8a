# SPDX-License-Identifier: Apache-2.0
"""Writes expected.bin: network inputs as OpenCV and Pillow make them, for letterbox_expected_test.

Run with opencv-python, pillow and numpy: python generate.py. The pictures are not stored; both
sides make them with the same generator. A record is 11 little-endian int32
    crop (0 letterbox, 1 shorter side and centre crop), picture width and height,
    target width and height, dynamic (0, 1), input width and height, content width and height, seed
and then 3 * input height * input width bytes, planar R, G, B.
"""

import pathlib
import struct

import cv2
import numpy as np
from PIL import Image

LETTERBOX = [  # width, height, target width, target height, dynamic
    (96, 54, 32, 32, 0),  # odd integral scale: nothing to interpolate
    (64, 36, 32, 32, 0),  # exact halving
    (81, 108, 32, 32, 0),
    (37, 23, 32, 32, 0),
    (9, 31, 32, 32, 0),  # upscaling
    (1, 1, 32, 32, 0),
    (400, 2, 32, 32, 0),  # content height rounds to 0
    (61, 20, 64, 64, 1),  # smallest rectangle
    (32, 24, 32, 32, 0),  # no resize
    (50, 41, 48, 32, 0),
]
CROP = [  # width, height, target
    (96, 54, 24),
    (33, 40, 24),
    (17, 9, 24),  # upscaling
    (24, 24, 24),
    (301, 77, 24),
    (1, 1, 24),
]


def picture(width, height, seed):
    values = np.empty(width * height * 3, np.uint8)
    state = seed
    for i in range(values.size):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = state >> 24
    return values.reshape(height, width, 3)


def letterbox(pixels, target_width, target_height, dynamic):
    height, width = pixels.shape[:2]
    gain = min(target_height / height, target_width / width)
    content = (max(round(width * gain), 1), max(round(height * gain), 1))
    slack_x, slack_y = target_width - content[0], target_height - content[1]
    if dynamic:
        slack_x, slack_y = slack_x % 32, slack_y % 32
    if content != (width, height):
        pixels = cv2.resize(pixels, content, interpolation=cv2.INTER_LINEAR)
    edges = [round(slack / 2 + side) for slack in (slack_y, slack_x) for side in (-0.1, 0.1)]
    return cv2.copyMakeBorder(pixels, *edges, cv2.BORDER_CONSTANT, value=(114,) * 3), content


def crop(pixels, target):
    height, width = pixels.shape[:2]
    short, long = sorted((width, height))
    longer = int(target * long / short)
    content = (target, longer) if width <= height else (longer, target)
    resized = np.asarray(Image.fromarray(pixels).resize(content, Image.BILINEAR))
    x, y = round((content[0] - target) / 2), round((content[1] - target) / 2)
    return resized[y : y + target, x : x + target], content


def main():
    cv2.setNumThreads(1)
    records = []
    for seed, (width, height, target_width, target_height, dynamic) in enumerate(LETTERBOX):
        out, content = letterbox(picture(width, height, seed), target_width, target_height, dynamic)
        head = (0, width, height, target_width, target_height, dynamic)
        records.append((head, out, content, seed))
    for seed, (width, height, target) in enumerate(CROP, start=100):
        out, content = crop(picture(width, height, seed), target)
        records.append(((1, width, height, target, target, 0), out, content, seed))
    with open(pathlib.Path(__file__).with_name("expected.bin"), "wb") as file:
        for head, out, content, seed in records:
            numbers = (*head, out.shape[1], out.shape[0], *content, seed)
            file.write(struct.pack("<11i", *numbers))
            file.write(np.ascontiguousarray(out.transpose(2, 0, 1)).tobytes())


main()
