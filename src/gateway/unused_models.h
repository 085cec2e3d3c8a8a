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

// The files of versions that were removed. On the I/O thread, by whoever has the turn of model
// files. One that cannot be removed now stays, and SettleModelFiles tells of it.
async::Task<void> RemoveModels(store::ModelFiles& files, async::BlockingThread& blocking,
                               std::vector<tenant::ModelVersion> removed);

// Before anybody pushes: removes what pushes left whose records never came, and names other files
// that no record names. This may be another store than theirs, which is why those stay.
//
// kConflict: there are models that are not sealed, as earlier releases kept them; the detail says
// which and what to do. Errors of store::ModelFiles.
async::Task<base::Result<std::vector<std::string>>> SettleModelFiles(
    const Accounts& accounts, store::ModelFiles& files, async::BlockingThread& blocking);

}  // namespace bulkhead::gateway
