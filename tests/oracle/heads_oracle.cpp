// SPDX-License-Identifier: Apache-2.0
#include "oracle/heads_oracle.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "oracle/mask_oracle.h"

namespace bulkhead::oracle {
namespace {

using yolo::DetectOptions;
using yolo::HeadLayout;
using yolo::ModelSpec;
using yolo::Task;

struct Row {
  double score = 0;
  int class_index = 0;
  double box[4] = {};  // x1,y1,x2,y2; obb: cx,cy,w,h
  std::vector<double> extras;
};

std::vector<std::vector<double>> AsRows(const Output& output, bool channels_first) {
  const auto first = static_cast<std::size_t>(output.dims[0]);
  const auto second = static_cast<std::size_t>(output.dims[1]);
  std::vector<std::vector<double>> rows;
  if (channels_first) {
    rows.assign(second, std::vector<double>(first));
    for (std::size_t c = 0; c < first; ++c) {
      for (std::size_t a = 0; a < second; ++a) rows[a][c] = output.values[c * second + a];
    }
  } else {
    rows.assign(first, std::vector<double>(second));
    for (std::size_t a = 0; a < first; ++a) {
      for (std::size_t c = 0; c < second; ++c) rows[a][c] = output.values[a * second + c];
    }
  }
  return rows;
}

bool Wanted(int class_index, const DetectOptions& options) {
  if (options.classes.empty()) return true;
  return std::count(options.classes.begin(), options.classes.end(), class_index) > 0;
}

double BoxIou(const Row& a, const Row& b) {
  const double w = std::min(a.box[2], b.box[2]) - std::max(a.box[0], b.box[0]);
  const double h = std::min(a.box[3], b.box[3]) - std::max(a.box[1], b.box[1]);
  const double both = std::max(w, 0.0) * std::max(h, 0.0);
  const double area_a = (a.box[2] - a.box[0]) * (a.box[3] - a.box[1]);
  const double area_b = (b.box[2] - b.box[0]) * (b.box[3] - b.box[1]);
  return both / (area_a + area_b - both);
}

struct Covariance {
  double xx, yy, xy;
};

Covariance CovarianceOf(const Row& row) {
  const double t = row.extras[0];
  const double w2 = row.box[2] * row.box[2] / 12;
  const double h2 = row.box[3] * row.box[3] / 12;
  return {w2 * std::cos(t) * std::cos(t) + h2 * std::sin(t) * std::sin(t),
          w2 * std::sin(t) * std::sin(t) + h2 * std::cos(t) * std::cos(t),
          (w2 - h2) * std::cos(t) * std::sin(t)};
}

// With mean difference m and S = (S1 + S2) / 2, the Bhattacharyya distance is
// m' S^-1 m / 8 + log(det S / sqrt(det S1 det S2)) / 2; the IoU is 1 - sqrt(1 - exp(-distance)).
double RotatedIou(const Row& a, const Row& b) {
  const Covariance s1 = CovarianceOf(a);
  const Covariance s2 = CovarianceOf(b);
  const double xx = (s1.xx + s2.xx) / 2;
  const double yy = (s1.yy + s2.yy) / 2;
  const double xy = (s1.xy + s2.xy) / 2;
  const double det = xx * yy - xy * xy;
  const double mx = a.box[0] - b.box[0];
  const double my = a.box[1] - b.box[1];
  const double mahalanobis = (yy * mx * mx - 2 * xy * mx * my + xx * my * my) / det;
  const double det1 = s1.xx * s1.yy - s1.xy * s1.xy;
  const double det2 = s2.xx * s2.yy - s2.xy * s2.xy;
  const double distance = mahalanobis / 8 + std::log(det / std::sqrt(det1 * det2)) / 2;
  return 1 - std::sqrt(std::max(0.0, 1 - std::exp(-distance)));
}

std::vector<Row> Suppress(std::vector<Row> rows, bool rotated, const DetectOptions& options) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.score > b.score; });
  const double limit = options.iou_max;
  std::vector<bool> dropped(rows.size(), false);
  std::vector<Row> kept;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!options.class_agnostic && rows[i].class_index != rows[j].class_index) continue;
      if (rotated && RotatedIou(rows[i], rows[j]) > limit) dropped[i] = true;
      if (!rotated && !dropped[j] && BoxIou(rows[i], rows[j]) > limit) dropped[i] = true;
    }
    if (!dropped[i]) kept.push_back(rows[i]);
  }
  return kept;
}

std::vector<Row> Anchors(const ModelSpec& spec, const Output& output,
                         const DetectOptions& options) {
  const bool objectness = spec.head == HeadLayout::kAnchorBased;
  const std::size_t first_class = objectness ? 5 : 4;
  std::vector<Row> rows;
  for (const auto& values : AsRows(output, !objectness)) {
    Row row{-1, 0, {}, {}};
    for (std::size_t c = 0; c < spec.class_names.size(); ++c) {
      const double score = values[first_class + c] * (objectness ? values[4] : 1.0);
      if (score > row.score) {
        row.score = score;
        row.class_index = static_cast<int>(c);
      }
    }
    if (objectness && !(values[4] > static_cast<double>(options.confidence_min))) continue;
    if (!(row.score > static_cast<double>(options.confidence_min))) continue;
    if (!Wanted(row.class_index, options)) continue;
    const bool rotated = spec.task == Task::kObb;
    row.box[0] = rotated ? values[0] : values[0] - values[2] / 2;
    row.box[1] = rotated ? values[1] : values[1] - values[3] / 2;
    row.box[2] = rotated ? values[2] : values[0] + values[2] / 2;
    row.box[3] = rotated ? values[3] : values[1] + values[3] / 2;
    const auto extras = first_class + spec.class_names.size();
    row.extras.assign(values.begin() + static_cast<std::ptrdiff_t>(extras), values.end());
    for (double& extra : row.extras) extra *= objectness ? values[4] : 1.0;
    rows.push_back(row);
  }
  return Suppress(rows, spec.task == Task::kObb, options);
}

std::vector<Row> EndToEnd(const Output& output, const DetectOptions& options) {
  std::vector<Row> rows;
  for (const auto& values : AsRows(output, false)) {
    Row row{values[4], static_cast<int>(values[5]), {}, {}};
    if (!(row.score > static_cast<double>(options.confidence_min))) continue;
    if (!Wanted(row.class_index, options)) continue;
    std::copy_n(values.begin(), 4, row.box);
    row.extras.assign(values.begin() + 6, values.end());
    rows.push_back(row);
  }
  return rows;
}

class ToPicture {
 public:
  ToPicture(const yolo::Letterbox& letterbox, Picture picture, HeadLayout head)
      : picture_(picture),
        pad_x_(letterbox.pad_left),
        pad_y_(letterbox.pad_top),
        scale_x_(1.0 * picture.width / letterbox.content_width),
        scale_y_(1.0 * picture.height / letterbox.content_height) {
    if (head != HeadLayout::kAnchorBased) return;
    const double gain = std::min(1.0 * letterbox.input_width / picture.width,
                                 1.0 * letterbox.input_height / picture.height);
    scale_x_ = scale_y_ = 1 / gain;
    pad_x_ = (letterbox.input_width - gain * picture.width) / 2;
    pad_y_ = (letterbox.input_height - gain * picture.height) / 2;
  }

  double X(double x) const { return (x - pad_x_) * scale_x_; }
  double Y(double y) const { return (y - pad_y_) * scale_y_; }
  double ScaleX() const { return scale_x_; }
  double ScaleY() const { return scale_y_; }
  float ClippedX(double x) const {
    return static_cast<float>(std::clamp(X(x), 0.0, 1.0 * picture_.width));
  }
  float ClippedY(double y) const {
    return static_cast<float>(std::clamp(Y(y), 0.0, 1.0 * picture_.height));
  }

 private:
  Picture picture_;
  double pad_x_;
  double pad_y_;
  double scale_x_;
  double scale_y_;
};

void FillRotated(const Row& row, const ToPicture& to, yolo::Detection& detection) {
  const double cx = to.X(row.box[0]);
  const double cy = to.Y(row.box[1]);
  const double w = row.box[2] * to.ScaleX();
  const double h = row.box[3] * to.ScaleY();
  const double t = row.extras[0];
  detection.rotated =
      yolo::RotatedBox{static_cast<float>(cx), static_cast<float>(cy), static_cast<float>(w),
                       static_cast<float>(h), static_cast<float>(t)};
  double x1 = 1e300, y1 = 1e300, x2 = -1e300, y2 = -1e300;
  for (const double sx : {-0.5, 0.5}) {
    for (const double sy : {-0.5, 0.5}) {
      const double x = cx + sx * w * std::cos(t) - sy * h * std::sin(t);
      const double y = cy + sx * w * std::sin(t) + sy * h * std::cos(t);
      x1 = std::min(x1, x);
      y1 = std::min(y1, y);
      x2 = std::max(x2, x);
      y2 = std::max(y2, y);
    }
  }
  detection.box = {static_cast<float>(x1), static_cast<float>(y1), static_cast<float>(x2),
                   static_cast<float>(y2)};
}

void FillKeypoints(const Row& row, int dims, const ToPicture& to, yolo::Detection& detection) {
  const auto step = static_cast<std::size_t>(dims);
  for (std::size_t i = 0; i < row.extras.size(); i += step) {
    detection.keypoints.push_back({to.ClippedX(row.extras[i]), to.ClippedY(row.extras[i + 1]),
                                   dims == 3 ? static_cast<float>(row.extras[i + 2]) : 1.0F});
  }
}

}  // namespace

yolo::ImageResult Decode(const ModelSpec& spec, const Output& output, const Output& prototypes,
                         const yolo::Letterbox& letterbox, Picture picture,
                         const DetectOptions& options) {
  std::vector<Row> rows = spec.head == HeadLayout::kEndToEnd ? EndToEnd(output, options)
                                                             : Anchors(spec, output, options);
  if (rows.size() > static_cast<std::size_t>(options.detections_max)) {
    rows.resize(static_cast<std::size_t>(options.detections_max));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.score > b.score; });
  const ToPicture to(letterbox, picture, spec.head);
  yolo::ImageResult result{picture.width, picture.height, {}, {}};
  for (const Row& row : rows) {
    yolo::Detection detection;
    detection.class_index = row.class_index;
    detection.score = static_cast<float>(row.score);
    detection.box = {to.ClippedX(row.box[0]), to.ClippedY(row.box[1]), to.ClippedX(row.box[2]),
                     to.ClippedY(row.box[3])};
    if (spec.task == Task::kObb) FillRotated(row, to, detection);
    if (spec.task == Task::kPose) FillKeypoints(row, spec.keypoints.dims, to, detection);
    if (spec.task == Task::kSegment) {
      const MaskLogits logits(prototypes.dims, prototypes.values, row.extras, letterbox);
      const bool yolov5 = spec.head == HeadLayout::kAnchorBased;
      if (!yolov5 && !logits.AnyPositive(row.box)) continue;
      detection.mask = logits.Cut(detection.box, picture.width, picture.height, yolov5);
    }
    result.detections.push_back(detection);
  }
  return result;
}

}  // namespace bulkhead::oracle
