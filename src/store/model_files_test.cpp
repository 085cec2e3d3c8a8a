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

#include "base/test_folder.h"
namespace bulkhead::store {
namespace {

using base::Code;
using testing::ElementsAre;
using testing::IsEmpty;

const tenant::TenantId kA{"tenantAtenantA00"};
const tenant::TenantId kB{"tenantBtenantB00"};
const ModelFile kPlates1{kA, {"plates"}, 1};

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

  [[nodiscard]] std::filesystem::path PathOf(const ModelFile& file) const {
    return folder() / file.tenant.text / FileNameOf(file);
  }

  // Written, and its record durable.
  void Push(const ModelFile& file, std::string_view text) {
    PushUnconfirmed(file, text);
    EXPECT_TRUE(files_->Confirm(file).ok());
  }

  void PushUnconfirmed(const ModelFile& file, std::string_view text) {
    auto upload = files_->Begin(file);
    ASSERT_TRUE(upload.ok()) << upload.error().detail;
    // In two pieces.
    EXPECT_TRUE(upload.value().Write(Bytes(text.substr(0, 1))).ok());
    EXPECT_TRUE(upload.value().Write(Bytes(text.substr(1))).ok());
    const auto finished = upload.value().Finish();
    EXPECT_TRUE(finished.ok()) << finished.error().detail;
  }

  // What a file holds, as text; the code's name when it cannot be opened.
  std::string Read(const ModelFile& file) {
    const auto opened = files_->OpenFile(file);
    if (!opened.ok()) return std::string(base::CodeName(opened.error().code));
    std::string text(2'000'000, '\0');
    const ssize_t count = ::read(opened.value().get(), text.data(), text.size());
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

TEST_F(ModelFilesTest, GiveBackWhatWasWrittenUnderItsVersion) {
  Push(kPlates1, "abc");
  Reopen();
  EXPECT_EQ(Read(kPlates1), "abc");
  EXPECT_EQ(Read({kA, {"plates"}, 2}), "not found");
  EXPECT_EQ(Read({kA, {"plate"}, 1}), "not found");
  EXPECT_EQ(Read({kB, {"plates"}, 1}), "not found");
  EXPECT_THAT(Uploads(), IsEmpty());
}

TEST_F(ModelFilesTest, CopyTheRestOfAnotherFile) {
  std::string text(1'000'003, 'x');
  for (std::size_t i = 0; i < text.size(); i += 7) text[i] = static_cast<char>(i / 7 % 251);
  Push(kPlates1, text);
  const auto file = files_->OpenFile(kPlates1).value();
  auto upload = files_->Begin(kPlates1).value();
  ASSERT_TRUE(upload.Write(Bytes("new header")).ok());
  ASSERT_TRUE(upload.CopyFrom(file.get(), 100).ok());
  ASSERT_TRUE(upload.Finish().ok());
  EXPECT_EQ(Read(kPlates1), "new header" + text.substr(100));
}

TEST_F(ModelFilesTest, AreTheOwnersAlone) {
  Push(kPlates1, "abc");
  const std::pair<std::filesystem::path, mode_t> modes[] = {
      {folder(), 0700}, {folder() / kA.text, 0700}, {PathOf(kPlates1), 0600}};
  for (const auto& [path, mode] : modes) {
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0) << path;
    EXPECT_EQ(status.st_mode & 07777U, mode) << path;
  }
}

TEST_F(ModelFilesTest, KeepEqualModelsOfTwoTenantsApart) {
  const ModelFile of_b{kB, {"plates"}, 1};
  Push(kPlates1, "abc");
  EXPECT_EQ(files_->Remove(of_b).error().code, Code::kNotFound);
  Push(of_b, "abc");
  EXPECT_FALSE(std::filesystem::equivalent(PathOf(kPlates1), PathOf(of_b)));
  ASSERT_TRUE(files_->Remove(kPlates1).ok());
  EXPECT_EQ(Read(kPlates1), "not found");
  EXPECT_EQ(Read(of_b), "abc");
}

TEST_F(ModelFilesTest, RefuseAnEmptyModel) {
  auto upload = files_->Begin(kPlates1);
  ASSERT_TRUE(upload.ok());
  EXPECT_EQ(upload.value().Finish().error().code, Code::kInvalid);
  EXPECT_FALSE(std::filesystem::exists(folder() / kA.text));
}

TEST_F(ModelFilesTest, LeaveNothingOfAnUploadThatIsGivenUp) {
  {
    auto upload = files_->Begin(kPlates1);
    ASSERT_TRUE(upload.ok());
    ASSERT_TRUE(upload.value().Write(Bytes("abc")).ok());
    const ModelUpload moved = std::move(upload).value();
    EXPECT_EQ(Uploads().size(), 1U);
  }
  EXPECT_THAT(Uploads(), IsEmpty());
}

TEST_F(ModelFilesTest, RemoveWhatAnUploadLeftWhoseProcessWasKilled) {
  files_.reset();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto files = ModelFiles::Open(folder());
    auto upload = files.value()->Begin(kPlates1);
    static_cast<void>(upload.value().Write(Bytes("abc")));
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(Uploads().size(), 1U);
  Reopen();
  EXPECT_THAT(Uploads(), IsEmpty());
}

TEST_F(ModelFilesTest, RemoveAFinishedFileWhoseRecordNeverCame) {
  const ModelFile kept{kA, {"welds.v2"}, 7};
  PushUnconfirmed(kPlates1, "abc");
  PushUnconfirmed(kept, "abc");
  Reopen();
  EXPECT_EQ(Read(kPlates1), "abc");  // nobody has asked the records yet
  const std::vector<tenant::ModelVersion> records{{kA, {"welds.v2"}, 7, {}, 3, 0}};
  ASSERT_TRUE(files_->RemoveUnconfirmed(records).ok());
  EXPECT_EQ(Read(kPlates1), "not found");
  EXPECT_EQ(Read(kept), "abc");
  EXPECT_THAT(Uploads(), IsEmpty());
  // Never what was confirmed, whichever records there are.
  ASSERT_TRUE(files_->RemoveUnconfirmed({}).ok());
  EXPECT_EQ(Read(kept), "abc");
}

TEST_F(ModelFilesTest, SayThatTheDiskIsFull) {
  files_.reset();
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{2, RLIM_INFINITY};
    const auto files = ModelFiles::Open(folder());
    auto upload = files.value()->Begin(kPlates1);
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

TEST_F(ModelFilesTest, TakeNothingForATenantOrAModelThatIsNone) {
  for (const char* id : {"", "..", "../tenantAtenantA", "uploads", "tenantAtenantA0/"}) {
    const ModelFile file{{id}, {"plates"}, 1};
    EXPECT_EQ(files_->Begin(file).error().code, Code::kInvalid) << id;
    EXPECT_EQ(files_->Remove(file).error().code, Code::kInvalid) << id;
    EXPECT_EQ(files_->OpenFile(file).error().code, Code::kInvalid) << id;
  }
  for (const char* model : {"", "..", "../plates", "a/b", "a@1"}) {
    EXPECT_EQ(files_->Begin({kA, {model}, 1}).error().code, Code::kInvalid) << model;
  }
}

TEST_F(ModelFilesTest, FollowNoLinkAndUseNothingThatOthersMayChange) {
  Push(kPlates1, "abc");
  const auto path = PathOf(kPlates1);
  const auto aside = home_.path() / "aside";
  std::filesystem::rename(path, aside);
  std::filesystem::create_symlink(aside, path);
  EXPECT_EQ(Read(kPlates1), "corrupt");
  EXPECT_EQ(files_->Remove(kPlates1).error().code, Code::kCorrupt);
  std::filesystem::remove(path);
  std::filesystem::create_hard_link(aside, path);
  EXPECT_EQ(Read(kPlates1), "corrupt");
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(Read(kPlates1), "corrupt");
  std::filesystem::remove(path);
  std::filesystem::rename(aside, path);
  EXPECT_EQ(Read(kPlates1), "abc");
  std::filesystem::permissions(path, std::filesystem::perms(0620));
  EXPECT_EQ(Read(kPlates1), "corrupt");
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  std::filesystem::permissions(folder() / kA.text, std::filesystem::perms(0755));
  EXPECT_EQ(Read(kPlates1), "corrupt");
}

TEST_F(ModelFilesTest, PutNothingIntoAFolderThatIsALink) {
  std::filesystem::create_directory(home_.path() / "elsewhere");
  std::filesystem::create_directory_symlink(home_.path() / "elsewhere", folder() / kA.text);
  auto upload = files_->Begin(kPlates1);
  ASSERT_TRUE(upload.ok());
  ASSERT_TRUE(upload.value().Write(Bytes("abc")).ok());
  EXPECT_EQ(upload.value().Finish().error().code, Code::kCorrupt);
  EXPECT_TRUE(std::filesystem::is_empty(home_.path() / "elsewhere"));
}

TEST_F(ModelFilesTest, FindWhatNoRecordNamesAndWhatIsPlainAndWhatIsNotTheirs) {
  const ModelFile orphan{kA, {"welds"}, 3};
  const ModelFile elsewhere{kB, {"plates"}, 1};
  Push(kPlates1, "used");
  Push(orphan, "orphan");
  Push(elsewhere, "used");
  const std::string digest(64, 'a');
  std::ofstream(folder() / kA.text / digest) << "onnx";
  std::ofstream(folder() / "notes.txt") << "x";
  std::ofstream(folder() / kA.text / "notes.txt") << "x";
  std::ofstream(folder() / kA.text / "plates@01") << "x";
  std::filesystem::create_symlink("/etc/passwd", folder() / kA.text / "faces@1");
  const std::vector<tenant::ModelVersion> records{{kA, {"plates"}, 1, {}, 4, 0}};
  const auto found = files_->FindStrangers(records);
  ASSERT_TRUE(found.ok()) << found.error().detail;
  EXPECT_THAT(found.value().unnamed, ElementsAre(orphan, elsewhere));
  EXPECT_THAT(found.value().plain, ElementsAre(kA.text + "/" + digest));
  EXPECT_THAT(found.value().strange, ElementsAre("notes.txt", kA.text + "/faces@1",
                                                 kA.text + "/notes.txt", kA.text + "/plates@01"));
}

TEST_F(ModelFilesTest, LeaveNoFolderOfATenantWithoutModels) {
  const ModelFile second{kA, {"plates"}, 2};
  Push(kPlates1, "first");
  Push(second, "second");
  ASSERT_TRUE(files_->Remove(kPlates1).ok());
  EXPECT_EQ(Read(second), "second");
  ASSERT_TRUE(files_->Remove(second).ok());
  EXPECT_FALSE(std::filesystem::exists(folder() / kA.text));
  EXPECT_EQ(files_->Remove(second).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::store
