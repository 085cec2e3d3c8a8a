// SPDX-License-Identifier: Apache-2.0
#include "keys/pkcs11_module.h"

#include <array>
#include <string>
#include <utility>

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

namespace bulkhead::keys {
namespace {

using base::Code;
using base::OperatorError;

struct Meaning {
  CK_RV answer;
  Code code;
  std::string_view text;
};

// Those that say more than that it did not work.
constexpr std::array kMeanings{
    Meaning{CKR_PIN_INCORRECT, Code::kDenied, "wrong PIN"},
    Meaning{CKR_PIN_INVALID, Code::kDenied, "wrong PIN"},
    Meaning{CKR_PIN_LEN_RANGE, Code::kDenied, "a PIN of another length"},
    Meaning{CKR_PIN_EXPIRED, Code::kDenied, "the PIN has expired"},
    Meaning{CKR_PIN_LOCKED, Code::kDenied, "the PIN is locked"},
    Meaning{CKR_USER_PIN_NOT_INITIALIZED, Code::kDenied, "the token has no user PIN yet"},
    Meaning{CKR_USER_TOO_MANY_TYPES, Code::kDenied, "another kind of user is logged in"},
    Meaning{CKR_USER_ANOTHER_ALREADY_LOGGED_IN, Code::kDenied, "another user is logged in"},
    Meaning{CKR_TOKEN_WRITE_PROTECTED, Code::kDenied, "the token is write-protected"},
    Meaning{CKR_SESSION_READ_ONLY, Code::kDenied, "the session may not write"},
    Meaning{CKR_KEY_FUNCTION_NOT_PERMITTED, Code::kDenied, "the key may not be used for that"},
    Meaning{CKR_ACTION_PROHIBITED, Code::kDenied, "the token forbids it"},
    Meaning{CKR_DEVICE_MEMORY, Code::kExhausted, "the token is full"},
    Meaning{CKR_HOST_MEMORY, Code::kExhausted, "no memory"},
    Meaning{CKR_SESSION_COUNT, Code::kExhausted, "the token has too many sessions"},
    Meaning{CKR_MECHANISM_INVALID, Code::kUnsupported, "the token has no such mechanism"},
    Meaning{CKR_FUNCTION_NOT_SUPPORTED, Code::kUnsupported, "the module has no such function"},
    Meaning{CKR_TOKEN_NOT_PRESENT, Code::kUnavailable, "the token is gone"},
    Meaning{CKR_DEVICE_REMOVED, Code::kUnavailable, "the token is gone"},
    Meaning{CKR_TOKEN_NOT_RECOGNIZED, Code::kUnavailable, "the token is not recognised"},
    Meaning{CKR_DEVICE_ERROR, Code::kUnavailable, "the device failed"},
    Meaning{CKR_SESSION_HANDLE_INVALID, Code::kUnavailable, "the session was lost"},
    Meaning{CKR_SESSION_CLOSED, Code::kUnavailable, "the session was lost"},
    Meaning{CKR_USER_NOT_LOGGED_IN, Code::kUnavailable, "the login was lost"},
};

}  // namespace

base::Error Pkcs11Error(std::string_view call, CK_RV answer) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.answer == answer) {
      return OperatorError(meaning.code, fmt::format("{}: {}", call, meaning.text));
    }
  }
  return OperatorError(Code::kUnavailable, fmt::format("{}: error {:#x}", call, answer));
}

bool RefusesPin(CK_RV answer) {
  return answer == CKR_PIN_INCORRECT || answer == CKR_PIN_INVALID || answer == CKR_PIN_LEN_RANGE ||
         answer == CKR_PIN_EXPIRED || answer == CKR_PIN_LOCKED;
}

Pkcs11Module::Pkcs11Module(CK_FUNCTION_LIST* calls, bool finalizes)
    : calls_(calls), finalizes_(finalizes), process_(::getpid()) {}

bool Pkcs11Module::ours() const { return process_ == ::getpid(); }

Pkcs11Module::~Pkcs11Module() {
  if (finalizes_ && ours()) calls_->C_Finalize(nullptr);
}

base::Result<std::unique_ptr<Pkcs11Module>> Pkcs11Module::Load(const std::filesystem::path& path) {
  if (!path.is_absolute()) {
    return OperatorError(Code::kInvalid, "the PKCS #11 module " + path.string() +
                                             ": give its whole path, from / on");
  }
  // Stays for the process: modules start threads and handlers that outlive C_Finalize.
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc keeps one message per thread
    const char* const reason = ::dlerror();
    return OperatorError(
        Code::kUnavailable,
        fmt::format("the PKCS #11 module {}: {}", path.string(), reason == nullptr ? "?" : reason));
  }
  const auto list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* calls = nullptr;
  if (list == nullptr || list(&calls) != CKR_OK || calls == nullptr || calls->version.major < 2) {
    return OperatorError(Code::kUnavailable, path.string() + " is no PKCS #11 module");
  }
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV answer = calls->C_Initialize(&arguments);
  if (answer != CKR_OK && answer != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    return base::WithContext(Pkcs11Error("C_Initialize", answer), path.string());
  }
  return std::unique_ptr<Pkcs11Module>(new Pkcs11Module(calls, answer == CKR_OK));
}

}  // namespace bulkhead::keys
