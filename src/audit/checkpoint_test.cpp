// SPDX-License-Identifier: Apache-2.0
#include "audit/checkpoint.h"

#include <gtest/gtest.h>

#include "audit/test_log.h"

namespace bulkhead::audit {
namespace {

// The example of C2SP signed-note.
constexpr const char* kPublishedKey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

TEST(VerifierKey, ReadsThePublishedExample) {
  const auto key = ParseVerifierKey(kPublishedKey);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key.value().name, "example.com/foo");
  EXPECT_EQ(KeyId(key.value()), 0x530d903aU);
  EXPECT_EQ(FormatVerifierKey(key.value()), kPublishedKey);
}

TEST(VerifierKey, RefusesEveryChangedByte) {
  const std::string text = kPublishedKey;
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] ^= 1;
    EXPECT_FALSE(ParseVerifierKey(changed).ok()) << changed;
    EXPECT_FALSE(ParseVerifierKey(text.substr(0, at)).ok());
  }
  EXPECT_FALSE(ParseVerifierKey(text + "=").ok());
  EXPECT_FALSE(ParseVerifierKey(text + "+").ok());
}

TEST(VerifierKey, RefusesOriginsThatANoteCannotName) {
  for (const std::string name : {"", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2003b", "\xff"}) {
    EXPECT_FALSE(CheckOrigin(name).ok()) << name;
  }
  EXPECT_FALSE(CheckOrigin(std::string(201, 'a')).ok());
  EXPECT_TRUE(CheckOrigin("zürich.example/audit").ok());
}

// The note of C2SP signed-note: its signature verifies, and its text is no checkpoint.
TEST(Checkpoint, VerifiesThePublishedSignature) {
  const std::string note =
      "This is an example message.\n\n\u2014 example.com/foo "
      "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM"
      "=\n";
  const VerifierKey key = ParseVerifierKey(kPublishedKey).value();
  EXPECT_EQ(OpenCheckpoint(note, key).error().code, base::Code::kCorrupt);
  std::string changed = note;
  changed[0] = 't';
  EXPECT_EQ(OpenCheckpoint(changed, key).error().code, base::Code::kDenied);
}

TEST(Checkpoint, OpensWhatWasSigned) {
  const Signer signer = TestSigner();
  for (const uint64_t size : {uint64_t{0}, uint64_t{1}, UINT64_MAX}) {
    const auto note = SignCheckpoint(size, HashOfNumber(size), signer).value();
    EXPECT_EQ(OpenCheckpoint(note, signer.key).value(),
              (Checkpoint{.origin = kTestOrigin, .size = size, .root = HashOfNumber(size)}));
  }
}

TEST(Checkpoint, RefusesEveryChangedByteAndEveryCut) {
  const Signer signer = TestSigner();
  const auto note = SignCheckpoint(1234, HashOfNumber(1), signer).value();
  for (std::size_t at = 0; at < note.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = note;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      EXPECT_FALSE(OpenCheckpoint(changed, signer.key).ok()) << changed;
    }
    EXPECT_FALSE(OpenCheckpoint(note.substr(0, at), signer.key).ok());
    EXPECT_FALSE(OpenCheckpoint(note.substr(at + 1), signer.key).ok());
  }
}

TEST(Checkpoint, RefusesAnotherKeyOfTheSameName) {
  const auto note = SignCheckpoint(1, HashOfNumber(1), TestSigner(std::byte{7})).value();
  EXPECT_EQ(OpenCheckpoint(note, TestSigner().key).error().code, base::Code::kDenied);
}

TEST(Checkpoint, PassesOverWitnessesAndNotTooMany) {
  const Signer signer = TestSigner();
  const auto note = SignCheckpoint(9, HashOfNumber(9), signer).value();
  const std::string witness = "\u2014 witness.example AAAAAAECAwQFBgc=\n";
  std::string witnessed = note;
  for (int at = 0; at < 16; ++at) witnessed += witness;
  EXPECT_TRUE(OpenCheckpoint(witnessed, signer.key).ok());
  for (int at = 0; at < 64; ++at) witnessed += witness;
  EXPECT_FALSE(OpenCheckpoint(witnessed, signer.key).ok());
}

}  // namespace
}  // namespace bulkhead::audit
