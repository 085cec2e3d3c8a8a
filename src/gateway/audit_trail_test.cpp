// SPDX-License-Identifier: Apache-2.0
#include "gateway/audit_trail.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "async/test_loop.h"
#include "audit/line_reader.h"
#include "audit/record.h"
#include "audit/verify.h"
#include "meter/test_ledger.h"

namespace bulkhead::gateway {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// No file of this process grows any more.
class NoRoom {
 public:
  NoRoom() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &usual_);
    const rlimit none{.rlim_cur = 0, .rlim_max = usual_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;
  ~NoRoom() { ::setrlimit(RLIMIT_FSIZE, &usual_); }

 private:
  rlimit usual_{};
};

class AuditTrailTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(home());
    std::filesystem::create_directory(folder_.path() / "copy");
    Open();
  }

  void Open() {
    trail_.reset();
    auto opened = AuditTrail::Open({io_,
                                    [this](std::string_view line) { said_.emplace_back(line); },
                                    home(),
                                    folder_.path() / "copy",
                                    {}});
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    trail_ = std::move(opened).value();
  }

  [[nodiscard]] std::filesystem::path home() const { return folder_.path() / "gateway"; }

  template <typename T>
  T Wait(async::Task<T> task) {
    const auto outcome = async::Start(io_, std::move(task));
    async::RunUntil(io_, [&] { return outcome->has_value(); });
    return std::move(outcome->value());
  }

  async::Task<bool> Ended(std::vector<audit::Event> events, int status) {
    ActionOutcome outcome;
    outcome.object_name = "key-1";
    co_await trail_->End(std::move(events), status, std::move(outcome));
    co_return true;
  }

  // "key-revoke RequestReceived 0", ... without what the log says of itself.
  std::vector<std::string> Told() {
    std::vector<std::string> told;
    audit::LineReader lines(home() / "audit", 0);
    for (auto line = lines.Next(); line.ok() && line.value(); line = lines.Next()) {
      const auto record = audit::ReadRecord(line.value()->text);
      if (!record.ok()) return {"not a record"};
      const std::string name(audit::NamesOf(record.value().kind).name);
      if (name.starts_with("log-") || name.starts_with("config-")) continue;
      told.push_back(name + " " + std::string(audit::NameOf(record.value().stage)) + " " +
                     std::to_string(record.value().status));
    }
    return told;
  }

  static std::vector<audit::Event> Actions(std::initializer_list<audit::EventKind> kinds) {
    std::vector<audit::Event> events;
    for (const audit::EventKind kind : kinds) {
      events.emplace_back().kind = kind;
      events.back().tenant = "plant";
    }
    return events;
  }

  const meter::TestFolder folder_;
  boost::asio::io_context io_;
  std::vector<std::string> said_;
  std::unique_ptr<AuditTrail> trail_;
};

TEST_F(AuditTrailTest, RecordsBeforeAndAfter) {
  auto events = Actions({audit::EventKind::kQuotaChange, audit::EventKind::kPolicyChange});
  ASSERT_TRUE(Wait(trail_->Begin(events)).ok());
  EXPECT_THAT(Told(),
              ElementsAre("quota-change RequestReceived 0", "policy-change RequestReceived 0"));
  EXPECT_EQ(events[0].audit_id, events[1].audit_id);
  EXPECT_TRUE(Wait(Ended(events, 200)));
  EXPECT_THAT(
      Told(),
      ElementsAre("quota-change RequestReceived 0", "policy-change RequestReceived 0",
                  "quota-change ResponseComplete 200", "policy-change ResponseComplete 200"));
}

TEST_F(AuditTrailTest, RefusesAnActionThatCannotBeRecorded) {
  auto events = Actions({audit::EventKind::kTenantDelete});
  {
    const NoRoom full;
    const base::Status refused = Wait(trail_->Begin(events));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, base::Code::kUnavailable);
    EXPECT_THAT(refused.error().detail, HasSubstr("so it was not done"));
  }
  EXPECT_THAT(Told(), ElementsAre());
  EXPECT_TRUE(Wait(trail_->Begin(events)).ok()) << "there is room again";
}

TEST_F(AuditTrailTest, WritesAnOutcomeLaterThatFoundNoRoom) {
  auto events = Actions({audit::EventKind::kKeyCreate});
  ASSERT_TRUE(Wait(trail_->Begin(events)).ok());
  {
    const NoRoom full;
    EXPECT_TRUE(Wait(Ended(events, 201)));
  }
  EXPECT_THAT(Told(), ElementsAre("key-create RequestReceived 0"));
  EXPECT_TRUE(Wait(trail_->Checkpoint()).ok());
  EXPECT_THAT(Told(),
              ElementsAre("key-create RequestReceived 0", "key-create ResponseComplete 201"));
}

TEST_F(AuditTrailTest, EndsWhatAnEarlierGatewayLeft) {
  auto events = Actions({audit::EventKind::kTenantDelete});
  ASSERT_TRUE(Wait(trail_->Begin(events)).ok());
  Open();
  EXPECT_THAT(said_, Contains(HasSubstr("ended within tenant-delete plant")));
  EXPECT_THAT(Told(), ElementsAre("tenant-delete RequestReceived 0", "tenant-delete Panic 0"));
}

TEST_F(AuditTrailTest, SignsAndSendsItsCheckpointsAway) {
  ASSERT_TRUE(Wait(trail_->Checkpoint()).ok());
  EXPECT_FALSE(std::filesystem::is_empty(folder_.path() / "copy"));
  trail_.reset();
  const auto key = audit::OwnVerifierKey(home() / "audit");
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(key.value().name.starts_with("bulkhead-gateway/"));
  EXPECT_TRUE(audit::Verify(home() / "audit", key.value()).value().sound());
}

}  // namespace
}  // namespace bulkhead::gateway
