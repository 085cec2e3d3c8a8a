// SPDX-License-Identifier: Apache-2.0
#include "cli/detect_command.h"

#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/model_overrides.h"

namespace bulkhead::cli {
namespace {

constexpr const char* kAbout =
    "Finds objects in pictures with an exported YOLO model.\n\n"
    "Reads everything about the model (family, task, classes, input size) from the ONNX file that\n"
    "the exporter wrote, letterboxes each picture as the exporter does, and prints what is found "
    "in\n"
    "pixels of the original picture. JPEG, PNG and WebP of any size and colour form are read.\n\n"
    "The model and the pictures are processed in a sandboxed worker of their own, never in the\n"
    "process that was called; bulkhead doctor says which layers of isolation this machine gives.";

constexpr const char* kManual =
    "EXAMPLES\n"
    "  bulkhead detect yolo11n.onnx street.jpg\n"
    "  bulkhead detect line.onnx frames/ --annotate marked/ --conf 0.4\n"
    "  bulkhead detect line.onnx *.png --json --classes scratch,dent | jq "
    "'.images[].detections'\n\n"
    "EXIT STATUS\n"
    "  0  every picture was processed\n"
    "  1  the model or at least one picture could not be processed; each says why in one line\n"
    "  2  the command line is wrong\n\n"
    "ENVIRONMENT\n"
    "  BULKHEAD_WORKER   the worker program, instead of the one beside this program\n"
    "  ONNXRUNTIME_ROOT  an unpacked ONNX Runtime release whose lib/ is used instead of the one\n"
    "                    found at build time; a GPU build of it brings --provider cuda and "
    "tensorrt";

void AddThresholds(CLI::App& command, DetectArguments& arguments) {
  const CLI::Validator unit_range = CLI::Range(0.0, 1.0).description("");
  command.add_option("--conf", arguments.options.confidence_min, "keep results scored above this")
      ->check(unit_range)
      ->type_name("0..1")
      ->capture_default_str();
  command
      .add_option(
          "--iou", arguments.options.iou_max,
          "of two overlapping results of a class, drop the weaker when their IoU is above this")
      ->check(unit_range)
      ->type_name("0..1")
      ->capture_default_str();
  command.add_option("--max-det", arguments.options.detections_max, "most results per picture")
      ->check(CLI::Range(1, 30000).description(""))
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--classes", arguments.classes, "report only these, by name or number")
      ->delimiter(',')
      ->type_name("A,B,...");
  command.add_flag("--agnostic", arguments.options.class_agnostic,
                   "let overlapping results of different classes suppress each other");
}

void AddEngine(CLI::App& command, engine::EngineOptions& options) {
  using engine::Provider;
  constexpr const char* kGroup = "Where it runs";
  static const std::map<std::string, Provider> kProviders{
      {"cpu", Provider::kCpu}, {"cuda", Provider::kCuda}, {"tensorrt", Provider::kTensorRt}};
  command
      .add_option("--provider", options.provider,
                  "cpu, cuda or tensorrt; one that is absent is an error, never replaced")
      ->transform(CLI::CheckedTransformer(kProviders).description(""))
      ->default_str("cpu")
      ->type_name("NAME")
      ->group(kGroup);
  command.add_option("--device", options.device_index, "GPU index")
      ->check(CLI::Range(0, 255).description(""))
      ->type_name("N")
      ->capture_default_str()
      ->group(kGroup);
  command
      .add_option("--threads", options.threads, "CPU threads; 0 = every core given to the process")
      ->check(CLI::Range(0, 1024).description(""))
      ->type_name("N")
      ->capture_default_str()
      ->group(kGroup);
  command.add_flag("--fp16", options.fp16, "let TensorRT compute in half precision")->group(kGroup);
  command.add_flag("--int8", options.int8, "let TensorRT compute in 8 bit (quantised models)")
      ->group(kGroup);
  command
      .add_option("--engine-cache", options.engine_cache_dir,
                  "keep built TensorRT engines in this folder; they contain the weights in clear")
      ->type_name("DIR")
      ->group(kGroup);
}

std::string CheckLayer(const std::string& name) {
  if (isolation::ParseLayer(name)) return "";
  return name + " is no layer of isolation; bulkhead doctor lists them";
}

isolation::LayerSet LayersOf(const std::vector<std::string>& names) {
  isolation::LayerSet layers;
  for (const std::string& name : names) layers.Add(*isolation::ParseLayer(name));
  return layers;
}

void AddCompartment(CLI::App& command, DetectArguments& arguments) {
  constexpr const char* kGroup = "Its compartment";
  command
      .add_option("--memory", arguments.memory_mib,
                  "memory of the worker in MiB; 0 = four times the model and 3 GiB")
      ->check(CLI::Range(0, 1 << 24).description(""))
      ->type_name("MIB")
      ->capture_default_str()
      ->group(kGroup);
  command
      .add_option_function<std::vector<std::string>>(
          "--optional-layers",
          [&arguments](const std::vector<std::string>& names) {
            arguments.optional_layers = LayersOf(names);
          },
          "layers of isolation to do without where the machine lacks them; any other that is "
          "missing is an error")
      ->check(CLI::Validator(CheckLayer, ""))
      ->delimiter(',')
      ->type_name("A,B,...")
      ->default_str("own-user,cgroup-memory,cgroup-pids,cgroup-cpus")
      ->group(kGroup);
  command
      .add_flag("--no-sandbox", arguments.no_sandbox,
                "run model and pictures in this process, with your own rights; warned about, and "
                "written to the system's log")
      ->group(kGroup);
}

}  // namespace

void AddDetectCommand(CLI::App& program, const OpenEngine& open_engine,
                      const OpenDriver& open_driver, const Console& console, int& exit_status) {
  CLI::App& command = *program.add_subcommand("detect", kAbout);
  const auto arguments = std::make_shared<DetectArguments>();
  command.add_option("model", arguments->model, "an ONNX file as exported")
      ->required()
      ->type_name("MODEL.onnx");
  command.add_option("images", arguments->images, "pictures, or folders of pictures")
      ->required()
      ->type_name("IMAGE...");
  AddThresholds(command, *arguments);
  command
      .add_option("--annotate", arguments->annotate_dir,
                  "write each picture with its results drawn into this folder")
      ->type_name("DIR");
  command.add_flag("--json", arguments->json, "print one JSON document instead of a table");
  AddCompartment(command, *arguments);
  AddEngine(command, arguments->engine);
  AddModelOverrides(command, arguments->overrides);
  command.footer(kManual);
  command.callback([arguments, &open_engine, &open_driver, &console, &exit_status] {
    exit_status = RunDetect(*arguments, open_engine, open_driver, console);
  });
}

}  // namespace bulkhead::cli
