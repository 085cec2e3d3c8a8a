// SPDX-License-Identifier: Apache-2.0
// The gateway's connection to the node: a thread with a blocking node::Client, commands in, news
// out.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "node/client.h"
#include "node/messages.h"

namespace bulkhead::fleet {

// --- To the node --------------------------------------------------------------------------------

// Answered with LaunchRefused, or with news of the worker.
struct LaunchWorker {
  node::Launch launch;
  base::UniqueFd model;          // the sealed file
  std::vector<std::byte> setup;  // an encoded channel::Setup
};

// Answered with OrderRefused, or with what comes of it.
struct OrderWorker {
  node::Order order = node::Order::kDestroy;
  std::string name;
};

using NodeCommand = std::variant<LaunchWorker, OrderWorker>;

// --- From the node ------------------------------------------------------------------------------

// The connection stands. There are no workers of ours yet.
struct NodeUp {
  node::NodeGpus gpus;
};

// It ended, or could not be made; it is tried again. Workers of ours are gone with it, and commands
// are refused until NodeUp.
struct NodeDown {
  base::Error error;
};

// The node's own refusal; kUnavailable also: it is not connected; kDeadline: it did not answer, and
// the worker may start all the same.
struct LaunchRefused {
  std::string name;
  base::Error error;
};

// As above; kNotFound: no such worker (any more).
struct OrderRefused {
  std::string name;
  base::Error error;
};

using NodeEvent =
    std::variant<NodeUp, NodeDown, LaunchRefused, OrderRefused, node::ReadyWorker, node::Ended>;

struct NodeLinkRules {
  std::chrono::milliseconds answer_timeout{10'000};
  // Between attempts to connect: the first, doubled up to the last.
  std::chrono::milliseconds retry_first{100};
  std::chrono::milliseconds retry_last{5'000};
};

// Everything but its thread lives on the I/O thread.
class NodeLink {
 public:
  // `hear` is called on the I/O thread, by events posted to `io`, in the order in which they
  // happened; not after the destructor.
  NodeLink(std::filesystem::path socket, boost::asio::io_context& io,
           std::function<void(NodeEvent)> hear, const NodeLinkRules& rules = {});
  NodeLink(const NodeLink&) = delete;
  NodeLink& operator=(const NodeLink&) = delete;
  // Hangs up, with which the node ends our workers. Blocks for an answer that is awaited.
  ~NodeLink();

  // Returns at once; commands are carried out in their order.
  void Send(NodeCommand command);

 private:
  struct Mailbox;
  struct Listener;
  class Loop;
  std::unique_ptr<Mailbox> mailbox_;
  std::shared_ptr<Listener> listener_;
  std::unique_ptr<Loop> loop_;
};

}  // namespace bulkhead::fleet
