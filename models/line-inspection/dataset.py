"""Training frames: rendered once into an array cache, then cropped and jittered per step."""

import argparse
import json
from multiprocessing import Pool
from pathlib import Path

import cv2
import numpy as np

from letterbox import INPUT_SIDE_PX, PAD_VALUE
from render import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, render_frame

# Seeds are split by range, so that no frame serves two purposes.
TRAIN_FIRST_SEED = 0
HELD_OUT_FIRST_SEED = 3_000_000
SAMPLE_FIRST_SEED = 2_000_000

SCALE = INPUT_SIDE_PX / FRAME_WIDTH_PX
CONTENT_WIDTH_PX = INPUT_SIDE_PX
CONTENT_HEIGHT_PX = round(FRAME_HEIGHT_PX * SCALE)


def _content(seed: int):
    """Rendered frame of a seed at the letterbox scale, uint8 (360, 640, 3), and its truth.

    The filter is bilinear as in the evaluation for two thirds of the frames and area
    averaging for the rest, so that the weights do not depend on one resampling filter.
    """
    cv2.setNumThreads(1)
    frame = render_frame(seed)
    filter_ = cv2.INTER_AREA if seed % 3 == 0 else cv2.INTER_LINEAR
    size = (CONTENT_WIDTH_PX, CONTENT_HEIGHT_PX)
    content = cv2.resize(frame.image, size, interpolation=filter_)
    return content, frame.boxes_px * SCALE, frame.class_ids


def build_cache(folder: Path, frames: int, workers: int) -> None:
    """Render `frames` training frames into folder/content.npy and folder/truth.json."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = (frames, CONTENT_HEIGHT_PX, CONTENT_WIDTH_PX, 3)
    content = np.lib.format.open_memmap(folder / "content.npy", "w+", np.uint8, shape)
    truth = []
    seeds = range(TRAIN_FIRST_SEED, TRAIN_FIRST_SEED + frames)
    with Pool(workers) as pool:
        for i, (image, boxes, ids) in enumerate(pool.imap(_content, seeds, chunksize=4)):
            content[i] = image
            truth.append({"boxes_px": boxes.tolist(), "class_ids": ids.tolist()})
            if (i + 1) % 200 == 0:
                print(f"rendered {i + 1} of {frames}", flush=True)
    content.flush()
    (folder / "truth.json").write_text(json.dumps(truth))


class FrameCache:
    """The cached frames and the random batches drawn from them.

    A batch depends only on (seed, step): a run that stops and resumes from a checkpoint
    sees the same batches as one that never stopped.
    """

    def __init__(self, folder: Path, seed: int):
        self.content = np.load(folder / "content.npy", mmap_mode="r")
        self.truth = [
            (np.array(t["boxes_px"], np.float32).reshape(-1, 4), np.array(t["class_ids"], np.int64))
            for t in json.loads((folder / "truth.json").read_text())
        ]
        self.seed = seed

    def __len__(self) -> int:
        return len(self.truth)

    def batch(self, step: int, size: int, height_px: int, width_px: int):
        """Images uint8 (size, height, width, 3) and, per image, boxes xyxy in px and classes."""
        rng = np.random.default_rng([self.seed, step])
        images = np.empty((size, height_px, width_px, 3), np.uint8)
        truths = []
        for i, frame in enumerate(rng.choice(len(self), size, replace=False)):
            images[i], boxes, ids = self._view(rng, int(frame), height_px, width_px)
            truths.append((boxes, ids))
        return images, truths

    def _view(self, rng: np.random.Generator, frame: int, height_px: int, width_px: int):
        """One cropped or padded, flipped and colour-jittered view of a frame."""
        boxes, ids = self.truth[frame]
        high, wide = CONTENT_HEIGHT_PX, CONTENT_WIDTH_PX
        top = int(rng.integers(0, max(high - height_px, 0) + 1))
        left = int(rng.integers(0, max(wide - width_px, 0) + 1))
        crop = self.content[frame, top : top + height_px, left : left + width_px]
        boxes = boxes - np.float32([left, top, left, top])
        rows, columns = crop.shape[:2]
        area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        boxes = np.clip(boxes, 0, np.float32([columns, rows, columns, rows]))
        shown = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        # A sliver of a defect at the border of a crop is neither truth nor background;
        # frames where that happens are few, so the sliver simply counts as background.
        keep = shown > 0.4 * area
        boxes, ids = boxes[keep], ids[keep]
        if rng.random() < 0.5:
            crop = crop[:, ::-1]
            x0, y0, x1, y1 = boxes.T
            boxes = np.stack([columns - x1, y0, columns - x0, y1], 1)
        if rng.random() < 0.5:
            crop = crop[::-1]
            x0, y0, x1, y1 = boxes.T
            boxes = np.stack([x0, rows - y1, x1, rows - y0], 1)
        # Brightness, contrast and colour balance through one look-up table per channel.
        gain = rng.uniform(0.8, 1.2) * rng.uniform(0.95, 1.05, 3)
        table = np.arange(256)[:, None] * gain + rng.uniform(-14, 14)
        table = np.clip(table, 0, 255).astype(np.uint8)
        crop = cv2.LUT(np.ascontiguousarray(crop), table[:, None, :])
        image = np.full((height_px, width_px, 3), PAD_VALUE, np.uint8)
        down, right = (height_px - rows) // 2, (width_px - columns) // 2
        image[down : down + rows, right : right + columns] = crop
        return image, boxes + np.float32([right, down, right, down]), ids


def main() -> None:
    """Command line: build the cache."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder outside the repository")
    parser.add_argument("--frames", type=int, default=2600)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    build_cache(options.cache, options.frames, options.workers)


if __name__ == "__main__":
    main()
