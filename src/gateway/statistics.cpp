// SPDX-License-Identifier: Apache-2.0
#include "gateway/statistics.h"

#include <cmath>
#include <functional>
#include <utility>

namespace bulkhead::gateway {
namespace {

using std::chrono::nanoseconds;
using telemetry::Family;
using telemetry::Kind;
using telemetry::Labels;

const ModelKey kOther{{"other"}, {"other"}, 0};

const char* ReasonName(FailureReason reason) {
  switch (reason) {
    case FailureReason::kRejected:
      return "REJECTED";
    case FailureReason::kCanceled:
      return "CANCELED";
    case FailureReason::kBackend:
      return "BACKEND";
    case FailureReason::kOther:
      return "OTHER";
  }
  return "OTHER";
}

uint64_t Unsigned(nanoseconds time) { return static_cast<uint64_t>(time.count()); }

double Microseconds(nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

Labels LabelsOf(const ModelKey& key, const std::string& tenant_name) {
  return {
      {"tenant", tenant_name}, {"model", key.model.text}, {"version", std::to_string(key.version)}};
}

}  // namespace

Statistics::Counters& Statistics::CountersOf(const ModelKey& key, const std::string& tenant_name) {
  auto found = models_.find(key);
  if (found == models_.end()) {
    const bool room = models_.size() < kModelsMax;
    found = models_.try_emplace(room ? key : kOther).first;
    if (found->second.tenant_name.empty()) found->second.tenant_name = room ? tenant_name : "other";
  }
  return found->second;
}

void Statistics::Succeeded(const ModelKey& key, const std::string& tenant_name, uint64_t frames,
                           const RequestTimes& times, int64_t now_unix_ms) {
  Counters& counters = CountersOf(key, tenant_name);
  const channel::FrameTimes& worker = times.worker;
  ++counters.success;
  counters.frames += frames;
  counters.executions += 1.0 / std::max(worker.batch, 1);
  counters.last_unix_ms = now_unix_ms;
  counters.request += times.total;
  counters.queue += worker.queue;
  counters.compute_input += worker.decode + worker.letterbox;
  counters.compute_infer += worker.infer;
  counters.compute_output += worker.heads;
  counters.request_histogram.Observe(times.total);
  counters.queue_histogram.Observe(worker.queue);
  counters.decode_histogram.Observe(worker.decode + worker.letterbox);
  counters.infer_histogram.Observe(worker.infer);
  counters.post_histogram.Observe(worker.heads);
  counters.ledger_histogram.Observe(times.ledger);
}

void Statistics::Failed(const ModelKey& key, const std::string& tenant_name, FailureReason reason,
                        nanoseconds total) {
  Counters& counters = CountersOf(key, tenant_name);
  ++counters.failures[reason];
  counters.failed += total;
}

void Statistics::Answered(const std::string& tenant_name, int status) {
  // A counter that appears with its first failure would hide it from rate().
  if (!answers_.contains({tenant_name, 200})) {
    for (const int known : {200, 500, 503, 504}) answers_.try_emplace({tenant_name, known}, 0);
  }
  ++answers_[{tenant_name, status}];
}

void Statistics::Refused(const std::string& tenant_name, std::string_view reason) {
  ++refusals_[{tenant_name, reason}];
}

void Statistics::Began(const ModelKey& key, const std::string& tenant_name) {
  ++CountersOf(key, tenant_name).pending;
}

void Statistics::Ended(const ModelKey& key) { --CountersOf(key, "").pending; }

openinference::ModelStatistics Statistics::Of(const ModelKey& key) const {
  openinference::ModelStatistics statistics;
  statistics.name = key.model.text;
  statistics.version = std::to_string(key.version);
  const auto found = models_.find(key);
  if (found == models_.end()) return statistics;
  const Counters& counters = found->second;
  uint64_t failures = 0;
  for (const auto& [reason, count] : counters.failures) failures += count;
  statistics.last_inference_unix_ms = static_cast<uint64_t>(counters.last_unix_ms);
  statistics.inference_count = counters.frames;
  statistics.execution_count = static_cast<uint64_t>(std::llround(counters.executions));
  statistics.success = {counters.success, Unsigned(counters.request)};
  statistics.fail = {failures, Unsigned(counters.failed)};
  statistics.queue = {counters.success, Unsigned(counters.queue)};
  statistics.compute_input = {counters.success, Unsigned(counters.compute_input)};
  statistics.compute_infer = {counters.success, Unsigned(counters.compute_infer)};
  statistics.compute_output = {counters.success, Unsigned(counters.compute_output)};
  return statistics;
}

Statistics::Percentiles Statistics::PercentilesOf(const ModelKey& key) const {
  const auto found = models_.find(key);
  if (found == models_.end()) return {};
  const telemetry::Histogram& histogram = found->second.request_histogram;
  return {found->second.frames, histogram.QuantileSeconds(0.5), histogram.QuantileSeconds(0.99)};
}

Statistics::Served Statistics::ServedOf(const tenant::TenantId& tenant,
                                        const tenant::ModelName& model) const {
  Served served;
  for (auto at = models_.lower_bound({tenant, model, 0});
       at != models_.end() && at->first.tenant == tenant && at->first.model == model; ++at) {
    served.frames += at->second.frames;
    served.requests.Add(at->second.request_histogram);
  }
  return served;
}

void Statistics::AppendTritonFamilies(std::vector<Family>& families) const {
  const auto append = [&](const char* name, const char* help, Kind kind,
                          const std::function<double(const Counters&)>& value) {
    Family family{name, help, kind, {}};
    for (const auto& [key, counters] : models_) {
      family.samples.push_back({LabelsOf(key, counters.tenant_name), value(counters)});
    }
    families.push_back(std::move(family));
  };
  append("nv_inference_request_success", "Requests that were answered, a batch as one.",
         Kind::kCounter, [](const Counters& c) { return static_cast<double>(c.success); });
  append("nv_inference_count", "Frames that were answered.", Kind::kCounter,
         [](const Counters& c) { return static_cast<double>(c.frames); });
  append("nv_inference_exec_count", "Runs of the network.", Kind::kCounter,
         [](const Counters& c) { return std::round(c.executions); });
  append("nv_inference_request_duration_us", "Time of requests, all together.", Kind::kCounter,
         [](const Counters& c) { return Microseconds(c.request); });
  append("nv_inference_queue_duration_us", "Time that frames waited for their worker.",
         Kind::kCounter, [](const Counters& c) { return Microseconds(c.queue); });
  append("nv_inference_compute_input_duration_us", "Time of decoding and letterboxing.",
         Kind::kCounter, [](const Counters& c) { return Microseconds(c.compute_input); });
  append("nv_inference_compute_infer_duration_us", "Time of running the network.", Kind::kCounter,
         [](const Counters& c) { return Microseconds(c.compute_infer); });
  append("nv_inference_compute_output_duration_us", "Time of decoding heads and of suppression.",
         Kind::kCounter, [](const Counters& c) { return Microseconds(c.compute_output); });
  append("nv_inference_pending_request_count", "Requests that wait or run.", Kind::kGauge,
         [](const Counters& c) { return static_cast<double>(c.pending); });
  Family failures{"nv_inference_request_failure", "Requests that failed.", Kind::kCounter, {}};
  for (const auto& [key, counters] : models_) {
    for (const FailureReason reason : {FailureReason::kRejected, FailureReason::kCanceled,
                                       FailureReason::kBackend, FailureReason::kOther}) {
      const auto found = counters.failures.find(reason);
      const uint64_t count = found == counters.failures.end() ? 0 : found->second;
      Labels labels = LabelsOf(key, counters.tenant_name);
      labels.emplace_back("reason", ReasonName(reason));
      failures.samples.push_back({std::move(labels), static_cast<double>(count)});
    }
  }
  families.push_back(std::move(failures));
}

void Statistics::AppendOwnFamilies(std::vector<Family>& families) const {
  const auto append = [&](const char* name, const char* help,
                          const telemetry::Histogram Counters::* histogram) {
    Family family{name, help, Kind::kHistogram, {}};
    for (const auto& [key, counters] : models_) {
      family.samples.push_back({LabelsOf(key, counters.tenant_name), counters.*histogram});
    }
    families.push_back(std::move(family));
  };
  append("bulkhead_request_seconds", "Requests from their arrival to their release.",
         &Counters::request_histogram);
  append("bulkhead_queue_seconds", "Frames waiting in their worker.", &Counters::queue_histogram);
  append("bulkhead_decode_seconds", "Decoding and letterboxing.", &Counters::decode_histogram);
  append("bulkhead_infer_seconds", "Running the network.", &Counters::infer_histogram);
  append("bulkhead_post_seconds", "Decoding heads and suppression.", &Counters::post_histogram);
  append("bulkhead_ledger_seconds", "Results waiting for their record to become durable.",
         &Counters::ledger_histogram);
}

void Statistics::AppendAnswers(std::vector<Family>& families) const {
  Family answers{
      "bulkhead_responses_total", "Answers to requests for a model to run.", Kind::kCounter, {}};
  for (const auto& [key, count] : answers_) {
    answers.samples.push_back({{{"tenant", key.first}, {"status", std::to_string(key.second)}},
                               static_cast<double>(count)});
  }
  Family refusals{"bulkhead_refused_requests_total",
                  "Requests that were turned away before a model.",
                  Kind::kCounter,
                  {}};
  for (const auto& [key, count] : refusals_) {
    refusals.samples.push_back(
        {{{"tenant", key.first}, {"reason", std::string(key.second)}}, static_cast<double>(count)});
  }
  families.push_back(std::move(answers));
  families.push_back(std::move(refusals));
}

void Statistics::AppendFamilies(std::vector<Family>& families) const {
  AppendAnswers(families);
  AppendTritonFamilies(families);
  AppendOwnFamilies(families);
}

}  // namespace bulkhead::gateway
