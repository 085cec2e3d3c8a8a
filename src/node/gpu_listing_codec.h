// SPDX-License-Identifier: Apache-2.0
// The body of GpuListing.
#pragma once

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "node/messages.h"

namespace bulkhead::node {

void WriteGpus(const GpuListing& listing, base::ByteWriter& writer);

// Makes the reader fail on what WriteGpus does not write.
GpuListing ReadGpus(RequestId id, base::ByteReader& reader);

}  // namespace bulkhead::node
