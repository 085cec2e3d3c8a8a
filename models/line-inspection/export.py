"""Write the averaged weights of a checkpoint as line-inspection.onnx."""

import argparse
from datetime import date
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import onnxslim
import torch

from letterbox import INPUT_SIDE_PX
from metadata import OPSET, metadata
from network import Detector
from render import CLASS_NAMES

IR_VERSION = 10


def fold_normalisation(model: torch.nn.Module) -> None:
    """Fold every batch normalisation into the convolution before it."""
    for unit in model.modules():
        if hasattr(unit, "norm") and hasattr(unit, "conv"):
            unit.conv = torch.nn.utils.fuse_conv_bn_eval(unit.conv, unit.norm)
            unit.norm = torch.nn.Identity()


def export(checkpoint: Path, out: Path, made_on: str) -> None:
    """Export, simplify, describe and compare with PyTorch on one random input."""
    model = Detector(len(CLASS_NAMES)).eval()
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    model.load_state_dict(state["average"])
    fold_normalisation(model)
    model.decoded = True
    example = torch.rand(1, 3, INPUT_SIDE_PX, INPUT_SIDE_PX, generator=torch.manual_seed(1))
    # The tracing exporter: the newer one starts at opset 18 and converts down.
    torch.onnx.export(
        model, (example,), str(out), input_names=["images"], output_names=["output0"],
        opset_version=OPSET, dynamo=False,
    )
    graph = onnxslim.slim(onnx.load(out))
    graph.ir_version = min(graph.ir_version, IR_VERSION)
    onnx.helper.set_model_props(graph, metadata(made_on))
    onnx.checker.check_model(graph)
    onnx.save(graph, out)
    with torch.no_grad():
        expected = model(example).numpy()
    session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    given = session.run(None, {"images": example.numpy()})[0]
    worst = float(np.abs(given - expected).max())
    if given.shape != (1, 4 + len(CLASS_NAMES), 8400) or worst > 0.01:
        raise SystemExit(f"export differs: shape {given.shape}, largest difference {worst}")
    print(f"step {state['step']}, {out.stat().st_size} bytes, largest difference {worst:.2g}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    default = Path(__file__).with_name("line-inspection.onnx")
    parser.add_argument("--out", type=Path, default=default)
    parser.add_argument("--date", default=date.today().isoformat())
    options = parser.parse_args()
    export(options.checkpoint, options.out, options.date)


if __name__ == "__main__":
    main()
