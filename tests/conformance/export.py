# SPDX-License-Identifier: Apache-2.0
"""Exports a trained checkpoint to ONNX with the package's own export()."""

import pathlib
import shutil
import tempfile

import onnx
from onnxruntime.transformers import float16
from ultralytics import YOLO

import catalog
import yolov5_form


def export(model, variant, checkpoint, path):
    """Writes the ONNX file of `variant` to `path`, through the package.

    Raises whatever the package raises when it does not offer the variant.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if model.anchors:
        yolov5_form.export(model, variant, checkpoint, path)
        if variant.half_io:
            to_half_io(path)
        return path
    options = {"imgsz": catalog.IMAGE_SIZE, **variant.options}
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        local = pathlib.Path(scratch) / pathlib.Path(checkpoint).name
        shutil.copyfile(checkpoint, local)
        exported = pathlib.Path(YOLO(str(local)).export(format="onnx", verbose=False, **options))
        if variant.half_io:
            to_half_io(exported)
        exported.rename(path)
    return path


def to_half_io(path):
    """Turns an FP32 export into one whose weights, inputs and outputs are all FP16.

    The package writes such files only on a GPU; its CPU export keeps FP32 at the edges.
    """
    graph = onnx.load(path)
    onnx.save(float16.convert_float_to_float16(graph, keep_io_types=False), path)


def image_size(path):
    """(height, width) to predict a dynamic export at: its metadata's imgsz; None for static ones.

    Left alone the package would take 640 for a dynamic export whatever it was exported at; Bulkhead
    takes the metadata's, so the suite asks the package for that.
    """
    graph = onnx.load(path, load_external_data=False)
    sides = [d.dim_value for d in graph.graph.input[0].type.tensor_type.shape.dim[2:]]
    if all(side > 0 for side in sides):
        return None
    written = {p.key: p.value for p in graph.metadata_props}.get("imgsz")
    return [int(n) for n in written.strip("[]").split(",")] if written else [640, 640]
