// SPDX-License-Identifier: Apache-2.0
#include "sandbox_cases/hostile_engine.h"

#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/null_engine.h"
#include "sandbox_cases/attack.h"
#include "sandbox_cases/forged_outputs.h"

namespace bulkhead::sandbox_cases {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): set once, by the lock
bool serving = false;

// Two classes and 84 anchors, with the usual metadata.
base::GraphDescription Graph() {
  using base::ElementType;
  return {{{"images", ElementType::kFloat32, {1, 3, 64, 64}}},
          {{"output0", ElementType::kFloat32, {1, 6, 84}}},
          {{"task", "detect"},
           {"stride", "32"},
           {"names", "{0: 'bolt', 1: 'nut'}"},
           {"imgsz", "[64, 64]"}}};
}

void CarryOut(const Order& order) {
  const Attack* attack = FindAttack(order.attack);
  if (attack == nullptr) return Tell("no such attack: " + order.attack);
  const Loot loot = attack->run(order);
  if (loot.got) return Tell("loot: " + loot.text);
  if (loot.error == 0) return Tell("nothing: " + loot.text);
  Tell(fmt::format("refused: {} ({})", loot.text, ::strerrorname_np(loot.error)));
}

class HostileEngine final : public engine::Engine {
 public:
  explicit HostileEngine(Order order)
      : order_(std::move(order)), honest_(engine::MakeNullEngine(Graph())) {}

  [[nodiscard]] const base::GraphDescription& Describe() const override {
    return honest_->Describe();
  }

  [[nodiscard]] base::Result<std::span<const base::TensorView>> Run(
      const base::TensorView& input) override {
    BH_ASSIGN(const auto outputs, honest_->Run(input));
    if (!serving) return outputs;
    if (order_.attack == "forge-outputs") return forged_.Make(order_.argument, outputs);
    // An order names an attack that is made once; later frames see whether the worker lives.
    if (!std::exchange(done_, true)) CarryOut(order_);
    return outputs;
  }

 private:
  Order order_;
  std::unique_ptr<engine::Engine> honest_;
  ForgedOutputs forged_;
  bool done_ = false;
};

}  // namespace

void BeginServing() { serving = true; }

base::Result<std::unique_ptr<engine::Engine>> OpenHostileEngine(std::span<const std::byte> model,
                                                                const engine::EngineOptions&) {
  Order order = ParseOrder(model);
  if (order.moment == Moment::kStarting) {
    CarryOut(order);
    return base::OperatorError(base::Code::kInvalid, "the attack is over");
  }
  return std::unique_ptr<engine::Engine>(std::make_unique<HostileEngine>(std::move(order)));
}

}  // namespace bulkhead::sandbox_cases
