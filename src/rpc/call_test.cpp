// SPDX-License-Identifier: Apache-2.0
#include "rpc/call.h"

#include <gtest/gtest.h>

#include "rpc/call_result.h"

namespace bulkhead::rpc {
namespace {

TEST(GrpcPeer, IsAnAddressWithoutItsPort) {
  EXPECT_EQ(PeerAddress("ipv4:203.0.113.7:50412"), "203.0.113.7");
  EXPECT_EQ(PeerAddress("ipv6:[2001:db8::1]:50412"), "2001:db8::1");
  EXPECT_EQ(PeerAddress("ipv6:%5B2001:db8::1%5D:50412"), "2001:db8::1");
  EXPECT_EQ(PeerAddress("unix:/run/x.sock"), "unix");
  EXPECT_EQ(PeerAddress("unix:"), "unix");
}

TEST(CallCancellation, CallsWhatWatchesOnce) {
  CallCancellation cancellation;
  int calls = 0;
  cancellation.OnCancel([&] { calls += 100; });
  cancellation.OnCancel([&] { ++calls; });
  EXPECT_FALSE(cancellation.cancelled());
  cancellation.Cancel();
  cancellation.Cancel();
  EXPECT_TRUE(cancellation.cancelled());
  EXPECT_EQ(calls, 1);
  cancellation.OnCancel([&] { ++calls; });
  EXPECT_EQ(calls, 2) << "a late watch is told at once";
}

TEST(GrpcResult, SaysOnlyWhatTheTenantMayRead) {
  const CallResult result =
      ResultOf({.error = base::OperatorError(base::Code::kInternal, "/secret/path")});
  EXPECT_EQ(result.status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(result.status.error_message(), base::DefaultPublicMessage(base::Code::kInternal));
}

TEST(GrpcResult, TellsAKeyThatOpensNothingFromOneThatMayNot) {
  const base::Error error = base::PublicError(base::Code::kInvalid, "no such key");
  EXPECT_EQ(ResultOf({.error = error, .unauthenticated = true}).status.error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ResultOf({.error = error}).status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(StatusCodeOf(base::Code::kDenied), grpc::StatusCode::PERMISSION_DENIED);
}

TEST(PendingResult, GivesTheFirstResultOnly) {
  int results = 0;
  {
    PendingResult pending([&](const CallResult& result) {
      ++results;
      EXPECT_EQ(result.receipt, "a");
    });
    pending.Set({.receipt = "a"});
    pending.Set({.receipt = "b"});
  }
  EXPECT_EQ(results, 1);
}

TEST(PendingResult, IsUnavailableWhenItIsDropped) {
  grpc::StatusCode code = grpc::StatusCode::OK;
  {
    PendingResult pending([&](const CallResult& result) { code = result.status.error_code(); });
  }
  EXPECT_EQ(code, grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace bulkhead::rpc
