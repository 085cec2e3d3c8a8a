// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bulkhead::bench {

// libjpeg-turbo with nothing around it: a full decode to RGB into storage that is kept. Ends the
// process when the picture is damaged, as the library does by itself.
class BareJpeg {
 public:
  void Decode(std::span<const std::byte> jpeg);

 private:
  std::vector<uint8_t> pixels_;
};

}  // namespace bulkhead::bench
