// SPDX-License-Identifier: Apache-2.0
// What is counted of each model version that served, for /v2 statistics and for Prometheus.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "channel/messages.h"
#include "openinference/messages.h"
#include "telemetry/exposition.h"
#include "telemetry/histogram.h"
#include "tenant/records.h"

namespace bulkhead::gateway {

struct ModelKey {
  tenant::TenantId tenant;
  tenant::ModelName model;
  tenant::Version version = 0;
  friend auto operator<=>(const ModelKey&, const ModelKey&) = default;
};

// Triton's reasons (docs/user_guide/metrics.md).
enum class FailureReason : uint8_t { kRejected, kCanceled, kBackend, kOther };

// What a request that was answered took.
struct RequestTimes {
  channel::FrameTimes worker;
  std::chrono::nanoseconds ledger{0};
  std::chrono::nanoseconds total{0};  // from the request's arrival to its release
};

// Lives on the I/O thread.
class Statistics {
 public:
  // Beyond so many model versions, further ones are counted together, as tenant and model "other".
  static constexpr std::size_t kModelsMax = 20'000;

  // `tenant_name` is what the tenant is shown as.
  void Succeeded(const ModelKey& key, const std::string& tenant_name, uint64_t frames,
                 const RequestTimes& times, int64_t now_unix_ms);
  void Failed(const ModelKey& key, const std::string& tenant_name, FailureReason reason,
              std::chrono::nanoseconds total);
  // An answer to a request for a model to run, whatever it was, with HTTP's status; of gRPC with
  // that which HTTP would have had. None of requests without a valid key.
  void Answered(const std::string& tenant_name, int status);
  // A request that was turned away before it came near a model; `tenant_name` is empty where nobody
  // knows. `reason` is one of few, and lives on.
  void Refused(const std::string& tenant_name, std::string_view reason);
  // Requests that were begun and not ended.
  void Began(const ModelKey& key, const std::string& tenant_name);
  void Ended(const ModelKey& key);

  // Of one model version; all zero when it never served.
  [[nodiscard]] openinference::ModelStatistics Of(const ModelKey& key) const;

  // p50 and p99 of whole requests, in seconds, from the histogram's bounds.
  struct Percentiles {
    uint64_t frames = 0;
    double p50_seconds = 0;
    double p99_seconds = 0;
  };
  [[nodiscard]] Percentiles PercentilesOf(const ModelKey& key) const;

  // Of all versions of a model since the start.
  struct Served {
    uint64_t frames = 0;
    telemetry::Histogram requests;
  };
  [[nodiscard]] Served ServedOf(const tenant::TenantId& tenant,
                                const tenant::ModelName& model) const;

  // nv_* as Triton names and means them, with a tenant label more, and bulkhead_* histograms.
  void AppendFamilies(std::vector<telemetry::Family>& families) const;

 private:
  struct Counters {
    std::string tenant_name;
    uint64_t success = 0;
    uint64_t frames = 0;
    double executions = 0;  // a frame of a batch of n is a part of 1/n
    std::map<FailureReason, uint64_t> failures;
    int64_t pending = 0;
    int64_t last_unix_ms = 0;
    std::chrono::nanoseconds request{0};
    std::chrono::nanoseconds failed{0};
    std::chrono::nanoseconds queue{0};
    std::chrono::nanoseconds compute_input{0};
    std::chrono::nanoseconds compute_infer{0};
    std::chrono::nanoseconds compute_output{0};
    telemetry::Histogram request_histogram;
    telemetry::Histogram queue_histogram;
    telemetry::Histogram decode_histogram;
    telemetry::Histogram infer_histogram;
    telemetry::Histogram post_histogram;
    telemetry::Histogram ledger_histogram;
  };
  Counters& CountersOf(const ModelKey& key, const std::string& tenant_name);
  void AppendTritonFamilies(std::vector<telemetry::Family>& families) const;
  void AppendOwnFamilies(std::vector<telemetry::Family>& families) const;

  void AppendAnswers(std::vector<telemetry::Family>& families) const;

  std::map<ModelKey, Counters> models_;
  std::map<std::pair<std::string, int>, uint64_t> answers_;  // by tenant and status
  std::map<std::pair<std::string, std::string_view>, uint64_t> refusals_;
};

}  // namespace bulkhead::gateway
