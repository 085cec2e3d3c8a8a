// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_options.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::telemetry {
namespace {

using base::Code;
using testing::HasSubstr;
using Variables = std::map<std::string, std::string>;

base::Result<std::optional<OtlpOptions>> Read(const Variables& variables) {
  return ReadOtlpOptions([&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

TEST(OtlpOptions, AreNoneWithoutAnEndpoint) {
  EXPECT_FALSE(Read({}).value());
  EXPECT_FALSE(Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", ""}}).value());
  EXPECT_FALSE(Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"},
                     {"OTEL_SDK_DISABLED", "true"}})
                   .value());
}

TEST(OtlpOptions, AddThePathOfTracesToTheCommonEndpoint) {
  const auto options = Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"}}).value();
  EXPECT_EQ(options->host, "collector");
  EXPECT_EQ(options->port, 4318);
  EXPECT_EQ(options->path, "/v1/traces");
  EXPECT_EQ(options->service_name, "bulkhead-gateway");
  EXPECT_EQ(Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a/under/"}}).value()->path,
            "/under/v1/traces");
}

TEST(OtlpOptions, PreferTheEndpointOfTracesAndTakeItAsItIs) {
  const auto options = Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://other:1"},
                             {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://[2001:db8::1]:9/in"}})
                           .value();
  EXPECT_EQ(options->host, "2001:db8::1");
  EXPECT_EQ(options->port, 9);
  EXPECT_EQ(options->path, "/in");
  const auto bare = Read({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector"}}).value();
  EXPECT_EQ(bare->port, 80);
  EXPECT_EQ(bare->path, "/");
}

TEST(OtlpOptions, ReadTheOtherVariables) {
  const auto options = Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"},
                             {"OTEL_EXPORTER_OTLP_TIMEOUT", "250"},
                             {"OTEL_BSP_SCHEDULE_DELAY", "40"},
                             {"OTEL_SERVICE_NAME", "gateway-east"},
                             {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
                             {"OTEL_TRACES_SAMPLER_ARG", "0.125"}})
                           .value();
  EXPECT_EQ(options->timeout, std::chrono::milliseconds(250));
  EXPECT_EQ(options->delay, std::chrono::milliseconds(40));
  EXPECT_EQ(options->service_name, "gateway-east");
  EXPECT_EQ(options->sampled_share, 0.125);
}

TEST(OtlpOptions, SayWhatToDoInsteadOfTls) {
  const auto options = Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4318"}});
  ASSERT_FALSE(options.ok());
  EXPECT_EQ(options.error().code, Code::kUnsupported);
  EXPECT_THAT(options.error().detail, HasSubstr("over http://"));
}

TEST(OtlpOptions, RefuseOtherProtocols) {
  const auto options = Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"},
                             {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}});
  ASSERT_FALSE(options.ok());
  EXPECT_EQ(options.error().code, Code::kUnsupported);
}

TEST(OtlpOptions, RefuseWhatIsNoEndpoint) {
  for (const char* endpoint : {"collector:4318", "http://", "http://a:0", "http://a:65536",
                               "http://a:4318x", "http://[::1", "http://user:pass@a",
                               "http://a/x\r\nHost: b", "http://a/x y", "http://[::1]4318"}) {
    const auto options = Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", endpoint}});
    ASSERT_FALSE(options.ok()) << endpoint;
    EXPECT_EQ(options.error().code, Code::kInvalid) << endpoint;
  }
}

TEST(OtlpOptions, RefuseNumbersOutsideTheirRange) {
  const Variables endpoint{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"}};
  for (const auto& [name, value] : {std::pair("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
                                    {"OTEL_EXPORTER_OTLP_TIMEOUT", "10s"},
                                    {"OTEL_BSP_SCHEDULE_DELAY", "-1"},
                                    {"OTEL_TRACES_SAMPLER_ARG", "1.5"},
                                    {"OTEL_TRACES_SAMPLER_ARG", "nan"},
                                    {"OTEL_TRACES_SAMPLER_ARG", "half"}}) {
    Variables variables = endpoint;
    variables[name] = value;
    EXPECT_FALSE(Read(variables).ok()) << name << "=" << value;
  }
}

}  // namespace
}  // namespace bulkhead::telemetry
