// SPDX-License-Identifier: Apache-2.0
#include "planner/linear_program.h"

#include <cmath>
#include <optional>

#include "base/check.h"

namespace bulkhead::planner {
namespace {

constexpr double kTiny = 1e-9;
constexpr int kIdleStepsMax = 50;

class Tableau {
 public:
  explicit Tableau(const LinearProgram& program)
      : rows_(program.rows.size()),
        columns_(program.gain.size() + rows_ + 1),
        cells_((rows_ + 1) * columns_),
        basis_(rows_) {
    const std::size_t variables = program.gain.size();
    for (std::size_t row = 0; row < rows_; ++row) {
      for (const LinearProgram::Term& term : program.rows[row]) {
        At(row, term.variable) += term.factor;
      }
      BH_CHECK(program.limits[row] >= 0);
      At(row, variables + row) = 1;
      At(row, columns_ - 1) = program.limits[row];
      basis_[row] = variables + row;
    }
    for (std::size_t at = 0; at < variables; ++at) At(rows_, at) = -program.gain[at];
  }

  // False when no step gains.
  bool Step(bool bland) {
    const std::optional<std::size_t> column = Entering(bland);
    if (!column) return false;
    const std::optional<std::size_t> row = Leaving(*column);
    BH_CHECK(row);  // else the gain has no end, which programs with limited variables have
    Pivot(*row, *column);
    return true;
  }

  [[nodiscard]] double Gain() const { return cells_[rows_ * columns_ + columns_ - 1]; }

  [[nodiscard]] std::vector<double> Values(std::size_t variables) const {
    std::vector<double> values(variables);
    for (std::size_t row = 0; row < rows_; ++row) {
      if (basis_[row] < variables) values[basis_[row]] = cells_[row * columns_ + columns_ - 1];
    }
    return values;
  }

 private:
  double& At(std::size_t row, std::size_t column) { return cells_[row * columns_ + column]; }

  std::optional<std::size_t> Entering(bool bland) {
    std::optional<std::size_t> best;
    for (std::size_t column = 0; column + 1 < columns_; ++column) {
      if (At(rows_, column) >= -kTiny) continue;
      if (!best || At(rows_, column) < At(rows_, *best)) best = column;
      if (bland) break;
    }
    return best;
  }

  std::optional<std::size_t> Leaving(std::size_t column) {
    std::optional<std::size_t> best;
    double least = 0;
    for (std::size_t row = 0; row < rows_; ++row) {
      if (At(row, column) <= kTiny) continue;
      const double ratio = At(row, columns_ - 1) / At(row, column);
      const bool less = !best || ratio < least - kTiny;
      if (less || (ratio <= least + kTiny && basis_[row] < basis_[*best])) {
        best = row;
        least = ratio;
      }
    }
    return best;
  }

  void Pivot(std::size_t pivot_row, std::size_t pivot_column) {
    const double pivot = At(pivot_row, pivot_column);
    std::vector<std::size_t> filled;
    for (std::size_t column = 0; column < columns_; ++column) {
      double& cell = At(pivot_row, column);
      if (cell == 0) continue;
      cell /= pivot;
      filled.push_back(column);
    }
    for (std::size_t row = 0; row <= rows_; ++row) {
      const double factor = At(row, pivot_column);
      if (row == pivot_row || factor == 0) continue;
      for (const std::size_t column : filled) At(row, column) -= factor * At(pivot_row, column);
      At(row, pivot_column) = 0;
    }
    basis_[pivot_row] = pivot_column;
  }

  std::size_t rows_;
  std::size_t columns_;
  std::vector<double> cells_;
  std::vector<std::size_t> basis_;
};

}  // namespace

LinearSolution Maximise(const LinearProgram& program, int steps_max) {
  BH_CHECK(program.limits.size() == program.rows.size());
  Tableau tableau(program);
  LinearSolution solution;
  double gained = 0;
  int idle = 0;
  for (int step = 0; step < steps_max && !solution.optimal; ++step) {
    solution.optimal = !tableau.Step(idle > kIdleStepsMax);
    idle = tableau.Gain() > gained + kTiny ? 0 : idle + 1;
    gained = tableau.Gain();
  }
  solution.gain = tableau.Gain();
  solution.values = tableau.Values(program.gain.size());
  return solution;
}

}  // namespace bulkhead::planner
