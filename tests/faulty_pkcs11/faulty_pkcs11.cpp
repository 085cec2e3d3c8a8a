// SPDX-License-Identifier: Apache-2.0
#include "faulty_pkcs11/faulty_pkcs11.h"

#include <map>
#include <string>

#define CRYPTOKI_COMPAT
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

namespace {

struct Plan {
  int good = 0;
  CK_RV answer = CKR_OK;
};

std::map<std::string, Plan> plans;
CK_FLAGS token_flags = 0;
int logins = 0;
CK_FUNCTION_LIST* real = nullptr;
CK_FUNCTION_LIST faulty;

// CKR_OK: hand the call on.
CK_RV Planned(const char* call) {
  const auto found = plans.find(call);
  if (found == plans.end() || found->second.good-- > 0) return CKR_OK;
  const CK_RV answer = found->second.answer;
  plans.erase(found);
  return answer;
}

CK_RV OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void* application, CK_NOTIFY notify,
                  CK_SESSION_HANDLE* session) {
  const CK_RV answer = Planned("C_OpenSession");
  return answer != CKR_OK ? answer : real->C_OpenSession(slot, flags, application, notify, session);
}

CK_RV GetSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO* info) {
  const CK_RV answer = Planned("C_GetSessionInfo");
  return answer != CKR_OK ? answer : real->C_GetSessionInfo(session, info);
}

CK_RV GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
  const CK_RV answer = Planned("C_GetTokenInfo");
  if (answer != CKR_OK) return answer;
  const CK_RV given = real->C_GetTokenInfo(slot, info);
  info->flags |= token_flags;
  return given;
}

CK_RV GetSlotList(CK_BBOOL present, CK_SLOT_ID* slots, CK_ULONG* count) {
  const CK_RV answer = Planned("C_GetSlotList");
  return answer != CKR_OK ? answer : real->C_GetSlotList(present, slots, count);
}

CK_RV Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR* pin, CK_ULONG size) {
  ++logins;
  const CK_RV answer = Planned("C_Login");
  return answer != CKR_OK ? answer : real->C_Login(session, user, pin, size);
}

CK_RV FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE* wanted, CK_ULONG count) {
  const CK_RV answer = Planned("C_FindObjectsInit");
  return answer != CKR_OK ? answer : real->C_FindObjectsInit(session, wanted, count);
}

CK_RV GenerateKey(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* made,
                  CK_ULONG count, CK_OBJECT_HANDLE* key) {
  const CK_RV answer = Planned("C_GenerateKey");
  return answer != CKR_OK ? answer : real->C_GenerateKey(session, mechanism, made, count, key);
}

CK_RV DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  const CK_RV answer = Planned("C_DestroyObject");
  return answer != CKR_OK ? answer : real->C_DestroyObject(session, object);
}

CK_RV SignInit(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  const CK_RV answer = Planned("C_SignInit");
  return answer != CKR_OK ? answer : real->C_SignInit(session, mechanism, key);
}

CK_RV Sign(CK_SESSION_HANDLE session, CK_BYTE* bytes, CK_ULONG size, CK_BYTE* mac,
           CK_ULONG* mac_size) {
  const CK_RV answer = Planned("C_Sign");
  return answer != CKR_OK ? answer : real->C_Sign(session, bytes, size, mac, mac_size);
}

bool LoadReal() {
  if (real != nullptr) return true;
  void* const library = ::dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return false;
  const auto list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  if (list == nullptr || list(&real) != CKR_OK) return false;
  faulty = *real;
  faulty.C_OpenSession = OpenSession;
  faulty.C_GetSessionInfo = GetSessionInfo;
  faulty.C_GetTokenInfo = GetTokenInfo;
  faulty.C_GetSlotList = GetSlotList;
  faulty.C_Login = Login;
  faulty.C_FindObjectsInit = FindObjectsInit;
  faulty.C_GenerateKey = GenerateKey;
  faulty.C_DestroyObject = DestroyObject;
  faulty.C_SignInit = SignInit;
  faulty.C_Sign = Sign;
  return true;
}

}  // namespace

extern "C" {

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  if (!LoadReal()) return CKR_GENERAL_ERROR;
  *list = &faulty;
  return CKR_OK;
}

void FaultyPkcs11Fail(const char* call, int good, unsigned long answer) {
  plans[call] = {good, answer};
}

void FaultyPkcs11Heal() { plans.clear(); }

void FaultyPkcs11TokenFlags(unsigned long flags) { token_flags = flags; }

int FaultyPkcs11Logins() {
  const int count = logins;
  logins = 0;
  return count;
}
}
