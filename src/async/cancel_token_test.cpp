// SPDX-License-Identifier: Apache-2.0
#include "async/cancel_token.h"

#include <string>

#include <gtest/gtest.h>

namespace bulkhead::async {
namespace {

TEST(CancelToken, IsNeverCancelledWithoutASource) {
  const CancelToken token;
  const CancelWatch watch = token.OnCancel([] { FAIL(); });
  EXPECT_FALSE(token.cancelled());
}

TEST(CancelToken, CallsWhatWatchesOnceAndInOrder) {
  CancelSource source;
  std::string called;
  const CancelWatch first = source.token().OnCancel([&] { called += "a"; });
  const CancelWatch second = source.token().OnCancel([&] { called += "b"; });
  EXPECT_EQ(called, "");
  source.Cancel();
  source.Cancel();
  EXPECT_EQ(called, "ab");
  EXPECT_TRUE(source.token().cancelled());
}

TEST(CancelToken, CallsALateWatchAtOnce) {
  CancelSource source;
  source.Cancel();
  bool called = false;
  const CancelWatch watch = source.token().OnCancel([&] { called = true; });
  EXPECT_TRUE(called);
}

TEST(CancelToken, ForgetsAWatchThatEnded) {
  CancelSource source;
  {
    const CancelWatch watch = source.token().OnCancel([] { FAIL(); });
  }
  source.Cancel();
}

TEST(CancelToken, LetsACalledFunctionDropTheNextWatch) {
  CancelSource source;
  CancelWatch second;
  const CancelWatch first = source.token().OnCancel([&] { second = CancelWatch(); });
  second = source.token().OnCancel([] { FAIL(); });
  source.Cancel();
}

TEST(CancelSource, StartsAnewForTheNextRequest) {
  CancelSource source;
  const CancelToken old = source.token();
  source.Cancel();
  source.Renew();
  EXPECT_TRUE(old.cancelled());
  EXPECT_FALSE(source.token().cancelled());
}

TEST(CancelSource, DoesNotReachATokenFromBeforeItsRenewal) {
  CancelSource source;
  const CancelToken old = source.token();
  source.Renew();
  source.Cancel();
  EXPECT_FALSE(old.cancelled());
}

}  // namespace
}  // namespace bulkhead::async
