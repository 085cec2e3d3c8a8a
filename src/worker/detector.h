// SPDX-License-Identifier: Apache-2.0
// Encoded pictures in, detections out: decode, letterbox, infer, decode heads, NMS.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "image/decode.h"
#include "worker/input_tensor.h"
#include "yolo/detection.h"
#include "yolo/letterbox.h"
#include "yolo/model_spec.h"

namespace bulkhead::worker {

// Time spent in each step. Decoding and letterboxing take turns, row by row; each has its own
// share. `infer` is of the whole run.
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

// One picture of several, in the caller's memory.
struct BatchPicture {
  std::span<const std::byte> encoded;
  const yolo::DetectOptions* options = nullptr;
};

struct BatchOutcome {
  base::Result<yolo::ImageResult> result;
  StepTimes times;
  int batch = 1;  // pictures in its run
};

// Owns an engine and the buffers of one run. One thread at a time.
class Detector {
 public:
  // kInvalid or kUnsupported: the engine's model is not a YOLO that we decode
  // (yolo::ReadModelSpec).
  static base::Result<Detector> Open(std::unique_ptr<engine::Engine> engine,
                                     const DetectorOptions& options);

  [[nodiscard]] const yolo::ModelSpec& spec() const { return spec_; }
  [[nodiscard]] const image::DecodeLimits& limits() const { return limits_; }
  // For runs of the graph as it is; not while Detect or DetectBatch runs.
  [[nodiscard]] engine::Engine& engine() { return *engine_; }
  // Of the last call of Detect.
  [[nodiscard]] const StepTimes& last_times() const { return times_; }

  // Errors are those of image::OpenRows and image::Rows::Finish, engine::Engine::Run and
  // yolo::DecodeOutputs; kExhausted: an input of more than 1 GiB.
  base::Result<yolo::ImageResult> Detect(std::span<const std::byte> encoded,
                                         const yolo::DetectOptions& options);

  // Told once for every picture, by its index.
  using OnOutcome = std::function<void(std::size_t, BatchOutcome)>;

  // The same for several pictures. With a model of variable batch, neighbours of the same input
  // size run together, as many as 1 GiB of input holds; what comes of a run is told before the next
  // begins. A picture's errors meet nobody else, except for those of Engine::Run, which meet all of
  // its run.
  void DetectBatch(std::span<const BatchPicture> pictures, const OnOutcome& on_outcome);

 private:
  // A picture that has its place in the tensor.
  struct Placed {
    std::size_t index = 0;
    yolo::Letterbox letterbox;
    int width = 0;
    int height = 0;
    StepTimes times;
  };

  Detector(std::unique_ptr<engine::Engine> engine, yolo::ModelSpec spec,
           image::DecodeLimits limits);

  base::Status Place(std::size_t index, std::span<const BatchPicture> pictures,
                     const OnOutcome& on_outcome);
  void RunPlaced(std::span<const BatchPicture> pictures, const OnOutcome& on_outcome);

  std::unique_ptr<engine::Engine> engine_;
  yolo::ModelSpec spec_;
  image::DecodeLimits limits_;
  image::Image picture_;  // storage for pictures that are decoded as a whole
  InputTensor tensor_;
  std::vector<Placed> placed_;  // for the next run, by their places
  StepTimes times_;
};

}  // namespace bulkhead::worker
