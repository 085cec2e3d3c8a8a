// SPDX-License-Identifier: Apache-2.0
#include "cli/detect.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ostream>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/read_file.h"
#include "cli/annotate.h"
#include "cli/detect_report.h"
#include "cli/image_paths.h"
#include "cli/progress.h"
#include "image/decode.h"
#include "worker/detector.h"

namespace bulkhead::cli {
namespace {

using Paths = std::vector<std::filesystem::path>;
using nlohmann::json;

// Protobuf, and so ONNX, ends at 2 GiB.
constexpr std::size_t kModelBytesMax = (std::size_t{1} << 31) - 1;

// One line of JSON; names that are not UTF-8 keep their readable part.
std::string Line(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

base::Result<int> ResolveClass(const std::string& wanted, const yolo::ModelSpec& spec) {
  const auto& names = spec.class_names;
  if (const auto found = std::find(names.begin(), names.end(), wanted); found != names.end()) {
    return static_cast<int>(found - names.begin());
  }
  int index = -1;
  const auto [end, failed] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), index);
  if (failed == std::errc() && end == wanted.data() + wanted.size() && index >= 0 &&
      static_cast<std::size_t>(index) < names.size()) {
    return index;
  }
  return base::PublicError(base::Code::kInvalid,
                           fmt::format("--classes {}: the model has no such class; it has 0 to {} "
                                       "(see bulkhead model inspect)",
                                       wanted, static_cast<int>(names.size()) - 1));
}

base::Result<worker::Detector> OpenDetector(const DetectArguments& arguments,
                                            const OpenEngine& open_engine) {
  BH_ASSIGN(const std::vector<std::byte> model, base::ReadFile(arguments.model, kModelBytesMax));
  BH_ASSIGN(std::unique_ptr<engine::Engine> engine, open_engine(model, arguments.engine));
  return worker::Detector::Open(std::move(engine), {arguments.overrides, {}});
}

// One run of the command over all pictures.
class Run {
 public:
  Run(const DetectArguments& arguments, const Console& console, worker::Detector detector)
      : arguments_(arguments), console_(console), detector_(std::move(detector)) {}

  int Over(const Paths& paths) {
    Progress progress(console_, paths.size());
    if (arguments_.json) {
      *console_.out << "{\"model\": " << Line(ModelJson(arguments_.model, detector_.spec()))
                    << ",\n \"images\": [";
    }
    for (std::size_t i = 0; i < paths.size(); ++i) {
      progress.Show(i);
      const base::Result<yolo::ImageResult> result = DetectOne(paths[i]);
      if (!result.ok() || console_.out_is_terminal) progress.Clear();
      Report(paths[i].string(), result, i == 0);
    }
    progress.Clear();
    if (arguments_.json) *console_.out << "\n]}\n";
    if (!arguments_.json) *console_.out << Summary(paths.size());
    console_.out->flush();
    if (!*console_.out) {
      PrintError(console_, "detect", "",
                 base::OperatorError(base::Code::kUnavailable, "the results could not be written"));
      return kFailure;
    }
    return failed_ == 0 ? kSuccess : kFailure;
  }

 private:
  base::Result<yolo::ImageResult> DetectOne(const std::filesystem::path& path) {
    BH_ASSIGN(const std::vector<std::byte> encoded,
              base::ReadFile(path, image::DecodeLimits{}.encoded_bytes_max));
    BH_ASSIGN(yolo::ImageResult result, detector_.Detect(encoded, arguments_.options));
    if (!arguments_.annotate_dir.empty()) {
      BH_ASSIGN(drawn_, image::Decode(encoded, {}, std::move(drawn_)));
      BH_TRY(annotations_.Write(arguments_.annotate_dir, path, result, detector_.spec().class_names,
                                drawn_));
    }
    return result;
  }

  void Report(const std::string& path, const base::Result<yolo::ImageResult>& result, bool first) {
    if (arguments_.json) *console_.out << (first ? "\n" : ",\n");
    if (!result.ok()) {
      ++failed_;
      PrintError(console_, "detect", path, result.error());
      if (arguments_.json)
        *console_.out << Line({{"path", path}, {"error", result.error().detail}});
      return;
    }
    detections_ += result.value().detections.size();
    const worker::StepTimes& times = detector_.last_times();
    infer_times_.push_back(times.infer);
    total_times_.push_back(times.decode + times.letterbox + times.infer + times.heads);
    if (arguments_.json) {
      *console_.out << Line(ResultJson(path, detector_.spec(), result.value(), times));
    } else {
      *console_.out << ResultTable(path, detector_.spec(), result.value(), times);
    }
  }

  std::string Summary(std::size_t pictures) {
    if (total_times_.empty() || pictures == 1) return "";
    std::string text = fmt::format("{} images", pictures);
    if (detector_.spec().task != yolo::Task::kClassify) {
      text += fmt::format(", {} detections", detections_);
    }
    if (failed_ > 0) text += fmt::format(", {} failed", failed_);
    return text + fmt::format("; median {:.1f} ms per image, of which inference {:.1f} ms\n",
                              MedianMs(total_times_), MedianMs(infer_times_));
  }

  static double MedianMs(std::vector<std::chrono::nanoseconds>& times) {
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return std::chrono::duration<double, std::milli>(*middle).count();
  }

  const DetectArguments& arguments_;
  const Console& console_;
  worker::Detector detector_;
  AnnotatedPictures annotations_;
  image::Image drawn_;  // the picture that was drawn on last
  std::size_t failed_ = 0;
  std::size_t detections_ = 0;
  std::vector<std::chrono::nanoseconds> infer_times_;
  std::vector<std::chrono::nanoseconds> total_times_;
};

}  // namespace

int RunDetect(DetectArguments arguments, const OpenEngine& open_engine, const Console& console) {
  const base::Result<Paths> paths = FindImages(arguments.images);
  if (!paths.ok()) {
    PrintError(console, "detect", "", paths.error());
    return kFailure;
  }
  base::Result<worker::Detector> detector = OpenDetector(arguments, open_engine);
  if (!detector.ok()) {
    PrintError(console, "detect", arguments.model, detector.error());
    return kFailure;
  }
  for (const std::string& wanted : arguments.classes) {
    const base::Result<int> index = ResolveClass(wanted, detector.value().spec());
    if (!index.ok()) {
      PrintError(console, "detect", "", index.error());
      return kFailure;
    }
    arguments.options.classes.push_back(index.value());
  }
  return Run(arguments, console, std::move(detector).value()).Over(paths.value());
}

}  // namespace bulkhead::cli
