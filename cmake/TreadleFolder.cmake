# treadle_add_folder(NAME [DEPENDS ...] [EXCLUDE regex] [PRECOMPILE header...]): the sources under
# the calling folder as the OBJECT library treadle_NAME, alias treadle::NAME. Objects and not archives: a linker drops
# from an archive the operators that nobody names, registration and all.
function(treadle_add_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "OPS_HEADER" "EXCLUDE" "DEPENDS;PRECOMPILE")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${arg_EXCLUDE}")
  endif()
  set(target treadle_${name})
  if(NOT sources)  # nothing yet: a library of no objects
    add_library(${target} INTERFACE)
    add_library(treadle::${name} ALIAS ${target})
    return()
  endif()
  add_library(${target} OBJECT ${sources})
  add_library(treadle::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF)
  target_link_libraries(${target} PUBLIC treadle_settings ${arg_DEPENDS})
  if(arg_OPS_HEADER)
    target_link_libraries(${target} PUBLIC treadle_ops_header)
  endif()
  if(TREADLE_PCH AND arg_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${arg_PRECOMPILE})
  elseif(TREADLE_PCH)
    target_precompile_headers(${target} REUSE_FROM treadle_pch)
  endif()
endfunction()

# treadle_add_c_program(TARGET [EXCLUDE_FROM_ALL] source...): a program in C99 that sees
# treadle/c_api.h and the library, and nothing else.
function(treadle_add_c_program target)
  add_executable(${target} ${ARGN})
  set_target_properties(${target} PROPERTIES C_STANDARD 99 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
  if(TREADLE_DEVELOPER)
    target_compile_options(${target} PRIVATE -pedantic -Wall -Wextra -Werror)
  endif()
  target_link_libraries(${target} PRIVATE treadle::treadle)
  if(TREADLE_SANITIZE)  # the library wants what the sanitizers have for C++
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
    target_link_options(${target} PRIVATE -fsanitize=${TREADLE_SANITIZE})
  endif()
endfunction()
