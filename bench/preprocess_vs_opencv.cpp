// SPDX-License-Identifier: Apache-2.0
// The floor, 1920x1080 to 640x640: the entropy decoding and inverse transform of the JPEG, which
// both sides leave to libjpeg-turbo, and writing the tensor, 4.9 MB. We decode into 92 KB that are
// used again and convert to RGB only the rows that are needed, every third. The transform bounds
// the ratio: a picture with more detail per pixel gives a lower one. OpenCV writes the picture, 6.2
// MB, then 0.7 MB in resize and 1.2 MB in copyMakeBorder, and in blobFromImage 4.9 MB of floats
// that it scales in place and then splits into another 4.9 MB of planes.
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
  image::Image storage;  // kept between frames, as a worker keeps it
  std::vector<float> tensor = std::vector<float>(kElements);
  double both_ms = 0;
  bool decoded = false;
};

void RunOurs(std::span<const std::byte> jpeg, const yolo::ModelSpec& spec, Ours& ours) {
  const double start = Milliseconds();
  ours.decoded = false;
  const auto opened = image::OpenRows(jpeg, {}, ours.storage);
  if (!opened.ok()) return;
  image::Rows& rows = *opened.value();
  const yolo::Letterbox letterbox = yolo::PlanLetterbox(rows.width(), rows.height(), spec);
  ours.decoded = yolo::FillInput(rows, letterbox, spec, ours.tensor).ok();
  ours.both_ms = Milliseconds() - start;
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
  std::vector<double> ours;
  std::vector<double> their_decode;
  std::vector<double> their_fill;
  std::vector<double> theirs;

  void Add(const Ours& our, const Theirs& their) {
    ours.push_back(our.both_ms);
    their_decode.push_back(their.decode_ms);
    their_fill.push_back(their.fill_ms);
    theirs.push_back(their.decode_ms + their.fill_ms);
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
  Times times;
  double difference = 0;
  for (int i = 0; i < kRepetitions; ++i) {
    RunOurs(jpeg, spec, ours);
    RunTheirs(encoded, theirs);
    times.Add(ours, theirs);
    difference = std::max(difference, LargestDifference(ours, theirs));
  }
  const double ratio = Median(times.theirs) / Median(times.ours);
  char note[240];
  std::snprintf(note, sizeof(note),
                "%dx%d: %.2f ms against OpenCV %s %.2f (decode) + %.2f (fill) ms, "
                "largest difference %.2f/255",
                theirs.picture.cols, theirs.picture.rows, Median(times.ours), CV_VERSION,
                Median(times.their_decode), Median(times.their_fill), difference * 255);
  return {.name = "preprocess-vs-opencv",
          .value = ratio,
          .unit = "x OpenCV",
          .bar = kBar,
          .higher_is_better = true,
          .holds = difference <= kTolerance && ratio >= kBar,
          .note = note};
}

}  // namespace bulkhead::bench
