# One static library per folder, its unit tests beside the source.
#
#   bulkhead_library(image
#     SOURCES decode.cpp DEPS base PRIVATE_DEPS PkgConfig::JPEG TESTS decode_test.cpp)
#
# DEPS are folders of src/ and must agree with the table in tools/tidy.py.
function(bulkhead_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS;TESTS;TEST_DEPS" ${ARGN})
  add_library(bulkhead_${name} STATIC ${ARG_SOURCES})
  add_library(bulkhead::${name} ALIAS bulkhead_${name})
  target_link_libraries(bulkhead_${name} PUBLIC bulkhead::options PRIVATE ${ARG_PRIVATE_DEPS})
  foreach(dep IN LISTS ARG_DEPS)
    target_link_libraries(bulkhead_${name} PUBLIC bulkhead::${dep})
  endforeach()
  if(BULKHEAD_TESTS AND ARG_TESTS)
    bulkhead_test(${name}_test SOURCES ${ARG_TESTS} DEPS bulkhead::${name} ${ARG_TEST_DEPS})
  endif()
endfunction()

set(BULKHEAD_TEST_ENVIRONMENT
  LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0)

# A GoogleTest program; every test of it is a ctest test with the label LABEL (default: unit). With
# WHOLE, what makes ready for its tests takes long: the program is one test, which is skipped where
# it says that there is no WHOLE.
function(bulkhead_test name)
  cmake_parse_arguments(ARG "" "LABEL;WHOLE" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE bulkhead::options ${ARG_DEPS} GTest::gmock_main)
  target_compile_definitions(${name} PRIVATE
    BULKHEAD_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    BULKHEAD_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # A test's own text runs once and is compiled often; what it tests is optimised as ever.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Debug>:-O0>)
  if(ARG_WHOLE)
    add_test(NAME "${name} (needs ${ARG_WHOLE})" COMMAND ${name})
    set_tests_properties("${name} (needs ${ARG_WHOLE})" PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 300
      SKIP_REGULAR_EXPRESSION "no ${ARG_WHOLE}" ENVIRONMENT ${BULKHEAD_TEST_ENVIRONMENT})
    return()
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 300 ENVIRONMENT ${BULKHEAD_TEST_ENVIRONMENT})
endfunction()
