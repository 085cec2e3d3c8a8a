// SPDX-License-Identifier: Apache-2.0
#include "node/node_protocol.h"

#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::node {
namespace {

using base::Code;
using isolation::Layer;
using std::chrono::milliseconds;
using Bytes = std::vector<std::byte>;

Launch ALaunch() {
  Launch launch;
  launch.id = 7;
  launch.name = "line-3";
  launch.profile = "3g.20gb";
  launch.cores = "cpu:1c2g";
  launch.tiers = {device::Tier::kHard, device::Tier::kDedicated};
  launch.start = 4;
  launch.optional_layers = {Layer::kLandlock};
  launch.start_timeout = milliseconds(60'000);
  launch.model = {"0123456789ABCDEF", "line-3", 2};
  return launch;
}

Launched ALaunched() {
  return {"line-3",
          1,
          {"gpu0-gi1", "GPU-0", "3g.20gb", 4, "cpu:1c2g", device::Tier::kCpu, true},
          isolation::LayerSet{Layer::kLandlock, Layer::kCgroupCpus}};
}

Ended AViolation() {
  Ended ended{"line-3", 1, Phase::kFailed, {}, {}, milliseconds(0)};
  ended.end = isolation::End{isolation::EndReason::kViolated, 0, 31, 101, 0xc000003e};
  return ended;
}

Ended AFailedStart() {
  Ended ended{"a", 2, Phase::kBackingOff, {}, {}, milliseconds(1500)};
  ended.error = base::OperatorError(Code::kExhausted, "no processes left");
  return ended;
}

Listing AListing() {
  const Place place{"cpu-0", "cpu", "cpu:1c1g", {}, "", device::Tier::kCpu, false};
  const WorkerSummary worker{"a", place, Phase::kReady, {}, 3};
  Listing listing{9, {worker, worker}, true};
  listing.workers[1].name = "b";
  return listing;
}

std::vector<Request> Requests() {
  return {Hello{},
          ALaunch(),
          WorkerOrder{1, Order::kDrain, "a"},
          WorkerOrder{2, Order::kDestroy, "b"},
          WorkerOrder{UINT64_MAX, Order::kRestart, "c"},
          List{3, ""},
          List{4, "line-3"},
          Seal{5, {"0123456789ABCDEF", "line-3", 2}},
          Rewrap{6, {"0123456789ABCDEF", "line-3", 2}},
          KeyOrder{7, KeyAction::kRevoke, "0123456789ABCDEF"}};
}

std::vector<Reply> Replies() {
  return {Welcome{"bulkhead-node 0.1.0", {}},
          Welcome{"bulkhead-node 0.1.0", {{"A100-40GB", "T4"}, true}},
          Accepted{7},
          Refused{0, base::OperatorError(Code::kUnsupported, "version")},
          Refused{7, base::OperatorError(Code::kExhausted, "no room")},
          ALaunched(),
          AViolation(),
          AFailedStart(),
          Ended{"a", 0, Phase::kEnded, {}, {}, milliseconds(0)},
          AListing(),
          Listing{1, {}, false},
          Sealed{5, {std::byte{1}}, 3, {"file", "plant"}},
          Rewrapped{6, {std::byte{1}, std::byte{2}}},
          KeyStatus{7, {"file", "plant"}, true, 1, 2, true},
          KeyStatus{8, {"file", "plant"}, false, 0, 0, false}};
}

// Every decoded value is encoded again: equal bytes say that nothing was lost or changed.
TEST(NodeProtocol, ReadsEveryRequestThatItWrites) {
  for (const Request& request : Requests()) {
    const Bytes packet = EncodeRequest(request).value();
    const auto read = DecodeRequest(packet, DescriptorsOf(request));
    ASSERT_TRUE(read.ok()) << read.error().detail;
    EXPECT_EQ(read.value().index(), request.index());
    EXPECT_EQ(EncodeRequest(read.value()).value(), packet);
  }
}

TEST(NodeProtocol, ReadsEveryReplyThatItWrites) {
  for (const Reply& reply : Replies()) {
    const Bytes packet = EncodeReply(reply).value();
    const auto read = DecodeReply(packet, DescriptorsOf(reply));
    ASSERT_TRUE(read.ok()) << read.error().detail;
    EXPECT_EQ(read.value().index(), reply.index());
    EXPECT_EQ(EncodeReply(read.value()).value(), packet);
  }
}

TEST(NodeProtocol, KeepsEveryFieldOfALaunch) {
  const auto launch = std::get<Launch>(DecodeRequest(EncodeRequest(ALaunch()).value(), 2).value());
  EXPECT_EQ(launch.id, 7U);
  EXPECT_EQ(launch.name, "line-3");
  EXPECT_EQ(launch.profile, "3g.20gb");
  EXPECT_EQ(launch.cores, "cpu:1c2g");
  EXPECT_EQ(launch.tiers, ALaunch().tiers);
  EXPECT_EQ(launch.device_id, std::nullopt);
  EXPECT_EQ(launch.start, 4);
  EXPECT_EQ(launch.optional_layers, isolation::LayerSet{Layer::kLandlock});
  EXPECT_TRUE(launch.restart);
  EXPECT_EQ(launch.start_timeout, milliseconds(60'000));
  EXPECT_EQ(launch.drain_timeout, milliseconds(30'000));
  EXPECT_EQ(launch.model, ALaunch().model);
}

TEST(NodeProtocol, KeepsThePlaceThatALaunchNames) {
  Launch launch = ALaunch();
  launch.device_id = "GPU-1";
  launch.start = std::nullopt;
  const auto read = std::get<Launch>(DecodeRequest(EncodeRequest(launch).value(), 2).value());
  EXPECT_EQ(read.device_id, "GPU-1");
  EXPECT_EQ(read.start, std::nullopt);
}

TEST(NodeProtocol, KeepsWhereAWorkerRuns) {
  const auto read = std::get<Launched>(DecodeReply(EncodeReply(ALaunched()).value(), 1).value());
  EXPECT_EQ(read.place, ALaunched().place);
  const auto list = std::get<Listing>(DecodeReply(EncodeReply(AListing()).value(), 0).value());
  EXPECT_EQ(list.workers.at(1).place, AListing().workers[1].place);
}

TEST(NodeProtocol, KeepsWhichGpusANodeHas) {
  const Welcome welcome{"node", {{"A100-40GB", "T4"}, true}};
  const auto read = std::get<Welcome>(DecodeReply(EncodeReply(welcome).value(), 0).value());
  EXPECT_EQ(read.gpus.models, welcome.gpus.models);
  EXPECT_TRUE(read.gpus.simulated);
}

TEST(NodeProtocol, KeepsHowAWorkerEnded) {
  const auto ended = std::get<Ended>(DecodeReply(EncodeReply(AViolation()).value(), 0).value());
  EXPECT_EQ(ended.phase, Phase::kFailed);
  ASSERT_TRUE(ended.end);
  EXPECT_EQ(ended.end->reason, isolation::EndReason::kViolated);
  EXPECT_EQ(ended.end->signal, 31);
  EXPECT_EQ(ended.end->syscall_number, 101);
  EXPECT_EQ(ended.end->syscall_arch, 0xc000003eU);
  EXPECT_FALSE(ended.error);
}

TEST(NodeProtocol, KeepsWhyAWorkerDidNotBegin) {
  const auto ended = std::get<Ended>(DecodeReply(EncodeReply(AFailedStart()).value(), 0).value());
  ASSERT_TRUE(ended.error);
  EXPECT_EQ(ended.error->code, Code::kExhausted);
  EXPECT_EQ(ended.error->detail, "no processes left");
  EXPECT_EQ(ended.next_start, milliseconds(1500));
  EXPECT_FALSE(ended.end);
}

TEST(NodeProtocol, RefusesEveryPacketThatIsCutOrGoesOn) {
  for (const Request& request : Requests()) {
    Bytes packet = EncodeRequest(request).value();
    for (std::size_t size = 0; size < packet.size(); ++size) {
      EXPECT_FALSE(DecodeRequest(std::span(packet).first(size), DescriptorsOf(request)).ok());
    }
    packet.push_back(std::byte{0});
    EXPECT_FALSE(DecodeRequest(packet, DescriptorsOf(request)).ok());
  }
  for (const Reply& reply : Replies()) {
    Bytes packet = EncodeReply(reply).value();
    for (std::size_t size = 0; size < packet.size(); ++size) {
      EXPECT_FALSE(DecodeReply(std::span(packet).first(size), DescriptorsOf(reply)).ok());
    }
    packet.push_back(std::byte{0});
    EXPECT_FALSE(DecodeReply(packet, DescriptorsOf(reply)).ok());
  }
}

TEST(NodeProtocol, RefusesTheWordsOfTheOtherEnd) {
  for (const Request& request : Requests()) {
    EXPECT_FALSE(DecodeReply(EncodeRequest(request).value(), DescriptorsOf(request)).ok());
  }
  for (const Reply& reply : Replies()) {
    EXPECT_FALSE(DecodeRequest(EncodeReply(reply).value(), DescriptorsOf(reply)).ok());
  }
}

TEST(NodeProtocol, RefusesAnotherNumberOfDescriptors) {
  for (const Request& request : Requests()) {
    const Bytes packet = EncodeRequest(request).value();
    for (std::size_t count = 0; count <= 3; ++count) {
      EXPECT_EQ(DecodeRequest(packet, count).ok(), count == DescriptorsOf(request));
    }
  }
  // Nor does it help to say so.
  Bytes packet = EncodeRequest(Hello{}).value();
  packet[7] = std::byte{1};
  EXPECT_EQ(DecodeRequest(packet, 1).error().code, Code::kCorrupt);
  packet = EncodeReply(Refused{1, base::OperatorError(Code::kInternal, "")}).value();
  packet[7] = std::byte{1};
  EXPECT_EQ(DecodeReply(packet, 1).error().code, Code::kCorrupt);
}

TEST(NodeProtocol, RefusesOtherProtocolsAndUnknownTypes) {
  const Bytes good = EncodeRequest(Hello{}).value();
  for (std::size_t i = 0; i < 4; ++i) {
    Bytes packet = good;
    packet[i] ^= std::byte{1};
    EXPECT_EQ(DecodeRequest(packet, 0).error().code, Code::kCorrupt) << i;
  }
  for (const int type : {0, 7, 63, 70, 255}) {
    Bytes packet = good;
    packet[6] = static_cast<std::byte>(type);
    EXPECT_FALSE(DecodeRequest(packet, 0).ok()) << type;
    EXPECT_FALSE(DecodeReply(packet, 0).ok()) << type;
  }
}

TEST(NodeProtocol, RefusesAPacketOverTheLimit) {
  const auto request = DecodeRequest(Bytes(kPacketBytesMax + 1), 0);
  EXPECT_THAT(request.error().detail, testing::HasSubstr("over the limit"));
  const auto reply = DecodeReply(Bytes(kPacketBytesMax + 1), 0);
  EXPECT_THAT(reply.error().detail, testing::HasSubstr("over the limit"));
}

TEST(NodeProtocol, RefusesATierThatDoesNotExist) {
  Bytes packet = EncodeReply(ALaunched()).value();
  const std::size_t tier = packet.size() - 6;
  for (const int number : {0, 5, 255}) {
    packet[tier] = static_cast<std::byte>(number);
    EXPECT_FALSE(DecodeReply(packet, 1).ok()) << number;
  }
  packet[tier] = std::byte{1};
  EXPECT_EQ(std::get<Launched>(DecodeReply(packet, 1).value()).place.tier, device::Tier::kHard);
}

TEST(NodeProtocol, SaysWhichVersionTheOtherEndSpeaks) {
  Bytes packet = EncodeRequest(Hello{}).value();
  packet[4] = std::byte{1};
  const auto request = DecodeRequest(packet, 0);
  ASSERT_FALSE(request.ok());
  EXPECT_EQ(request.error().code, Code::kUnsupported);
  EXPECT_THAT(request.error().detail, testing::HasSubstr("version 1, this is version 3"));
}

TEST(NodeProtocol, ReadsARefusalOfAnyVersion) {
  Bytes packet = EncodeReply(Refused{0, base::OperatorError(Code::kUnsupported, "old")}).value();
  packet[4] = std::byte{9};
  const auto reply = DecodeReply(packet, 0);
  ASSERT_TRUE(reply.ok()) << reply.error().detail;
  EXPECT_EQ(std::get<Refused>(reply.value()).error.detail, "old");
}

void ExpectNotSent(const Request& request) {
  const auto packet = EncodeRequest(request);
  ASSERT_FALSE(packet.ok());
  EXPECT_EQ(packet.error().code, Code::kInvalid);
}

TEST(NodeProtocol, DoesNotSendALaunchOutsideOfTheLimits) {
  const auto change = [](auto&& edit) {
    Launch launch = ALaunch();
    edit(launch);
    return launch;
  };
  ExpectNotSent(change([](Launch& l) { l.id = 0; }));
  for (const std::string name : {"", "Line", "a/b", "..", "a b", "a\n"}) {
    ExpectNotSent(change([&](Launch& l) { l.name = name; }));
  }
  ExpectNotSent(change([](Launch& l) { l.name = std::string(65, 'a'); }));
  EXPECT_TRUE(EncodeRequest(change([](Launch& l) { l.name = std::string(64, 'a'); })).ok());
  ExpectNotSent(change([](Launch& l) { l.profile = ""; }));
  ExpectNotSent(change([](Launch& l) { l.profile = "cpu:\n"; }));
  ExpectNotSent(change([](Launch& l) { l.profile = std::string(65, 'c'); }));
  ExpectNotSent(change([](Launch& l) { l.cores = "cpu:\n"; }));
  ExpectNotSent(change([](Launch& l) { l.cores = std::string(65, 'c'); }));
  ExpectNotSent(change([](Launch& l) { l.tiers = {}; }));
  ExpectNotSent(change([](Launch& l) { l.device_id = std::string(129, 'G'); }));
  ExpectNotSent(change([](Launch& l) { l.start = kPlaceStartMax + 1; }));
  ExpectNotSent(change([](Launch& l) { l.start = -2; }));
  ExpectNotSent(change([](Launch& l) { l.start_timeout = milliseconds(0); }));
  ExpectNotSent(change([](Launch& l) { l.start_timeout = milliseconds(-1); }));
  ExpectNotSent(change([](Launch& l) { l.start_timeout = kTimeoutMax + milliseconds(1); }));
  ExpectNotSent(change([](Launch& l) { l.drain_timeout = milliseconds(int64_t{1} << 32); }));
}

TEST(NodeProtocol, DoesNotAskForNamesThatNoWorkerHas) {
  ExpectNotSent(List{1, "A"});
  ExpectNotSent(WorkerOrder{1, Order::kDrain, ""});
  ExpectNotSent(WorkerOrder{0, Order::kDrain, "a"});
}

TEST(NodeProtocol, RefusesLayersAndFlagsThatDoNotExist) {
  const Bytes good = EncodeRequest(ALaunch()).value();
  const std::size_t layers = 16 + 4 + 6 + 4 + 7 + 4 + 8 + 1 + 4 + 4;
  Bytes packet = good;
  packet[layers + 2] |= std::byte{4};  // bit 18
  EXPECT_FALSE(DecodeRequest(packet, 2).ok());
  packet = good;
  packet[layers + 12] = std::byte{2};  // restart
  EXPECT_FALSE(DecodeRequest(packet, 2).ok());
  packet = good;
  packet[packet.size() - 4] = std::byte{0};  // version of the model
  EXPECT_FALSE(DecodeRequest(packet, 2).ok());
  packet = good;
  packet[layers - 9] = std::byte{16};  // a fifth tier
  EXPECT_FALSE(DecodeRequest(packet, 2).ok());
}

TEST(NodeProtocol, RefusesNumbersOfAnEndThatDidNotHappen) {
  const Bytes good = EncodeReply(Ended{"a", 0, Phase::kEnded, {}, {}, milliseconds(0)}).value();
  const std::size_t reason = 16 + 4 + 1 + 4 + 1 + 4;
  for (std::size_t i = reason + 1; i < good.size(); ++i) {
    Bytes packet = good;
    packet[i] ^= std::byte{2};
    EXPECT_FALSE(DecodeReply(packet, 0).ok()) << i;
  }
}

void ExpectNotSent(const Reply& reply) {
  const auto packet = EncodeReply(reply);
  ASSERT_FALSE(packet.ok());
  EXPECT_EQ(packet.error().code, Code::kInvalid);
}

TEST(NodeProtocol, DoesNotSendAnEndThatContradictsItself) {
  const auto change = [](auto&& edit) {
    Ended ended = AViolation();
    edit(ended);
    return Reply(ended);
  };
  ExpectNotSent(change([](Ended& e) { e.phase = Phase::kReady; }));
  ExpectNotSent(change([](Ended& e) { e.phase = static_cast<Phase>(0); }));
  ExpectNotSent(change([](Ended& e) { e.phase = static_cast<Phase>(9); }));
  ExpectNotSent(change([](Ended& e) { e.next_start = milliseconds(1); }));
  ExpectNotSent(change([](Ended& e) { e.starts = -1; }));
  ExpectNotSent(change([](Ended& e) { e.error = base::OperatorError(Code::kInternal, ""); }));
  ExpectNotSent(change([](Ended& e) { e.end->reason = static_cast<isolation::EndReason>(7); }));
}

TEST(NodeProtocol, DoesNotSendAListingThatCannotBeAskedOn) {
  Listing listing = AListing();
  listing.workers[1].name = "a";
  ExpectNotSent(Reply(listing));
  ExpectNotSent(Reply(Listing{1, {}, true}));
  listing = AListing();
  listing.workers.resize(kWorkersPerListing + 1, listing.workers[0]);
  for (std::size_t i = 0; i < listing.workers.size(); ++i) {
    listing.workers[i].name = "worker-" + std::to_string(1000 + i);
  }
  ExpectNotSent(Reply(listing));
  listing.workers.pop_back();
  EXPECT_TRUE(EncodeReply(listing).ok());
}

TEST(NodeProtocol, CutsTextsOfErrorsToPlainLines) {
  const std::string text = "first\nsecond " + std::string(10'000, 'x');
  const auto packet = EncodeReply(Refused{1, base::OperatorError(Code::kInternal, text)});
  ASSERT_TRUE(packet.ok());
  EXPECT_LT(packet.value().size(), kPacketBytesMax);
  const auto refused = std::get<Refused>(DecodeReply(packet.value(), 0).value());
  EXPECT_THAT(refused.error.detail, testing::StartsWith("first second xxx"));
}

// The hexadecimal bytes before the "|" of each line of the block "```bytes NAME" of the page.
Bytes Example(const std::string& name) {
  std::ifstream page(BULKHEAD_SOURCE_DIR "/docs/formats/node_protocol.md");
  Bytes bytes;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) inside = line == "```bytes " + name;
    if (!inside || line.starts_with("```")) continue;
    std::istringstream words(line.substr(0, line.find('|')));
    for (std::string word; words >> word;) {
      bytes.push_back(static_cast<std::byte>(std::stoi(word, nullptr, 16)));
    }
  }
  return bytes;
}

TEST(NodeProtocol, WritesTheExamplesOfItsPage) {
  EXPECT_EQ(EncodeRequest(Hello{}).value(), Example("hello"));
  EXPECT_EQ(EncodeRequest(ALaunch()).value(), Example("launch"));
  EXPECT_EQ(EncodeReply(ALaunched()).value(), Example("launched"));
  EXPECT_EQ(EncodeReply(AViolation()).value(), Example("ended"));
}

}  // namespace
}  // namespace bulkhead::node
