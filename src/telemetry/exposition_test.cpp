// SPDX-License-Identifier: Apache-2.0
#include "telemetry/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::telemetry {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

TEST(PrometheusText, WritesCountersWithTheirLabels) {
  const std::string text = PrometheusText({{"nv_inference_count",
                                            "Frames.",
                                            Kind::kCounter,
                                            {{{{"model", "line-3"}, {"version", "1"}}, 12.0}}}});
  EXPECT_THAT(text, HasSubstr("# TYPE nv_inference_count counter\n"));
  EXPECT_THAT(text, HasSubstr("nv_inference_count{model=\"line-3\",version=\"1\"} 12\n"));
}

TEST(PrometheusText, EscapesWhatALabelMustNotHold) {
  const std::string text =
      PrometheusText({{"x", "X.", Kind::kGauge, {{{{"model", "a\"\n\\b"}}, 1.0}}}});
  EXPECT_THAT(text, HasSubstr("x{model=\"a\\\"\\n\\\\b\"} 1\n"));
}

TEST(PrometheusText, CountsAHistogramsBucketsUpward) {
  Histogram histogram;
  histogram.Observe(milliseconds(1));
  histogram.Observe(milliseconds(2));
  histogram.Observe(milliseconds(60'000));
  const std::string text = PrometheusText({{"t", "T.", Kind::kHistogram, {{{}, histogram}}}});
  EXPECT_THAT(text, HasSubstr("t_bucket{le=\"0.001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("t_bucket{le=\"0.0025\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("t_bucket{le=\"10\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("t_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("t_count 3\n"));
}

TEST(PrometheusText, LeavesOutWhatHasNoSamples) {
  EXPECT_EQ(PrometheusText({{"x", "X.", Kind::kGauge, {}}}), "");
}

TEST(Histogram, SaysBelowWhichBoundAShareFell) {
  Histogram histogram;
  EXPECT_EQ(histogram.QuantileSeconds(0.5), 0);
  for (int i = 0; i < 99; ++i) histogram.Observe(milliseconds(1));
  histogram.Observe(milliseconds(400));
  EXPECT_EQ(histogram.QuantileSeconds(0.5), 0.001);
  EXPECT_EQ(histogram.QuantileSeconds(0.99), 0.001);
  EXPECT_EQ(histogram.QuantileSeconds(1), 0.5);
}

}  // namespace
}  // namespace bulkhead::telemetry
