// SPDX-License-Identifier: Apache-2.0
// Enumerations as they are written: numbers that stay when an enumeration is reordered.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/tensor.h"
#include "yolo/model_spec.h"

namespace bulkhead::channel {

// gRPC's numbers (grpc/grpc, doc/statuscodes.md); kConflict is ABORTED.
uint8_t WireOf(base::Code code);
uint8_t WireOf(yolo::Task task);
uint8_t WireOf(yolo::HeadLayout head);
uint8_t WireOf(base::ElementType type);

// nullopt: not a number of the table.
std::optional<base::Code> CodeOfWire(uint8_t value);
std::optional<yolo::Task> TaskOfWire(uint8_t value);
std::optional<yolo::HeadLayout> HeadOfWire(uint8_t value);
std::optional<base::ElementType> ElementTypeOfWire(uint8_t value);

}  // namespace bulkhead::channel
