// SPDX-License-Identifier: Apache-2.0
#include "store/record_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <optional>
#include <string_view>
#include <utility>

#include "base/checked_math.h"
#include "base/utf8.h"
#include "device/tier.h"

namespace bulkhead::store {
namespace {

using tenant::Deployment;
using tenant::Key;
using tenant::ModelVersion;
using tenant::Tenant;

template <std::integral T>
SqlValue OptionalNumber(const std::optional<T>& value) {
  if (!value) return std::monostate{};
  return NumberOf(static_cast<uint64_t>(*value));
}

SqlValue BytesOf(const std::array<std::byte, 32>& bytes) {
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

std::string TiersText(const std::vector<device::Tier>& tiers) {
  std::string text;
  for (const device::Tier tier : tiers) {
    if (!text.empty()) text += ',';
    text += device::TierName(tier);
  }
  return text;
}

std::optional<std::vector<device::Tier>> ParseTiers(std::string_view text) {
  std::vector<device::Tier> tiers;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const auto tier = device::ParseTier(text.substr(0, end));
    if (!tier || end + 1 == text.size()) return std::nullopt;
    tiers.push_back(*tier);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return tiers;
}

// Reads the values of a row one after the other. What does not fit makes the whole row wrong.
class RowReader {
 public:
  explicit RowReader(const SqlRow& row) : row_(row) {}

  void Read(std::string& text) {
    if (const auto* value = Next<std::string>(); value != nullptr && base::IsUtf8(*value)) {
      text = *value;
    } else {
      wrong_ = true;
    }
  }

  template <typename Kind>
  void Read(tenant::Id<Kind>& id) {
    Read(id.text);
  }

  void Read(bool& flag) {
    uint8_t number = 0;
    Read(number);
    wrong_ = wrong_ || number > 1;
    flag = number == 1;
  }

  template <std::integral T>
  void Read(T& number) {
    const auto* value = Next<int64_t>();
    const auto fitting = value == nullptr ? std::nullopt : Fit<T>(*value);
    wrong_ = wrong_ || !fitting;
    number = fitting.value_or(T{});
  }

  template <std::integral T>
  void Read(std::optional<T>& number) {
    if (next_ < row_.size() && std::holds_alternative<std::monostate>(row_[next_])) {
      ++next_;
      number.reset();
    } else {
      Read(number.emplace());
    }
  }

  void Read(std::array<std::byte, 32>& bytes) {
    const auto* value = Next<std::vector<std::byte>>();
    if (value == nullptr || value->size() != bytes.size()) {
      wrong_ = true;
    } else {
      std::ranges::copy(*value, bytes.begin());
    }
  }

  void Read(std::vector<std::byte>& bytes) {
    const auto* value = Next<std::vector<std::byte>>();
    wrong_ = wrong_ || value == nullptr || value->size() > kUseBytesMax;
    if (!wrong_) bytes = *value;
  }

  void Read(std::vector<device::Tier>& tiers) {
    std::string text;
    Read(text);
    auto parsed = ParseTiers(text);
    wrong_ = wrong_ || !parsed;
    if (parsed) tiers = std::move(*parsed);
  }

  [[nodiscard]] base::Status Finish(std::string_view table) const {
    if (!wrong_ && next_ == row_.size()) return base::Ok();
    return base::OperatorError(base::Code::kCorrupt,
                               "a row of " + std::string(table) + " is not as Bulkhead writes it");
  }

 private:
  template <typename T>
  const T* Next() {
    return next_ < row_.size() ? std::get_if<T>(&row_[next_++]) : nullptr;
  }

  template <typename T>
  static std::optional<T> Fit(int64_t value) {
    if constexpr (std::same_as<T, uint64_t>) {
      return std::bit_cast<uint64_t>(value);
    } else {
      return base::CheckedCast<T>(value);
    }
  }

  const SqlRow& row_;
  std::size_t next_ = 0;
  bool wrong_ = false;
};

template <typename... Fields>
base::Status ReadFields(std::string_view table, const SqlRow& row, Fields&... fields) {
  RowReader reader(row);
  (reader.Read(fields), ...);
  return reader.Finish(table);
}

}  // namespace

SqlValue NumberOf(uint64_t value) { return std::bit_cast<int64_t>(value); }

SqlRow RowOf(const Tenant& tenant) {
  const tenant::Quota& quota = tenant.quota;
  return {tenant.id.text,
          tenant.name,
          int64_t{tenant.suspended},
          OptionalNumber(quota.frames_per_second),
          OptionalNumber(quota.bytes_per_second),
          OptionalNumber(quota.frames_per_month),
          OptionalNumber(quota.requests_in_flight),
          OptionalNumber(quota.deployments),
          int64_t{quota.burst_seconds},
          TiersText(tenant.policy.tiers),
          tenant.created_unix_ms};
}

SqlRow RowOf(const Key& key) {
  return {key.id.text,
          key.tenant.text,
          key.label,
          BytesOf(key.secret_hmac),
          int64_t{key.scopes},
          key.created_unix_ms,
          OptionalNumber(key.expires_unix_ms),
          OptionalNumber(key.last_used_unix_ms)};
}

SqlRow RowOf(const ModelVersion& model) {
  return {model.tenant.text,     model.model.text,      int64_t{model.version},
          BytesOf(model.sha256), NumberOf(model.bytes), model.created_unix_ms};
}

SqlRow RowOf(const Deployment& deployment) {
  return {deployment.id.text,          deployment.tenant.text,    deployment.model.text,
          int64_t{deployment.version}, deployment.profile,        int64_t{deployment.replicas},
          int64_t{deployment.loaded},  deployment.created_unix_ms};
}

SqlRow RowOf(const UsageRow& usage) {
  return {usage.tenant.text,
          usage.model.text,
          int64_t{usage.version},
          usage.hour_unix_ms,
          usage.outcome,
          NumberOf(usage.frames),
          NumberOf(usage.bytes_in),
          NumberOf(usage.compute_us)};
}

SqlRow RowOf(const UseRow& use) {
  return {use.deployment.text,
          use.hour_unix_ms,
          use.profile,
          use.device,
          use.writer,
          use.gpu_model,
          use.engine_active,
          use.dram_active,
          NumberOf(use.memory_used_max_kib),
          NumberOf(use.frames),
          OptionalNumber(use.p99_us)};
}

base::Status ReadRow(const SqlRow& row, Tenant& tenant) {
  tenant::Quota& quota = tenant.quota;
  return ReadFields("tenants", row, tenant.id, tenant.name, tenant.suspended,
                    quota.frames_per_second, quota.bytes_per_second, quota.frames_per_month,
                    quota.requests_in_flight, quota.deployments, quota.burst_seconds,
                    tenant.policy.tiers, tenant.created_unix_ms);
}

base::Status ReadRow(const SqlRow& row, Key& key) {
  return ReadFields("keys", row, key.id, key.tenant, key.label, key.secret_hmac, key.scopes,
                    key.created_unix_ms, key.expires_unix_ms, key.last_used_unix_ms);
}

base::Status ReadRow(const SqlRow& row, ModelVersion& model) {
  return ReadFields("models", row, model.tenant, model.model, model.version, model.sha256,
                    model.bytes, model.created_unix_ms);
}

base::Status ReadRow(const SqlRow& row, LastVersion& last) {
  return ReadFields("model_names", row, last.tenant, last.model, last.version);
}

base::Status ReadRow(const SqlRow& row, Deployment& deployment) {
  return ReadFields("deployments", row, deployment.id, deployment.tenant, deployment.model,
                    deployment.version, deployment.profile, deployment.replicas, deployment.loaded,
                    deployment.created_unix_ms);
}

base::Status ReadRow(const SqlRow& row, UsageRow& usage) {
  return ReadFields("usage_totals", row, usage.tenant, usage.model, usage.version,
                    usage.hour_unix_ms, usage.outcome, usage.frames, usage.bytes_in,
                    usage.compute_us);
}

base::Status ReadRow(const SqlRow& row, UseRow& use) {
  return ReadFields("use_hours", row, use.deployment, use.hour_unix_ms, use.profile, use.device,
                    use.writer, use.gpu_model, use.engine_active, use.dram_active,
                    use.memory_used_max_kib, use.frames, use.p99_us);
}

base::Status ReadRow(const SqlRow& row, uint64_t& number) {
  return ReadFields("a number", row, number);
}

}  // namespace bulkhead::store
