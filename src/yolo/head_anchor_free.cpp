// SPDX-License-Identifier: Apache-2.0
#include "yolo/head_rows.h"
#include "yolo/row_selection.h"

namespace bulkhead::yolo {

base::Result<std::vector<HeadRow>> DecodeAnchorFree(const FloatSlice& output,
                                                    const RowLayout& layout,
                                                    const DetectOptions& options) {
  const std::size_t columns = 4 + layout.classes + layout.extras;
  if (output.rank() != 2 || output.dim(0) != columns) {
    return ShapeMisfit(output, std::to_string(columns) + " x anchors");
  }
  const std::size_t anchors = output.dim(1);
  const auto scores = output.values().subspan(4 * anchors, layout.classes * anchors);
  BH_ASSIGN(auto candidates, ScanClassMajor(scores, anchors, options.confidence_min));
  const RowGrid grid{.values = output.values(), .row_stride = 1, .column_stride = anchors};
  return SelectRows(grid, std::move(candidates), 4 + layout.classes, layout, options);
}

}  // namespace bulkhead::yolo
