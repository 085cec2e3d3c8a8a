// SPDX-License-Identifier: Apache-2.0
#include "engine/usable_cores.h"

#include <thread>

#include <gtest/gtest.h>
#include <sched.h>

namespace bulkhead::engine {
namespace {

TEST(UsableCores, CountsOnlyTheCoresOfTheAffinityMask) {
  int counted = 0;
  // A thread of its own, so that the narrow mask does not outlive the test.
  std::thread([&counted] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
    if (sched_setaffinity(0, sizeof(one), &one) == 0) counted = UsableCores();
  }).join();
  EXPECT_EQ(counted, 1);
}

TEST(UsableCores, IsNeverLessThanOne) { EXPECT_GE(UsableCores(), 1); }

}  // namespace
}  // namespace bulkhead::engine
