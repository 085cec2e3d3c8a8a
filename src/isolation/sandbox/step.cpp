// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/step.h"

#include <array>

namespace bulkhead::isolation {
namespace {

struct StepFact {
  Step step;
  std::string_view name;
  std::optional<Layer> layer;
};

constexpr std::array kFacts = {
    StepFact{Step::kNone, "start", std::nullopt},
    StepFact{Step::kOpenFile, "take a mount of a file", Layer::kPrivateRoot},
    StepFact{Step::kPipe, "open a pipe", std::nullopt},
    StepFact{Step::kOpenCgroup, "open the cgroup", std::nullopt},
    StepFact{Step::kClone, "clone a process", std::nullopt},
    StepFact{Step::kWriteIds, "write the user id map", Layer::kUserNamespace},
    StepFact{Step::kRelease, "release the process", std::nullopt},
    StepFact{Step::kAwake, "wait for the supervisor", std::nullopt},
    StepFact{Step::kEnterCgroup, "enter the cgroup", std::nullopt},
    StepFact{Step::kSession, "start a session", std::nullopt},
    StepFact{Step::kIdentity, "take its user id", Layer::kOwnUser},
    StepFact{Step::kCgroupNamespace, "enter a cgroup namespace", Layer::kCgroupNamespace},
    StepFact{Step::kPrivateMounts, "make its mounts private", Layer::kMountNamespace},
    StepFact{Step::kMakeRoot, "make a private root", Layer::kPrivateRoot},
    StepFact{Step::kPlaceFile, "place a file in the private root", Layer::kPrivateRoot},
    StepFact{Step::kEnterRoot, "enter the private root", Layer::kPrivateRoot},
    StepFact{Step::kHostName, "set a host name", Layer::kUtsNamespace},
    StepFact{Step::kWorkingFolder, "go to the root folder", std::nullopt},
    StepFact{Step::kCores, "keep to its cores", std::nullopt},
    StepFact{Step::kDescriptors, "arrange its descriptors", std::nullopt},
    StepFact{Step::kNoNewPrivileges, "renounce new privileges", Layer::kNoNewPrivileges},
    StepFact{Step::kCapabilities, "drop its capabilities", Layer::kNoCapabilities},
    StepFact{Step::kNotDumpable, "become undumpable", Layer::kNotDumpable},
    StepFact{Step::kDieWithParent, "bind its life to the supervisor's", std::nullopt},
    StepFact{Step::kReadFile, "read a file", std::nullopt},
    StepFact{Step::kLandlock, "restrict itself with Landlock", Layer::kLandlock},
    StepFact{Step::kLimits, "set its resource limits", Layer::kResourceLimits},
    StepFact{Step::kFilter, "install the system call filter", Layer::kSyscallFilter},
    StepFact{Step::kReady, "get ready", std::nullopt},
    StepFact{Step::kExec, "execute the program", std::nullopt},
};

// The table is indexed by the enumeration.
constexpr bool InOrder() {
  for (std::size_t i = 0; i < kFacts.size(); ++i) {
    if (static_cast<std::size_t>(kFacts[i].step) != i) return false;
  }
  return kFacts.size() == static_cast<std::size_t>(Step::kExec) + 1;
}
static_assert(InOrder());

}  // namespace

std::string_view StepName(Step step) { return kFacts.at(static_cast<std::size_t>(step)).name; }

std::optional<Layer> LayerOf(Step step) { return kFacts.at(static_cast<std::size_t>(step)).layer; }

}  // namespace bulkhead::isolation
