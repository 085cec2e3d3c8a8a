// SPDX-License-Identifier: Apache-2.0
#include "http/content_coding.h"

#include <algorithm>

#include "http/message_framing.h"

namespace bulkhead::http {
namespace {

// "q=0.5" in thousandths (RFC 9110 section 12.4.2).
int RankOf(std::string_view parameters) {
  const auto begin = parameters.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return 1000;
  parameters = parameters.substr(begin);
  if (!EqualIgnoringCase(parameters.substr(0, 2), "q=")) return 0;
  parameters = parameters.substr(2);
  if (parameters.empty() || parameters.size() > 5) return 0;
  if (parameters.size() > 1 && parameters[1] != '.') return 0;
  int rank = 0;
  int weight = 1000;
  for (std::size_t i = 0; i < parameters.size(); i = i == 0 ? 2 : i + 1) {
    if (parameters[i] < '0' || parameters[i] > '9') return 0;
    rank += (parameters[i] - '0') * weight;
    weight /= 10;
  }
  return std::min(rank, 1000);
}

struct Ranks {
  std::optional<int> gzip;
  std::optional<int> deflate;
  std::optional<int> identity;
  std::optional<int> any;
};

Ranks ReadRanks(const Headers& headers) {
  Ranks ranks;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, list] = headers.at(i);
    if (!EqualIgnoringCase(name, "accept-encoding")) continue;
    ForEachListed(list, [&](std::string_view item) {
      const auto semicolon = item.find(';');
      const std::string_view coding = item.substr(0, item.find_first_of("; \t"));
      const int rank =
          RankOf(semicolon == std::string_view::npos ? "" : item.substr(semicolon + 1));
      if (EqualIgnoringCase(coding, "gzip") || EqualIgnoringCase(coding, "x-gzip")) {
        ranks.gzip = rank;
      } else if (EqualIgnoringCase(coding, "deflate")) {
        ranks.deflate = rank;
      } else if (EqualIgnoringCase(coding, "identity")) {
        ranks.identity = rank;
      } else if (coding == "*") {
        ranks.any = rank;
      }
    });
  }
  return ranks;
}

}  // namespace

std::string_view CodingName(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::kIdentity:
      return "";
    case ContentCoding::kGzip:
      return "gzip";
    case ContentCoding::kDeflate:
      return "deflate";
  }
  return "";
}

std::optional<ContentCoding> CodingOfBody(const Headers& headers) {
  std::optional<ContentCoding> coding = ContentCoding::kIdentity;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, list] = headers.at(i);
    if (!EqualIgnoringCase(name, "content-encoding")) continue;
    ForEachListed(list, [&](std::string_view item) {
      if (EqualIgnoringCase(item, "identity")) return;
      const bool first = coding == ContentCoding::kIdentity;
      if (first && (EqualIgnoringCase(item, "gzip") || EqualIgnoringCase(item, "x-gzip"))) {
        coding = ContentCoding::kGzip;
      } else if (first && EqualIgnoringCase(item, "deflate")) {
        coding = ContentCoding::kDeflate;
      } else {
        coding = std::nullopt;
      }
    });
  }
  return coding;
}

ContentCoding AcceptedCoding(const Headers& headers) {
  const Ranks ranks = ReadRanks(headers);
  const int any = ranks.any.value_or(0);
  const int gzip = ranks.gzip.value_or(any);
  const int deflate = ranks.deflate.value_or(any);
  const int best = std::max(gzip, deflate);
  if (best == 0 || best < ranks.identity.value_or(0)) return ContentCoding::kIdentity;
  return gzip >= deflate ? ContentCoding::kGzip : ContentCoding::kDeflate;
}

}  // namespace bulkhead::http
