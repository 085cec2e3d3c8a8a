// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) return PublicError(Code::kInvalid, "the number is odd");
  return value / 2;
}

Result<int> Quarter(int value) {
  BH_ASSIGN(const int half, Half(value));
  return Half(half);
}

Status CheckEven(int value) {
  BH_TRY(Half(value));
  return Ok();
}

TEST(Result, HoldsTheValueOfASuccess) {
  const Result<int> result = Quarter(12);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value(), 3);
}

TEST(Result, PassesTheFirstErrorOnThroughAssign) {
  const Result<int> result = Quarter(6);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, Code::kInvalid);
  EXPECT_EQ(result.error().detail, "the number is odd");
}

TEST(Result, PassesTheErrorOnThroughTry) {
  EXPECT_TRUE(CheckEven(2).ok());
  EXPECT_EQ(CheckEven(3).error().code, Code::kInvalid);
}

TEST(Result, MovesOutAValueThatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 7);
}

TEST(ResultDeathTest, AbortsWhenTheValueOfAFailureIsRead) {
  const Result<int> result = Half(1);
  EXPECT_DEATH((void)result.value(), "check failed");
}

TEST(Error, OperatorDetailNeverReachesThePublicMessage) {
  const Error error = OperatorError(Code::kUnavailable, "/srv/models/a.onnx: permission denied");
  EXPECT_EQ(error.public_message.find("/srv"), std::string::npos);
  EXPECT_EQ(error.public_message, DefaultPublicMessage(Code::kUnavailable));
}

TEST(Error, ContextIsAddedToTheDetailOnly) {
  const Error error = WithContext(PublicError(Code::kInvalid, "too large"), "line-3.jpg");
  EXPECT_EQ(error.detail, "line-3.jpg: too large");
  EXPECT_EQ(error.public_message, "too large");
}

}  // namespace
}  // namespace bulkhead::base
