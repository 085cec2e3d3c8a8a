// SPDX-License-Identifier: Apache-2.0
#include "advice/gpu_named.h"

#include <algorithm>
#include <span>
#include <vector>

namespace bulkhead::advice {
namespace {

std::vector<std::string_view> WordsOf(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" -"), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// Whether all words of the name stand in the product.
bool AllIn(std::span<const std::string_view> name, std::span<const std::string_view> product) {
  return std::ranges::all_of(name, [product](std::string_view word) {
    return std::ranges::find(product, word) != product.end();
  });
}

}  // namespace

const mig::GpuModel* GpuNamed(std::string_view product, std::string_view profile) {
  const std::vector<std::string_view> words = WordsOf(product);
  const bool says_memory =
      std::ranges::any_of(words, [](std::string_view word) { return word.ends_with("GB"); });
  const mig::GpuModel* of_family = nullptr;
  int family = 0;
  for (const mig::GpuModel& model : mig::GpuModels()) {
    if (!profile.empty() && mig::FindProfile(model, profile) < 0) continue;
    if (model.product == product) return &model;
    const std::vector<std::string_view> name = WordsOf(model.name);
    if (AllIn(name, words)) return &model;
    // "H100-80GB": the family is what stands before the memory.
    if (says_memory) continue;
    const bool has_memory = name.size() > 1 && name.back().ends_with("GB");
    if (!has_memory || !AllIn(std::span(name).first(name.size() - 1), words)) continue;
    of_family = &model;
    ++family;
  }
  return family == 1 ? of_family : nullptr;
}

}  // namespace bulkhead::advice
