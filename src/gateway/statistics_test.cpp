// SPDX-License-Identifier: Apache-2.0
#include "gateway/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::gateway {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

const ModelKey kLine{{"T1"}, {"line-3"}, 2};

RequestTimes Times(int batch = 1) {
  RequestTimes times;
  times.worker = {milliseconds(1),  milliseconds(2), milliseconds(1),
                  milliseconds(40), milliseconds(1), batch};
  times.total = milliseconds(50);
  return times;
}

std::string Text(const Statistics& statistics) {
  std::vector<telemetry::Family> families;
  statistics.AppendFamilies(families);
  return telemetry::PrometheusText(families);
}

TEST(Statistics, CountFramesAndRequestsApart) {
  Statistics statistics;
  statistics.Succeeded(kLine, "plant", 3, Times(), 1000);
  const auto of = statistics.Of(kLine);
  EXPECT_EQ(of.inference_count, 3U);
  EXPECT_EQ(of.success.count, 1U);
  EXPECT_EQ(of.success.ns, 50'000'000U);
  EXPECT_EQ(of.compute_input.ns, 3'000'000U);
  EXPECT_EQ(of.last_inference_unix_ms, 1000U);
}

TEST(Statistics, CountABatchOfFourRequestsAsOneExecution) {
  Statistics statistics;
  for (int i = 0; i < 4; ++i) statistics.Succeeded(kLine, "plant", 1, Times(4), 1000);
  EXPECT_EQ(statistics.Of(kLine).execution_count, 1U);
  EXPECT_EQ(statistics.Of(kLine).inference_count, 4U);
}

TEST(Statistics, KeepTenantsWithTheSameModelApart) {
  Statistics statistics;
  statistics.Succeeded(kLine, "plant", 1, Times(), 1000);
  EXPECT_EQ(statistics.Of({{"T2"}, {"line-3"}, 2}).inference_count, 0U);
}

TEST(Statistics, SumUpTheVersionsOfAModel) {
  Statistics statistics;
  statistics.Succeeded({{"T1"}, {"line-3"}, 1}, "plant", 2, Times(), 1000);
  statistics.Succeeded(kLine, "plant", 3, Times(), 1000);
  statistics.Succeeded({{"T1"}, {"line-30"}, 1}, "plant", 7, Times(), 1000);
  statistics.Succeeded({{"T2"}, {"line-3"}, 1}, "other", 7, Times(), 1000);
  const Statistics::Served served = statistics.ServedOf({"T1"}, {"line-3"});
  EXPECT_EQ(served.frames, 5U);
  EXPECT_EQ(served.requests.total(), 2U);
  EXPECT_EQ(statistics.ServedOf({"T3"}, {"line-3"}).frames, 0U);
}

TEST(Statistics, GivePrometheusTritonsNamesAndTheReasonOfAFailure) {
  Statistics statistics;
  statistics.Began(kLine, "plant");
  statistics.Failed(kLine, "plant", FailureReason::kRejected, milliseconds(1));
  const std::string text = Text(statistics);
  EXPECT_THAT(text, HasSubstr("nv_inference_request_failure{tenant=\"plant\",model=\"line-3\","
                              "version=\"2\",reason=\"REJECTED\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("nv_inference_pending_request_count{tenant=\"plant\","
                              "model=\"line-3\",version=\"2\"} 1\n"));
  statistics.Ended(kLine);
  EXPECT_THAT(Text(statistics), HasSubstr("version=\"2\"} 0\n"));
}

TEST(Statistics, ShowEachReasonOfAFailureFromTheStart) {
  Statistics statistics;
  statistics.Began(kLine, "plant");
  EXPECT_THAT(Text(statistics),
              HasSubstr("nv_inference_request_failure{tenant=\"plant\",model=\"line-3\","
                        "version=\"2\",reason=\"BACKEND\"} 0\n"));
}

TEST(Statistics, CountAnswersOfATenantByStatusAndShowFailuresFromTheStart) {
  Statistics statistics;
  statistics.Answered("plant", 200);
  statistics.Answered("plant", 404);
  const std::string text = Text(statistics);
  EXPECT_THAT(text, HasSubstr("bulkhead_responses_total{tenant=\"plant\",status=\"200\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("bulkhead_responses_total{tenant=\"plant\",status=\"404\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("bulkhead_responses_total{tenant=\"plant\",status=\"503\"} 0\n"));
}

TEST(Statistics, CountRefusalsByTenantAndReason) {
  Statistics statistics;
  statistics.Refused("plant", "in_flight");
  statistics.Refused("plant", "in_flight");
  EXPECT_THAT(Text(statistics), HasSubstr("bulkhead_refused_requests_total{tenant=\"plant\","
                                          "reason=\"in_flight\"} 2\n"));
}

TEST(Statistics, CountWhatGoesBeyondTheirBoundTogether) {
  Statistics statistics;
  for (uint32_t version = 1; version <= Statistics::kModelsMax + 5; ++version) {
    statistics.Succeeded({{"T1"}, {"line-3"}, version}, "plant", 1, Times(), 1000);
  }
  EXPECT_EQ(statistics.Of({{"other"}, {"other"}, 0}).inference_count, 5U);
}

}  // namespace
}  // namespace bulkhead::gateway
