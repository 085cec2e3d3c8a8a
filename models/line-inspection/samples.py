"""Render the sample pictures and their truth: frames that training and evaluation never see."""

import argparse
import json
from pathlib import Path

from PIL import Image

from dataset import SAMPLE_FIRST_SEED
from render import CLASS_NAMES, FRAME_HEIGHT_PX, FRAME_WIDTH_PX, render_frame

# Picked by eye among the first 48 seeds, for variety and small files, without looking at
# any detection. Number 27 is a part without any defect.
OFFSETS = (5, 10, 19, 20, 22, 27, 28, 32, 36, 39, 41, 44)
JPEG_QUALITY = 88


def truth_of(name: str, seed: int, frame) -> dict:
    """Entry of truth.json for one picture; box_px is x0, y0, x1, y1 in picture pixels."""
    defects = [
        {"class_id": int(i), "class": CLASS_NAMES[i], "box_px": [round(float(v), 1) for v in box]}
        for i, box in zip(frame.class_ids, frame.boxes_px)
    ]
    return {"file": name, "seed": seed, "defects": defects}


def write_samples(folder: Path) -> None:
    """Write the JPEGs and truth.json."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for number, offset in enumerate(OFFSETS, 1):
        seed, name = SAMPLE_FIRST_SEED + offset, f"part-{number:02d}.jpg"
        frame = render_frame(seed)
        Image.fromarray(frame.image).save(folder / name, quality=JPEG_QUALITY, optimize=True)
        entries.append(truth_of(name, seed, frame))
    truth = {
        "width_px": FRAME_WIDTH_PX, "height_px": FRAME_HEIGHT_PX,
        "names": list(CLASS_NAMES), "pictures": entries,
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("samples"))
    write_samples(parser.parse_args().out)


if __name__ == "__main__":
    main()
