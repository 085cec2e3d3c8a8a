// SPDX-License-Identifier: Apache-2.0
#include "http/tls_stream.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "base/checked_math.h"

namespace bulkhead::http {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* value) const {
    Free(value);
  }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Freer<SSL_free>>;
// Shared: a BIO does not keep its method, and streams outlive the context that they were made of.
using BioMethodPtr = std::shared_ptr<BIO_METHOD>;

// What the library said last stays with the operator.
base::Error TlsError(std::string_view what) {
  char reason[256] = {};
  ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
  ERR_clear_error();
  return base::OperatorError(base::Code::kInvalid, std::string(what) + ": " + reason);
}

BioPtr MemoryBio(std::span<const std::byte> bytes) {
  const auto size = base::CheckedCast<int>(bytes.size());
  return BioPtr(size ? BIO_new_mem_buf(bytes.data(), *size) : nullptr);
}

// No terminal is asked for a passphrase.
int NoPassphrase(char* /*text*/, int /*size*/, int /*writes*/, void* /*user*/) { return -1; }

// http/1.1, also for a client that asks for others as well; without a common one ALPN is left out,
// as some clients offer only names of their own.
int ChooseProtocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* in, unsigned int in_size, void* /*user*/) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int result =
      SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof(kHttp11) - 1, in, in_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL: a client that left would end the process,
// unless all of it ignored SIGPIPE.
int SocketOf(BIO* bio) { return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio))); }

int BioWrite(BIO* bio, const char* bytes, int count) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(SocketOf(bio), bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int BioRead(BIO* bio, char* bytes, int count) {
  BIO_clear_retry_flags(bio);
  const ssize_t received = ::recv(SocketOf(bio), bytes, static_cast<std::size_t>(count), 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (received == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(received);
}

long BioControl(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BioMethodPtr MakeSocketMethod() {
  BioMethodPtr method(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket"), BIO_meth_free);
  if (method == nullptr) return method;
  BIO_meth_set_write(method.get(), BioWrite);
  BIO_meth_set_read(method.get(), BioRead);
  BIO_meth_set_ctrl(method.get(), BioControl);
  return method;
}

class OpenSslContext final : public TlsContext {
 public:
  OpenSslContext(ContextPtr context, BioMethodPtr method)
      : context_(std::move(context)), method_(std::move(method)) {}

  [[nodiscard]] SSL_CTX* context() const { return context_.get(); }
  [[nodiscard]] const BioMethodPtr& method() const { return method_; }

 private:
  ContextPtr context_;
  BioMethodPtr method_;
};

class OpenSslStream final : public TlsStream {
 public:
  OpenSslStream(SslPtr ssl, BioMethodPtr method)
      : method_(std::move(method)), ssl_(std::move(ssl)) {}

  StreamStep Read(std::span<std::byte> room) override {
    std::size_t count = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), room.data(), room.size(), &count);
    return Ended(result, count);
  }

  StreamStep Write(std::span<const std::byte> bytes) override {
    std::size_t count = 0;
    ERR_clear_error();
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
    return Ended(result, count);
  }

  [[nodiscard]] bool established() const override { return SSL_is_init_finished(ssl_.get()) == 1; }

  void Close() override {
    if (broken_ || !established()) return;
    (void)SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }

 private:
  StreamStep Ended(int result, std::size_t count) {
    if (result == 1) return {.end = StreamEnd::kMoved, .bytes = count};
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return {.end = StreamEnd::kReadWait};
      case SSL_ERROR_WANT_WRITE:
        return {.end = StreamEnd::kWriteWait};
      case SSL_ERROR_ZERO_RETURN:
        return {.end = StreamEnd::kClosed};
      default:
        // An end without close_notify as well: HTTP's own framing says what was cut off.
        ERR_clear_error();
        broken_ = true;
        return {.end = StreamEnd::kBroken};
    }
  }

  const BioMethodPtr method_;  // before what uses it until its own end
  SslPtr ssl_;
  bool broken_ = false;
};

base::Status UseChain(SSL_CTX* context, std::span<const std::byte> pem) {
  const BioPtr bio = MemoryBio(pem);
  const CertificatePtr own(PEM_read_bio_X509_AUX(bio.get(), nullptr, NoPassphrase, nullptr));
  if (own == nullptr) return TlsError("no certificate");
  if (SSL_CTX_use_certificate(context, own.get()) != 1) return TlsError("certificate");
  for (;;) {
    CertificatePtr next(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
    if (next == nullptr) break;
    if (SSL_CTX_add0_chain_cert(context, next.get()) != 1) return TlsError("certificate chain");
    (void)next.release();
  }
  ERR_clear_error();  // the end of the file is told as an error
  return base::Ok();
}

base::Status UseKey(SSL_CTX* context, std::span<const std::byte> pem) {
  const BioPtr bio = MemoryBio(pem);
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) return TlsError("no key");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return TlsError("key and certificate");
  return base::Ok();
}

}  // namespace

base::Result<std::shared_ptr<TlsContext>> TlsContext::Make(
    std::span<const std::byte> certificate_pem, std::span<const std::byte> key_pem) {
  ContextPtr context(SSL_CTX_new(TLS_server_method()));
  BioMethodPtr method = MakeSocketMethod();
  if (context == nullptr || method == nullptr) return TlsError("no memory");
  if (SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) return TlsError("TLS 1.2");
  // AEAD with forward secrecy only; TLS 1.3 has no others.
  if (SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    return TlsError("ciphers");
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Tickets resume a session without memory of ours.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseProtocol, nullptr);
  BH_TRY(UseChain(context.get(), certificate_pem));
  BH_TRY(UseKey(context.get(), key_pem));
  return std::shared_ptr<TlsContext>(
      std::make_shared<OpenSslContext>(std::move(context), std::move(method)));
}

base::Result<std::unique_ptr<TlsStream>> TlsStream::Accept(const TlsContext& context, int socket) {
  const auto& ours = static_cast<const OpenSslContext&>(context);
  SslPtr ssl(SSL_new(ours.context()));
  BIO* const bio = ssl == nullptr ? nullptr : BIO_new(ours.method().get());
  if (bio == nullptr) return base::OperatorError(base::Code::kExhausted, "no memory for TLS");
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_accept_state(ssl.get());
  return std::unique_ptr<TlsStream>(std::make_unique<OpenSslStream>(std::move(ssl), ours.method()));
}

}  // namespace bulkhead::http
