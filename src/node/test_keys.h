// SPDX-License-Identifier: Apache-2.0
// Keys for the node's tests: a keyring that can be made unreachable or slow.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "keys/file_provider.h"
#include "keys/key_provider.h"

namespace bulkhead::node {

class FaultyKeys final : public keys::KeyProvider {
 public:
  explicit FaultyKeys(const std::filesystem::path& keyring)
      : keys_(keys::OpenFileProvider(keyring, std::nullopt).value()) {}

  // From any thread.
  void SetDown(bool down) { down_ = down; }
  // Until Release, calls wait.
  void Hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    {
      const std::lock_guard lock(mutex_);
      held_ = false;
    }
    released_.notify_all();
  }

  base::Status Create(const std::string& key) override {
    BH_TRY(Reach());
    return keys_->Create(key);
  }
  base::Result<keys::KeyState> Describe(const std::string& key) override {
    BH_TRY(Reach());
    return keys_->Describe(key);
  }
  base::Result<std::vector<std::byte>> Wrap(const std::string& key, const keys::Purpose& purpose,
                                            base::Aes256Key data_key) override {
    BH_TRY(Reach());
    return keys_->Wrap(key, purpose, data_key);
  }
  base::Result<base::SecretBytes> Unwrap(const std::string& key, const keys::Purpose& purpose,
                                         std::span<const std::byte> wrapped) override {
    BH_TRY(Reach());
    return keys_->Unwrap(key, purpose, wrapped);
  }
  base::Result<std::vector<std::byte>> Rewrap(const std::string& key, const keys::Purpose& purpose,
                                              std::span<const std::byte> wrapped) override {
    BH_TRY(Reach());
    return keys_->Rewrap(key, purpose, wrapped);
  }
  base::Status Rotate(const std::string& key) override {
    BH_TRY(Reach());
    return keys_->Rotate(key);
  }
  base::Status EndOldVersions(const std::string& key) override {
    BH_TRY(Reach());
    return keys_->EndOldVersions(key);
  }
  base::Status Destroy(const std::string& key) override {
    BH_TRY(Reach());
    return keys_->Destroy(key);
  }

 private:
  base::Status Reach() {
    std::unique_lock lock(mutex_);
    released_.wait(lock, [this] { return !held_; });
    if (!down_) return base::Ok();
    return base::OperatorError(base::Code::kUnavailable, "the key provider does not answer");
  }

  std::unique_ptr<keys::KeyProvider> keys_;
  std::atomic<bool> down_ = false;
  std::mutex mutex_;
  std::condition_variable released_;
  bool held_ = false;
};

}  // namespace bulkhead::node
