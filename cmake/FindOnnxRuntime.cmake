# Finds the ONNX Runtime headers, and the library file that programs load at run time.
#
# Order: ONNXRUNTIME_ROOT (environment or cache), an installed library at least as new as the pinned
# release, .deps/onnxruntime as placed there by `make setup`, an older installed one. Nothing is
# linked: the library's symbols are versioned per release, so the adapter loads it with dlopen
# (docs/adr/0001).
#
#   OnnxRuntime::headers        interface target with the include directory
#   BULKHEAD_ONNXRUNTIME_LIBRARY  the file, compiled in as the place to look after ONNXRUNTIME_ROOT
set(_ort_deps ${PROJECT_SOURCE_DIR}/.deps/onnxruntime)
set(_ort_root "$ENV{ONNXRUNTIME_ROOT}")
if(ONNXRUNTIME_ROOT)
  set(_ort_root "${ONNXRUNTIME_ROOT}")
endif()

# Nothing is kept in CMake's cache: the next configuration may be given another release, and a
# chosen one is never mixed with files of another.
if(_ort_root)
  cmake_path(ABSOLUTE_PATH _ort_root BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
  set(_ort_places PATHS ${_ort_root} NO_DEFAULT_PATH)
else()
  set(_ort_places HINTS ${_ort_deps})
endif()
find_path(OnnxRuntime_INCLUDE_DIR onnxruntime_cxx_api.h ${_ort_places} NO_CACHE
  PATH_SUFFIXES include include/onnxruntime onnxruntime include/onnxruntime/core/session)

# What the loader knows; its release stands in the name of the file behind the links.
if(NOT _ort_root)
  file(STRINGS ${PROJECT_SOURCE_DIR}/tools/onnxruntime.txt _ort_pin REGEX "^onnxruntime==")
  string(REGEX REPLACE "^onnxruntime==([0-9.]+).*" "\\1" _ort_pin "${_ort_pin}")
  find_program(_ort_ldconfig ldconfig PATHS /usr/sbin /sbin NO_CACHE)
  execute_process(COMMAND ${_ort_ldconfig} -p OUTPUT_VARIABLE _ort_loader ERROR_QUIET)
  if(_ort_loader MATCHES "libonnxruntime\\.so[^\n]* => ([^\n]+)")
    file(REAL_PATH ${CMAKE_MATCH_1} _ort_installed)
    string(REGEX REPLACE "^.*libonnxruntime\\.so\\." "" _ort_release ${_ort_installed})
    if(_ort_release VERSION_GREATER_EQUAL _ort_pin)
      set(BULKHEAD_ONNXRUNTIME_LIBRARY ${_ort_installed})
    endif()
  endif()
endif()
find_file(BULKHEAD_ONNXRUNTIME_LIBRARY NAMES libonnxruntime.so.1 libonnxruntime.so
  ${_ort_places} PATH_SUFFIXES lib NO_CACHE)
if(NOT BULKHEAD_ONNXRUNTIME_LIBRARY AND _ort_installed)
  set(BULKHEAD_ONNXRUNTIME_LIBRARY ${_ort_installed})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxRuntime
  REQUIRED_VARS OnnxRuntime_INCLUDE_DIR BULKHEAD_ONNXRUNTIME_LIBRARY
  REASON_FAILURE_MESSAGE "run `make setup`, or set ONNXRUNTIME_ROOT to an unpacked release")
if(OnnxRuntime_FOUND AND NOT TARGET OnnxRuntime::headers)
  add_library(OnnxRuntime::headers INTERFACE IMPORTED)
  set_target_properties(OnnxRuntime::headers PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES ${OnnxRuntime_INCLUDE_DIR})
endif()
