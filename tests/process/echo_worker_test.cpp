// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <span>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker_program.h"

namespace bulkhead {
namespace {

using testing::ElementsAre;

TEST(EchoWorker, AnswersPicturesAndTensorsAsAWorkerOfOursMight) {
  WorkerProgram worker({}, ECHO_WORKER);
  auto client = worker.Connect();
  ASSERT_TRUE(client.ok()) << client.error().detail;
  const std::vector<std::byte> picture(3);
  const auto detected = client.value().Detect(picture, {}, kPatience);
  ASSERT_TRUE(detected.ok()) << detected.error().detail;
  EXPECT_TRUE(detected.value().result.detections.empty());
  const std::vector<float> numbers(std::size_t{3} * 64 * 32);
  const base::TensorView input{
      base::ElementType::kFloat32, {1, 3, 64, 32}, std::as_bytes(std::span(numbers))};
  const auto tensors = client.value().Infer({&input, 1}, {}, kPatience);
  ASSERT_TRUE(tensors.ok()) << tensors.error().detail;
  EXPECT_THAT(tensors.value().outputs.at(0).tensor.dims, ElementsAre(1, 84, 42));
  EXPECT_TRUE(client.value().Drain(kPatience).ok());
  EXPECT_EQ(worker.End(), "exited 0");
}

}  // namespace
}  // namespace bulkhead
