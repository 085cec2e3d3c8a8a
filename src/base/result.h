// SPDX-License-Identifier: Apache-2.0
// Errors as values: Result<T>, Status, and the two macros that pass a failure on.
//
// An Error carries two texts. `detail` is for the operator's log and may name paths, libraries and
// numbers. `public_message` is what a tenant may read: never a path, a host, a library's text or
// another tenant's name; when none is given it comes from the code alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

namespace bulkhead::base {

// The gRPC canonical codes that Bulkhead uses; the set is closed.
enum class Code {
  kInvalid,      // INVALID_ARGUMENT: the caller's input is wrong and will stay wrong
  kNotFound,     // NOT_FOUND
  kConflict,     // ALREADY_EXISTS / ABORTED: the state does not allow it now
  kDenied,       // PERMISSION_DENIED
  kExhausted,    // RESOURCE_EXHAUSTED: a limit or quota
  kUnsupported,  // UNIMPLEMENTED: well formed, but not something we do
  kUnavailable,  // UNAVAILABLE: a part is missing or not ready
  kCorrupt,      // DATA_LOSS: stored or received bytes are damaged
  kDeadline,     // DEADLINE_EXCEEDED
  kInternal,     // INTERNAL: our own fault
};

// "invalid", "not found", ...: one or two lower-case words.
std::string_view CodeName(Code code);

// The sentence a tenant may read when nothing better was said.
std::string_view DefaultPublicMessage(Code code);

struct Error {
  Code code = Code::kInternal;
  std::string detail;
  std::string public_message;
};

// An error whose detail is safe to show to the tenant as well: it speaks only of their own input.
Error PublicError(Code code, std::string message);

// An error whose detail stays with the operator; the tenant reads the code's default sentence.
Error OperatorError(Code code, std::string detail);

// The same error with "context: " put before its detail; the public message is left alone.
Error WithContext(Error error, std::string_view context);

struct Unit {
  friend bool operator==(Unit, Unit) = default;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }

  // The value; aborts the process when there is none, so test ok() first.
  [[nodiscard]] T& value() & {
    BH_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    BH_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    BH_CHECK(ok());
    return std::move(*std::get_if<0>(&state_));
  }

  // The error; aborts the process when there is none.
  [[nodiscard]] const Error& error() const& {
    BH_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error&& error() && {
    BH_CHECK(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<Unit>;

inline Status Ok() { return Status(Unit{}); }

}  // namespace bulkhead::base

#define BH_CONCAT_INNER(a, b) a##b
#define BH_CONCAT(a, b) BH_CONCAT_INNER(a, b)

// BH_TRY(expression): returns the expression's error from the enclosing function, if it has one.
#define BH_TRY(...)                                                   \
  do {                                                                \
    auto bh_try_result = (__VA_ARGS__);                               \
    if (!bh_try_result.ok()) return std::move(bh_try_result).error(); \
  } while (false)

// BH_ASSIGN(declaration, expression): declares a value, or returns the expression's error.
#define BH_ASSIGN(declaration, ...) \
  BH_ASSIGN_INNER(BH_CONCAT(bh_assign_result_, __LINE__), declaration, __VA_ARGS__)
#define BH_ASSIGN_INNER(result, declaration, ...)     \
  auto result = (__VA_ARGS__);                        \
  if (!result.ok()) return std::move(result).error(); \
  declaration = std::move(result).value()
