// SPDX-License-Identifier: Apache-2.0
#include "fleet/node_link.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>
#include <poll.h>
#include <sys/eventfd.h>

#include "base/check.h"

namespace bulkhead::fleet {
namespace {

using base::Code;
using std::chrono::milliseconds;

// A command, and the connection it is meant for: that which its sender had heard of last.
struct Sent {
  NodeCommand command;
  uint64_t connection = 0;
};

base::Error NotConnected() {
  return base::OperatorError(Code::kUnavailable, "the node is not connected");
}

NodeEvent Refused(const NodeCommand& command, base::Error error) {
  if (const auto* launch = std::get_if<LaunchWorker>(&command)) {
    return LaunchRefused{launch->launch.name, std::move(error)};
  }
  return OrderRefused{std::get<OrderWorker>(command).name, std::move(error)};
}

}  // namespace

// What both threads touch.
struct NodeLink::Mailbox {
  std::mutex mutex;
  std::deque<Sent> sent;
  bool stop = false;
  const base::UniqueFd wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  void Wake() const { BH_CHECK(::eventfd_write(wake.get(), 1) == 0); }
  void Stop() {
    const std::lock_guard lock(mutex);
    stop = true;
    Wake();
  }
  bool stopped() {
    const std::lock_guard lock(mutex);
    return stop;
  }
  std::deque<Sent> TakeAll() {
    const std::lock_guard lock(mutex);
    // Told to stop it stays awake, for a thread that had not looked yet.
    eventfd_t count = 0;
    if (!stop) (void)::eventfd_read(wake.get(), &count);
    return std::exchange(sent, {});
  }
};

// The I/O thread's alone.
struct NodeLink::Listener {
  std::function<void(NodeEvent)> hear;
  uint64_t connection = 0;
};

// The node's thread.
class NodeLink::Loop {
 public:
  Loop(std::filesystem::path socket, boost::asio::io_context& io, const NodeLinkRules& rules,
       Mailbox& mailbox, std::weak_ptr<Listener> listener)
      : socket_(std::move(socket)),
        io_(io),
        rules_(rules),
        mailbox_(mailbox),
        listener_(std::move(listener)),
        thread_([this] { Run(); }) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    mailbox_.Stop();
    thread_.join();
  }

 private:
  void Run() {
    milliseconds wait = rules_.retry_first;
    bool told = false;
    while (!mailbox_.stopped()) {
      auto client = node::Client::Connect(socket_, rules_.answer_timeout);
      if (client.ok()) {
        ++connection_;
        Tell(NodeUp{client.value().welcome().gpus});
        const base::Error end = Serve(client.value());
        Tell(NodeDown{end});
        told = true;
        wait = rules_.retry_first;
      } else if (!std::exchange(told, true)) {
        Tell(NodeDown{client.error()});
      }
      RefuseAll();
      Sleep(wait);
      wait = std::min(wait * 2, rules_.retry_last);
    }
  }

  // Until the connection's end, or ours.
  base::Error Serve(node::Client& client) {
    while (!mailbox_.stopped()) {
      auto news = client.Next(milliseconds(0));
      if (news.ok()) {
        Tell(std::visit([](auto&& one) { return NodeEvent(std::move(one)); },
                        std::move(news).value()));
        continue;
      }
      if (!client.usable()) return news.error();
      std::deque<Sent> sent = mailbox_.TakeAll();
      if (sent.empty()) Await(client.descriptor(), -1);
      for (Sent& one : sent) Carry(client, one);
    }
    return NotConnected();
  }

  void Carry(node::Client& client, Sent& sent) {
    if (sent.connection != connection_ || !client.usable()) {
      return Tell(Refused(sent.command, NotConnected()));
    }
    const base::Status done = std::visit([&](auto& one) { return Do(client, one); }, sent.command);
    if (!done.ok()) Tell(Refused(sent.command, done.error()));
  }

  base::Status Do(node::Client& client, const LaunchWorker& command) const {
    return client.Launch(command.launch, command.model.get(), command.setup, rules_.answer_timeout);
  }

  base::Status Do(node::Client& client, const OrderWorker& command) const {
    switch (command.order) {
      case node::Order::kDrain:
        return client.Drain(command.name, rules_.answer_timeout);
      case node::Order::kRestart:
        return client.Restart(command.name, rules_.answer_timeout);
      case node::Order::kDestroy:
        break;
    }
    return client.Destroy(command.name, rules_.answer_timeout);
  }

  void RefuseAll() {
    for (const Sent& one : mailbox_.TakeAll()) Tell(Refused(one.command, NotConnected()));
  }

  // Until there is something to do; the other descriptor may be none.
  void Await(int descriptor, int timeout_ms) const {
    std::array<pollfd, 2> entries{{{mailbox_.wake.get(), POLLIN, 0}, {descriptor, POLLIN, 0}}};
    (void)::poll(entries.data(), descriptor < 0 ? 1 : 2, timeout_ms);
  }

  // Commands that come meanwhile are refused at once.
  void Sleep(milliseconds wait) {
    const auto until = std::chrono::steady_clock::now() + wait;
    while (!mailbox_.stopped()) {
      const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
      if (left.count() <= 0) return;
      Await(-1, static_cast<int>(left.count()));
      RefuseAll();
    }
  }

  void Tell(NodeEvent event) {
    boost::asio::post(
        io_, [weak = listener_, connection = connection_, event = std::move(event)]() mutable {
          const auto listener = weak.lock();
          if (!listener) return;
          listener->connection = connection;
          listener->hear(std::move(event));
        });
  }

  const std::filesystem::path socket_;
  boost::asio::io_context& io_;
  const NodeLinkRules rules_;
  Mailbox& mailbox_;
  const std::weak_ptr<Listener> listener_;
  uint64_t connection_ = 0;
  std::thread thread_;
};

NodeLink::NodeLink(std::filesystem::path socket, boost::asio::io_context& io,
                   std::function<void(NodeEvent)> hear, const NodeLinkRules& rules)
    : mailbox_(std::make_unique<Mailbox>()),
      listener_(std::make_shared<Listener>(std::move(hear))) {
  BH_CHECK(mailbox_->wake.valid());
  loop_ = std::make_unique<Loop>(std::move(socket), io, rules, *mailbox_, listener_);
}

NodeLink::~NodeLink() { loop_.reset(); }

void NodeLink::Send(NodeCommand command) {
  const std::lock_guard lock(mailbox_->mutex);
  mailbox_->sent.push_back({std::move(command), listener_->connection});
  mailbox_->Wake();
}

}  // namespace bulkhead::fleet
