// SPDX-License-Identifier: Apache-2.0
#include "yolo/head_rows.h"
#include "yolo/row_selection.h"

namespace bulkhead::yolo {

base::Result<std::vector<HeadRow>> DecodeAnchorBased(const FloatSlice& output,
                                                     const RowLayout& layout,
                                                     const DetectOptions& options) {
  const std::size_t columns = 5 + layout.classes + layout.extras;
  if (output.rank() != 2 || output.dim(1) != columns) {
    return ShapeMisfit(output, "anchors x " + std::to_string(columns));
  }
  BH_ASSIGN(auto candidates,
            ScanAnchorRows(output.values(), columns, layout.classes, options.confidence_min));
  // The YOLOv5 repository's suppression multiplies everything after the objectness by it, mask
  // coefficients too. That moves the edges of masks, because it resamples probabilities.
  const RowGrid grid{
      .values = output.values(), .row_stride = columns, .column_stride = 1, .extras_factor = 4};
  return SelectRows(grid, std::move(candidates), 5 + layout.classes, layout, options);
}

}  // namespace bulkhead::yolo
