// SPDX-License-Identifier: Apache-2.0
#include "gateway/path.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <vector>

namespace bulkhead::gateway {
namespace {

using Segments = std::span<const std::string_view>;

constexpr std::size_t kSegmentsMax = 8;

std::vector<std::string_view> Split(std::string_view target) {
  std::vector<std::string_view> segments;
  if (target.starts_with('/')) target.remove_prefix(1);
  while (segments.size() <= kSegmentsMax) {
    const std::size_t slash = target.find('/');
    segments.push_back(target.substr(0, slash));
    if (slash == std::string_view::npos) break;
    target.remove_prefix(slash + 1);
  }
  return segments;
}

std::optional<tenant::Version> ParseVersion(std::string_view text) {
  tenant::Version version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || version == 0 || text.front() == '0') return std::nullopt;
  return version;
}

std::optional<Endpoint> ModelEndpoint(std::string_view last) {
  if (last == "ready") return Endpoint::kModelReady;
  if (last == "config") return Endpoint::kModelConfig;
  if (last == "stats") return Endpoint::kModelStatistics;
  if (last == "infer") return Endpoint::kInfer;
  return std::nullopt;
}

// M, and if there is one, its version; takes both off the front.
std::optional<Path> TakeModel(Segments& rest) {
  Path path;
  path.model = std::string(rest.front());
  rest = rest.subspan(1);
  if (rest.size() >= 2 && rest.front() == "versions") {
    path.version = ParseVersion(rest[1]);
    if (!path.version) return std::nullopt;
    rest = rest.subspan(2);
  }
  return path;
}

std::optional<Path> ParseModels(Segments rest) {
  if (rest.empty()) return Path{Endpoint::kModelList, "", std::nullopt};
  if (rest.front().empty()) return std::nullopt;
  if (rest.size() == 1 && rest.front() == "stats") {
    return Path{Endpoint::kAllStatistics, "", std::nullopt};
  }
  std::optional<Path> path = TakeModel(rest);
  if (!path) return std::nullopt;
  path->endpoint = Endpoint::kModelMetadata;
  if (rest.empty()) return path;
  if (rest.size() == 2 && rest[0] == "trace" && rest[1] == "setting") {
    return Path{Endpoint::kUnsupported, "", std::nullopt};
  }
  const auto endpoint = rest.size() == 1 ? ModelEndpoint(rest.front()) : std::nullopt;
  if (!endpoint) return std::nullopt;
  path->endpoint = *endpoint;
  return path;
}

std::optional<Path> ParseRepository(Segments rest) {
  if (rest.size() == 1 && rest.front() == "index") {
    return Path{Endpoint::kRepositoryIndex, "", std::nullopt};
  }
  if (rest.size() != 3 || rest[0] != "models" || rest[1].empty()) return std::nullopt;
  if (rest[2] != "load" && rest[2] != "unload") return std::nullopt;
  return Path{rest[2] == "load" ? Endpoint::kLoad : Endpoint::kUnload, std::string(rest[1]),
              std::nullopt};
}

std::optional<Path> ParseHealth(Segments rest) {
  if (rest.size() != 1) return std::nullopt;
  if (rest.front() == "live") return Path{Endpoint::kLive, "", std::nullopt};
  if (rest.front() == "ready") return Path{Endpoint::kReady, "", std::nullopt};
  return std::nullopt;
}

std::optional<Path> ParseV2(Segments rest) {
  if (rest.empty()) return Path{};
  const std::string_view first = rest.front();
  if (first == "health") return ParseHealth(rest.subspan(1));
  if (first == "models") return ParseModels(rest.subspan(1));
  if (first == "repository") return ParseRepository(rest.subspan(1));
  constexpr std::string_view kUnsupported[] = {"systemsharedmemory", "cudasharedmemory", "trace",
                                               "logging"};
  if (std::ranges::find(kUnsupported, first) == std::end(kUnsupported)) return std::nullopt;
  return Path{Endpoint::kUnsupported, "", std::nullopt};
}

std::optional<Path> ParseV1(Segments rest) {
  if (rest.size() < 3 || rest[0] != "models" || rest[1].empty() || rest.back() != "detect") {
    return std::nullopt;
  }
  Segments model = rest.subspan(1, rest.size() - 2);
  std::optional<Path> path = TakeModel(model);
  if (!path || !model.empty()) return std::nullopt;
  path->endpoint = Endpoint::kDetect;
  return path;
}

}  // namespace

std::optional<Path> ParsePath(std::string_view target) {
  // "/v2/" is not "/v2"; what follows the last slash is a segment, be it empty.
  const std::vector<std::string_view> segments = Split(target);
  if (segments.size() > kSegmentsMax) return std::nullopt;
  const Segments rest = Segments(segments).subspan(1);
  if (segments.front() == "v2") return ParseV2(rest);
  if (segments.front() == "v1") return ParseV1(rest);
  if (target == "/openapi.json") return Path{Endpoint::kOpenApi, "", std::nullopt};
  return std::nullopt;
}

std::string_view MethodOf(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kInfer:
    case Endpoint::kRepositoryIndex:
    case Endpoint::kLoad:
    case Endpoint::kUnload:
    case Endpoint::kDetect:
      return "POST";
    default:
      return "GET";
  }
}

bool TakesMethod(Endpoint endpoint, std::string_view method) {
  if (endpoint == Endpoint::kUnsupported) return true;
  return method == MethodOf(endpoint) || (method == "HEAD" && MethodOf(endpoint) == "GET");
}

}  // namespace bulkhead::gateway
