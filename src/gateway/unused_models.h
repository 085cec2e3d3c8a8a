// SPDX-License-Identifier: Apache-2.0
// Model files that no record names: weights must not stay on the disk of whoever deleted them.
#pragma once

#include <string>
#include <vector>

#include "async/blocking_thread.h"
#include "async/task.h"
#include "base/result.h"
#include "gateway/accounts.h"
#include "store/model_files.h"
#include "tenant/records.h"

namespace bulkhead::gateway {

// On the I/O thread, by whoever has the turn of model files. One of `removed` that cannot be
// removed now stays, and FindUnusedModels tells of it.
async::Task<void> RemoveUnusedModels(const Accounts& accounts, store::ModelFiles& files,
                                     async::BlockingThread& blocking,
                                     std::vector<tenant::ModelVersion> removed);

// Files that no record names, as `<tenant id>/<SHA-256>`: what a gateway left that ended between a
// record and its file. Or this is another store than theirs, which is why nothing is removed.
// Before anybody pushes. Errors of store::ModelFiles.
async::Task<base::Result<std::vector<std::string>>> FindUnusedModels(
    const Accounts& accounts, store::ModelFiles& files, async::BlockingThread& blocking);

}  // namespace bulkhead::gateway
