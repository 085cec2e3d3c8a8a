// SPDX-License-Identifier: Apache-2.0
// The bytes that docs/formats/worker_protocol.md shows are the bytes that both ends write.
#include <cctype>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "base/read_file.h"
#include "channel/client_session.h"
#include "channel/setup.h"
#include "channel/test_messages.h"
#include "channel/worker_session.h"

namespace bulkhead::channel {
namespace {

// The hex numbers of a line, up to what is no pair of hex digits.
Bytes HexOf(const std::string& line) {
  std::istringstream words(line);
  Bytes bytes;
  std::string word;
  while (words >> word && word.size() == 2 && std::isxdigit(word[0]) && std::isxdigit(word[1])) {
    bytes.push_back(static_cast<std::byte>(std::stoi(word, nullptr, 16)));
  }
  return bytes;
}

// The blocks of the document that open with ```hex NAME.
std::map<std::string, Bytes> Examples() {
  const auto file = base::ReadFile(BULKHEAD_SOURCE_DIR "/docs/formats/worker_protocol.md", 1 << 20);
  std::istringstream lines(
      std::string(reinterpret_cast<const char*>(file.value().data()), file.value().size()));
  std::map<std::string, Bytes> examples;
  std::string name;
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with("```")) {
      name = line.starts_with("```hex ") ? line.substr(7) : "";
    } else if (!name.empty()) {
      examples[name] = std::move(examples[name]) + HexOf(line);
    }
  }
  return examples;
}

std::string Shown(const Bytes& bytes) {
  std::string text;
  for (const std::byte value : bytes) {
    text += "0123456789abcdef"[std::to_integer<int>(value) >> 4];
    text += "0123456789abcdef"[std::to_integer<int>(value) & 15];
    text += ' ';
  }
  return text;
}

void ExpectShown(const std::string& name, const Bytes& written) {
  EXPECT_EQ(Shown(Examples()[name]), Shown(written)) << name;
}

Hello ExampleHello() {
  Hello hello;
  hello.engine = "ORT 1.30";
  hello.batch_max = 1;
  hello.frames_in_flight_max = 16;
  hello.spec.family = "YOLO11";
  hello.spec.size = "n";
  hello.spec.task = yolo::Task::kSegment;
  hello.spec.mask_coefficients = 32;
  hello.spec.class_names = {"bolt", "nut"};
  hello.spec.input = {.name = "images", .batch = 1, .height = 640, .width = 640};
  hello.inputs = {{"images", base::ElementType::kFloat32, {1, 3, 640, 640}}};
  hello.outputs = {{"output0", base::ElementType::kFloat32, {1, 38, 8400}},
                   {"output1", base::ElementType::kFloat32, {1, 32, 160, 160}}};
  return hello;
}

DetectRequest ExampleRequest(std::span<const std::byte> picture) {
  return {.id = 1,
          .deadline = Deadline(2'000'000'000),
          .options = {.confidence_min = 0.5F, .iou_max = 0.75F, .classes = {1}},
          .encoded = picture};
}

DetectReply ExampleReply() {
  using std::chrono::nanoseconds;
  DetectReply reply;
  reply.id = 1;
  reply.times = {.queue = nanoseconds(16),
                 .decode = nanoseconds(1'000'000),
                 .letterbox = nanoseconds(2'000'000),
                 .infer = nanoseconds(3'000'000),
                 .heads = nanoseconds(4'000'000),
                 .batch = 1};
  reply.result.image_width = 640;
  reply.result.image_height = 480;
  yolo::Detection nut;
  nut.class_index = 1;
  nut.score = 0.875F;
  nut.box = {.x1 = 8, .y1 = 16, .x2 = 11, .y2 = 18};
  nut.mask = yolo::Mask{.x = 8, .y = 16, .width = 3, .height = 2, .bits = {0, 1, 1, 1, 1, 0}};
  reply.result.detections = {nut};
  return reply;
}

TEST(WorkedExample, IsWhatBothEndsWrite) {
  WorkerSession worker;
  ClientSession client;
  const Bytes hello = worker.Start(ExampleHello()).value();
  ExpectShown("hello", hello);
  ASSERT_TRUE(Feed(client, hello).ok());

  const Bytes picture = BytesOf("JPEG");  // any bytes: neither end looks
  const Bytes request = client.Begin(ExampleRequest(picture)).value() + picture;
  ExpectShown("request", request);
  ASSERT_TRUE(Feed(worker, request).ok());

  const Bytes cancel = client.Cancel(1).value();
  ExpectShown("cancel", cancel);
  ASSERT_TRUE(Feed(worker, cancel).ok());

  const Bytes reply = worker.Reply(ExampleReply());
  ExpectShown("reply", reply);
  const auto events = Feed(client, reply);
  ASSERT_TRUE(events.ok()) << events.error().detail;

  ExpectShown("drain", client.BeginDrain().value());
}

TEST(WorkedExample, ShowsRawTensors) {
  Hello hello = ExampleHello();
  hello.inputs = {{"images", base::ElementType::kFloat16, {1, 3, -1, -1}}};
  hello.outputs = {{"output0", base::ElementType::kFloat16, {1, 5, -1}}};
  WorkerSession worker;
  ClientSession client;
  ASSERT_TRUE(Feed(client, worker.Start(hello).value()).ok());

  const std::array<uint16_t, 3> pixel{0x3800, 0x3a00, 0x3c00};
  InferRequest request;
  request.id = 1;
  request.deadline = Deadline(2'000'000'000);
  request.inputs = {{base::ElementType::kFloat16, {1, 3, 1, 1}, std::as_bytes(std::span(pixel))}};
  const Bytes asked = client.Begin(request).value() + std::as_bytes(std::span(pixel));
  ExpectShown("infer", asked);
  ASSERT_TRUE(Feed(worker, asked).ok());

  const std::array<uint16_t, 5> row{0x3800, 0x3800, 0x3c00, 0x3c00, 0x3a00};
  InferReply reply;
  reply.id = 1;
  reply.times.queue = std::chrono::nanoseconds(16);
  reply.times.infer = std::chrono::nanoseconds(3'000'000);
  reply.outputs = {{0, {base::ElementType::kFloat16, {1, 5, 1}, std::as_bytes(std::span(row))}}};
  const InferAnswer answer = worker.Reply(reply);
  const Bytes said = answer.front + answer.outputs.at(0);
  ExpectShown("tensors", said);
  ASSERT_TRUE(Feed(client, said).ok());
}

TEST(WorkedExample, ShowsAFailure) {
  ExpectShown("failure",
              WorkerSession::EncodeStartFailure({base::Code::kUnsupported, "ir 99", "not a YOLO"}));
}

TEST(WorkedExample, ShowsASetup) { ExpectShown("setup", EncodeSetup({}).value()); }

}  // namespace
}  // namespace bulkhead::channel
