// SPDX-License-Identifier: Apache-2.0
#include "unsynced/struck_writer.h"

#include <csignal>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "unsynced/forget_unsynced.h"

namespace unsynced {
namespace {

[[noreturn]] void RunWriter(std::vector<std::string> command, std::vector<std::string> environment,
                            int output) {
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  ::dup2(output, 1);
  ::execve(command[0].c_str(), pointers(command).data(), pointers(environment).data());
  ::_exit(6);
}

// What its output says, line by line.
class Lines {
 public:
  explicit Lines(int from) : from_(from) {}

  // Until there are so many, or no more comes.
  void ReadUntil(uint64_t count) {
    char buffer[4096];
    while (lines_.size() < count) {
      const ssize_t bytes = ::read(from_, buffer, sizeof(buffer));
      if (bytes <= 0) return;
      for (const char c : std::string_view(buffer, static_cast<std::size_t>(bytes))) {
        if (c == '\n') {
          lines_.push_back(std::exchange(line_, ""));
        } else {
          line_ += c;
        }
      }
    }
  }
  std::vector<std::string> Take() { return std::move(lines_); }

 private:
  int from_;
  std::string line_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> Strike(const std::filesystem::path& folder,
                                const std::filesystem::path& book, std::vector<std::string> command,
                                const Blow& blow, std::mt19937_64& chance) {
  std::vector<std::string> environment = {"LD_PRELOAD=" BULKHEAD_UNSYNCED_SHIM,
                                          // The shim comes before the sanitizer's library.
                                          "ASAN_OPTIONS=verify_asan_link_order=0",
                                          "BULKHEAD_UNSYNCED_FOLDER=" + folder.string(),
                                          "BULKHEAD_UNSYNCED_BOOK=" + book.string()};
  if (blow.in_sync) environment.push_back("BULKHEAD_UNSYNCED_KILL=" + std::to_string(blow.at));
  if (blow.deaf) environment.emplace_back("BULKHEAD_UNSYNCED_DEAF=1");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    ADD_FAILURE() << "no pipe";
    return {};
  }
  const bulkhead::base::UniqueFd from(ends[0]);
  bulkhead::base::UniqueFd to(ends[1]);
  BeginBook(folder, book);
  const pid_t writer = ::fork();
  if (writer == 0) RunWriter(std::move(command), std::move(environment), to.get());
  to = bulkhead::base::UniqueFd();
  Lines lines(from.get());
  if (!blow.in_sync) {
    lines.ReadUntil(blow.at);
    ::kill(writer, SIGKILL);
  }
  // What it acknowledged before it died.
  lines.ReadUntil(UINT64_MAX);
  int status = 0;
  if (::waitpid(writer, &status, 0) != writer || !WIFSIGNALED(status) ||
      WTERMSIG(status) != SIGKILL) {
    ADD_FAILURE() << "the writer ended by itself: " << status;
    return {};
  }
  ForgetUnsynced(folder, book, chance);
  return lines.Take();
}

}  // namespace unsynced
