// SPDX-License-Identifier: Apache-2.0
// Any bytes as a form: parts lie in the body, within the limits and without the boundary; and a
// form that is written by the rules gives back what was put into it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "http/multipart.h"

namespace {

using bulkhead::http::FormPart;
using bulkhead::http::ParseMultipart;

constexpr std::size_t kPartsMax = 5;

std::string_view TextOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The first line as Content-Type, the rest as body.
void ReadAny(std::string_view input) {
  const std::string_view content_type = input.substr(0, input.find('\n'));
  input.remove_prefix(std::min(content_type.size() + 1, input.size()));
  const auto body = std::as_bytes(std::span(input));
  const auto parts = ParseMultipart(content_type, body, kPartsMax);
  if (!parts.ok()) {
    BH_CHECK(parts.error().code == bulkhead::base::Code::kInvalid);
    BH_CHECK(!parts.error().public_message.empty());
    return;
  }
  BH_CHECK(parts.value().size() <= kPartsMax);
  const std::byte* from = body.data();
  for (const FormPart& part : parts.value()) {
    BH_CHECK(part.content.data() >= from);
    from = part.content.data() + part.content.size();
    BH_CHECK(from <= body.data() + body.size());
  }
}

// Name and content of each part end at a line feed of the input, or with it.
void WriteAndRead(std::string_view input) {
  std::vector<std::string> names;
  std::vector<std::string> contents;
  std::string body;
  while (!input.empty() && names.size() < kPartsMax) {
    std::string& text =
        names.size() == contents.size() ? names.emplace_back() : contents.emplace_back();
    text = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(text.size() + 1, input.size()));
  }
  contents.resize(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::erase_if(names[i], [](char c) { return c == '\r'; });
    std::string quoted;
    for (const char c : names[i])
      quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    if (quoted.size() > 4'000 || contents[i].find("--edge") != std::string::npos) return;
    body += "--edge\r\nContent-Type: image/jpeg\r\ncontent-disposition: form-data; name=\"" +
            quoted + "\"\r\n\r\n" + contents[i] + "\r\n";
  }
  body += "--edge--\r\n";
  const auto parts = ParseMultipart("multipart/form-data; boundary=edge",
                                    std::as_bytes(std::span(body)), kPartsMax);
  BH_CHECK(parts.ok());
  BH_CHECK(parts.value().size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    BH_CHECK(parts.value()[i].name == names[i]);
    BH_CHECK(TextOf(parts.value()[i].content) == contents[i]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    ReadAny(input);
  } else {
    WriteAndRead(input);
  }
  return 0;
}
