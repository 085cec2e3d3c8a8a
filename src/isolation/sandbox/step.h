// SPDX-License-Identifier: Apache-2.0
// The steps of a start, and what one of them that failed looks like.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "isolation/layer.h"

namespace bulkhead::isolation {

enum class Step : uint8_t {
  kNone,
  // Of the parent.
  kOpenFile,  // index: of the plan's binds; the child's where the parent lacks the right
  kPipe,
  kOpenCgroup,
  kClone,
  kWriteIds,
  kRelease,
  // Of the child, in their order.
  kAwake,
  kEnterCgroup,  // index: of the plan's entrances
  kSession,
  kIdentity,
  kCgroupNamespace,
  kPrivateMounts,
  kMakeRoot,
  kPlaceFile,  // index
  kEnterRoot,
  kHostName,
  kWorkingFolder,
  kCores,
  kDescriptors,
  kNoNewPrivileges,
  kCapabilities,
  kNotDumpable,
  kDieWithParent,
  kReadFile,  // index
  kLandlock,
  kLimits,
  kFilter,
  kReady,  // the last report before exec; no failure
  kExec,
};

// What the child writes on its report pipe: one write, less than PIPE_BUF.
struct StepReport {
  Step step = Step::kNone;
  int32_t error = 0;  // errno; 0 only with kAwake and kReady
  uint32_t index = 0;
};

// In words, to follow "could not": "make a private root".
std::string_view StepName(Step step);

// The layer that a step makes; nullopt: a step that no compartment can do without.
std::optional<Layer> LayerOf(Step step);

}  // namespace bulkhead::isolation
