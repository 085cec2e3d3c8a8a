// SPDX-License-Identifier: Apache-2.0
#include "async/blocking_thread.h"

#include <new>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "async/test_loop.h"

namespace bulkhead::async {
namespace {

int NiceOfThisThread() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); }

TEST(BlockingThread, ThrowsWhereItIsWaitedForWhatItsWorkThrew) {
  boost::asio::io_context io(1);
  BlockingThread thread;
  bool caught = false;
  const auto wait = [&]() -> Task<> {
    std::function<int()> work = []() -> int { throw std::bad_alloc(); };
    try {
      co_await thread.Run<int>(std::move(work));
    } catch (const std::bad_alloc&) {
      caught = true;
    }
  };
  Spawn(io, wait());
  io.run();
  EXPECT_TRUE(caught);
}

TEST(BlockingThread, YieldsToTheThreadThatServesEverybody) {
  boost::asio::io_context io(1);
  BlockingThread thread;
  std::function<int()> work = NiceOfThisThread;
  const auto nice = Start(io, thread.Run<int>(std::move(work)));
  RunUntil(io, [&] { return nice->has_value(); });
  // 19 is as far as it goes.
  EXPECT_TRUE(**nice > NiceOfThisThread() || NiceOfThisThread() == 19);
}

}  // namespace
}  // namespace bulkhead::async
