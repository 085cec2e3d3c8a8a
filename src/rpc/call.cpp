// SPDX-License-Identifier: Apache-2.0
#include "rpc/call.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace bulkhead::rpc {
namespace {

// A key that stands there twice is no key: which of the two would be the caller's?
std::optional<std::string> OnlyMetadata(const grpc::CallbackServerContext& context,
                                        const char* name) {
  const auto& metadata = context.client_metadata();
  if (metadata.count(name) != 1) return std::nullopt;
  const grpc::string_ref value = metadata.find(name)->second;
  return std::string(value.data(), value.size());
}

std::optional<std::chrono::nanoseconds> TimeLeft(const grpc::CallbackServerContext& context) {
  const gpr_timespec deadline = context.raw_deadline();
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) return std::nullopt;
  const gpr_timespec left = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
  if (gpr_time_cmp(left, gpr_inf_future(GPR_TIMESPAN)) == 0) return std::nullopt;
  constexpr int64_t kSecondsMax = 24 * 60 * 60;
  if (left.tv_sec >= kSecondsMax) return std::chrono::seconds(kSecondsMax);
  if (left.tv_sec < 0) return std::chrono::nanoseconds(0);
  return std::chrono::seconds(left.tv_sec) + std::chrono::nanoseconds(left.tv_nsec);
}

}  // namespace

std::string PeerAddress(std::string_view peer) {
  if (peer.starts_with("unix:")) return "unix";
  const bool v4 = peer.starts_with("ipv4:");
  if (!v4 && !peer.starts_with("ipv6:")) return std::string(peer);
  peer.remove_prefix(5);
  std::string_view address = peer.substr(0, peer.rfind(':'));
  for (const std::string_view bracket : {"[", "%5B"}) {
    if (address.starts_with(bracket)) address.remove_prefix(bracket.size());
  }
  for (const std::string_view bracket : {"]", "%5D"}) {
    if (address.ends_with(bracket)) address.remove_suffix(bracket.size());
  }
  return std::string(address);
}

ApiCall ApiCallOf(const grpc::CallbackServerContext& context,
                  std::shared_ptr<CallCancellation> cancellation) {
  return {.authorization = OnlyMetadata(context, "authorization"),
          .api_key = OnlyMetadata(context, "x-api-key"),
          .traceparent = OnlyMetadata(context, "traceparent"),
          .peer = PeerAddress(context.peer()),
          .model = {},
          .version = {},
          .bytes = 0,
          .timeout = TimeLeft(context),
          .cancellation = std::move(cancellation)};
}

}  // namespace bulkhead::rpc
