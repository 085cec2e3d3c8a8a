// SPDX-License-Identifier: Apache-2.0
#include "cli/detect.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ostream>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <syslog.h>
#include <unistd.h>

#include "base/read_file.h"
#include "cli/annotate.h"
#include "cli/detect_report.h"
#include "cli/image_paths.h"
#include "cli/in_process_model.h"
#include "cli/progress.h"
#include "cli/sandboxed_model.h"
#include "cli/terminal_text.h"

namespace bulkhead::cli {
namespace {

using Paths = std::vector<std::filesystem::path>;
using nlohmann::json;

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

// Without the sandbox a model has the caller's rights; that is worth a line where others look too.
void WarnOfNoSandbox(const DetectArguments& arguments, const Console& console) {
  *console.err
      << "bulkhead detect: warning: --no-sandbox: the model and the pictures are processed "
         "with your own rights\n";
  ::openlog("bulkhead", LOG_PID, LOG_USER);
  ::syslog(LOG_WARNING, "detect --no-sandbox by uid %u: %s", ::getuid(),
           EscapeForTerminal(arguments.model).c_str());
  ::closelog();
}

base::Result<OpenedModel> OpenModel(const DetectArguments& arguments, const OpenEngine& open_engine,
                                    const OpenDriver& open_driver, const Console& console) {
  if (!arguments.no_sandbox) return OpenSandboxed(arguments, open_driver);
  WarnOfNoSandbox(arguments, console);
  return OpenInProcess(arguments, open_engine);
}

// One run of the command over all pictures.
class Run {
 public:
  Run(const DetectArguments& arguments, const Console& console, OpenedModel model)
      : arguments_(arguments), console_(console), model_(std::move(model)) {}

  int Over(const Paths& paths) {
    Progress progress(console_, paths.size());
    if (arguments_.json) {
      *console_.out << "{\"model\": " << Line(ModelJson(arguments_.model, model_.spec))
                    << ",\n \"compartment\": " << Line(CompartmentJson(model_.layers))
                    << ",\n \"images\": [";
    }
    for (std::size_t i = 0; i < paths.size(); ++i) {
      progress.Show(i);
      const base::Result<Detected> result = DetectOne(paths[i]);
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
  base::Result<Detected> DetectOne(const std::filesystem::path& path) {
    BH_ASSIGN(const std::vector<std::byte> encoded,
              base::ReadFile(path, image::DecodeLimits{}.encoded_bytes_max));
    const bool annotate = !arguments_.annotate_dir.empty();
    BH_ASSIGN(Detected detected, model_.detect(encoded, arguments_.options, annotate));
    if (annotate) {
      BH_TRY(annotations_.Write(arguments_.annotate_dir, path, detected.annotated));
    }
    return detected;
  }

  void Report(const std::string& path, const base::Result<Detected>& result, bool first) {
    if (arguments_.json) *console_.out << (first ? "\n" : ",\n");
    if (!result.ok()) {
      ++failed_;
      PrintError(console_, "detect", path, result.error());
      if (arguments_.json)
        *console_.out << Line({{"path", path}, {"error", result.error().detail}});
      return;
    }
    const yolo::ImageResult& found = result.value().result;
    const worker::StepTimes& times = result.value().times;
    detections_ += found.detections.size();
    infer_times_.push_back(times.infer);
    total_times_.push_back(times.decode + times.letterbox + times.infer + times.heads);
    if (arguments_.json) {
      *console_.out << Line(ResultJson(path, model_.spec, found, times));
    } else {
      *console_.out << ResultTable(path, model_.spec, found, times);
    }
  }

  std::string Summary(std::size_t pictures) {
    if (total_times_.empty() || pictures == 1) return "";
    std::string text = fmt::format("{} images", pictures);
    if (model_.spec.task != yolo::Task::kClassify) {
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
  OpenedModel model_;
  AnnotatedPictures annotations_;
  std::size_t failed_ = 0;
  std::size_t detections_ = 0;
  std::vector<std::chrono::nanoseconds> infer_times_;
  std::vector<std::chrono::nanoseconds> total_times_;
};

}  // namespace

int RunDetect(DetectArguments arguments, const OpenEngine& open_engine,
              const OpenDriver& open_driver, const Console& console) {
  const base::Result<Paths> paths = FindImages(arguments.images);
  if (!paths.ok()) {
    PrintError(console, "detect", "", paths.error());
    return kFailure;
  }
  base::Result<OpenedModel> model = OpenModel(arguments, open_engine, open_driver, console);
  if (!model.ok()) {
    PrintError(console, "detect", arguments.model, model.error());
    return kFailure;
  }
  for (const std::string& wanted : arguments.classes) {
    const base::Result<int> index = ResolveClass(wanted, model.value().spec);
    if (!index.ok()) {
      PrintError(console, "detect", "", index.error());
      return kFailure;
    }
    arguments.options.classes.push_back(index.value());
  }
  return Run(arguments, console, std::move(model).value()).Over(paths.value());
}

}  // namespace bulkhead::cli
