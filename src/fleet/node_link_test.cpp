// SPDX-License-Identifier: Apache-2.0
// Against a supervisor whose compartments are played by the test.
#include "fleet/node_link.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "fleet/test_worker.h"
#include "node/test_node.h"

namespace bulkhead::fleet {
namespace {

using base::Code;

class NodeLinkTest : public node::NodeOnThread {
 protected:
  void Open() {
    const NodeLinkRules rules{.answer_timeout = node::kTestPatience,
                              .retry_first = std::chrono::milliseconds(1),
                              .retry_last = std::chrono::milliseconds(1)};
    link_ = std::make_unique<NodeLink>(
        socket(), io_, [this](NodeEvent event) { heard_.push_back(std::move(event)); }, rules);
  }

  // The next event, which must be one of these.
  template <typename Event>
  Event Next() {
    RunUntil(io_, [&] { return !heard_.empty(); });
    if (heard_.empty() || !std::holds_alternative<Event>(heard_.front())) {
      ADD_FAILURE() << "something else happened: "
                    << (heard_.empty() ? std::size_t{99} : heard_.front().index());
      return Event{};
    }
    Event event = std::get<Event>(std::move(heard_.front()));
    heard_.pop_front();
    return event;
  }

  void Launch(const std::string& name) {
    // A node that is not there seals nothing.
    auto client = node::Client::Connect(socket(), node::kTestPatience);
    base::UniqueFd model = client.ok() ? SealedBy(client.value(), kModel) : node::EmptyFile();
    link_->Send(LaunchWorker{ALaunch(name), std::move(model), channel::BytesOf("setup")});
  }

  boost::asio::io_context io_;
  std::deque<NodeEvent> heard_;
  std::unique_ptr<NodeLink> link_;
};

TEST_F(NodeLinkTest, LaunchesAWorkerAndHandsItsSocketOverWhenItIsReady) {
  Begin();
  Open();
  Next<NodeUp>();
  Launch("a");
  const auto played = compartments_.TakeStart();
  EXPECT_EQ(node::ContentOf(played->weights.get()), "the model");
  EXPECT_EQ(node::ContentOf(played->setup.get()), "setup");
  played->SayReady();
  const auto ready = Next<node::ReadyWorker>();
  EXPECT_EQ(ready.about.name, "a");
  EXPECT_TRUE(ready.frames.valid());
}

TEST_F(NodeLinkTest, TellsOfTheEndOfAWorkerThatWasToBeDestroyed) {
  Begin();
  Open();
  Next<NodeUp>();
  Launch("a");
  compartments_.TakeStart();
  link_->Send(OrderWorker{node::Order::kDestroy, "a"});
  EXPECT_EQ(Next<node::Ended>().phase, node::Phase::kEnded);
}

TEST_F(NodeLinkTest, SaysWhatTheNodeRefuses) {
  Begin();
  Open();
  Next<NodeUp>();
  link_->Send(OrderWorker{node::Order::kDrain, "nobody"});
  EXPECT_EQ(Next<OrderRefused>().error.code, Code::kNotFound);
  for (const std::string name : {"a", "b", "c"}) Launch(name);
  const auto refused = Next<LaunchRefused>();
  EXPECT_EQ(refused.name, "c");
  EXPECT_EQ(refused.error.code, Code::kExhausted);
}

TEST_F(NodeLinkTest, GoesOnAfterARefusalThatLooksLikeTheEndOfTheConnection) {
  devices_.scrubs_until_failure = 0;
  Begin();
  Open();
  Next<NodeUp>();
  Launch("a");
  EXPECT_EQ(Next<LaunchRefused>().error.code, Code::kUnavailable);
  Launch("b");
  compartments_.TakeStart()->SayReady();
  EXPECT_EQ(Next<node::ReadyWorker>().about.name, "b");
}

TEST_F(NodeLinkTest, WaitsForANodeThatIsNotThereYetAndRefusesCommandsMeanwhile) {
  Open();
  Next<NodeDown>();
  Launch("a");
  EXPECT_EQ(Next<LaunchRefused>().error.code, Code::kUnavailable);
  Begin();
  Next<NodeUp>();
}

TEST_F(NodeLinkTest, SaysThatTheNodeIsGoneAndConnectsToTheNextOne) {
  Begin();
  Open();
  Next<NodeUp>();
  StopNow();
  Next<NodeDown>();
  // What was said to the one that is gone is not for the next.
  Launch("a");
  EXPECT_EQ(Next<LaunchRefused>().name, "a");
}

TEST_F(NodeLinkTest, EndsItsWorkersWithItself) {
  Begin();
  Open();
  Next<NodeUp>();
  Launch("a");
  compartments_.TakeStart();
  link_.reset();
  compartments_.WaitUntilNoneRuns();
  RunReady(io_);
  EXPECT_TRUE(heard_.empty());
}

}  // namespace
}  // namespace bulkhead::fleet
