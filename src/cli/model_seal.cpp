// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/random_bytes.h"
#include "base/read_file.h"
#include "base/write_file.h"
#include "cli/seal_command.h"
#include "cli/terminal_text.h"
#include "keys/tenant_key.h"
#include "seal/seal.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kModelBytesMax = (std::size_t{1} << 31) - 1;  // where protobuf ends

constexpr const char* kAbout =
    "Seals a model on this machine, so that no server ever has its plaintext outside of the\n"
    "tenant's own worker. `bulkhead model push` takes the sealed file.";

constexpr const char* kManual =
    "The file is for one tenant, one model and one version alone: the version that the push will\n"
    "be (one above the last that `bulkhead model list` shows, 1 for a new model). The server's\n"
    "node must have the same keys: --keys names the same provider here and there.\n\n"
    "EXAMPLE\n"
    "  bulkhead model seal line-3.onnx line-3.sealed --tenant-id 0123456789ABCDEF \\\n"
    "    --model line-3 --version 1 --keys file:keyring\n"
    "  bulkhead model push line-3 line-3.sealed --tenant plant\n\n"
    "EXIT STATUS\n"
    "  0  the file was written\n"
    "  1  it was not; the line says why\n"
    "  2  the command line is wrong";

struct SealModelArguments {
  std::string model_file;
  std::string sealed_file;
  seal::SealedName name;
  std::string keys;
  std::string passphrase_file;
  bool json = false;
};

base::Result<seal::SealedHeader> SealFile(const SealModelArguments& given,
                                          const OpenKeys& open_keys) {
  BH_ASSIGN(const std::vector<std::byte> plain, base::ReadFile(given.model_file, kModelBytesMax));
  BH_ASSIGN(const OpenedKeys keys, open_keys(given.keys, given.passphrase_file));
  seal::SealedHeader header;
  header.name = given.name;
  header.plain_sha256 = base::Sha256Of(plain);
  header.plain_bytes = plain.size();
  header.key.provider = keys.provider_name;
  BH_ASSIGN(header.key.key, keys::TenantKeyName(given.name.tenant));
  BH_ASSIGN(base::SecretBytes data_key, base::SecretBytes::Allocate(keys::kDataKeyBytes));
  BH_TRY(base::FillRandom(data_key.bytes()));
  const auto key = data_key.bytes().first<keys::kDataKeyBytes>();
  const keys::Purpose purpose{given.name.tenant, given.name.model, given.name.version};
  BH_ASSIGN(header.wrapped_key, keys::WrapForTenant(*keys.provider, purpose, key));
  std::vector<std::byte> sealed;
  const seal::Sink append = [&sealed](std::span<const std::byte> bytes) -> base::Status {
    sealed.insert(sealed.end(), bytes.begin(), bytes.end());
    return base::Ok();
  };
  BH_ASSIGN(seal::Sealer sealer, seal::Sealer::Begin(header, key, append));
  BH_TRY(sealer.Write(plain));
  BH_TRY(sealer.Finish());
  BH_TRY(base::WriteFile(given.sealed_file, sealed, base::Durable::kNow));
  return header;
}

int Run(const SealModelArguments& given, const OpenKeys& open_keys, const Console& console) {
  const auto sealed = SealFile(given, open_keys);
  if (!sealed.ok()) {
    PrintError(console, "model seal", given.model_file, sealed.error());
    return kFailure;
  }
  const seal::SealedHeader& header = sealed.value();
  if (given.json) {
    const nlohmann::json document{{"file", given.sealed_file},
                                  {"tenant_id", header.name.tenant},
                                  {"model", header.name.model},
                                  {"version", header.name.version},
                                  {"sha256", base::Hex(header.plain_sha256)},
                                  {"bytes", header.plain_bytes},
                                  {"key", header.key.provider + ":" + header.key.key}};
    *console.out << document.dump(2) << '\n';
  } else {
    *console.out << EscapeForTerminal(fmt::format("{}: {} version {} for tenant {}, under {}:{}",
                                                  given.sealed_file, header.name.model,
                                                  header.name.version, header.name.tenant,
                                                  header.key.provider, header.key.key))
                 << '\n';
  }
  return kSuccess;
}

}  // namespace

void AddModelSealCommand(CLI::App& program, const OpenKeys& open_keys, const Console& console,
                         int& exit_status) {
  CLI::App& command = *program.get_subcommand("model")->add_subcommand("seal", kAbout);
  const auto given = std::make_shared<SealModelArguments>();
  const auto required = [&](const char* name, std::string& value, const char* about,
                            const char* type) {
    command.add_option(name, value, about)->required()->type_name(type);
  };
  required("file", given->model_file, "an ONNX file as exported", "FILE.onnx");
  required("sealed", given->sealed_file, "what is written", "FILE.sealed");
  required("--tenant-id", given->name.tenant, "the id, as `bulkhead tenant show --json` has it",
           "ID");
  required("--model", given->name.model, "the model's name there", "MODEL");
  command.add_option("--version", given->name.version, "the version that it will be")
      ->required()
      ->check(CLI::Range(uint32_t{1}, UINT32_MAX).description(""))
      ->type_name("N");
  required("--keys", given->keys, "where the tenant's key is, as for bulkhead-node", "URL");
  command
      .add_option("--key-passphrase-file", given->passphrase_file,
                  "the keyring is encrypted under what stands in this file")
      ->type_name("FILE");
  command.add_flag("--json", given->json, "print JSON");
  command.footer(kManual);
  command.callback([given, &open_keys, &console, &exit_status] {
    exit_status = Run(*given, open_keys, console);
  });
}

}  // namespace bulkhead::cli
