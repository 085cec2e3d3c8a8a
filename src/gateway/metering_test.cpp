// SPDX-License-Identifier: Apache-2.0
#include "gateway/metering.h"

#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "meter/test_ledger.h"
#include "meter/verify.h"

namespace bulkhead::gateway {
namespace {

using Recorded = base::Result<meter::RecordId>;

// No file of this process grows beyond `bytes` while it lives: writes end with EFBIG, as they end
// with ENOSPC on a full disk.
class FullDisk {
 public:
  explicit FullDisk(uint64_t bytes) {
    before_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit full{.rlim_cur = bytes, .rlim_max = limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &full);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }

 private:
  rlimit limit_{};
  void (*before_)(int);
};

class MeteringTest : public testing::Test {
 protected:
  void SetUp() override { metering_ = Metering::Open(io_, folder_.ledger(), {}).value(); }

  Recorded Record() {
    std::optional<Recorded> result;
    async::Spawn(io_, RecordInto(result));
    io_.restart();
    io_.run();
    return *std::move(result);
  }

  // The folder's only segment has no room left.
  [[nodiscard]] FullDisk FillDisk() const {
    return FullDisk(std::filesystem::file_size(folder_.segment("1")));
  }

  meter::VerifyReport End() {
    metering_.reset();
    return meter::Verify(folder_.ledger()).value();
  }

  async::Task<void> RecordInto(std::optional<Recorded>& result) {
    result = co_await metering_->Record(meter::ExampleRecord());
  }

  meter::TestFolder folder_;
  boost::asio::io_context io_;
  std::unique_ptr<Metering> metering_;
};

TEST_F(MeteringTest, RefusesForTheCallerWhileTheDiskIsFullAndGoesOnLater) {
  ASSERT_TRUE(Record().ok());
  {
    const FullDisk full = FillDisk();
    EXPECT_EQ(Record().error().code, base::Code::kUnavailable);
    EXPECT_TRUE(metering_->usable());
  }
  ASSERT_TRUE(Record().ok());
  EXPECT_EQ(End().ok.records, 2U);
}

TEST_F(MeteringTest, TakesBackWhenThereIsRoomAgain) {
  const meter::RecordId id = Record().value();
  {
    const FullDisk full = FillDisk();
    metering_->TakeBack(meter::ExampleRecord(), id);
    ASSERT_FALSE(Record().ok());
  }
  ASSERT_TRUE(Record().ok());
  const meter::VerifyReport report = End();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.ok.records, 2U);
  EXPECT_EQ(report.undelivered.records, 1U);
}

TEST_F(MeteringTest, TakesBackAtItsEndAtTheLatest) {
  const meter::RecordId id = Record().value();
  {
    const FullDisk full = FillDisk();
    metering_->TakeBack(meter::ExampleRecord(), id);
    ASSERT_FALSE(Record().ok());
  }
  EXPECT_EQ(End().undelivered.records, 1U);
}

TEST_F(MeteringTest, TellsTenantsNothingThatCounts) {
  const meter::RecordId first = Record().value();
  const meter::RecordId second = Record().value();
  EXPECT_EQ(second.sequence, first.sequence + 1);
  EXPECT_NE(metering_->ReceiptOf(first), metering_->ReceiptOf(second));
  EXPECT_EQ(metering_->ReceiptOf(first).size(), metering_->ledger().id().size() + 1 + 32);
}

}  // namespace
}  // namespace bulkhead::gateway
