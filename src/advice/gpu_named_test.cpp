// SPDX-License-Identifier: Apache-2.0
#include "advice/gpu_named.h"

#include <string>

#include <gtest/gtest.h>

namespace bulkhead::advice {
namespace {

std::string Named(std::string_view product, std::string_view profile = "") {
  const mig::GpuModel* model = GpuNamed(product, profile);
  return model == nullptr ? "" : model->name;
}

TEST(GpuNamed, KnowsTheProductsOfAllModels) {
  for (const mig::GpuModel& model : mig::GpuModels()) EXPECT_EQ(Named(model.product), model.name);
}

TEST(GpuNamed, KnowsOtherBuildsOfAModel) {
  EXPECT_EQ(Named("NVIDIA A100-PCIE-40GB"), "A100-40GB");
  EXPECT_EQ(Named("NVIDIA A100 80GB PCIe"), "A100-80GB");
  EXPECT_EQ(Named("A100-SXM4-40GB", "3g.20gb"), "A100-40GB");
  EXPECT_EQ(Named("NVIDIA H100 PCIe", "1g.10gb"), "H100-80GB");
  EXPECT_EQ(Named("NVIDIA H100 PCIe", "1g.12gb"), "H100-94GB");
}

TEST(GpuNamed, DoesNotGuess) {
  EXPECT_EQ(Named("NVIDIA H100 PCIe"), "");
  EXPECT_EQ(Named("NVIDIA A100-SXM4-40GB", "3g.40gb"), "");
  EXPECT_EQ(Named("NVIDIA GeForce RTX 4090"), "");
  EXPECT_EQ(Named("NVIDIA RTX PRO 5000 Blackwell", "1g.24gb"), "");
  EXPECT_EQ(Named(""), "");
}

}  // namespace
}  // namespace bulkhead::advice
