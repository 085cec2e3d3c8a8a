// SPDX-License-Identifier: Apache-2.0
#include "channel/infer_codec.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "channel/limits.h"
#include "channel/message_header.h"
#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

using base::Code;
using base::ElementType;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<base::TensorSpec> kInputs{{"a", ElementType::kUint8, {-1, 3}},
                                            {"b", ElementType::kUint8, {2}}};
const std::vector<base::TensorSpec> kOutputs{{"x", ElementType::kUint8, {-1}},
                                             {"y", ElementType::kInt16, {2}},
                                             {"z", ElementType::kString, {1}}};

Bytes RequestBody(const std::vector<uint32_t>& wanted = {1, 0}) {
  const Bytes a = BytesOf("123456");
  const Bytes b = BytesOf("78");
  const std::vector<base::TensorView> inputs{{ElementType::kUint8, {2, 3}, a},
                                             {ElementType::kUint8, {2}, b}};
  return EncodeInferFront(inputs, wanted) + a + b;
}

Bytes ReplyBody() {
  InferReply reply;
  reply.times.queue = std::chrono::nanoseconds(5);
  reply.times.infer = std::chrono::nanoseconds(7);
  const Bytes y = BytesOf("yyyy");
  const Bytes x = BytesOf("xxx");
  reply.outputs = {{1, {ElementType::kInt16, {2}, y}}, {0, {ElementType::kUint8, {3}, x}}};
  return EncodeInferReplyFront(reply) + y + x;
}

const std::vector<uint32_t> kWanted{1, 0};

// Writes a dimension or a time over what stands there.
void Put(Bytes& bytes, std::size_t offset, int64_t value) {
  base::ByteWriter writer;
  writer.Write<int64_t>(value);
  std::ranges::copy(std::move(writer).Take(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

TEST(InferCodec, ReadsBackARequestWhereItLies) {
  const Bytes body = RequestBody();
  const auto read = DecodeInfer(kInputs, kOutputs, body);
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_THAT(read.value().wanted, ElementsAre(1, 0));
  EXPECT_THAT(read.value().inputs[0].dims, ElementsAre(2, 3));
  EXPECT_TRUE(std::ranges::equal(read.value().inputs[0].bytes, BytesOf("123456")));
  EXPECT_TRUE(std::ranges::equal(read.value().inputs[1].bytes, BytesOf("78")));
  const auto offset = read.value().inputs[0].bytes.data() - body.data();
  EXPECT_EQ((kHeaderBytes + static_cast<std::size_t>(offset)) % kTensorAlignment, 0U);
}

TEST(InferCodec, RefusesEveryCutOfARequestAndAByteTooMany) {
  const Bytes body = RequestBody();
  for (std::size_t size = 0; size < body.size(); ++size) {
    const auto cut = DecodeInfer(kInputs, kOutputs, std::span(body).first(size));
    ASSERT_FALSE(cut.ok()) << size;
    EXPECT_EQ(cut.error().code, Code::kCorrupt);
  }
  EXPECT_FALSE(DecodeInfer(kInputs, kOutputs, body + Bytes(1)).ok());
}

TEST(InferCodec, RefusesARequestThatIsNotOfTheGraph) {
  constexpr std::size_t kFirstDim = 4 + 2 * 4;
  for (const int64_t rows : {int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{3}, int64_t{1} << 62}) {
    Bytes body = RequestBody();
    Put(body, kFirstDim, rows);
    EXPECT_FALSE(DecodeInfer(kInputs, kOutputs, body).ok()) << rows;
  }
  Bytes body = RequestBody();
  Put(body, kFirstDim + 8, 2);
  EXPECT_FALSE(DecodeInfer(kInputs, kOutputs, body).ok());
  body = RequestBody();
  body[kFirstDim + 3 * 8] = std::byte{1};  // the way to the first input
  EXPECT_FALSE(DecodeInfer(kInputs, kOutputs, body).ok());
}

TEST(InferCodec, RefusesOutputsThatCannotBeWanted) {
  for (const std::vector<uint32_t>& wanted :
       {std::vector<uint32_t>{}, {3}, {0, 0}, {2}, {0, 1, 0, 1}}) {
    EXPECT_FALSE(DecodeInfer(kInputs, kOutputs, RequestBody(wanted)).ok());
  }
}

TEST(InferCodec, ReadsBackAReplyWhereItLies) {
  const Bytes body = ReplyBody();
  const auto reply = DecodeInferReply(9, kOutputs, kWanted, body);
  ASSERT_TRUE(reply.ok()) << reply.error().detail;
  EXPECT_EQ(reply.value().id, 9U);
  EXPECT_EQ(reply.value().times.queue.count(), 5);
  EXPECT_EQ(reply.value().times.infer.count(), 7);
  ASSERT_EQ(reply.value().outputs.size(), 2U);
  EXPECT_EQ(reply.value().outputs[0].index, 1U);
  EXPECT_EQ(reply.value().outputs[0].tensor.type, ElementType::kInt16);
  EXPECT_TRUE(std::ranges::equal(reply.value().outputs[0].tensor.bytes, BytesOf("yyyy")));
  EXPECT_THAT(reply.value().outputs[1].tensor.dims, ElementsAre(3));
  EXPECT_TRUE(std::ranges::equal(reply.value().outputs[1].tensor.bytes, BytesOf("xxx")));
}

TEST(InferCodec, RefusesEveryCutOfAReplyAndAByteTooMany) {
  const Bytes body = ReplyBody();
  for (std::size_t size = 0; size < body.size(); ++size) {
    const auto cut = DecodeInferReply(9, kOutputs, kWanted, std::span(body).first(size));
    ASSERT_FALSE(cut.ok()) << size;
    EXPECT_EQ(cut.error().code, Code::kCorrupt);
  }
  EXPECT_FALSE(DecodeInferReply(9, kOutputs, kWanted, body + Bytes(1)).ok());
}

TEST(InferCodec, RefusesALieAboutAnOutput) {
  constexpr std::size_t kFixedDim = 16;
  constexpr std::size_t kVariableDim = 24;
  for (const int64_t dim : {int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{3}, int64_t{1} << 63}) {
    Bytes body = ReplyBody();
    Put(body, kFixedDim, dim);
    EXPECT_FALSE(DecodeInferReply(9, kOutputs, kWanted, body).ok()) << dim;
  }
  for (const int64_t dim : {int64_t{-1}, int64_t{2}, int64_t{4}, int64_t{INT64_MAX}}) {
    Bytes body = ReplyBody();
    Put(body, kVariableDim, dim);
    EXPECT_FALSE(DecodeInferReply(9, kOutputs, kWanted, body).ok()) << dim;
  }
}

TEST(InferCodec, RefusesALieThatTheBytesBearOut) {
  Bytes body = ReplyBody();
  Put(body, 16, 3);  // six bytes of seven, where the graph declares four
  Put(body, 24, 1);
  EXPECT_THAT(DecodeInferReply(9, kOutputs, kWanted, body).error().detail,
              HasSubstr("output y is 2, not 3"));
}

TEST(InferCodec, RefusesTimesOutOfTheirRange) {
  for (const std::size_t offset : {0U, 8U}) {
    for (const int64_t time : {int64_t{-1}, kStepTimeMax.count() + 1}) {
      Bytes body = ReplyBody();
      Put(body, offset, time);
      EXPECT_THAT(DecodeInferReply(9, kOutputs, kWanted, body).error().detail,
                  HasSubstr("step time"));
    }
  }
}

TEST(InferCodec, KnowsHowLongAReplyMayBe) {
  EXPECT_EQ(InferReplyBytesMax(kOutputs, std::vector<uint32_t>{1}), 16U + 8 + 4);
  EXPECT_EQ(InferReplyBytesMax(kOutputs, kWanted), 16U + 2 * 8 + kTensorBytesMax);
  const std::vector<base::TensorSpec> huge{{"h", ElementType::kUint8, {int64_t{1} << 62}}};
  EXPECT_EQ(InferReplyBytesMax(huge, std::vector<uint32_t>{0}), 16U + 8 + kTensorBytesMax);
}

}  // namespace
}  // namespace bulkhead::channel
