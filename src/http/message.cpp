// SPDX-License-Identifier: Apache-2.0
#include "http/message.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/checked_math.h"

namespace bulkhead::http {
namespace {

constexpr char LowerCase(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool IsHarmful(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

void AppendHarmless(std::string_view text, std::string& out) {
  const auto before = static_cast<std::ptrdiff_t>(out.size());
  out.append(text);
  std::replace_if(out.begin() + before, out.end(), IsHarmful, '?');
}

}  // namespace

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return LowerCase(x) == LowerCase(y);
         });
}

void Headers::Add(std::string_view name, std::string_view value) {
  Place place;
  place.name = static_cast<uint32_t>(text_.size());
  AppendHarmless(name, text_);
  place.value = static_cast<uint32_t>(text_.size());
  AppendHarmless(value, text_);
  const auto end = base::CheckedCast<uint32_t>(text_.size());
  BH_CHECK(end.has_value());
  place.end = *end;
  places_.push_back(place);
}

Headers::Field Headers::at(std::size_t index) const {
  BH_CHECK(index < places_.size());
  const Place& place = places_[index];
  const std::string_view text = text_;
  return {.name = text.substr(place.name, place.value - place.name),
          .value = text.substr(place.value, place.end - place.value)};
}

std::optional<std::string_view> Headers::Find(std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i) {
    const Field field = at(i);
    if (EqualIgnoringCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t Headers::CountOf(std::string_view name) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    if (EqualIgnoringCase(at(i).name, name)) ++count;
  }
  return count;
}

void Headers::Clear() {
  constexpr std::size_t kKeptBytes = 2'048;
  if (text_.capacity() > kKeptBytes) text_ = {};
  if (places_.capacity() * sizeof(Place) > kKeptBytes) places_ = {};
  text_.clear();
  places_.clear();
}

std::span<const std::byte> BytesOf(const BodyPart& part) {
  return std::visit([](const auto& bytes) { return std::as_bytes(std::span(bytes)); }, part);
}

Response MakeResponse(int status, std::string_view content_type, BodyPart body) {
  Response response;
  response.status = status;
  response.headers.Add("Content-Type", content_type);
  response.body.push_back(std::move(body));
  return response;
}

}  // namespace bulkhead::http
