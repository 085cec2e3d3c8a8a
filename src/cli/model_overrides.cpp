// SPDX-License-Identifier: Apache-2.0
#include "cli/model_overrides.h"

#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "yolo/model_metadata.h"

namespace bulkhead::cli {
namespace {

constexpr const char* kGroup = "What the file does not say";

}  // namespace

void AddModelOverrides(CLI::App& command, yolo::SpecOverrides& overrides) {
  using yolo::HeadLayout;
  using yolo::Task;
  static const std::map<std::string, Task> kTasks{{"detect", Task::kDetect},
                                                  {"segment", Task::kSegment},
                                                  {"pose", Task::kPose},
                                                  {"obb", Task::kObb},
                                                  {"classify", Task::kClassify}};
  static const std::map<std::string, HeadLayout> kHeads{{"anchor-based", HeadLayout::kAnchorBased},
                                                        {"anchor-free", HeadLayout::kAnchorFree},
                                                        {"end-to-end", HeadLayout::kEndToEnd},
                                                        {"class-scores", HeadLayout::kClassScores}};
  command
      .add_option_function<Task>(
          "--task", [&overrides](Task task) { overrides.task = task; },
          "detect, segment, pose, obb or classify")
      ->transform(CLI::CheckedTransformer(kTasks).description(""))
      ->type_name("TASK")
      ->group(kGroup);
  command
      .add_option_function<HeadLayout>(
          "--head", [&overrides](HeadLayout head) { overrides.head = head; },
          "anchor-based (v5), anchor-free (v8 to 12), end-to-end (v10, 26, nms=True) or "
          "class-scores")
      ->transform(CLI::CheckedTransformer(kHeads).description(""))
      ->type_name("LAYOUT")
      ->group(kGroup);
  command.add_option("--names", overrides.class_names, "class names in order, separated by commas")
      ->delimiter(',')
      ->type_name("A,B,...")
      ->group(kGroup);
  command
      .add_option_function<int>(
          "--stride", [&overrides](int stride) { overrides.stride = stride; },
          "the largest stride of the network, in pixels")
      ->check(CLI::Range(1, yolo::kStrideMax).description(""))
      ->type_name("N")
      ->group(kGroup);
  command
      .add_option_function<std::vector<int>>(
          "--imgsz",
          [&overrides](const std::vector<int>& sides) {
            overrides.image_height = sides.front();
            overrides.image_width = sides.back();
          },
          "input size of a network with dynamic height and width: one side, or height,width")
      ->delimiter(',')
      ->expected(1, 2)
      ->check(CLI::Range(32, yolo::kImageSideMax).description(""))
      ->type_name("N[,N]")
      ->group(kGroup);
}

}  // namespace bulkhead::cli
