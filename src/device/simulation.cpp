// SPDX-License-Identifier: Apache-2.0
#include "device/simulation.h"

#include <algorithm>
#include <charconv>
#include <string>

#include <fmt/format.h>

#include "device/inventory_file.h"
#include "device/simulated_gpus.h"

namespace bulkhead::device {
namespace {

using base::Code;

struct Group {
  const mig::GpuModel* model = nullptr;
  std::size_t count = 1;
};

// A model's own name may end like a number of them ("rtx6000"), so the whole is tried first.
Group ParseGroup(std::string_view text) {
  if (const auto* model = mig::FindGpuModel(text)) return {model, 1};
  const std::size_t times = text.find_last_of("xX");
  if (times == std::string_view::npos) return {};
  const std::string_view number = text.substr(times + 1);
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
  const bool whole = error == std::errc{} && end == number.data() + number.size();
  if (!whole || count == 0 || count > kSimulatedGpusMax) return {};
  return {mig::FindGpuModel(text.substr(0, times)), count};
}

base::Error NotASimulation(std::string_view text) {
  std::string words;
  for (const mig::GpuModel& model : mig::GpuModels()) words += ' ' + model.word;
  return base::OperatorError(
      Code::kInvalid,
      fmt::format("\"{}\" names no GPUs to simulate: write for example a100x4,a30x2 (at most {} of"
                  "{}) or file=PATH of a captured inventory",
                  text, kSimulatedGpusMax, words));
}

}  // namespace

base::Result<std::vector<Gpu>> ReadSimulation(std::string_view text) {
  constexpr std::string_view kFile = "file=";
  if (text.starts_with(kFile)) return ReadInventory(std::string(text.substr(kFile.size())));
  std::vector<Gpu> gpus;
  std::string_view rest = text;
  while (true) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const Group group = ParseGroup(rest.substr(0, end));
    if (group.model == nullptr || gpus.size() + group.count > kSimulatedGpusMax) {
      return NotASimulation(text);
    }
    for (std::size_t i = 0; i < group.count; ++i) {
      gpus.push_back(MakeSimulatedGpu(*group.model, static_cast<int>(gpus.size())));
    }
    if (end == rest.size()) return gpus;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace bulkhead::device
