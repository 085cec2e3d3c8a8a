// SPDX-License-Identifier: Apache-2.0
// The limits of the worker protocol (docs/formats/worker_protocol.md). What a model or a picture
// may be is limited by yolo and image; these hold at least as much.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bulkhead::channel {

inline constexpr std::size_t kPictureBytesMax = std::size_t{64} << 20;
// Of all tensors of a message together.
inline constexpr std::size_t kTensorBytesMax = std::size_t{128} << 20;
// Of a message body without tensors, either way: a picture and a list of every class.
inline constexpr std::size_t kBodyBytesMax = kPictureBytesMax + (std::size_t{512} << 10);
// Of a message body with tensors: they, their dimensions, and what was asked for.
inline constexpr std::size_t kInferBodyBytesMax = kTensorBytesMax + (std::size_t{16} << 10);
// Of a Hello and of a Setup.
inline constexpr std::size_t kHelloBytesMax = std::size_t{5} << 20;
inline constexpr std::size_t kSetupBytesMax = std::size_t{5} << 20;

inline constexpr std::size_t kClassesMax = 65'536;
inline constexpr std::size_t kClassNameBytesMax = 1024;
inline constexpr std::size_t kClassNamesBytesMax = std::size_t{4} << 20;  // all together
inline constexpr std::size_t kNameBytesMax = 256;  // family, size, input, engine
inline constexpr std::size_t kPublicMessageBytesMax = 1024;
inline constexpr std::size_t kDetailBytesMax = 4096;

inline constexpr std::size_t kGraphTensorsMax = 64;  // inputs of a graph, and outputs
inline constexpr std::size_t kTensorRankMax = 16;    // dimensions of one

inline constexpr int kDetectionsMax = 30'000;  // the candidates that are kept before suppression
inline constexpr int kKeypointsMax = 1024;
inline constexpr int kMaskCoefficientsMax = 1024;
inline constexpr int kImageSideMax = 65'535;  // of a picture
inline constexpr int kInputSideMax = 16'384;  // of a network's input
inline constexpr int kStrideMax = 256;
inline constexpr int kBatchMax = 4096;
inline constexpr int kFramesInFlightMax = 1024;
inline constexpr int kThreadsMax = 1024;
inline constexpr int kDevicesMax = 256;
inline constexpr int64_t kPicturePixelsMax = int64_t{kImageSideMax} * kImageSideMax;
inline constexpr std::chrono::seconds kBatchWaitMax{10};
// Of one step of a frame; five of them fit an int64_t.
inline constexpr std::chrono::nanoseconds kStepTimeMax{int64_t{1} << 60};

// Mask pixels of one reply once they are a byte each: what yolo gives at most.
inline constexpr std::size_t kMaskPixelsMax = std::size_t{1} << 30;

}  // namespace bulkhead::channel
