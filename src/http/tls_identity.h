// SPDX-License-Identifier: Apache-2.0
// A server's certificate and key.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"

namespace bulkhead::http {

class TlsContext;

// TLS 1.2 and 1.3, ALPN http/1.1. One thread at a time.
class TlsIdentity {
 public:
  // PEM files: the chain, the server's own certificate first, and its key without a passphrase.
  // kNotFound, kDenied: a file. kInvalid: no certificate, no key, or they do not belong together.
  static base::Result<std::shared_ptr<TlsIdentity>> Open(std::filesystem::path certificate,
                                                         std::filesystem::path key);

  // Reads both files again for connections to come; those that are open go on with what they have.
  // After an error the old certificate stays. Errors as of Open.
  base::Status Reload();

  [[nodiscard]] const std::shared_ptr<TlsContext>& context() const { return context_; }

 private:
  TlsIdentity(std::filesystem::path certificate, std::filesystem::path key);

  std::filesystem::path certificate_;
  std::filesystem::path key_;
  std::shared_ptr<TlsContext> context_;
};

}  // namespace bulkhead::http
