// SPDX-License-Identifier: Apache-2.0
// Arithmetic on sizes that come from outside: a result that does not fit is nullopt, never wrapped.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace bulkhead::base {

template <std::integral T>
[[nodiscard]] constexpr std::optional<T> CheckedAdd(T a, T b) {
  T sum{};
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

template <std::integral T>
[[nodiscard]] constexpr std::optional<T> CheckedMul(T a, T b) {
  T product{};
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// The value as another integer type, when that type can hold it.
template <std::integral To, std::integral From>
[[nodiscard]] constexpr std::optional<To> CheckedCast(From value) {
  To converted{};
  if (__builtin_add_overflow(value, From{0}, &converted)) return std::nullopt;
  return converted;
}

// Number of elements of a tensor: nullopt when a dimension is negative (variable) or the product
// does not fit. A tensor without dimensions has one element.
[[nodiscard]] constexpr std::optional<std::size_t> ElementCount(std::span<const int64_t> dims) {
  std::size_t count = 1;
  for (const int64_t dim : dims) {
    const auto size = CheckedCast<std::size_t>(dim);
    if (!size) return std::nullopt;
    const auto product = CheckedMul(count, *size);
    if (!product) return std::nullopt;
    count = *product;
  }
  return count;
}

}  // namespace bulkhead::base
