// SPDX-License-Identifier: Apache-2.0
#include "engine/null_engine.h"

#include <utility>
#include <vector>

#include "base/checked_math.h"
#include "engine/input_check.h"

namespace bulkhead::engine {
namespace {

class NullEngine final : public Engine {
 public:
  explicit NullEngine(base::GraphDescription graph) : graph_(std::move(graph)) {}

  [[nodiscard]] const base::GraphDescription& Describe() const override { return graph_; }

  [[nodiscard]] base::Result<std::span<const base::TensorView>> Run(
      const base::TensorView& input) override {
    BH_TRY(CheckInput(graph_, input));
    buffers_.resize(graph_.outputs.size());
    views_.clear();
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      const base::TensorSpec& output = graph_.outputs[i];
      std::vector<int64_t> dims = output.dims;
      for (std::size_t axis = 0; axis < dims.size(); ++axis) {
        if (dims[axis] < 0) dims[axis] = axis == 0 && !input.dims.empty() ? input.dims[0] : 1;
      }
      const auto count = base::ElementCount(dims);
      const auto element_bytes = base::ElementBytes(output.type);
      if (!count || !element_bytes) {
        return base::PublicError(base::Code::kInvalid, "output " + output.name + " has no size");
      }
      buffers_[i].assign(*count * *element_bytes, std::byte{0});
      views_.push_back({output.type, std::move(dims), buffers_[i]});
    }
    return std::span<const base::TensorView>(views_);
  }

 private:
  base::GraphDescription graph_;
  std::vector<std::vector<std::byte>> buffers_;
  std::vector<base::TensorView> views_;
};

}  // namespace

std::unique_ptr<Engine> MakeNullEngine(base::GraphDescription graph) {
  return std::make_unique<NullEngine>(std::move(graph));
}

}  // namespace bulkhead::engine
