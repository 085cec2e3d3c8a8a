"""Writes the small ONNX files of this folder. Needs the `onnx` package; run it where they lie.

Each detector answers with constants, so that a test knows what must come out: input `images`
float32 [1,3,64,64], output `output0` float32 [1, 4+nc, 84] (64 px at strides 8, 16, 32).
"""
import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

ANCHORS = 84
# cx, cy, w, h in input pixels, then the scores of two classes.
DETECTIONS = {3: (16, 16, 16, 16, 0.9, 0.1), 40: (44, 40, 24, 16, 0.2, 0.8)}
METADATA = {
    "description": "Bulkhead test detector",
    "author": "Bulkhead",
    "stride": "32",
    "task": "detect",
    "batch": "1",
    "imgsz": "[64, 64]",
    "names": "{0: 'bolt', 1: 'nut'}",
    "args": "{'batch': 1, 'half': False, 'dynamic': False, 'nms': False}",
}


def rows(poison=None):
    """float32 [1, 6, ANCHORS]: the detections above; `poison` replaces one score."""
    values = np.zeros((1, 6, ANCHORS), np.float32)
    for anchor, row in DETECTIONS.items():
        values[0, :, anchor] = row
    if poison is not None:
        values[0, 4, 3] = poison
    return values


def detector(path, output, metadata, dims=(1, 3, 64, 64), half=False):
    """A graph whose output is `output` whatever the picture shows."""
    element = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    kind = np.float16 if half else np.float32
    constants = [
        numpy_helper.from_array(output.astype(kind), "rows"),
        numpy_helper.from_array(np.zeros(1, kind), "zero"),
    ]
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Reshape", ["nothing", "shape"], ["column"]),
        helper.make_node("Add", ["rows", "column"], ["output0"]),
    ]
    constants.append(numpy_helper.from_array(np.array([-1, 1, 1], np.int64), "shape"))
    batch = dims[0] if isinstance(dims[0], str) else int(dims[0])
    graph = helper.make_graph(
        nodes,
        "detector",
        [helper.make_tensor_value_info("images", element, list(dims))],
        [helper.make_tensor_value_info("output0", element, [batch, *output.shape[1:]])],
        constants,
    )
    store(path, graph, metadata)


def store(path, graph, metadata):
    """Checks and writes a model of opset 17."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata)
    checker.check_model(model)
    save(model, path)


def main():
    """Writes every file."""
    detector("two_bolts.onnx", rows(), METADATA)
    detector("half.onnx", rows(), METADATA, half=True)
    detector("dynamic_batch.onnx", rows(), METADATA, dims=("batch", 3, 64, 64))
    detector("static_batch_2.onnx", np.concatenate([rows(), np.zeros_like(rows())]), METADATA,
             dims=(2, 3, 64, 64))
    detector("nan_scores.onnx", rows(poison=np.nan), METADATA)
    detector("lying_names.onnx", rows(), METADATA | {"names": "{0: 'a', 1: 'b', 2: 'c'}"})
    detector("lying_task.onnx", rows(), METADATA | {"task": "segment"})
    detector("no_metadata.onnx", rows(), {})
    adder = helper.make_graph(
        [helper.make_node("Add", ["a", "b"], ["sum"])],
        "adder",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, [4]) for n in ("a", "b")],
        [helper.make_tensor_value_info("sum", TensorProto.FLOAT, [4])],
    )
    store("not_yolo.onnx", adder, {})


if __name__ == "__main__":
    main()
