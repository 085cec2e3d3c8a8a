// SPDX-License-Identifier: Apache-2.0
#include "advice/prometheus_text.h"

#include <cmath>

#include <gtest/gtest.h>

namespace bulkhead::advice {
namespace {

std::vector<Sample> Read(std::string_view text) {
  std::vector<Sample> samples;
  const base::Status read =
      ReadPrometheusText(text, [&samples](const Sample& sample) { samples.push_back(sample); });
  EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().detail);
  return samples;
}

std::string FaultOf(std::string_view text) {
  const base::Status read = ReadPrometheusText(text, [](const Sample&) {});
  return read.ok() ? "none" : read.error().detail;
}

TEST(PrometheusText, GivesNamesLabelsAndValues) {
  const auto samples = Read(
      "# HELP DCGM_FI_DEV_FB_USED Framebuffer memory used (in MiB).\n"
      "# TYPE DCGM_FI_DEV_FB_USED gauge\n"
      "DCGM_FI_DEV_FB_USED{gpu=\"0\",UUID=\"GPU-1\",GPU_I_ID=\"7\"} 812\n"
      "up 1 1800000000000\n");
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].name, "DCGM_FI_DEV_FB_USED");
  EXPECT_EQ(samples[0].labels,
            (std::vector<Label>{{"gpu", "0"}, {"UUID", "GPU-1"}, {"GPU_I_ID", "7"}}));
  EXPECT_EQ(samples[0].value, 812);
  EXPECT_EQ(samples[0].label("UUID"), "GPU-1");
  EXPECT_EQ(samples[0].label("pod"), "");
  EXPECT_EQ(samples[1].name, "up");
  EXPECT_EQ(samples[1].value, 1);
}

TEST(PrometheusText, TakesBlanksCommasEscapesAndAMissingLastNewline) {
  const auto samples = Read("\n \t\n  a:b { x = \"1\\\\2\\\"3\\n\" , y=\"}\", }\t+1.5e3 -7 \nc{}2");
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].name, "a:b");
  EXPECT_EQ(samples[0].labels, (std::vector<Label>{{"x", "1\\2\"3\n"}, {"y", "}"}}));
  EXPECT_EQ(samples[0].value, 1500);
  EXPECT_EQ(samples[1].value, 2);
}

TEST(PrometheusText, HasNumbersThatAreNone) {
  const auto samples = Read("a NaN\nb +Inf\nc -Inf\n");
  ASSERT_EQ(samples.size(), 3U);
  EXPECT_TRUE(std::isnan(samples[0].value));
  EXPECT_EQ(samples[1].value, INFINITY);
  EXPECT_EQ(samples[2].value, -INFINITY);
}

TEST(PrometheusText, SaysInWhichLineTheFaultIs) {
  EXPECT_EQ(FaultOf("a 1\nb\n"), "line 2: no value that is a number");
  EXPECT_EQ(FaultOf("{x=\"1\"} 1"), "line 1: no name of a metric");
  EXPECT_EQ(FaultOf("a{1=\"1\"} 1"), "line 1: no name of a label");
  EXPECT_EQ(FaultOf("a{x \"1\"} 1"), "line 1: a label without =");
  EXPECT_EQ(FaultOf("a{x=1} 1"), "line 1: a label without quotes");
  EXPECT_EQ(FaultOf("a{x=\"1} 1"), "line 1: a label's value that does not end");
  EXPECT_EQ(FaultOf("a{x=\"1\\t\"} 1"), "line 1: a label's value that does not end");
  EXPECT_EQ(FaultOf("a{x=\"1\"y=\"2\"} 1"), "line 1: neither , nor } after a label");
  EXPECT_EQ(FaultOf("a 1 2 3"), "line 1: more than a value and its time");
  EXPECT_EQ(FaultOf("a 1e999"), "line 1: no value that is a number");
}

TEST(PrometheusText, IsBounded) {
  std::string labels;
  for (std::size_t i = 0; i <= kLabelsMax; ++i) labels += "x=\"\",";
  EXPECT_EQ(FaultOf("a{" + labels + "} 1"), "line 1: too many labels");
  EXPECT_EQ(FaultOf(std::string(kExpositionBytesMax + 1, '\n')),
            "more metrics than anybody exports");
}

}  // namespace
}  // namespace bulkhead::advice
