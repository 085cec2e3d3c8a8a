// SPDX-License-Identifier: Apache-2.0
// forget-unsynced FOLDER BOOK [SEED]: what a loss of power may leave. Without a seed a book begins.
#include <cstdlib>
#include <random>

#include "unsynced/forget_unsynced.h"

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) return 2;
  if (argc == 3) {
    unsynced::BeginBook(argv[1], argv[2]);
  } else {
    std::mt19937_64 chance(std::strtoull(argv[3], nullptr, 10));
    unsynced::ForgetUnsynced(argv[1], argv[2], chance);
  }
  return 0;
}
