# treadle/ops.h: one callable struct per operator, written by a program that holds the operators.
# Everything above the operators may include it; it is rewritten only when its text changes, so an
# operator whose declaration stays the same rebuilds nothing else.
add_library(treadle_ops_header INTERFACE)
set(TREADLE_OPS_HEADER "${PROJECT_BINARY_DIR}/generated/treadle/ops.h")
set(generator_source "${PROJECT_SOURCE_DIR}/tools/generate_ops_header.cc")
if(NOT EXISTS "${generator_source}")
  return()
endif()

add_executable(treadle_generate_ops_header "${generator_source}"
  "${PROJECT_SOURCE_DIR}/serialization/operator_json.cc")
set_target_properties(treadle_generate_ops_header PROPERTIES CXX_EXTENSIONS OFF)
target_link_libraries(treadle_generate_ops_header PRIVATE
  treadle_settings treadle_core treadle_device treadle_engine treadle_tensor treadle_graph
  treadle_operators)
add_custom_command(
  OUTPUT "${TREADLE_OPS_HEADER}"
  COMMAND treadle_generate_ops_header "${TREADLE_OPS_HEADER}.new"
  COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${TREADLE_OPS_HEADER}.new" "${TREADLE_OPS_HEADER}"
  DEPENDS treadle_generate_ops_header
  COMMENT "Writing treadle/ops.h"
  VERBATIM)
add_custom_target(treadle_write_ops_header DEPENDS "${TREADLE_OPS_HEADER}")
target_include_directories(treadle_ops_header INTERFACE "${PROJECT_BINARY_DIR}/generated")
add_dependencies(treadle_ops_header treadle_write_ops_header)
