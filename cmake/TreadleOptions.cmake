# What a build may choose. Presets set these; nothing else does.
option(TREADLE_DEVELOPER "Warnings as errors, tests, examples and benches in the default target" OFF)
option(TREADLE_WITH_ONEDNN "Kernels of oneDNN, where it is found" ON)
option(TREADLE_WITH_CURL "Files by s3:// and http(s)://, where libcurl 7.88 and OpenSSL are found" ON)
option(TREADLE_WITH_OPENBLAS "Kernels of the serial OpenBLAS, where it is found" ON)
option(TREADLE_PYTHON "The Python module" OFF)
option(TREADLE_CUDA "Also compile the shared operators with nvcc" OFF)
option(TREADLE_PCH "Precompile the common standard headers" ON)
set(TREADLE_POOL "tbb" CACHE STRING "What runs the tasks: tbb (oneTBB) or threads (std::thread)")
set_property(CACHE TREADLE_POOL PROPERTY STRINGS tbb threads)
set(TREADLE_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize= (address,undefined or thread)")
set(TREADLE_VENV "${PROJECT_SOURCE_DIR}/.venv" CACHE PATH
    "Virtual environment that holds the libraries and tools from PyPI")

if(NOT TREADLE_POOL MATCHES "^(tbb|threads)$")
  message(FATAL_ERROR "TREADLE_POOL is '${TREADLE_POOL}'; it must be tbb or threads.")
endif()

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

# One copy of every shared library in a process, also in debug builds.
set(CMAKE_MAP_IMPORTED_CONFIG_RELWITHDEBINFO Release None "")
set(CMAKE_MAP_IMPORTED_CONFIG_DEBUG Release None "")
include(GNUInstallDirs)

# ccache needs to be told that precompiled headers are fine; its cache stays in the clone unless
# the usual variable says otherwise.
find_program(TREADLE_CCACHE ccache)
if(TREADLE_CCACHE AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(cache_folder "${PROJECT_SOURCE_DIR}/.cache/ccache")
  if(DEFINED ENV{CCACHE_DIR})
    set(cache_folder "$ENV{CCACHE_DIR}")
  endif()
  set(launcher "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      "CCACHE_DIR=${cache_folder}")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher} "${TREADLE_CCACHE}")
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()
