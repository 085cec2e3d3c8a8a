// SPDX-License-Identifier: Apache-2.0
// Masks as run lengths over their own rectangle: row by row from the top left, pixels without the
// object first, alternating. A run is an unsigned LEB128 number (DWARF 5, section 7.6) of fewest
// bytes; runs end where they fill the rectangle, so that a mask has one encoding.
#pragma once

#include <cstddef>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "yolo/detection.h"

namespace bulkhead::channel {

// False, with an unfinished mask written, when the writer grew over `bytes_max`.
bool WriteMask(const yolo::Mask& mask, std::size_t bytes_max, base::ByteWriter& writer);

// Reads the rectangle alone; `bits` stays empty. Fails the reader when a side or a corner is over
// kImageSideMax.
yolo::Mask ReadMaskFrame(base::ByteReader& reader);

// Reads width x height pixels into `bits`. Fails the reader when the runs are not what WriteMask
// writes.
void ReadMaskRuns(yolo::Mask& mask, base::ByteReader& reader);

}  // namespace bulkhead::channel
