// SPDX-License-Identifier: Apache-2.0
// What the network reaches: tenants' requests in, metered results out.
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/stat.h>

#include "advice/automatic.h"
#include "app/daemon.h"
#include "app/layer_option.h"
#include "base/errno_error.h"
#include "base/home_folder.h"
#include "base/unique_fd.h"
#include "gateway/run_gateway.h"
#include "http/address.h"
#include "store/postgres_store.h"
#include "store/sqlite_store.h"
#include "store/store_url.h"
#include "telemetry/http_place.h"
#include "telemetry/otlp_options.h"

namespace bulkhead::app {
namespace {

constexpr Log kLog{"bulkhead-gateway"};

constexpr const char* kAbout =
    "Serves tenants over HTTP and gRPC: checks their keys and limits, passes each frame to the\n"
    "tenant's own worker, meters it, and releases the result. Holds no GPU, no unwrapped key, and\n"
    "needs no privilege.";

constexpr const char* kManual =
    "STATE\n"
    "  The state folder holds the database (--store sqlite:), the ledger of metered frames, the\n"
    "  sealed models, the pepper of all API keys, and the audit log with the key that signs it.\n"
    "  Back it up as a whole; the keys of sealed models are the node's, and are kept apart.\n\n"
    "THE AUDIT LOG\n"
    "  Every change over the admin API is recorded before it is done, and refused (503) where it\n"
    "  cannot be. `bulkhead audit` reads, verifies and proves; docs/audit.md.\n\n"
    "THE ADMIN API\n"
    "  A Unix socket that only its own user and root may connect to; `bulkhead tenant`, `key`,\n"
    "  `model`, `deploy` and the like speak to it.\n\n"
    "STOPPING\n"
    "  SIGTERM or SIGINT: readiness drops, no more connections are taken, and what runs is "
    "answered\n"
    "  within --drain-time. A second one ends it at once. SIGHUP reads the certificate again.\n\n"
    "ENVIRONMENT\n"
    "  BULKHEAD_HOME  the folder of both programs' state; the gateway's is gateway/ in it\n"
    "  OTEL_EXPORTER_OTLP_ENDPOINT  http://HOST:PORT of a collector; with it requests are traced\n"
    "  OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER_ARG (share of new traces, 0 to 1) and others that\n"
    "  OpenTelemetry specifies: docs/metrics.md\n\n"
    "EXIT STATUS\n"
    "  0  it was told to stop\n"
    "  1  it could not start, or not go on; the last line says why and what to do\n"
    "  2  the command line is wrong";

// What the command line says, before anything is opened.
struct Arguments {
  std::string state_folder;
  std::string node_socket;
  std::string admin_socket;
  std::string store;
  std::string http = ":8000";
  std::string grpc = ":8001";
  std::string metrics = "127.0.0.1:8002";
  std::string certificate;
  std::string key;
  std::vector<std::string> dcgm;
  bool auto_resize = false;
  advice::AutomaticLimits resize;
  int64_t request_seconds = 60;
  int64_t drain_seconds = 30;
  int64_t checkpoint_seconds = 60;
  gateway::GatewayOptions options;
};

void DeclarePlaces(CLI::App& program, Arguments& arguments) {
  program
      .add_option("--state-dir", arguments.state_folder,
                  "folder that this gateway holds; made if missing, and one gateway at a time "
                  "[gateway in BULKHEAD_HOME]")
      ->type_name("DIR");
  program
      .add_option("--node", arguments.node_socket, "the node's socket [node.sock in BULKHEAD_HOME]")
      ->type_name("PATH");
  program
      .add_option("--admin", arguments.admin_socket,
                  "the admin API's socket [admin.sock in "
                  "the state folder]")
      ->type_name("PATH");
  program
      .add_option("--store", arguments.store,
                  "where tenants, keys and totals are kept: sqlite:PATH, or postgres://... as "
                  "libpq reads it [sqlite:bulkhead.db in the state folder]")
      ->type_name("URL");
}

void DeclareNetwork(CLI::App& program, Arguments& arguments) {
  constexpr const char* kGroup = "Network";
  const auto address = [&](const char* name, std::string& target, const char* about) {
    program.add_option(name, target, about)
        ->type_name("[ADDRESS]:PORT")
        ->capture_default_str()
        ->group(kGroup);
  };
  address("--http", arguments.http, "HTTP/1.1; no address: all of them; port 0: any free one");
  address("--grpc", arguments.grpc, "gRPC; \"off\": none");
  address("--metrics", arguments.metrics,
          "/metrics for Prometheus; without keys, so mind who "
          "reaches it");
  program
      .add_option("--tls-cert", arguments.certificate,
                  "PEM chain; with it HTTP and gRPC are TLS "
                  "only (1.2 and 1.3)")
      ->type_name("FILE")
      ->group(kGroup);
  program.add_option("--tls-key", arguments.key, "its PEM key")->type_name("FILE")->group(kGroup);
}

void DeclareLimits(CLI::App& program, Arguments& arguments) {
  constexpr const char* kGroup = "Limits";
  http::Limits& limits = arguments.options.limits;
  program
      .add_option("--body-bytes-max", limits.body_bytes_max, "of one request's body; larger: 413")
      ->type_name("BYTES")
      ->capture_default_str()
      ->group(kGroup);
  program.add_option("--connections-max", limits.connections_max, "open at once")
      ->type_name("N")
      ->capture_default_str()
      ->group(kGroup);
  program
      .add_option("--connections-per-peer-max", limits.connections_per_peer_max,
                  "open at once from one address")
      ->type_name("N")
      ->capture_default_str()
      ->group(kGroup);
  program
      .add_option("--request-time", arguments.request_seconds,
                  "longest time of a request, and that of one which names none")
      ->check(CLI::Range(int64_t{1}, int64_t{3600}).description(""))
      ->type_name("SECONDS")
      ->capture_default_str()
      ->group(kGroup);
  program
      .add_option("--drain-time", arguments.drain_seconds, "what running requests get at the end")
      ->check(CLI::Range(int64_t{0}, int64_t{3600}).description(""))
      ->type_name("SECONDS")
      ->capture_default_str()
      ->group(kGroup);
}

void DeclareWorkers(CLI::App& program, Arguments& arguments) {
  constexpr const char* kGroup = "Workers";
  fleet::FleetRules& rules = arguments.options.fleet;
  program
      .add_option("--batch-max", rules.batch_max,
                  "frames of one model that run together, where its batch is variable")
      ->check(CLI::Range(1, 256).description(""))
      ->type_name("N")
      ->capture_default_str()
      ->group(kGroup);
  AddLayerOption(program,
                 "layers of isolation that workers may do without, where the node allows it too",
                 rules.optional_layers)
      ->group(kGroup);
  program
      .add_flag_callback(
          "--allow-weak-isolation",
          [&rules] { rules.optional_layers = isolation::LayerSet::All(); },
          "workers may do without every layer that the node allows to be missing")
      ->group(kGroup);
}

void DeclareUse(CLI::App& program, Arguments& arguments) {
  constexpr const char* kGroup = "Use of GPUs";
  program
      .add_option("--dcgm", arguments.dcgm,
                  "http://HOST:PORT/metrics of a dcgm-exporter, to learn how much of their GPUs "
                  "deployments use; may be repeated")
      ->type_name("URL")
      ->allow_extra_args(false)
      ->group(kGroup);
  program
      .add_flag("--auto-resize", arguments.auto_resize,
                "move deployments to the slice that `bulkhead gpu plan --from-usage` advises, once "
                "it was advised in three hours in a row, each at most once a day")
      ->group(kGroup);
  program
      .add_option("--auto-resize-profiles", arguments.resize.profiles,
                  "the only profiles to move to [any]")
      ->type_name("A,B,...")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group(kGroup);
  program
      .add_option("--auto-resize-moves", arguments.resize.moves_per_day_max,
                  "of all deployments together, in any 24 hours")
      ->check(CLI::Range(0, 1000).description(""))
      ->type_name("N")
      ->capture_default_str()
      ->group(kGroup);
}

void DeclareAudit(CLI::App& program, Arguments& arguments) {
  constexpr const char* kGroup = "Audit log";
  program
      .add_option("--audit-copy", arguments.options.audit_copy,
                  "folder that gets each signed checkpoint too, best one that this program's user "
                  "may only add to: see docs/audit.md")
      ->type_name("DIR")
      ->group(kGroup);
  program
      .add_option("--audit-checkpoint", arguments.checkpoint_seconds,
                  "how often the log is signed, idle or not: what came after the newest "
                  "checkpoint can be cut off unseen")
      ->check(CLI::Range(int64_t{1}, int64_t{3600}).description(""))
      ->type_name("SECONDS")
      ->capture_default_str()
      ->group(kGroup);
}

base::Status CompleteUse(const Arguments& arguments, gateway::GatewayOptions& options) {
  constexpr std::size_t kExportersMax = 64;
  if (arguments.auto_resize) options.auto_resize = arguments.resize;
  if (!arguments.auto_resize && !arguments.resize.profiles.empty()) {
    return base::OperatorError(base::Code::kInvalid,
                               "--auto-resize-profiles does nothing without --auto-resize");
  }
  if (arguments.dcgm.size() > kExportersMax) {
    return base::OperatorError(base::Code::kInvalid, "--dcgm: at most 64 exporters");
  }
  for (const std::string& url : arguments.dcgm) {
    BH_ASSIGN(telemetry::HttpPlace place, telemetry::ParseHttpPlace("--dcgm", url));
    options.dcgm.push_back(std::move(place));
  }
  return base::Ok();
}

base::Result<std::unique_ptr<store::Store>> OpenStore(const Arguments& arguments) {
  const std::string fallback =
      "sqlite:" +
      std::filesystem::absolute(arguments.options.state_folder / "bulkhead.db").string();
  BH_ASSIGN(const store::StoreUrl url,
            store::ParseStoreUrl(arguments.store.empty() ? fallback : arguments.store));
  if (const auto* sqlite = std::get_if<store::SqliteUrl>(&url)) {
    return store::OpenSqliteStore(sqlite->path);
  }
  return store::OpenPostgresStore(std::get<store::PostgresUrl>(url).conninfo);
}

base::Status Complete(Arguments& arguments) {
  gateway::GatewayOptions& options = arguments.options;
  options.version = BULKHEAD_VERSION;
  const auto given = [](const std::string& path, const std::filesystem::path& fallback) {
    return path.empty() ? fallback : std::filesystem::path(path);
  };
  options.state_folder = given(arguments.state_folder, base::HomeFolder() / "gateway");
  options.node_socket = given(arguments.node_socket, base::HomeFolder() / "node.sock");
  options.admin_socket = given(arguments.admin_socket, options.state_folder / "admin.sock");
  BH_ASSIGN(options.http, http::ParseAddress(arguments.http));
  BH_ASSIGN(options.metrics, http::ParseAddress(arguments.metrics));
  options.grpc.reset();
  if (arguments.grpc != "off") {
    BH_ASSIGN(options.grpc, http::ParseAddress(arguments.grpc));
  }
  if (arguments.certificate.empty() != arguments.key.empty()) {
    return base::OperatorError(base::Code::kInvalid, "--tls-cert and --tls-key need each other");
  }
  if (!arguments.key.empty()) options.tls = {arguments.certificate, arguments.key};
  BH_ASSIGN(options.traces, telemetry::ReadOtlpOptions(telemetry::ProcessEnvironment));
  BH_TRY(CompleteUse(arguments, options));
  options.request_time_max = std::chrono::seconds(arguments.request_seconds);
  options.audit_checkpoint = std::chrono::seconds(arguments.checkpoint_seconds);
  options.drain_time = std::chrono::seconds(arguments.drain_seconds);
  return base::Ok();
}

base::Status MakeStateFolder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return base::WithContext(base::ErrnoError(failed.value()), folder.string());
  if (::chmod(folder.c_str(), S_IRWXU) != 0) {
    return base::WithContext(base::ErrnoError(errno), folder.string());
  }
  return base::Ok();
}

base::Status Serve(const Arguments& arguments) {
  BH_TRY(PrepareProcess());
  // A limit on the size of files is an error of the write, as a full disk is.
  std::signal(SIGXFSZ, SIG_IGN);
  BH_ASSIGN(const base::UniqueFd stop, OpenSignals({SIGTERM, SIGINT, SIGHUP}));
  BH_TRY(MakeStateFolder(arguments.options.state_folder));
  BH_ASSIGN(const std::unique_ptr<store::Store> store, OpenStore(arguments));
  const auto listening = [](uint16_t http, uint16_t grpc, uint16_t metrics) {
    kLog("serving: http " + std::to_string(http) + ", grpc " + std::to_string(grpc) + ", metrics " +
         std::to_string(metrics));
  };
  return gateway::RunGateway({*store, kLog, listening}, arguments.options, stop.get());
}

int Run(int argc, char** argv) {
  Arguments arguments;
  CLI::App program(kAbout, "bulkhead-gateway");
  program.set_version_flag("--version", "bulkhead-gateway " BULKHEAD_VERSION);
  program.set_help_flag("-h,--help", "print this help and exit");
  program.footer(kManual);
  DeclarePlaces(program, arguments);
  DeclareNetwork(program, arguments);
  DeclareLimits(program, arguments);
  DeclareWorkers(program, arguments);
  DeclareUse(program, arguments);
  DeclareAudit(program, arguments);
  if (const auto over = ParseArguments(program, argc, argv, kLog)) return *over;
  base::Status status = Complete(arguments);
  if (!status.ok()) {
    kLog(status.error().detail + "; see bulkhead-gateway --help");
    return kUsage;
  }
  status = Serve(arguments);
  if (status.ok()) return kSuccess;
  kLog(status.error().detail);
  return kFailure;
}

}  // namespace
}  // namespace bulkhead::app

int main(int argc, char** argv) {
  return bulkhead::app::RunMain(argc, argv, bulkhead::app::kLog, bulkhead::app::Run);
}
