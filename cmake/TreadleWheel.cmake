# What a wheel holds beside the package's Python files: the module, its stubs and libraries. Headers
# and the CMake configuration are installed by TreadleLibrary.cmake, as in every installation.
set_target_properties(_treadle PROPERTIES INSTALL_RPATH "$ORIGIN/${CMAKE_INSTALL_LIBDIR}")
install(TARGETS _treadle DESTINATION .)
install(DIRECTORY "${package}/" DESTINATION . FILES_MATCHING PATTERN "*.pyi")

# Libraries of the build's environment, each under the name by which it is looked for.
set(brought)
if(TREADLE_POOL STREQUAL "tbb")
  list(APPEND brought "${tbb_file}")
endif()
if(dnnl_FOUND)
  list(APPEND brought "${dnnl_file}" "${TREADLE_LIBIMF}" "${TREADLE_LIBINTLC}")
endif()
list(FILTER brought INCLUDE REGEX "^${TREADLE_VENV}/")
foreach(file ${brought})
  execute_process(COMMAND "${CMAKE_OBJDUMP}" -p "${file}" OUTPUT_VARIABLE headers
                  COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "SONAME +([^\n]+)" found "${headers}")
  set(name "${CMAKE_MATCH_1}")
  file(REAL_PATH "${file}" real)
  install(FILES "${real}" DESTINATION "${CMAKE_INSTALL_LIBDIR}" RENAME "${name}")
endforeach()
