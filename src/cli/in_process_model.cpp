// SPDX-License-Identifier: Apache-2.0
#include "cli/in_process_model.h"

#include <memory>
#include <utility>

#include "base/read_file.h"
#include "worker/annotate.h"

namespace bulkhead::cli {

base::Result<OpenedModel> OpenInProcess(const DetectArguments& arguments,
                                        const OpenEngine& open_engine) {
  BH_ASSIGN(const std::vector<std::byte> model, base::ReadFile(arguments.model, kModelBytesMax));
  BH_ASSIGN(std::unique_ptr<engine::Engine> engine, open_engine(model, arguments.engine));
  BH_ASSIGN(worker::Detector opened,
            worker::Detector::Open(std::move(engine), {arguments.overrides, {}}));
  const auto detector = std::make_shared<worker::Detector>(std::move(opened));
  const auto detect = [detector](std::span<const std::byte> encoded,
                                 const yolo::DetectOptions& options,
                                 bool annotate) -> base::Result<Detected> {
    Detected detected;
    BH_ASSIGN(detected.result, detector->Detect(encoded, options));
    detected.times = detector->last_times();
    if (annotate) {
      BH_ASSIGN(detected.annotated, worker::Annotate(encoded, detector->limits(), detected.result,
                                                     detector->spec().class_names));
    }
    return detected;
  };
  return OpenedModel{detector->spec(), detect, {}};
}

}  // namespace bulkhead::cli
