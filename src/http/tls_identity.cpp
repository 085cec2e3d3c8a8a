// SPDX-License-Identifier: Apache-2.0
#include "http/tls_identity.h"

#include <cstring>
#include <utility>

#include "base/read_file.h"
#include "http/tls_stream.h"

namespace bulkhead::http {
namespace {

constexpr std::size_t kPemBytesMax = std::size_t{1} << 20;

}  // namespace

TlsIdentity::TlsIdentity(std::filesystem::path certificate, std::filesystem::path key)
    : certificate_(std::move(certificate)), key_(std::move(key)) {}

base::Result<std::shared_ptr<TlsIdentity>> TlsIdentity::Open(std::filesystem::path certificate,
                                                             std::filesystem::path key) {
  std::shared_ptr<TlsIdentity> identity(new TlsIdentity(std::move(certificate), std::move(key)));
  BH_TRY(identity->Reload());
  return identity;
}

base::Status TlsIdentity::Reload() {
  BH_ASSIGN(const auto certificate, base::ReadFile(certificate_, kPemBytesMax));
  BH_ASSIGN(auto key, base::ReadFile(key_, kPemBytesMax));
  auto context = TlsContext::Make(certificate, key);
  ::explicit_bzero(key.data(), key.size());
  if (!context.ok()) return std::move(context).error();
  context_ = std::move(context).value();
  return base::Ok();
}

}  // namespace bulkhead::http
