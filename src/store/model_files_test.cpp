// SPDX-License-Identifier: Apache-2.0
#include "store/model_files.h"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/test_folder.h"

namespace bulkhead::store {
namespace {

using base::Code;
using testing::ElementsAre;
using testing::IsEmpty;

const tenant::TenantId kA{"tenantAtenantA00"};
const tenant::TenantId kB{"tenantBtenantB00"};

std::span<const std::byte> Bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

class ModelFilesTest : public testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    files_.reset();
    auto files = ModelFiles::Open(folder());
    ASSERT_TRUE(files.ok()) << files.error().detail;
    files_ = std::move(files).value();
  }

  [[nodiscard]] std::filesystem::path folder() const { return home_.path() / "models"; }

  [[nodiscard]] std::filesystem::path PathOf(const tenant::ModelVersion& model) const {
    return folder() / model.tenant.text / base::Hex(model.sha256);
  }

  // Pushes a model; the record that belongs to it.
  tenant::ModelVersion Push(const tenant::TenantId& tenant, std::string_view text) {
    auto upload = files_->Begin(tenant, text.size());
    EXPECT_TRUE(upload.ok()) << upload.error().detail;
    // In two pieces.
    EXPECT_TRUE(upload.value().Write(Bytes(text.substr(0, 1))).ok());
    EXPECT_TRUE(upload.value().Write(Bytes(text.substr(1))).ok());
    const auto digest = upload.value().Finish();
    EXPECT_TRUE(digest.ok()) << digest.error().detail;
    return {tenant, {"m"}, 1, digest.ok() ? digest.value() : base::Sha256Digest{}, text.size(), 0};
  }

  // What Load gives, as text; the code's name when it fails.
  std::string Loaded(const tenant::ModelVersion& model) {
    const auto memory = files_->Load(model);
    if (!memory.ok()) return std::string(base::CodeName(memory.error().code));
    std::string text(model.bytes + 1, '\0');
    const ssize_t count = ::read(memory.value().get(), text.data(), text.size());
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return text;
  }

  std::vector<std::string> Uploads() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder() / "uploads")) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  const base::TestFolder home_;
  std::unique_ptr<ModelFiles> files_;
};

TEST_F(ModelFilesTest, GiveBackWhatWasPushedUnderItsDigest) {
  const auto model = Push(kA, "abc");
  // FIPS 180-4's own example.
  EXPECT_EQ(base::Hex(model.sha256),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Reopen();
  EXPECT_EQ(Loaded(model), "abc");
  const auto memory = files_->Load(model);
  ASSERT_TRUE(memory.ok());
  EXPECT_EQ(::fcntl(memory.value().get(), F_GET_SEALS), F_SEAL_SEAL);
  EXPECT_THAT(Uploads(), IsEmpty());
}

TEST_F(ModelFilesTest, CopyAModelOfManyBlocks) {
  std::string text(1'000'003, 'x');
  for (std::size_t i = 0; i < text.size(); i += 7) text[i] = static_cast<char>(i / 7 % 251);
  EXPECT_EQ(Loaded(Push(kA, text)), text);
}

TEST_F(ModelFilesTest, AreTheOwnersAlone) {
  const auto model = Push(kA, "abc");
  const std::pair<std::filesystem::path, mode_t> modes[] = {
      {folder(), 0700}, {folder() / kA.text, 0700}, {PathOf(model), 0600}};
  for (const auto& [path, mode] : modes) {
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0) << path;
    EXPECT_EQ(status.st_mode & 07777U, mode) << path;
  }
}

TEST_F(ModelFilesTest, KeepEqualBytesOfTwoTenantsApart) {
  const auto of_a = Push(kA, "abc");
  auto of_b = of_a;
  of_b.tenant = kB;
  EXPECT_EQ(Loaded(of_b), "not found");
  EXPECT_EQ(files_->Remove(kB, of_a.sha256).error().code, Code::kNotFound);
  of_b = Push(kB, "abc");
  EXPECT_FALSE(std::filesystem::equivalent(PathOf(of_a), PathOf(of_b)));
  ASSERT_TRUE(files_->Remove(kA, of_a.sha256).ok());
  EXPECT_EQ(Loaded(of_a), "not found");
  EXPECT_EQ(Loaded(of_b), "abc");
}

TEST_F(ModelFilesTest, TakeTheSameModelAgainAndMendADamagedOne) {
  const auto model = Push(kA, "abc");
  std::ofstream(PathOf(model)) << "abd";
  EXPECT_EQ(Loaded(model), "corrupt");
  EXPECT_EQ(Push(kA, "abc"), model);
  EXPECT_EQ(Loaded(model), "abc");
}

TEST_F(ModelFilesTest, GiveOutNothingButTheRecordsBytes) {
  const auto model = Push(kA, "abc");
  for (const char* other : {"abd", "ab", "abcd", ""}) {
    std::ofstream(PathOf(model)) << other;
    EXPECT_EQ(Loaded(model), "corrupt") << other;
  }
}

TEST_F(ModelFilesTest, RefuseMoreThanTheBoundAndAnEmptyModel) {
  auto upload = files_->Begin(kA, 3);
  ASSERT_TRUE(upload.ok());
  EXPECT_EQ(upload.value().Finish().error().code, Code::kInvalid);
  EXPECT_TRUE(upload.value().Write(Bytes("abc")).ok());
  const auto refused = upload.value().Write(Bytes("d"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kExhausted);
  EXPECT_EQ(refused.error().public_message, "the model has more than 3 bytes");
  EXPECT_EQ(upload.value().Write({}).error().code, Code::kExhausted);
  EXPECT_EQ(upload.value().Finish().error().code, Code::kExhausted);
  EXPECT_FALSE(std::filesystem::exists(folder() / kA.text));
}

TEST_F(ModelFilesTest, LeaveNothingOfAnUploadThatIsGivenUp) {
  {
    auto upload = files_->Begin(kA, 3);
    ASSERT_TRUE(upload.ok());
    ASSERT_TRUE(upload.value().Write(Bytes("abc")).ok());
    const ModelUpload moved = std::move(upload).value();
    EXPECT_EQ(Uploads().size(), 1U);
    EXPECT_EQ(moved.bytes(), 3U);
  }
  EXPECT_THAT(Uploads(), IsEmpty());
}

TEST_F(ModelFilesTest, RemoveWhatAnUploadLeftWhoseProcessWasKilled) {
  files_.reset();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto files = ModelFiles::Open(folder());
    auto upload = files.value()->Begin(kA, 3);
    static_cast<void>(upload.value().Write(Bytes("abc")));
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(Uploads().size(), 1U);
  Reopen();
  EXPECT_THAT(Uploads(), IsEmpty());
}

TEST_F(ModelFilesTest, SayThatTheDiskIsFull) {
  files_.reset();
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{2, RLIM_INFINITY};
    const auto files = ModelFiles::Open(folder());
    auto upload = files.value()->Begin(kA, 3);
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(1);
    const auto written = upload.value().Write(Bytes("abc"));
    ::_exit(!written.ok() && written.error().code == Code::kExhausted ? 0 : 2);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(ModelFilesTest, AreOpenOnce) {
  const auto second = ModelFiles::Open(folder());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kConflict);
}

TEST_F(ModelFilesTest, TakeNothingForATenantThatIsNone) {
  for (const char* id : {"", "..", "../tenantAtenantA", "uploads", "tenantAtenantA0/"}) {
    EXPECT_EQ(files_->Begin({id}, 3).error().code, Code::kInvalid) << id;
    EXPECT_EQ(files_->Remove({id}, {}).error().code, Code::kInvalid) << id;
    EXPECT_EQ(files_->Load({{id}, {"m"}, 1, {}, 3, 0}).error().code, Code::kInvalid) << id;
  }
}

TEST_F(ModelFilesTest, FollowNoLinkAndUseNothingThatOthersMayChange) {
  const auto model = Push(kA, "abc");
  const auto path = PathOf(model);
  const auto aside = home_.path() / "aside";
  std::filesystem::rename(path, aside);
  std::filesystem::create_symlink(aside, path);
  EXPECT_EQ(Loaded(model), "corrupt");
  EXPECT_EQ(files_->Remove(kA, model.sha256).error().code, Code::kCorrupt);
  std::filesystem::remove(path);
  std::filesystem::create_hard_link(aside, path);
  EXPECT_EQ(Loaded(model), "corrupt");
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(Loaded(model), "corrupt");
  std::filesystem::remove(path);
  std::filesystem::rename(aside, path);
  EXPECT_EQ(Loaded(model), "abc");
  std::filesystem::permissions(path, std::filesystem::perms(0620));
  EXPECT_EQ(Loaded(model), "corrupt");
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  std::filesystem::permissions(folder() / kA.text, std::filesystem::perms(0755));
  EXPECT_EQ(Loaded(model), "corrupt");
}

TEST_F(ModelFilesTest, PutNothingIntoAFolderThatIsALink) {
  std::filesystem::create_directory(home_.path() / "elsewhere");
  std::filesystem::create_directory_symlink(home_.path() / "elsewhere", folder() / kA.text);
  auto upload = files_->Begin(kA, 3);
  ASSERT_TRUE(upload.ok());
  ASSERT_TRUE(upload.value().Write(Bytes("abc")).ok());
  EXPECT_EQ(upload.value().Finish().error().code, Code::kCorrupt);
  EXPECT_TRUE(std::filesystem::is_empty(home_.path() / "elsewhere"));
}

TEST_F(ModelFilesTest, FindWhatNoRecordNamesAndWhatIsNotTheirs) {
  const auto used = Push(kA, "used");
  const auto orphan = Push(kA, "orphan");
  auto elsewhere = Push(kB, "used");
  std::ofstream(folder() / "notes.txt") << "x";
  std::ofstream(folder() / kA.text / "notes.txt") << "x";
  std::filesystem::create_symlink("/etc/passwd", folder() / kA.text / std::string(64, '0'));
  const std::vector<tenant::ModelVersion> records{used, used};
  const auto found = files_->FindOrphans(records);
  ASSERT_TRUE(found.ok()) << found.error().detail;
  EXPECT_THAT(found.value().models,
              ElementsAre(StoredModel{kA, orphan.sha256}, StoredModel{kB, elsewhere.sha256}));
  EXPECT_THAT(found.value().strange, ElementsAre("notes.txt", kA.text + "/" + std::string(64, '0'),
                                                 kA.text + "/notes.txt"));
}

TEST_F(ModelFilesTest, LeaveNoFolderOfATenantWithoutModels) {
  const auto first = Push(kA, "first");
  const auto second = Push(kA, "second");
  ASSERT_TRUE(files_->Remove(kA, first.sha256).ok());
  EXPECT_EQ(Loaded(second), "second");
  ASSERT_TRUE(files_->Remove(kA, second.sha256).ok());
  EXPECT_FALSE(std::filesystem::exists(folder() / kA.text));
  EXPECT_EQ(files_->Remove(kA, second.sha256).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::store
