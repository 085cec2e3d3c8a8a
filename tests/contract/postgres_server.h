// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server of the test's own: in a temporary folder, on a Unix socket, without root.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace bulkhead::store {

class PostgresServer {
 public:
  PostgresServer() = default;
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  // Stops it and removes the folder.
  ~PostgresServer();

  // Whether the server's programs are on this machine (Debian: postgresql).
  static bool Installed();

  // Makes the databases' folder, and starts; false with what the programs said on stderr.
  bool Create();
  bool Start();
  void Stop();

  // Of a superuser without a password; the role `keyed` exists and must give one.
  [[nodiscard]] std::string Conninfo(const std::string& database) const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  // Runs a program as the server's user; its output goes to the folder's log.
  [[nodiscard]] pid_t Spawn(const std::vector<std::string>& arguments) const;
  [[nodiscard]] bool Answers() const;

  std::filesystem::path folder_;
  pid_t server_ = -1;
};

}  // namespace bulkhead::store
