// SPDX-License-Identifier: Apache-2.0
#include "channel/class_names.h"

#include <cstdint>

#include "base/utf8.h"
#include "channel/limits.h"

namespace bulkhead::channel {

bool FitsLimits(const std::vector<std::string>& class_names) {
  if (class_names.size() > kClassesMax) return false;
  std::size_t bytes = 0;
  for (const std::string& name : class_names) {
    bytes += name.size();
    if (name.size() > kClassNameBytesMax || !base::IsUtf8(name)) return false;
  }
  return bytes <= kClassNamesBytesMax;
}

void WriteClassNames(const std::vector<std::string>& class_names, base::ByteWriter& writer) {
  writer.Write<uint32_t>(static_cast<uint32_t>(class_names.size()));
  for (const std::string& name : class_names) writer.WriteText(name);
}

std::vector<std::string> ReadClassNames(base::ByteReader& reader) {
  const std::size_t count = reader.ReadCount(kClassesMax, sizeof(uint32_t));
  std::vector<std::string> names;
  names.reserve(count);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    names.push_back(reader.ReadText(kClassNameBytesMax));
  }
  if (!FitsLimits(names)) reader.Fail();
  return names;
}

}  // namespace bulkhead::channel
