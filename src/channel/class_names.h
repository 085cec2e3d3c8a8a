// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace bulkhead::channel {

// At most kClassesMax names of kClassNameBytesMax bytes of UTF-8, kClassNamesBytesMax together.
bool FitsLimits(const std::vector<std::string>& class_names);

// A count, then the texts.
void WriteClassNames(const std::vector<std::string>& class_names, base::ByteWriter& writer);

// Fails the reader where the limits are broken.
std::vector<std::string> ReadClassNames(base::ByteReader& reader);

}  // namespace bulkhead::channel
