// SPDX-License-Identifier: Apache-2.0
#include "release/tpm_attestor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "release/tpm_bytes.h"

namespace bulkhead::release {
namespace {

using base::Code;
using base::OperatorError;

// TPM 2.0 Library, part 2: 6.5.2 (TPM_CC), 6.9 (TPM_ST), 7.4 (TPM_RH), 6.3 (TPM_ALG_ID), 8.3
// (TPMA_OBJECT), 6.4 (TPM_ECC_CURVE).
constexpr uint32_t kCreatePrimary = 0x131;
constexpr uint32_t kQuote = 0x158;
constexpr uint32_t kFlushContext = 0x165;
constexpr uint32_t kPcrRead = 0x17E;
constexpr uint16_t kNoSessions = 0x8001;
constexpr uint16_t kSessions = 0x8002;
constexpr uint32_t kOwner = 0x40000001;
constexpr uint32_t kPassword = 0x40000009;
constexpr uint16_t kSha256 = 0x000B;
constexpr uint16_t kNull = 0x0010;
constexpr uint16_t kEcdsa = 0x0018;
constexpr uint16_t kEcc = 0x0023;
constexpr uint16_t kP256 = 0x0003;
// Fixed to its TPM and parent, made there, with an empty password, outside of the lock-out, and
// restricted to signing what is the TPM's own.
constexpr uint32_t kAttributes =
    1U << 1 | 1U << 4 | 1U << 5 | 1U << 6 | 1U << 10 | 1U << 16 | 1U << 18;

constexpr std::size_t kHeadBytes = 10;
constexpr std::size_t kAnswerBytesMax = 4096;
constexpr int kAnswerMsMax = 30'000;
constexpr uint32_t kPcrMax = 23;

base::Error NoAnswer(std::string_view command) {
  return OperatorError(Code::kUnavailable, fmt::format("the TPM's answer to {} is none", command));
}

struct Command {
  std::string_view name;
  uint32_t code = 0;
  // Of the object that the command acts on, authorized by an empty password.
  bool authorized = false;
  uint32_t handle = 0;
};

std::vector<std::byte> Encode(const Command& command, std::span<const std::byte> parameters) {
  TpmWriter body;
  if (command.authorized) {
    body.Write<uint32_t>(command.handle);
    body.Write<uint32_t>(9);  // bytes of what follows
    body.Write<uint32_t>(kPassword);
    body.Write<uint16_t>(0);  // nonce
    body.Write<uint8_t>(0);   // attributes
    body.Write<uint16_t>(0);  // the password
  }
  body.WriteBytes(parameters);
  TpmWriter whole;
  whole.Write<uint16_t>(command.authorized ? kSessions : kNoSessions);
  whole.Write<uint32_t>(static_cast<uint32_t>(kHeadBytes + body.bytes().size()));
  whole.Write<uint32_t>(command.code);
  whole.WriteBytes(body.bytes());
  return whole.bytes();
}

void WriteSelection(TpmWriter& writer, const std::set<uint32_t>& pcrs) {
  std::array<uint8_t, 3> bits{};
  for (const uint32_t pcr : pcrs) bits[pcr / 8] |= static_cast<uint8_t>(1U << pcr % 8);
  writer.Write<uint32_t>(1);  // banks
  writer.Write<uint16_t>(kSha256);
  writer.Write<uint8_t>(3);
  for (const uint8_t byte : bits) writer.Write<uint8_t>(byte);
}

class TpmAttestor final : public Attestor {
 public:
  TpmAttestor(base::UniqueFd device, std::set<uint32_t> pcrs)
      : device_(std::move(device)), pcrs_(std::move(pcrs)) {
    std::erase_if(pcrs_, [](uint32_t pcr) { return pcr > kPcrMax; });
  }

  base::Result<Evidence> Attest(const Nonce& nonce) override;

 private:
  struct Key {
    uint32_t handle = 0;
    std::vector<std::byte> bytes;  // TPMT_PUBLIC
  };
  // What follows an answer's head.
  base::Result<std::vector<std::byte>> Ask(const Command& command,
                                           std::span<const std::byte> parameters);
  base::Result<std::vector<std::byte>> ReadAnswer(std::string_view name);
  base::Result<Key> MakeKey();
  base::Status Quote(uint32_t key, const Nonce& nonce, Evidence& evidence);
  base::Result<PcrValues> ReadPcrs();

  base::UniqueFd device_;
  std::set<uint32_t> pcrs_;
};

base::Result<std::vector<std::byte>> TpmAttestor::ReadAnswer(std::string_view name) {
  std::vector<std::byte> answer(kAnswerBytesMax);
  std::size_t done = 0;
  std::size_t size = kHeadBytes;
  while (done < size) {
    pollfd ready{device_.get(), POLLIN, 0};
    const int count = ::poll(&ready, 1, kAnswerMsMax);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return NoAnswer(name);
    const ssize_t got = ::read(device_.get(), answer.data() + done, answer.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return NoAnswer(name);
    done += static_cast<std::size_t>(got);
    if (done < kHeadBytes) continue;
    TpmReader head{std::span(answer).first(kHeadBytes)};
    (void)head.Read<uint16_t>();
    size = head.Read<uint32_t>();
    if (size < kHeadBytes || size > answer.size()) return NoAnswer(name);
  }
  if (done != size) return NoAnswer(name);
  answer.resize(size);
  return answer;
}

base::Result<std::vector<std::byte>> TpmAttestor::Ask(const Command& command,
                                                      std::span<const std::byte> parameters) {
  const std::vector<std::byte> bytes = Encode(command, parameters);
  ssize_t sent = 0;
  do {
    sent = ::write(device_.get(), bytes.data(), bytes.size());
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return base::WithContext(base::ErrnoError(errno), command.name);
  if (static_cast<std::size_t>(sent) != bytes.size()) return NoAnswer(command.name);
  BH_ASSIGN(std::vector<std::byte> answer, ReadAnswer(command.name));
  TpmReader head(answer);
  const auto tag = head.Read<uint16_t>();
  (void)head.Read<uint32_t>();
  const auto code = head.Read<uint32_t>();
  if (code != 0) {
    return OperatorError(Code::kUnavailable,
                         fmt::format("the TPM answers {} with error {:#x}", command.name, code));
  }
  if (tag != (command.authorized ? kSessions : kNoSessions)) return NoAnswer(command.name);
  answer.erase(answer.begin(), answer.begin() + kHeadBytes);
  return answer;
}

base::Result<TpmAttestor::Key> TpmAttestor::MakeKey() {
  TpmWriter key;
  key.Write<uint16_t>(kEcc);
  key.Write<uint16_t>(kSha256);
  key.Write<uint32_t>(kAttributes);
  key.Write<uint16_t>(0);      // policy
  key.Write<uint16_t>(kNull);  // symmetric
  key.Write<uint16_t>(kEcdsa);
  key.Write<uint16_t>(kSha256);
  key.Write<uint16_t>(kP256);
  key.Write<uint16_t>(kNull);  // key derivation
  key.Write<uint16_t>(0);      // x
  key.Write<uint16_t>(0);      // y
  TpmWriter parameters;
  parameters.Write<uint16_t>(4);  // bytes of what is secret: no password, no data
  parameters.Write<uint32_t>(0);
  parameters.WriteSized(key.bytes());
  parameters.Write<uint16_t>(0);  // outside data
  parameters.Write<uint32_t>(0);  // registers at its making
  BH_ASSIGN(const std::vector<std::byte> answer,
            Ask({"CreatePrimary", kCreatePrimary, true, kOwner}, parameters.bytes()));
  TpmReader reader(answer);
  Key made;
  made.handle = reader.Read<uint32_t>();
  (void)reader.Read<uint32_t>();  // bytes of the parameters
  const auto bytes = reader.ReadSized(kAnswerBytesMax);
  if (!reader.ok() || bytes.empty()) return NoAnswer("CreatePrimary");
  made.bytes.assign(bytes.begin(), bytes.end());
  return made;
}

base::Status TpmAttestor::Quote(uint32_t key, const Nonce& nonce, Evidence& evidence) {
  TpmWriter parameters;
  parameters.WriteSized(nonce);
  parameters.Write<uint16_t>(kNull);  // the key's own scheme
  WriteSelection(parameters, pcrs_);
  BH_ASSIGN(const std::vector<std::byte> answer,
            Ask({"Quote", kQuote, true, key}, parameters.bytes()));
  TpmReader reader(answer);
  const std::size_t size = reader.Read<uint32_t>();
  const auto given = reader.ReadBytes(size);
  if (!reader.ok()) return NoAnswer("Quote");
  TpmReader quoted(given);
  const auto statement = quoted.ReadSized(kAnswerBytesMax);
  if (!quoted.ok()) return NoAnswer("Quote");
  evidence.statement.assign(statement.begin(), statement.end());
  const auto signature = given.subspan(2 + statement.size());
  evidence.signature.assign(signature.begin(), signature.end());
  return base::Ok();
}

base::Result<PcrValues> TpmAttestor::ReadPcrs() {
  PcrValues values;
  for (const uint32_t pcr : pcrs_) {
    TpmWriter parameters;
    WriteSelection(parameters, {pcr});
    BH_ASSIGN(const std::vector<std::byte> answer,
              Ask({"PCR_Read", kPcrRead, false, 0}, parameters.bytes()));
    TpmReader reader(answer);
    (void)reader.Read<uint32_t>();  // counts changes
    reader.Expect<uint32_t>(1);     // banks
    reader.Expect<uint16_t>(kSha256);
    (void)reader.ReadBytes(reader.Read<uint8_t>());
    // None where the TPM has no such bank.
    reader.Expect<uint32_t>(1);
    const auto value = reader.ReadSized(sizeof(base::Sha256Digest));
    if (!reader.finished() || value.size() != sizeof(base::Sha256Digest)) {
      return NoAnswer("PCR_Read");
    }
    std::ranges::copy(value, values[pcr].begin());
  }
  return values;
}

base::Result<Evidence> TpmAttestor::Attest(const Nonce& nonce) {
  Evidence evidence;
  evidence.kind = "tpm2";
  BH_ASSIGN(evidence.pcrs, ReadPcrs());
  BH_ASSIGN(Key key, MakeKey());
  const base::Status quoted = Quote(key.handle, nonce, evidence);
  // A TPM has room for three such keys.
  TpmWriter flushed;
  flushed.Write<uint32_t>(key.handle);
  BH_TRY(Ask({"FlushContext", kFlushContext, false, 0}, flushed.bytes()));
  BH_TRY(quoted);
  evidence.key = std::move(key.bytes);
  return evidence;
}

}  // namespace

std::unique_ptr<Attestor> MakeTpmAttestor(base::UniqueFd device, std::set<uint32_t> pcrs) {
  return std::make_unique<TpmAttestor>(std::move(device), std::move(pcrs));
}

base::Result<std::unique_ptr<Attestor>> OpenTpmAttestor(const std::filesystem::path& device,
                                                        std::set<uint32_t> pcrs) {
  base::UniqueFd opened(::open(device.c_str(), O_RDWR | O_CLOEXEC));
  if (!opened.valid()) return base::WithContext(base::ErrnoError(errno), device.string());
  return MakeTpmAttestor(std::move(opened), std::move(pcrs));
}

}  // namespace bulkhead::release
