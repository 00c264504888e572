# How every target of the project is compiled: treadle_settings. Consumers of treadle::treadle get
# only what its headers need (TreadleLibrary.cmake).

# The one include directory: sources see "treadle/core/shape.h", as users do after installation.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include" "${PROJECT_BINARY_DIR}/generated/treadle")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/include/treadle" SYMBOLIC)

add_library(treadle_settings INTERFACE)
target_compile_features(treadle_settings INTERFACE cxx_std_20)
target_include_directories(treadle_settings INTERFACE "${PROJECT_BINARY_DIR}/include")
target_link_libraries(treadle_settings INTERFACE Threads::Threads)
if(TREADLE_POOL STREQUAL "tbb")
  target_compile_definitions(treadle_settings INTERFACE TREADLE_POOL_TBB=1)
  target_link_libraries(treadle_settings INTERFACE TBB::tbb)
endif()
if(TREADLE_DEVELOPER)
  target_compile_options(treadle_settings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Werror>)
  target_compile_definitions(treadle_settings INTERFACE
    $<$<NOT:$<CONFIG:Release>>:_GLIBCXX_ASSERTIONS>)
endif()
# Nobody replaces single functions of the library by others of the same name; with this they may be
# inlined and called directly, as Clang does anyway.
target_compile_options(treadle_settings INTERFACE
  $<$<AND:$<CONFIG:Release>,$<COMPILE_LANG_AND_ID:CXX,GNU>>:-fno-semantic-interposition>)
if(TREADLE_SANITIZE)
  target_compile_options(treadle_settings INTERFACE -fsanitize=${TREADLE_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(treadle_settings INTERFACE -fsanitize=${TREADLE_SANITIZE})
  # With sanitizers GCC warns of uninitialised uses that are not there, and of fences.
  target_compile_options(treadle_settings INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-tsan>)
endif()

# With ccache, Clang must not write the time into a precompiled header, and GCC must name it in its
# preprocessed output.
if(TREADLE_PCH)
  target_compile_options(treadle_settings INTERFACE
    $<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-Xclang -fno-pch-timestamp>
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
endif()

# The standard headers that nearly every source includes, compiled once for all folders.
if(TREADLE_PCH)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/pch/treadle_pch.cc" CONTENT "")
  add_library(treadle_pch OBJECT "${PROJECT_BINARY_DIR}/pch/treadle_pch.cc")
  set_target_properties(treadle_pch PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF)
  target_link_libraries(treadle_pch PRIVATE treadle_settings)
  target_precompile_headers(treadle_pch PRIVATE <algorithm> <array> <atomic> <cmath> <cstdint>
    <functional> <memory> <mutex> <optional> <span> <sstream> <string> <string_view> <tuple>
    <unordered_map> <utility> <variant> <vector>)
endif()
