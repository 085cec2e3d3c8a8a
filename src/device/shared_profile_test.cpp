// SPDX-License-Identifier: Apache-2.0
#include "device/shared_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/profile_text.h"
#include "device/test_gpus.h"

namespace bulkhead::device {
namespace {

using base::Code;
using testing::Contains;
using testing::HasSubstr;

constexpr SharedProfile kQuarter{25, 4};

Gpu AT4() { return MakeSimulatedGpu(T4(), 0); }

TEST(SharedProfile, IsReadAsItIsWritten) {
  EXPECT_EQ(ParseSharedProfile("shared:25p4g").value(), kQuarter);
  EXPECT_EQ(FormatSharedProfile(kQuarter), "shared:25p4g");
  EXPECT_EQ(ParseProfile("shared:100p16g").value(), "shared:100p16g");
  EXPECT_EQ(TierOfProfile("shared:25p4g"), Tier::kSoft);
  for (const char* wrong : {"shared:", "shared:25p", "shared:0p4g", "shared:101p4g", "shared:25p0g",
                            "shared:025p4g", "shared:25p4g ", "shared:25p4", "shared:25%4g",
                            "25p4g", "shared:25p-4g", "shared:25p4097g"}) {
    EXPECT_EQ(ParseSharedProfile(wrong).error().code, Code::kInvalid) << wrong;
    EXPECT_FALSE(ParseProfile(wrong).ok()) << wrong;
  }
}

TEST(SharedProfile, IsOfOneTenantAlone) {
  EXPECT_TRUE(CheckShare(kQuarter, AT4(), "plant", {}, {}).ok());
  EXPECT_TRUE(CheckShare(kQuarter, AT4(), "plant", {"plant"}, {kQuarter}).ok());
  EXPECT_EQ(CheckShare(kQuarter, AT4(), "plant", {"plant", "city"}, {}).error().code,
            Code::kDenied);
}

TEST(SharedProfile, NeedsMemoryWithEcc) {
  Gpu gpu = AT4();
  gpu.ecc = false;
  EXPECT_THAT(CheckShare(kQuarter, gpu, "plant", {}, {}).error().detail, HasSubstr("ECC is off"));
  gpu.ecc.reset();
  EXPECT_EQ(CheckShare(kQuarter, gpu, "plant", {}, {}).error().code, Code::kUnsupported);
}

TEST(SharedProfile, IsNotOnAGpuThatIsCut) {
  const Gpu gpu = MakeSimulatedGpu(A100(), 0);
  EXPECT_THAT(CheckShare(kQuarter, gpu, "plant", {}, {}).error().detail, HasSubstr("is cut"));
}

TEST(SharedProfile, LeavesNoGpuSharedToMoreThanItIs) {
  EXPECT_TRUE(CheckShare({40, 7}, AT4(), "plant", {}, {{60, 8}}).ok());
  EXPECT_EQ(CheckShare({41, 7}, AT4(), "plant", {}, {{60, 8}}).error().code, Code::kExhausted);
  EXPECT_EQ(CheckShare({40, 8}, AT4(), "plant", {}, {{60, 8}}).error().code, Code::kExhausted);
}

TEST(SharedProfile, TellsMpsItsLimits) {
  const auto environment = ShareEnvironment(kQuarter, AT4());
  EXPECT_THAT(environment, Contains("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE=25"));
  EXPECT_THAT(environment, Contains("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT=0=4G"));
}

TEST(SharedProfile, IsRefusedByABackendThatCannotKeepItsLimits) {
  const auto backend =
      OpenTestGpus(std::make_shared<SimulatedGpus>(TestGpus()), InstanceJournal::InMemory());
  const auto refused = backend->Acquire({"shared:25p4g"});
  EXPECT_EQ(refused.error().code, Code::kUnsupported);
  EXPECT_THAT(refused.error().detail, HasSubstr("gpu for a whole one"));
  EXPECT_EQ(backend->Acquire({"shared:nonsense"}).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::device
