// SPDX-License-Identifier: Apache-2.0
// One client's connection: a request is received, answered, and only then the next one is looked
// at.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "async/cancel_token.h"
#include "async/wakeup.h"
#include "http/connection_socket.h"
#include "http/content_coding.h"
#include "http/input_buffer.h"
#include "http/message.h"
#include "http/message_framing.h"
#include "http/refusal.h"
#include "http/response_writer.h"
#include "http/server_state.h"

namespace bulkhead::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ServerState> server, std::unique_ptr<TlsStream> tls, Peer peer);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Takes over the socket, before Run. kExhausted: it cannot be watched.
  base::Status Adopt(base::UniqueFd fd, int family) { return socket_.Adopt(std::move(fd), family); }

  // From the first request to the last.
  static async::Task<> Run(std::shared_ptr<Connection> self);

  // Ends what is overdue.
  void Tick();
  // Ends when nothing is being asked or answered.
  void Stop();
  // Cancels what runs; nothing is sent or received any more.
  void Break();
  // As Break, where the io_context may run no more.
  void Drop();

 private:
  enum class Phase : uint8_t { kIdle, kHead, kBody, kRunning, kWriting, kLingering };
  // Why a wait of ours was ended.
  enum class Interruption : uint8_t { kNone, kOverdue, kStopped, kBroken };

  // What came of waiting for a request: the request, a refusal, or (neither) the client's end.
  struct Received {
    bool request = false;
    std::optional<Response> refusal;
  };

  // connection.cpp
  async::Task<> Serve();
  async::Task<bool> ServeOne();
  async::Task<Response> Handle();
  async::Task<> Linger();
  async::Task<> Yield();
  // Waits until something was read, the client closed, or the wait is interrupted. `wanted`: see
  // InputBuffer.
  async::Task<> More(std::size_t wanted, std::size_t bytes_max);
  void StartRead(std::span<std::byte> room);
  void OnRead(StreamStep step);
  // Reads on while a request runs, to see the client leave.
  void Watch();
  void CancelRequest();
  void EndRequest();
  void EnterPhase(Phase phase, std::chrono::nanoseconds time_max);
  void Interrupt(Interruption why, uint64_t* count);
  [[nodiscard]] bool open() const { return interruption_ == Interruption::kNone && !input_ended_; }
  [[nodiscard]] bool BodyIsTooSlow() const;

  // connection_receive.cpp. A refusal may be kGone: nobody is there to be told.
  async::Task<Received> Receive();
  // All of the last request.
  void Forget();
  async::Task<std::optional<Refusal>> ReceiveHead();
  async::Task<std::optional<Refusal>> ReceiveBody(uint64_t bytes_max);
  async::Task<std::optional<Refusal>> ReceiveLength(uint64_t bytes_max);
  async::Task<std::optional<Refusal>> ReceiveChunks(uint64_t bytes_max);
  async::Task<std::optional<Refusal>> DecodeBody(ContentCoding coding, uint64_t bytes_max);
  // False: the body is not all there, or needs more than being taken out of the buffer.
  bool TakeWholeBody(uint64_t bytes_max, std::optional<Refusal>& refusal);
  // Moves bytes of the buffer into the body, until that has `length`.
  void TakeBuffered(uint64_t length);
  Refusal EndedReading();
  // Of a body that nobody took, where bodies are to be wiped.
  void WipeBody();
  // Counts that much as held by this request; false where the server's limit would be passed.
  bool HoldBody(uint64_t bytes);

  // connection_send.cpp
  Response Refuse(const Refusal& refusal);
  async::Task<bool> Send(Response& response, bool keep_alive);
  // False, and nothing changed, without memory.
  async::Task<bool> Compress(Response& response, ContentCoding coding);
  async::Task<bool> Write(ResponseCursor cursor);
  // True: the socket took all of it at once.
  bool WriteNow(ResponseCursor& cursor);
  async::Task<bool> SendContinue();

  const std::shared_ptr<ServerState> server_;
  const Peer peer_;
  ConnectionSocket socket_;
  async::Wakeup wakeup_;

  InputBuffer input_;
  bool reading_ = false;
  bool reading_body_ = false;  // into the body instead of the buffer
  std::size_t last_read_ = 0;  // bytes of the last read into the body
  bool input_ended_ = false;
  Interruption interruption_ = Interruption::kNone;

  Phase phase_ = Phase::kHead;
  std::chrono::nanoseconds deadline_{};
  std::chrono::nanoseconds body_begin_{};
  uint64_t body_received_ = 0;  // as sent
  uint64_t body_held_ = 0;      // of Counts::bodies_bytes

  Request request_;
  MessageFraming framing_;
  std::chrono::nanoseconds arrived_{};
  bool close_after_ = false;  // what follows in the input is not known to be a request
  async::CancelSource cancel_;
  std::string head_;
};

}  // namespace bulkhead::http
