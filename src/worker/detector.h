// SPDX-License-Identifier: Apache-2.0
// Encoded picture in, detections out: decode, letterbox, infer, decode heads, NMS.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "image/decode.h"
#include "yolo/detection.h"
#include "yolo/letterbox.h"
#include "yolo/model_spec.h"

namespace bulkhead::worker {

// Time spent in each step of the last call. Decoding and letterboxing take turns, row by row; each
// has its own share.
struct StepTimes {
  std::chrono::nanoseconds decode{0};
  std::chrono::nanoseconds letterbox{0};
  std::chrono::nanoseconds infer{0};
  std::chrono::nanoseconds heads{0};
};

struct DetectorOptions {
  yolo::SpecOverrides overrides;
  image::DecodeLimits limits;
};

// Owns an engine and the buffers of one frame. One thread at a time.
class Detector {
 public:
  // kInvalid or kUnsupported: the engine's model is not a YOLO that we decode
  // (yolo::ReadModelSpec).
  static base::Result<Detector> Open(std::unique_ptr<engine::Engine> engine,
                                     const DetectorOptions& options);

  [[nodiscard]] const yolo::ModelSpec& spec() const { return spec_; }
  [[nodiscard]] const StepTimes& last_times() const { return times_; }

  // Errors are those of image::OpenRows and image::Rows::Finish, engine::Engine::Run and
  // yolo::DecodeOutputs.
  base::Result<yolo::ImageResult> Detect(std::span<const std::byte> encoded,
                                         const yolo::DetectOptions& options);

 private:
  Detector(std::unique_ptr<engine::Engine> engine, yolo::ModelSpec spec,
           image::DecodeLimits limits);

  base::Result<base::TensorView> FillTensor(image::Rows& picture, const yolo::Letterbox& letterbox);

  std::unique_ptr<engine::Engine> engine_;
  yolo::ModelSpec spec_;
  image::DecodeLimits limits_;
  image::Image picture_;  // storage for pictures that are decoded as a whole
  std::vector<std::byte> tensor_;
  StepTimes times_;
};

}  // namespace bulkhead::worker
