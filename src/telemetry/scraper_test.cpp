// SPDX-License-Identifier: Apache-2.0
#include "telemetry/scraper.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/test_otlp_receiver.h"

namespace bulkhead::telemetry {
namespace {

using base::Code;
using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr milliseconds kNever{3'600'000};

// What a scraper hears, for a test to wait for.
class Heard {
 public:
  void operator()(base::Result<std::string> text) {
    const std::lock_guard lock(mutex_);
    texts_.push_back(std::move(text));
    came_.notify_all();
  }
  base::Result<std::string> Await(std::size_t number) {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [&] { return texts_.size() >= number; });
    return texts_[number - 1];
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<base::Result<std::string>> texts_;
};

class ScraperTest : public testing::Test {
 protected:
  void Scrape(const OtlpReceiver& exporter, const ScrapeLimits& limits) {
    scraper_.emplace(HttpPlace{"127.0.0.1", exporter.port(), "/metrics"}, "bulkhead/test", limits,
                     [this](base::Result<std::string> text) { heard_(std::move(text)); });
  }

  Heard heard_;
  std::optional<Scraper> scraper_;
};

TEST_F(ScraperTest, AsksAgainAndAgain) {
  OtlpReceiver exporter([](std::size_t number) {
    return OtlpReceiver::Answer(200, "number " + std::to_string(number));
  });
  Scrape(exporter, {.every = milliseconds(1), .timeout = kNever});
  EXPECT_EQ(heard_.Await(1).value(), "number 1");
  EXPECT_EQ(heard_.Await(3).value(), "number 3");
  const OtlpReceiver::Request request = exporter.Await(1).front();
  EXPECT_EQ(request.method_string(), "GET");
  EXPECT_EQ(request.target(), "/metrics");
  EXPECT_EQ(request["Host"], "127.0.0.1:" + std::to_string(exporter.port()));
}

TEST_F(ScraperTest, TellsAnExporterThatRefusesOrSaysTooMuchAndGoesOn) {
  OtlpReceiver exporter([](std::size_t number) {
    if (number == 1) return OtlpReceiver::Answer(503, "later");
    return OtlpReceiver::Answer(200, std::string(number == 2 ? 101 : 100, 'x'));
  });
  Scrape(exporter, {.every = milliseconds(1), .timeout = kNever, .bytes_max = 100});
  const auto refused = heard_.Await(1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("answers 503"));
  const auto large = heard_.Await(2);
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code, Code::kUnavailable);
  EXPECT_EQ(heard_.Await(3).value().size(), 100U);
}

TEST_F(ScraperTest, TellsAnExporterThatSaysNothing) {
  OtlpReceiver exporter([](std::size_t number) {
    return number == 1 ? OtlpReceiver::Silence() : OtlpReceiver::Answer(200, "awake");
  });
  Scrape(exporter, {.every = milliseconds(1), .timeout = milliseconds(200)});
  const auto silent = heard_.Await(1);
  ASSERT_FALSE(silent.ok());
  EXPECT_EQ(silent.error().code, Code::kDeadline);
}

TEST_F(ScraperTest, EndsAtOnceWhileItWaitsForAnAnswer) {
  OtlpReceiver exporter([](std::size_t) { return OtlpReceiver::Silence(); });
  Scrape(exporter, {.every = kNever, .timeout = kNever});
  static_cast<void>(exporter.Await(1));
  scraper_.reset();
}

TEST(HttpPlace, IsReadFromAUrl) {
  const auto place = ParseHttpPlace("--dcgm", "http://[::1]:9400/metrics?x=1").value();
  EXPECT_EQ(place.host, "::1");
  EXPECT_EQ(place.port, 9400);
  EXPECT_EQ(place.path, "/metrics?x=1");
  EXPECT_EQ(place.Authority(), "[::1]:9400");
  EXPECT_EQ(ParseHttpPlace("--dcgm", "http://exporter").value().Authority(), "exporter:80");
  for (const char* wrong : {"", "exporter:9400", "ftp://x", "http://", "http://:9400/",
                            "http://x:/", "http://x:0/", "http://x:65536/", "http://x:94 00/",
                            "http://[::1/", "http://me:secret@x/", "http://x/\r\nHost: y"}) {
    const auto refused = ParseHttpPlace("--dcgm", wrong);
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_EQ(refused.error().code, Code::kInvalid) << wrong;
    EXPECT_THAT(refused.error().detail, testing::StartsWith("--dcgm: ")) << wrong;
    EXPECT_THAT(refused.error().detail, testing::Not(HasSubstr("secret")));
  }
  EXPECT_EQ(ParseHttpPlace("--dcgm", "https://x").error().code, Code::kUnsupported);
}

}  // namespace
}  // namespace bulkhead::telemetry
