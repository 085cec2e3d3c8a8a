// SPDX-License-Identifier: Apache-2.0
// Tensors and types of an ONNX file; private to the adapter, since it names libonnx's types.
#pragma once

#include <onnx/onnx_pb.h>

#include "base/result.h"
#include "base/tensor.h"
#include "model/onnx_graph.h"

namespace bulkhead::model {

// kInvalid: an undefined type, a negative or too large dimension, or data that does not fill the
// shape. kUnsupported: external data. kExhausted: too many dimensions.
base::Result<Constant> ToConstant(const onnx::TensorProto& tensor);

// A value that is no tensor, or has no shape, has type kOther and no dimensions.
base::Result<base::TensorSpec> ToTensorSpec(const onnx::ValueInfoProto& value);

}  // namespace bulkhead::model
