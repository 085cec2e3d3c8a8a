// SPDX-License-Identifier: Apache-2.0
// The floor, 1920x1080 to 640x640: decoding must write the picture, 6.2 MB. With two rows of three
// not needed, resizing must read 2.1 MB of it and write the tensor, 4.9 MB. The rest is the entropy
// decoding and inverse transform of the JPEG, which both sides leave to libjpeg-turbo and which
// bounds the ratio: a picture with more detail per pixel gives a lower one. After the same decode
// OpenCV writes 0.7 MB in resize and 1.2 MB in copyMakeBorder, and in blobFromImage 4.9 MB of
// floats that it scales in place and then splits into another 4.9 MB of planes.
#include "preprocess_vs_opencv.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "image/decode.h"
#include "median.h"
#include "yolo/letterbox.h"

namespace bulkhead::bench {
namespace {

constexpr int kSize = 640;
constexpr std::size_t kElements = std::size_t{3} * kSize * kSize;
constexpr int kRepetitions = 101;
constexpr double kBar = 2.5;
constexpr double kTolerance = 1.0 / 255 + 1e-6;

// Processor time of this thread: both sides are single-threaded, and unlike the wall clock it does
// not count what other programs do meanwhile.
double Milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

struct Ours {
  image::Image picture;  // kept between frames, as a worker keeps it
  std::vector<float> tensor = std::vector<float>(kElements);
  double decode_ms = 0;
  double fill_ms = 0;
  bool decoded = false;
};

void RunOurs(std::span<const std::byte> jpeg, const yolo::ModelSpec& spec, Ours& ours) {
  const double start = Milliseconds();
  auto decoded = image::Decode(jpeg, {}, std::move(ours.picture));
  ours.decode_ms = Milliseconds() - start;
  ours.decoded = decoded.ok();
  if (!ours.decoded) return;
  ours.picture = std::move(decoded).value();
  const double middle = Milliseconds();
  const yolo::Letterbox letterbox =
      yolo::PlanLetterbox(ours.picture.width(), ours.picture.height(), spec);
  yolo::FillInput(ours.picture, letterbox, spec, ours.tensor);
  ours.fill_ms = Milliseconds() - middle;
}

struct Theirs {
  cv::Mat picture;
  cv::Mat resized;
  cv::Mat padded;
  cv::Mat blob;
  double decode_ms = 0;
  double fill_ms = 0;
};

void RunTheirs(const cv::Mat& jpeg, Theirs& theirs) {
  const double start = Milliseconds();
  cv::imdecode(jpeg, cv::IMREAD_COLOR, &theirs.picture);
  theirs.decode_ms = Milliseconds() - start;
  if (theirs.picture.empty()) return;
  const double middle = Milliseconds();
  const int width = theirs.picture.cols;
  const int height = theirs.picture.rows;
  const double gain =
      std::min(kSize / static_cast<double>(width), kSize / static_cast<double>(height));
  const cv::Size content(std::max(1, cvRound(width * gain)), std::max(1, cvRound(height * gain)));
  cv::resize(theirs.picture, theirs.resized, content, 0, 0, cv::INTER_LINEAR);
  const int left = cvRound((kSize - content.width) / 2.0 - 0.1);
  const int top = cvRound((kSize - content.height) / 2.0 - 0.1);
  cv::copyMakeBorder(theirs.resized, theirs.padded, top, kSize - content.height - top, left,
                     kSize - content.width - left, cv::BORDER_CONSTANT, cv::Scalar::all(114));
  cv::dnn::blobFromImage(theirs.padded, theirs.blob, 1 / 255.0, {}, {}, true);
  theirs.fill_ms = Milliseconds() - middle;
}

double LargestDifference(const Ours& ours, const Theirs& theirs) {
  if (!ours.decoded || theirs.blob.total() != ours.tensor.size()) return HUGE_VAL;
  const float* other = theirs.blob.ptr<float>();
  double largest = 0;
  for (std::size_t i = 0; i < ours.tensor.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(ours.tensor[i]) - double{other[i]}));
  }
  return largest;
}

struct Times {
  std::vector<double> decode;
  std::vector<double> fill;
  std::vector<double> both;

  void Add(double decode_ms, double fill_ms) {
    decode.push_back(decode_ms);
    fill.push_back(fill_ms);
    both.push_back(decode_ms + fill_ms);
  }
};

}  // namespace

BenchResult PreprocessVsOpencv(std::span<const std::byte> jpeg) {
  cv::setNumThreads(1);
  std::vector<unsigned char> copy(jpeg.size());
  std::transform(jpeg.begin(), jpeg.end(), copy.begin(),
                 [](std::byte value) { return std::to_integer<unsigned char>(value); });
  const cv::Mat encoded(1, static_cast<int>(copy.size()), CV_8U, copy.data());
  yolo::ModelSpec spec;
  spec.input.width = kSize;
  spec.input.height = kSize;
  Ours ours;
  Theirs theirs;
  Times our_times;
  Times their_times;
  double difference = 0;
  for (int i = 0; i < kRepetitions; ++i) {
    RunOurs(jpeg, spec, ours);
    RunTheirs(encoded, theirs);
    our_times.Add(ours.decode_ms, ours.fill_ms);
    their_times.Add(theirs.decode_ms, theirs.fill_ms);
    difference = std::max(difference, LargestDifference(ours, theirs));
  }
  const double ratio = Median(their_times.both) / Median(our_times.both);
  char note[240];
  std::snprintf(note, sizeof(note),
                "%dx%d: %.2f ms decode + %.2f ms fill against OpenCV %s %.2f + %.2f ms, "
                "largest difference %.2f/255",
                theirs.picture.cols, theirs.picture.rows, Median(our_times.decode),
                Median(our_times.fill), CV_VERSION, Median(their_times.decode),
                Median(their_times.fill), difference * 255);
  return {.name = "preprocess-vs-opencv",
          .value = ratio,
          .unit = "x OpenCV",
          .bar = kBar,
          .higher_is_better = true,
          .holds = difference <= kTolerance && ratio >= kBar,
          .note = note};
}

}  // namespace bulkhead::bench
