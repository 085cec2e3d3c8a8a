// SPDX-License-Identifier: Apache-2.0
// From a dcgm-exporter to advice, with a store in a file; the node and the workers are played.
#include "gateway/use_feed.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/read_file.h"
#include "base/test_folder.h"
#include "fleet/test_fleet.h"
#include "gateway/deployment_use.h"
#include "store/sqlite_store.h"
#include "telemetry/test_otlp_receiver.h"

namespace bulkhead::gateway {
namespace {

using std::chrono::milliseconds;
using telemetry::OtlpReceiver;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kHour = 3'600'000;
constexpr int64_t kBegin = 472'000 * kHour;

// An instance of 3g.20gb that is used little, beside another's.
std::string Metrics() {
  const auto bytes = base::ReadFile(BULKHEAD_TEST_DATA "/dcgm/a100_two_slices.txt", 1 << 20);
  EXPECT_TRUE(bytes.ok());
  if (!bytes.ok()) return "";
  return {reinterpret_cast<const char*>(bytes.value().data()), bytes.value().size()};
}

class UseFeedTest : public fleet::FleetTest {
 protected:
  void SetUp() override {
    auto store = store::OpenSqliteStore(folder_.path() / "bulkhead.db");
    ASSERT_TRUE(store.ok()) << store.error().detail;
    store_ = std::move(store).value();
    OpenWithNode();
    feed_ = MakeFeed("first");
  }
  void TearDown() override {
    feed_.reset();
    store_.reset();
  }

  std::unique_ptr<UseFeed> MakeFeed(const std::string& writer) {
    return std::make_unique<UseFeed>(
        UseFeedParts{io_, accounts_, *fleet_, statistics_, store_->use_history(), blocking_,
                     [this](std::string_view line) { said_.emplace_back(line); },
                     [this] { return now_; }},
        writer);
  }

  // One deployment, whose worker is ready there.
  void Serve(const std::string& profile, const std::string& partition, const std::string& device) {
    tenant::Records records;
    records.tenants.push_back({.id = {"tenant-a"}, .name = "plant"});
    records.models.push_back({{"tenant-a"}, {"plates"}, 1, {}, 1, 0});
    records.deployments.push_back(
        {{"DeploymentAbcdef"}, {"tenant-a"}, {"plates"}, 1, profile, 1, true, 0});
    accounts_.Set(records);
    fleet::DesiredDeployment desired = ADeployment();
    desired.profile = profile;
    desired.cores = "cpu:1c2g";
    Set({desired});
    const std::string name = NextLaunch();
    node::ReadyWorker ready;
    ready.about.name = name;
    ready.about.starts = 1;
    ready.about.place.partition_id = partition;
    ready.about.place.device_id = device;
    ready.frames = worker_.TakeFrames();
    Hear(std::move(ready));
    worker_.SayHello(1);
    fleet::RunReady(io_);
  }

  void Begin(OtlpReceiver& exporter, const telemetry::ScrapeLimits& limits) {
    feed_->Begin({{"127.0.0.1", exporter.port(), "/metrics"}}, "bulkhead/test", limits);
  }

  double Value(const std::string& metric) {
    std::vector<telemetry::Family> families;
    feed_->AppendFamilies(families);
    for (const telemetry::Family& family : families) {
      if (family.name == metric) return std::get<double>(family.samples.front().value);
    }
    return -1;
  }
  void AwaitMore(const std::string& metric, double more) {
    const double wanted = Value(metric) + more;
    fleet::RunUntil(io_, [&] { return Value(metric) >= wanted; });
  }

  void Answer(int frames) {
    RequestTimes times;
    times.total = milliseconds(20);
    for (int i = 0; i < frames; ++i) {
      statistics_.Succeeded({{"tenant-a"}, {"plates"}, 1}, "plant", 1, times, now_);
    }
  }

  base::Status Write() {
    feed_->Count();
    const auto written = fleet::Start(io_, feed_->Write());
    fleet::RunUntil(io_, [&] { return written->has_value(); });
    return **written;
  }

  std::vector<DeploymentUse> Read() {
    const auto read = fleet::Start(io_, ReadUse(accounts_, store_->use_history(), blocking_, 0));
    fleet::RunUntil(io_, [&] { return read->has_value(); });
    EXPECT_TRUE((*read)->ok()) << ((*read)->ok() ? "" : (*read)->error().detail);
    return (*read)->ok() ? (*read)->value() : std::vector<DeploymentUse>{};
  }

  std::vector<store::UseRow> Rows() { return store_->use_history().Use({}).value(); }

  const base::TestFolder folder_;
  std::unique_ptr<store::Store> store_;
  Accounts accounts_{Pepper{}};
  Statistics statistics_;
  async::BlockingThread blocking_;
  fleet::PlayedWorker worker_;
  int64_t now_ = kBegin;
  std::vector<std::string> said_;
  std::unique_ptr<UseFeed> feed_;
};

TEST_F(UseFeedTest, LeadsFromAnExporterToAdvice) {
  Serve("3g.20gb", "gpu0-gi2", "GPU-a");
  OtlpReceiver exporter([](std::size_t) { return OtlpReceiver::Answer(200, Metrics()); });
  Begin(exporter, {.every = milliseconds(1), .timeout = milliseconds(60'000)});
  for (int hour = 0; hour < 24; ++hour) {
    now_ = kBegin + hour * kHour;
    Answer(10);
    AwaitMore("bulkhead_use_readings_total", 5);
    ASSERT_TRUE(Write().ok());
  }
  const auto use = Read();
  ASSERT_THAT(use, SizeIs(1));
  EXPECT_EQ(use[0].tenant_name, "plant");
  const advice::UseReport& report = use[0].report;
  EXPECT_EQ(report.gpu, "A100-40GB");
  EXPECT_THAT(report.devices, ElementsAre("GPU-a/2"));
  EXPECT_EQ(report.evidence.frames, 240U);
  EXPECT_GE(report.evidence.readings, 120U);
  EXPECT_DOUBLE_EQ(report.evidence.engine_p95, 0.1);
  EXPECT_EQ(report.evidence.memory_max_mib, 812);
  EXPECT_EQ(report.evidence.p99_ms, 25);
  EXPECT_EQ(report.advice.verdict, advice::Verdict::kTooBig);
  EXPECT_EQ(report.advice.profile, "1g.5gb");
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(UseFeedTest, KeepsFramesAndP99OfCoresWithoutAnyExporter) {
  Serve("cpu:2c4g", "cpu-0", "cpu");
  Answer(3);
  ASSERT_TRUE(Write().ok());
  const auto rows = Rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].deployment.text, "DeploymentAbcdef");
  EXPECT_EQ(rows[0].profile, "cpu:2c4g");
  EXPECT_EQ(rows[0].device, "");
  EXPECT_EQ(rows[0].frames, 3U);
  EXPECT_EQ(rows[0].p99_us, 25'000U);
}

TEST_F(UseFeedTest, CountsNothingTwiceWhenItIsWrittenAgainOrStartedAnew) {
  Serve("cpu:2c4g", "cpu-0", "cpu");
  Answer(3);
  ASSERT_TRUE(Write().ok());
  Answer(1);
  ASSERT_TRUE(Write().ok());
  ASSERT_TRUE(Write().ok());
  ASSERT_THAT(Rows(), SizeIs(1));
  EXPECT_EQ(Read().at(0).report.evidence.frames, 4U);
  statistics_ = {};
  feed_ = MakeFeed("second");
  Answer(2);
  ASSERT_TRUE(feed_->WriteNow().ok());
  const advice::Evidence evidence = Read().at(0).report.evidence;
  EXPECT_EQ(evidence.frames, 6U);
  EXPECT_EQ(evidence.hours, 1U);
}

TEST_F(UseFeedTest, ForgetsWhatIsOlderThanAMonth) {
  Serve("cpu:2c4g", "cpu-0", "cpu");
  Answer(3);
  ASSERT_TRUE(Write().ok());
  now_ += (UseFeed::kDaysKept * 24 + 1) * kHour;
  ASSERT_TRUE(Write().ok());
  ASSERT_THAT(Rows(), SizeIs(1));
  EXPECT_EQ(Rows()[0].hour_unix_ms, now_);
}

TEST_F(UseFeedTest, SaysOnceThatAnExporterIsAwayAndOnceThatItIsBack) {
  Serve("3g.20gb", "gpu0-gi2", "GPU-a");
  OtlpReceiver exporter([](std::size_t number) {
    if (number == 1) return OtlpReceiver::Answer(503, "");
    if (number == 2) return OtlpReceiver::Answer(500, "");
    return OtlpReceiver::Answer(200, Metrics());
  });
  Begin(exporter, {.every = milliseconds(1), .timeout = milliseconds(60'000)});
  AwaitMore("bulkhead_use_readings_total", 2);
  EXPECT_EQ(Value("bulkhead_use_scrape_failures_total"), 2);
  ASSERT_THAT(said_, SizeIs(2));
  EXPECT_THAT(said_[0], HasSubstr("answers 503"));
  EXPECT_THAT(said_[1], HasSubstr("answers again"));
}

// What each of these says comes to nothing, and the exporter is asked again.
TEST_F(UseFeedTest, TakesNoHarmFromAnExporterThatIsSlowEndlessHugeOrLies) {
  Serve("3g.20gb", "gpu0-gi2", "GPU-a");
  std::string crowd;
  for (std::size_t i = 0; i <= UseFeed::kDevicesMax; ++i) {
    crowd += "DCGM_FI_DEV_FB_USED{UUID=\"GPU-" + std::to_string(i) + "\"} 1\n";
  }
  const std::string lies =
      "DCGM_FI_DEV_FB_USED{UUID=\"GPU-b\",GPU_I_ID=\"2\"} 1\n"
      "DCGM_FI_DEV_FB_USED{UUID=\"GPU-a\",GPU_I_ID=\"99999999999\"} 1\n"
      "DCGM_FI_DEV_FB_USED{UUID=\"GPU-a\",GPU_I_ID=\"2\"} 9223372036854775794\n"
      "DCGM_FI_PROF_GR_ENGINE_ACTIVE{UUID=\"GPU-a\",GPU_I_ID=\"2\"} NaN\n"
      "DCGM_FI_PROF_DRAM_ACTIVE{UUID=\"GPU-a\",GPU_I_ID=\"2\"} -1\n";
  OtlpReceiver exporter([&](std::size_t number) {
    if (number == 1) return OtlpReceiver::Silence();
    if (number == 2) return OtlpReceiver::Answer(200, std::string(300'000, '#'));
    if (number == 3) return OtlpReceiver::Answer(200, crowd);
    if (number == 4) return OtlpReceiver::Answer(200, "<html>no metrics</html>");
    return OtlpReceiver::Answer(200, lies);
  });
  Begin(exporter, {.every = milliseconds(1), .timeout = milliseconds(1'000), .bytes_max = 250'000});
  AwaitMore("bulkhead_use_scrapes_total", 6);
  EXPECT_EQ(Value("bulkhead_use_scrape_failures_total"), 4);
  EXPECT_EQ(Value("bulkhead_use_readings_total"), 0);
  ASSERT_TRUE(Write().ok());
  ASSERT_THAT(Rows(), SizeIs(1));
  EXPECT_EQ(Rows()[0].device, "") << "an hour without readings";
}

}  // namespace
}  // namespace bulkhead::gateway
