"""What the ONNX file says about itself."""

from letterbox import INPUT_SIDE_PX
from render import CLASS_NAMES

OPSET = 17
VERSION = "1.0.0"


def metadata(made_on: str) -> dict[str, str]:
    """The metadata_props that YOLO servers read; every value is the str() of a Python value.

    made_on: day of the export, YYYY-MM-DD.
    """
    arguments = {
        "batch": 1, "half": False, "dynamic": False, "simplify": True, "opset": OPSET, "nms": False,
    }
    values = {
        "description": "Bulkhead line-inspection detector, trained on rendered metal parts",
        "author": "Bulkhead",
        "date": made_on,
        "version": VERSION,
        "license": "Apache-2.0",
        "docs": "models/line-inspection/MODEL_CARD.md",
        "stride": 32,
        "task": "detect",
        "batch": 1,
        "imgsz": [INPUT_SIDE_PX, INPUT_SIDE_PX],
        "names": dict(enumerate(CLASS_NAMES)),
        "args": arguments,
        "channels": 3,
        "end2end": False,
    }
    return {key: str(value) for key, value in values.items()}
