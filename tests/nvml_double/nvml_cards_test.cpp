// SPDX-License-Identifier: Apache-2.0
#include "device/nvml_cards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nvml_double/test_nvml.h"

namespace bulkhead::device {
namespace {

using base::Code;

base::Result<std::vector<nvml::Card>> ReadDouble() {
  BH_ASSIGN(const auto library, nvml::Library::Load(BULKHEAD_NVML_DOUBLE));
  return nvml::ReadCards(*library);
}

TEST(NvmlCards, AreWhatTheTablesSay) {
  for (const mig::GpuModel& model : mig::GpuModels()) {
    SCOPED_TRACE(model.name);
    ResetDouble({{MakeSimulatedGpu(model, 3)}, {}, {}});
    const auto cards = ReadDouble();
    ASSERT_TRUE(cards.ok()) << cards.error().detail;
    ASSERT_EQ(cards.value().size(), 1U);
    const Gpu& gpu = cards.value()[0].gpu;
    EXPECT_EQ(gpu.uuid, "GPU-5107a7ed-0003-0000-0000-000000000000");
    EXPECT_EQ(gpu.minor, 3);
    EXPECT_EQ(gpu.driver_version, "550.double");
    EXPECT_EQ(gpu.model.name, model.name);
    EXPECT_EQ(gpu.model.product, model.product);
    EXPECT_EQ(gpu.model.memory_mib, model.memory_mib);
    EXPECT_EQ(gpu.model.units, model.units);
    EXPECT_EQ(gpu.mig, model.mig() ? MigMode::kOn : MigMode::kAbsent);
    EXPECT_EQ(gpu.ecc, true);
    ASSERT_EQ(gpu.model.profiles.size(), model.profiles.size());
    for (const mig::Profile& profile : gpu.model.profiles) {
      const int index = mig::FindProfile(model, profile.name);
      ASSERT_GE(index, 0) << profile.name;
      const mig::Profile& known = model.profiles[static_cast<std::size_t>(index)];
      EXPECT_EQ(profile.id, known.id) << profile.name;
      EXPECT_EQ(profile.slices, known.slices);
      EXPECT_EQ(profile.units, known.units);
      EXPECT_EQ(profile.starts, known.starts);
      EXPECT_EQ(profile.count_max, known.count_max);
      EXPECT_EQ(profile.media, known.media);
      EXPECT_EQ(profile.graphics, known.graphics);
      EXPECT_EQ(profile.memory_mib, known.memory_mib);
      EXPECT_EQ(profile.engines, known.engines);
    }
  }
}

TEST(NvmlCards, NameProfilesAsNvidiaDoes) {
  const auto name = [](unsigned which, unsigned slices, uint64_t mib, uint64_t total) {
    nvml::GpuProfile profile{};
    profile.slice_count = slices;
    profile.memory_size_mb = mib;
    return nvml::ProfileName(which, profile, total);
  };
  EXPECT_EQ(name(nvml::k1Slice, 1, 4864, 40960), "1g.5gb");
  EXPECT_EQ(name(nvml::k1SliceRev1, 1, 4864, 40960), "1g.5gb+me");
  EXPECT_EQ(name(nvml::k7Slice, 7, 81152, 81559), "7g.80gb");
  EXPECT_EQ(name(nvml::k1SliceRev2, 1, 33280, 143771), "1g.35gb");
  EXPECT_EQ(name(nvml::k2SliceAllMedia, 2, 48512, 97887), "2g.48gb+me.all");
  EXPECT_EQ(name(nvml::k1SliceNoMedia, 1, 24192, 97887), "1g.24gb-me");
  EXPECT_EQ(name(nvml::k4SliceGraphics, 4, 97280, 97887), "4g.96gb+gfx");
  // Of no sense, and no fault of ours.
  EXPECT_EQ(name(nvml::k1Slice, 0, UINT64_MAX, 0), "0g.1gb");
}

TEST(NvmlCards, TellOfInstancesOfOthers) {
  ResetDouble(TestGpus());
  MakeForeign(*Double().gpus);
  // Two compute instances in one, which we never make.
  const std::string gpu = Double().gpus->machine().gpus[1].uuid;
  ASSERT_TRUE(Double().gpus->CreateGpuInstance(gpu, 9, 4).ok());
  ASSERT_TRUE(Double().gpus->CreateComputeInstanceOf(gpu, 2, 2).ok());
  ASSERT_TRUE(Double().gpus->CreateComputeInstanceOf(gpu, 2, 1).ok());
  const auto cards = ReadDouble();
  ASSERT_TRUE(cards.ok()) << cards.error().detail;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(cards.value()[i].gpu.instances, Double().gpus->machine().gpus[i].instances);
  }
}

TEST(NvmlCards, LeaveOutAGpuThatIsLost) {
  ResetDouble(TestGpus());
  Double().lost.insert(Double().gpus->machine().gpus[0].uuid);
  EXPECT_EQ(ReadDouble().value().size(), 2U);
}

TEST(NvmlCards, SayWhenThereIsNoDriver) {
  const auto missing = nvml::Library::Load("/no/such/libnvidia-ml.so.1");
  EXPECT_EQ(missing.error().code, Code::kUnavailable);
  EXPECT_THAT(missing.error().detail, testing::HasSubstr("NVIDIA's driver is not here"));
  EXPECT_EQ(nvml::Library::Load("libc.so.6").error().code, Code::kUnavailable);
  ResetDouble(TestGpus());
  Double().failures[0] = {nvml::kVersionMismatch};
  const auto mismatch = nvml::Library::Load(BULKHEAD_NVML_DOUBLE);
  EXPECT_EQ(mismatch.error().code, Code::kUnavailable);
  EXPECT_THAT(mismatch.error().detail, testing::HasSubstr("nvmlInit_v2"));
}

}  // namespace
}  // namespace bulkhead::device
