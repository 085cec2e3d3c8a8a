// SPDX-License-Identifier: Apache-2.0
#include "http/multipart.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace bulkhead::http {
namespace {

constexpr std::size_t kBoundaryMax = 70;  // RFC 2046, section 5.1.1
constexpr std::size_t kPartHeadersMax = std::size_t{8} << 10;

base::Error Bad(std::string message) {
  return base::PublicError(base::Code::kInvalid, std::move(message));
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool StartsWithIgnoringCase(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin(),
                    [](char a, char b) { return Lower(a) == Lower(b); });
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes a token or a quoted string off the front.
std::optional<std::string> TakeValue(std::string_view& rest) {
  std::string value;
  if (rest.empty() || rest.front() != '"') {
    const std::string_view token = rest.substr(0, rest.find(';'));
    rest.remove_prefix(token.size());
    return std::string(Trim(token));
  }
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return value;
    }
    if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
    value += rest[i];
  }
  return std::nullopt;
}

// The parameter `name` of a header's value ("form-data; name=\"a\"").
std::optional<std::string> Parameter(std::string_view value, std::string_view name) {
  std::string_view rest = value;
  rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  while (!rest.empty()) {
    rest = Trim(rest.substr(1));
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view found = Trim(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::optional<std::string> parameter = TakeValue(rest);
    if (!parameter) return std::nullopt;
    if (found.size() == name.size() && StartsWithIgnoringCase(found, name)) return parameter;
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  }
  return std::nullopt;
}

std::string_view AsText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The headers of one part, each line ended by CRLF.
base::Result<FormPart> ReadHeaders(std::string_view headers) {
  constexpr std::string_view kDisposition = "content-disposition:";
  while (!headers.empty()) {
    const std::string_view line = headers.substr(0, headers.find("\r\n"));
    headers.remove_prefix(std::min(line.size() + 2, headers.size()));
    if (!StartsWithIgnoringCase(line, kDisposition)) continue;
    const std::string_view value = line.substr(kDisposition.size());
    auto name = Parameter(value, "name");
    if (!name) break;
    return FormPart{*std::move(name), Parameter(value, "filename").value_or(""), {}};
  }
  return Bad("a part of the form has no name");
}

}  // namespace

bool IsMultipart(std::string_view content_type) {
  return StartsWithIgnoringCase(Trim(content_type), "multipart/form-data");
}

base::Result<std::vector<FormPart>> ParseMultipart(std::string_view content_type,
                                                   std::span<const std::byte> body,
                                                   std::size_t parts_max) {
  const std::optional<std::string> boundary = Parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kBoundaryMax) {
    return Bad("the form's Content-Type has no usable boundary");
  }
  const std::string delimiter = "\r\n--" + *boundary;
  std::string_view rest = AsText(body);
  const base::Error unfinished = Bad("the form does not end with its boundary");
  // Before the first boundary there may be a preamble, and no line end is needed at the start.
  if (rest.starts_with(std::string_view(delimiter).substr(2))) {
    rest.remove_prefix(delimiter.size() - 2);
  } else {
    const std::size_t first = rest.find(delimiter);
    if (first == std::string_view::npos) return unfinished;
    rest.remove_prefix(first + delimiter.size());
  }
  std::vector<FormPart> parts;
  while (!rest.starts_with("--")) {
    if (!rest.starts_with("\r\n")) return Bad("a boundary of the form is not on its own line");
    // The empty line that ends the headers; its first half may be the boundary's own line end.
    const std::size_t headers_end = rest.substr(0, kPartHeadersMax).find("\r\n\r\n");
    if (headers_end == std::string_view::npos)
      return Bad("a part of the form has no end of headers");
    if (parts.size() == parts_max) return Bad("the form has too many parts");
    BH_ASSIGN(FormPart part, ReadHeaders(rest.substr(2, headers_end)));
    rest.remove_prefix(headers_end + 4);
    const std::size_t end = rest.find(delimiter);
    if (end == std::string_view::npos) return unfinished;
    part.content = std::as_bytes(std::span(rest.substr(0, end)));
    parts.push_back(std::move(part));
    rest.remove_prefix(end + delimiter.size());
  }
  return parts;
}

}  // namespace bulkhead::http
