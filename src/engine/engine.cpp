// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include "base/check.h"

namespace bulkhead::engine {

std::string_view ProviderName(Provider provider) {
  switch (provider) {
    case Provider::kCpu:
      return "cpu";
    case Provider::kCuda:
      return "cuda";
    case Provider::kTensorRt:
      return "tensorrt";
  }
  BH_CHECK(false);
}

}  // namespace bulkhead::engine
