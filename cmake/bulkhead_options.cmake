# Warnings and hardening that every target of ours is built with.
add_library(bulkhead_options INTERFACE)
add_library(bulkhead::options ALIAS bulkhead_options)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
include(CheckPIESupported)
check_pie_supported()

target_compile_features(bulkhead_options INTERFACE cxx_std_20)
target_include_directories(bulkhead_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(bulkhead_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wno-missing-field-initializers -Werror
  -fstack-protector-strong -fno-strict-aliasing
  $<$<CXX_COMPILER_ID:GNU>:-fstack-clash-protection>)
# GCC 12 sees overlapping copies in std::string concatenation that are not there (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(bulkhead_options INTERFACE -Wno-restrict)
endif()
# Clang warns of std::get_temporary_buffer where GCC 12's own std::stable_partition uses it.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(bulkhead_options INTERFACE -Wno-deprecated-declarations)
endif()
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(bulkhead_options INTERFACE -fcf-protection=full)
endif()
target_compile_definitions(bulkhead_options INTERFACE _GLIBCXX_ASSERTIONS)
# A program loads a folder's outside library where it uses that part of the folder, not otherwise:
# bulkhead-worker knows base, and none of its digests' library.
target_link_options(bulkhead_options INTERFACE -Wl,--as-needed -Wl,-z,relro,-z,now,-z,noexecstack)

# FORTIFY_SOURCE needs optimisation and quarrels with the sanitizers' own interceptors.
if(NOT BULKHEAD_SANITIZE AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(bulkhead_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
if(BULKHEAD_SANITIZE)
  add_compile_options(-fsanitize=${BULKHEAD_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BULKHEAD_SANITIZE})
endif()
# GCC's ThreadSanitizer knows no fences. Asio's queues are ordered by their locks without them.
if(BULKHEAD_SANITIZE STREQUAL "thread")
  target_compile_definitions(bulkhead_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
# Coverage feedback for the fuzzer from every file of ours, not only from the target's own.
if(BULKHEAD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Asio, for whoever includes it: one set of definitions, since programs hold several such libraries.
# It keeps this many blocks of ended coroutines for the next ones: a request has some 20, and its 2
# would send nearly all of them to aligned_alloc, the slow way into glibc.
find_package(Boost 1.81 REQUIRED)
find_package(Threads REQUIRED)
add_library(bulkhead_asio INTERFACE)
add_library(bulkhead::asio ALIAS bulkhead_asio)
target_link_libraries(bulkhead_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(bulkhead_asio INTERFACE BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=64)
# GCC 12 sees a coroutine's frame freed by Asio's delete, and not that it came from its new.
target_compile_options(bulkhead_asio INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>)
