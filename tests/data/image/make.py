#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes every picture of this folder and, with OpenCV, the pixels it must decode to (expected/).

Needs numpy, opencv-python (5.0.0 was used) and Pillow (13.0.0). Run it in this folder.
"""
import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

HERE = Path(__file__).parent
W, H = 19, 13


def pattern():
    """No symmetry: a gradient, a red corner, a blue bar."""
    y, x = np.mgrid[0:H, 0:W]
    rgb = np.stack([x * 13, y * 19, 255 - (x + y) * 7], axis=-1).astype(np.uint8)
    rgb[:4, :5] = (250, 10, 20)
    rgb[9:, 12:16] = (5, 30, 240)
    return rgb


RGB = pattern()
GRAY = np.asarray(Image.fromarray(RGB).convert("L"))
ALPHA = (np.mgrid[0:H, 0:W][1] * 13).astype(np.uint8)


def exif(orientation, order="<"):
    mark = b"II" if order == "<" else b"MM"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return mark + struct.pack(order + "HIH", 42, 8, 1) + entry + struct.pack(order + "I", 0)


def save(name, content):
    (HERE / name).write_bytes(content)


def pillow(name, image, **options):
    out = io.BytesIO()
    image.save(out, name.rsplit(".", 1)[1].replace("jpg", "jpeg"), **options)
    save(name, out.getvalue())
    return out.getvalue()


def jpegs():
    rgb = Image.fromarray(RGB)
    pillow("rgb444.jpg", rgb, quality=90, subsampling=0)
    pillow("rgb422.jpg", rgb, quality=90, subsampling=1)
    pillow("rgb420.jpg", rgb, quality=90, subsampling=2)
    pillow("progressive.jpg", rgb, quality=90, subsampling=2, progressive=True)
    pillow("restart.jpg", rgb, quality=90, subsampling=2, restart_marker_blocks=1)
    pillow("keep_rgb.jpg", rgb, quality=90, keep_rgb=True)
    pillow("gray.jpg", Image.fromarray(GRAY), quality=90)
    ink = pillow("cmyk.jpg", rgb.convert("CMYK"), quality=90)
    # The same samples declared as YCCK: the last byte of Adobe's segment is the transform.
    at = ink.index(b"Adobe") + 11
    save("ycck.jpg", ink[:at] + b"\x02" + ink[at + 1:])
    # Without Adobe's segment.
    start = ink.index(b"\xff\xee")
    save("cmyk_plain.jpg", ink[:start] + ink[start + 16:])
    for turn in range(1, 9):
        pillow(f"exif{turn}.jpg", rgb, quality=90, subsampling=2,
               exif=b"Exif\0\0" + exif(turn, "<>"[turn % 2]))
    pillow("pixel.jpg", rgb.crop((0, 0, 1, 1)), quality=90)
    pillow("row.jpg", rgb.crop((0, 6, W, 7)), quality=90)
    pillow("column.jpg", rgb.crop((6, 0, 7, H)), quality=90)


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def pack(samples, depth):
    """Rows of unsigned samples (height, width * channels) as PNG packs them, filter 0 each."""
    rows = []
    for row in samples:
        if depth == 16:
            packed = row.astype(">u2").tobytes()
        elif depth == 8:
            packed = row.astype(np.uint8).tobytes()
        else:
            bits = "".join(format(int(v), f"0{depth}b") for v in row)
            bits += "0" * (-len(bits) % 8)
            packed = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
        rows.append(b"\0" + packed)
    return b"".join(rows)


def interlaced(samples, depth):
    """Adam7: x start, y start, x step, y step of each pass."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)]
    out = b""
    for x, y, step_x, step_y in passes:
        part = samples[y::step_y, x::step_x]
        if part.size:
            out += pack(part.reshape(part.shape[0], -1), depth)
    return out


def png(name, samples, depth, kind, before=b"", after=b"", adam7=False):
    samples = samples.reshape(samples.shape[0], samples.shape[1], -1)
    height, width, _ = samples.shape
    body = interlaced(samples, depth) if adam7 else pack(samples.reshape(height, -1), depth)
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(adam7))
    save(name, b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before
         + chunk(b"IDAT", zlib.compress(body, 9)) + after + chunk(b"IEND", b""))


def pngs():
    wide = lambda a: a.astype(np.uint16) * 256 + 255 - a  # low bytes that rounding would notice
    for depth in (1, 2, 4):
        png(f"gray{depth}.png", GRAY >> (8 - depth), depth, 0)
    png("gray8.png", GRAY, 8, 0)
    png("gray16.png", wide(GRAY), 16, 0)
    png("gray8_trns.png", GRAY, 8, 0, before=chunk(b"tRNS", struct.pack(">H", int(GRAY[0, 0]))))
    png("gray_alpha8.png", np.dstack([GRAY, ALPHA]), 8, 4)
    png("gray_alpha16.png", np.dstack([wide(GRAY), wide(ALPHA)]), 16, 4)
    png("rgb8.png", RGB, 8, 2)
    png("rgb16.png", wide(RGB), 16, 2)
    png("rgb8_trns.png", RGB, 8, 2, before=chunk(b"tRNS", struct.pack(">HHH", 250, 10, 20)))
    png("rgba8.png", np.dstack([RGB, ALPHA]), 8, 6)
    png("rgba16.png", np.dstack([wide(RGB), wide(ALPHA)]), 16, 6)
    for depth in (1, 2, 4, 8):
        colours = bytes((i * 37 + c * 91) % 256 for i in range(1 << min(depth, 6)) for c in range(3))
        index = (GRAY >> 2) >> (6 - min(depth, 6))
        palette = chunk(b"PLTE", colours)
        png(f"palette{depth}.png", index, depth, 3, before=palette)
        if depth == 4:
            png("palette4_trns.png", index, 4, 3, before=palette + chunk(b"tRNS", bytes([0, 128])))
            png("palette4_adam7.png", index, 4, 3, before=palette, adam7=True)
    png("gray1_adam7.png", GRAY >> 7, 1, 0, adam7=True)
    png("rgb8_adam7.png", RGB, 8, 2, adam7=True)
    png("rgba16_adam7.png", np.dstack([wide(RGB), wide(ALPHA)]), 16, 6, adam7=True)
    png("gamma.png", RGB, 8, 2, before=chunk(b"gAMA", struct.pack(">I", 100000)))
    png("exif6.png", RGB, 8, 2, before=chunk(b"eXIf", exif(6)))
    png("exif8_last.png", RGB, 8, 2, after=chunk(b"eXIf", exif(8, ">")))
    png("pixel.png", RGB[:1, :1], 8, 2)
    png("row.png", RGB[6:7], 8, 2)
    png("column.png", RGB[:, 6:7], 8, 2)


def webps():
    rgb = Image.fromarray(RGB)
    rgba = Image.fromarray(np.dstack([RGB, ALPHA]))
    pillow("lossy.webp", rgb, quality=80)
    pillow("lossless.webp", rgb, lossless=True)
    pillow("lossy_alpha.webp", rgba, quality=80)
    pillow("lossless_alpha.webp", rgba, lossless=True, exact=True)
    pillow("exif6.webp", rgb, quality=80, exif=exif(6))
    pillow("pixel.webp", rgb.crop((0, 0, 1, 1)), lossless=True)
    pillow("row.webp", rgb.crop((0, 6, W, 7)), quality=80)
    pillow("animated.webp", rgb, lossless=True, save_all=True, duration=100,
           append_images=[Image.fromarray(255 - RGB)])


def hostile():
    """Small files that ask for much; without expectations."""
    zeros = zlib.compress(bytes(1 << 20), 9)
    png("hostile/text.png", RGB, 8, 2, before=chunk(b"zTXt", b"a\0\0" + zeros))
    png("hostile/profile.png", RGB, 8, 2, before=chunk(b"iCCP", b"a\0\0" + zeros))
    png("hostile/exif.png", RGB, 8, 2, after=struct.pack(">I", 1 << 30) + b"eXIf" + exif(6))
    header = struct.pack(">IIBBBBB", 9000, 9000, 8, 2, 0, 0, 0)
    save("hostile/huge.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
         + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b""))


def expectations():
    for path in sorted(HERE.iterdir()):
        if path.suffix in (".jpg", ".png", ".webp"):
            bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
            height, width, _ = bgr.shape
            head = f"P6\n{width} {height}\n255\n".encode()
            (HERE / "expected" / (path.name + ".ppm")).write_bytes(head + bgr[:, :, ::-1].tobytes())


(HERE / "expected").mkdir(exist_ok=True)
(HERE / "hostile").mkdir(exist_ok=True)
jpegs()
pngs()
webps()
hostile()
expectations()
