// SPDX-License-Identifier: Apache-2.0
#include "cli/model_inspect.h"

#include <array>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/terminal_text.h"
#include "planner/byte_text.h"
#include "planner/cpu_cost.h"

namespace bulkhead::cli {
namespace {

using planner::ByteText;

constexpr std::size_t kLabelColumns = 13;
constexpr std::size_t kTextColumns = 83;
constexpr std::size_t kClassLinesMax = 6;

// A label in the left column, lines beside it.
void AppendRow(std::string_view label, const std::vector<std::string>& lines, std::string& out) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out += fmt::format("{:<{}}{}\n", i == 0 ? label : "", kLabelColumns, lines[i]);
  }
}

void AppendRow(std::string_view label, const std::string& line, std::string& out) {
  AppendRow(label, std::vector{line}, out);
}

std::string Grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::vector<int64_t> InputDims(const yolo::InputSpec& input) {
  return {input.batch.value_or(-1), 3, input.height.value_or(-1), input.width.value_or(-1)};
}

std::string InputText(const yolo::ModelSpec& spec) {
  std::string text =
      fmt::format("{}  {}  {}", Shorten(EscapeForTerminal(spec.input.name), 32),
                  base::FormatDims(InputDims(spec.input)), base::ElementTypeName(spec.input.type));
  if (!spec.input.height || !spec.input.width) {
    text += fmt::format(", {}x{} by default", spec.default_height, spec.default_width);
  }
  return text;
}

std::vector<std::string> OutputLines(const model::ModelCard& card) {
  std::vector<std::string> lines;
  for (const base::TensorSpec& output : card.outputs) {
    lines.push_back(fmt::format("{}  {}  {}", Shorten(EscapeForTerminal(output.name), 32),
                                base::FormatDims(output.dims), base::ElementTypeName(output.type)));
    constexpr std::size_t kOutputsMax = 4;
    if (lines.size() == kOutputsMax) break;
  }
  return lines;
}

std::string HeadText(const yolo::ModelSpec& spec) {
  std::string text(yolo::HeadLayoutName(spec.head));
  if (spec.task == yolo::Task::kSegment) {
    text += fmt::format(", {} mask coefficients", spec.mask_coefficients);
  }
  if (spec.task == yolo::Task::kPose) {
    text += fmt::format(", {} keypoints of {} values", spec.keypoints.count, spec.keypoints.dims);
  }
  if (spec.task == yolo::Task::kClassify) return text;
  return text + (spec.nms_in_graph ? "; overlaps are suppressed within the graph"
                                   : "; overlaps are suppressed by Bulkhead");
}

std::vector<std::string> ClassLines(const std::vector<std::string>& names) {
  std::vector<std::string> words;
  words.reserve(names.size());
  for (const std::string& name : names) words.push_back(EscapeForTerminal(name));
  std::vector<std::string> lines = WrapWords(words, kTextColumns, kClassLinesMax);
  lines.insert(lines.begin(), fmt::format("{}", names.size()));
  return lines;
}

std::vector<std::string> MemoryLines(const model::ModelCard& card) {
  std::string batches;
  for (const model::MemoryEstimate& estimate : card.memory) {
    batches += fmt::format("{}batch {}: {}", batches.empty() ? "" : "   ", estimate.batch,
                           ByteText(estimate.total_bytes));
  }
  const planner::CpuMemory cores = planner::PredictCpuMemory(SizingOf(card));
  return {batches,
          "weights and activations at most; a GPU's engine takes " +
              ByteText(planner::kEngineOverheadBytes) + " (assumed) more",
          fmt::format("a worker on cores: {} while it reads the file, {} while it serves",
                      ByteText(cores.reading_bytes), ByteText(cores.serving_bytes))};
}

std::vector<std::string> WarningLines(const model::ModelCard& card) {
  std::vector<std::string> words;
  words.reserve(card.unknown_operators.size());
  for (const std::string& op : card.unknown_operators) words.push_back(EscapeForTerminal(op));
  std::vector<std::string> lines = WrapWords(words, kTextColumns, 2);
  lines.insert(lines.begin(), "arithmetic and memory are lower bounds: shapes are not known after");
  return lines;
}

void AppendCard(const model::ModelCard& card, std::string& out) {
  const yolo::ModelSpec& spec = card.spec;
  const char* at_least = card.unknown_operators.empty() ? "" : "at least ";
  AppendRow("Family", spec.size.empty() ? spec.family : spec.family + ", size " + spec.size, out);
  AppendRow("Task", std::string(yolo::TaskName(spec.task)), out);
  AppendRow("Classes", ClassLines(spec.class_names), out);
  AppendRow("Input", InputText(spec), out);
  AppendRow("Output", OutputLines(card), out);
  AppendRow("Layout", HeadText(spec), out);
  AppendRow("Parameters", Grouped(card.parameters), out);
  AppendRow("Arithmetic",
            fmt::format("{}{:.1f} GFLOPs per picture of {}x{}", at_least, card.gflops,
                        spec.default_height, spec.default_width),
            out);
  AppendRow("Weights",
            fmt::format("{} in a file of {}, opset {}", ByteText(card.weights_bytes),
                        ByteText(card.file_bytes), card.opset),
            out);
  AppendRow("Peak memory", MemoryLines(card), out);
  if (!card.unknown_operators.empty()) AppendRow("Caution", WarningLines(card), out);
}

void AppendRecommendations(const std::vector<planner::Recommendation>& recommendations,
                           std::string& out) {
  out += fmt::format("\n{:<14}{:<10}{:>8}  {}\n", "GPU", "Profile", "Memory", "Because");
  for (const planner::Recommendation& row : recommendations) {
    const bool fits = !row.profile.empty();
    out += fmt::format("{:<14}{:<10}{:>8}  {}\n", row.gpu, fits ? row.profile : "none",
                       fits ? ByteText(row.profile_memory_bytes) : "",
                       row.reasons.empty() ? "" : row.reasons.front());
  }
}

nlohmann::json TensorJson(const base::TensorSpec& tensor) {
  return {{"name", ReplaceBrokenUtf8(tensor.name)},
          {"type", base::ElementTypeName(tensor.type)},
          {"shape", tensor.dims}};
}

nlohmann::json RecommendationJson(const planner::Recommendation& row) {
  nlohmann::json json = {{"gpu", row.gpu},
                         {"profile", nullptr},
                         {"profile_memory_bytes", row.profile_memory_bytes},
                         {"needed_memory_bytes", row.needed_memory_bytes},
                         {"reasons", row.reasons}};
  if (!row.profile.empty()) json["profile"] = row.profile;
  return json;
}

nlohmann::json SpecJson(const yolo::ModelSpec& spec) {
  nlohmann::json json = {{"family", spec.family},
                         {"size", spec.size},
                         {"task", yolo::TaskName(spec.task)},
                         {"layout", yolo::HeadLayoutName(spec.head)},
                         {"nms_in_graph", spec.nms_in_graph},
                         {"stride", spec.stride}};
  json["input"] = TensorJson({spec.input.name, spec.input.type, InputDims(spec.input)});
  json["input"]["default_height"] = spec.default_height;
  json["input"]["default_width"] = spec.default_width;
  json["classes"] = nlohmann::json::array();
  for (const std::string& name : spec.class_names) {
    json["classes"].push_back(ReplaceBrokenUtf8(name));
  }
  if (spec.task == yolo::Task::kPose) {
    json["keypoints"] = {{"count", spec.keypoints.count}, {"dims", spec.keypoints.dims}};
  }
  if (spec.task == yolo::Task::kSegment) json["mask_coefficients"] = spec.mask_coefficients;
  return json;
}

}  // namespace

std::string RenderCardTable(const model::ModelCard& card,
                            const std::vector<planner::Recommendation>& recommendations) {
  std::string out;
  AppendCard(card, out);
  AppendRecommendations(recommendations, out);
  return out;
}

nlohmann::json CardJson(const model::ModelCard& card,
                        const std::vector<planner::Recommendation>& recommendations) {
  nlohmann::json json = SpecJson(card.spec);
  json["outputs"] = nlohmann::json::array();
  for (const base::TensorSpec& output : card.outputs) json["outputs"].push_back(TensorJson(output));
  json["opset"] = card.opset;
  json["file_bytes"] = card.file_bytes;
  json["parameters"] = card.parameters;
  json["weights_bytes"] = card.weights_bytes;
  json["gflops"] = card.gflops;
  json["memory"] = nlohmann::json::array();
  for (const model::MemoryEstimate& estimate : card.memory) {
    json["memory"].push_back({{"batch", estimate.batch},
                              {"peak_activation_bytes", estimate.peak_activation_bytes},
                              {"total_bytes", estimate.total_bytes}});
  }
  const planner::CpuMemory cores = planner::PredictCpuMemory(SizingOf(card));
  json["cpu_memory"] = {{"reading_bytes", cores.reading_bytes},
                        {"serving_bytes", cores.serving_bytes}};
  json["unknown_operators"] = nlohmann::json::array();
  for (const std::string& op : card.unknown_operators) {
    json["unknown_operators"].push_back(ReplaceBrokenUtf8(op));
  }
  json["recommendations"] = nlohmann::json::array();
  for (const auto& row : recommendations) {
    json["recommendations"].push_back(RecommendationJson(row));
  }
  return json;
}

}  // namespace bulkhead::cli
