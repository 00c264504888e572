# Finds the libraries. Those from PyPI lie in the virtual environment; no directory of the system
# is written here, find_library and find_package know them.
if(SKBUILD)  # the environment that pip has made for the build of a wheel
  execute_process(COMMAND "${Python_EXECUTABLE}" -c
    "import nanobind, pathlib; print(pathlib.Path(nanobind.__file__).parents[4])"
    OUTPUT_VARIABLE TREADLE_VENV OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()
if(IS_DIRECTORY "${TREADLE_VENV}")
  list(PREPEND CMAKE_PREFIX_PATH "${TREADLE_VENV}")
endif()

set(TREADLE_RUNTIME_FOLDERS)  # where the libraries lie: the installed libtreadle.so looks there
find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)
find_package(RapidJSON REQUIRED)
find_package(ZLIB REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
if(TREADLE_POOL STREQUAL "tbb")
  find_package(TBB 2021 REQUIRED COMPONENTS tbb)
  get_target_property(tbb_file TBB::tbb LOCATION)
  get_filename_component(tbb_folder "${tbb_file}" DIRECTORY)
  list(APPEND TREADLE_RUNTIME_FOLDERS "${tbb_folder}")
endif()

# Everything below is optional at build time: without it the reference kernels run.
add_library(treadle_onednn INTERFACE)
if(TREADLE_WITH_ONEDNN)
  find_package(dnnl 3.2 CONFIG QUIET)
  if(dnnl_FOUND)
    # libdnnl needs these two and does not say where they are; linked by us, our RUNPATH finds them.
    get_target_property(dnnl_file DNNL::dnnl LOCATION)
    get_filename_component(dnnl_folder "${dnnl_file}" DIRECTORY)
    find_library(TREADLE_LIBIMF NAMES imf HINTS "${dnnl_folder}" REQUIRED)
    find_library(TREADLE_LIBINTLC NAMES libintlc.so.5 intlc HINTS "${dnnl_folder}" REQUIRED)
    list(APPEND TREADLE_RUNTIME_FOLDERS "${dnnl_folder}")
    target_compile_definitions(treadle_onednn INTERFACE TREADLE_WITH_ONEDNN=1)
    target_link_libraries(treadle_onednn INTERFACE DNNL::dnnl
      "-Wl,--push-state,--no-as-needed" "${TREADLE_LIBIMF}" "${TREADLE_LIBINTLC}"
      "-Wl,--pop-state")
  endif()
  message(STATUS "oneDNN: ${dnnl_FOUND} ${dnnl_VERSION}")
endif()

add_library(treadle_openblas INTERFACE)
if(TREADLE_WITH_OPENBLAS)
  # The serial build has a folder of its own; linked by its path, so that the system's default
  # BLAS, which may be a threaded one, is neither used nor changed.
  find_library(TREADLE_OPENBLAS_LIBRARY openblas PATH_SUFFIXES openblas-serial)
  find_path(TREADLE_OPENBLAS_INCLUDE cblas.h PATH_SUFFIXES openblas-serial)
  if(TREADLE_OPENBLAS_LIBRARY MATCHES "openblas-serial" AND TREADLE_OPENBLAS_INCLUDE)
    get_filename_component(openblas_folder "${TREADLE_OPENBLAS_LIBRARY}" DIRECTORY)
    list(APPEND TREADLE_RUNTIME_FOLDERS "${openblas_folder}")
    target_compile_definitions(treadle_openblas INTERFACE TREADLE_WITH_OPENBLAS=1)
    target_include_directories(treadle_openblas SYSTEM INTERFACE "${TREADLE_OPENBLAS_INCLUDE}")
    target_link_libraries(treadle_openblas INTERFACE "${TREADLE_OPENBLAS_LIBRARY}")
    message(STATUS "OpenBLAS: ${TREADLE_OPENBLAS_LIBRARY}")
  else()
    message(STATUS "OpenBLAS: no serial build found")
  endif()
endif()

# Files by s3:// and http(s)://; before 7.88 libcurl signs requests wrongly.
add_library(treadle_curl INTERFACE)
if(TREADLE_WITH_CURL)
  find_package(CURL 7.88 QUIET)
  find_package(OpenSSL QUIET)
  if(CURL_FOUND AND OPENSSL_FOUND)
    target_compile_definitions(treadle_curl INTERFACE TREADLE_WITH_CURL=1)
    target_link_libraries(treadle_curl INTERFACE CURL::libcurl OpenSSL::Crypto)
  endif()
  message(STATUS "libcurl: ${CURL_FOUND} ${CURL_VERSION_STRING}")
endif()

list(REMOVE_DUPLICATES TREADLE_RUNTIME_FOLDERS)

if(TREADLE_DEVELOPER OR TREADLE_PYTHON)
  # The environment's interpreter, so that the module, its tests and numpy belong together.
  if(EXISTS "${TREADLE_VENV}/bin/python" AND NOT DEFINED Python_EXECUTABLE)
    set(Python_EXECUTABLE "${TREADLE_VENV}/bin/python")
  endif()
  set(python_parts Interpreter)
  if(TREADLE_PYTHON)
    list(APPEND python_parts Development.Module)
  endif()
  find_package(Python 3.10 REQUIRED COMPONENTS ${python_parts})
endif()
