# libtreadle.so from the objects of all folders, its headers, and find_package(treadle).
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/version.cc"
     CONTENT "namespace treadle { extern const char version[]; const char version[] = \"@PROJECT_VERSION@\"; }\n" @ONLY)
add_library(treadle SHARED "${PROJECT_BINARY_DIR}/generated/version.cc")
add_library(treadle::treadle ALIAS treadle)
set_target_properties(treadle PROPERTIES CXX_EXTENSIONS OFF
  LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
if(NOT SKBUILD)  # a wheel has no links: each further name would be one more copy
  set_target_properties(treadle PROPERTIES
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
endif()
target_compile_features(treadle PUBLIC cxx_std_20)
target_include_directories(treadle PUBLIC
  "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
  "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_link_libraries(treadle PRIVATE treadle_settings treadle_ops_header)
set(folders core device engine tensor graph operators executor serialization training io bindings)
foreach(folder ${folders})
  target_link_libraries(treadle PRIVATE treadle_${folder})
endforeach()
target_link_options(treadle PRIVATE $<$<CONFIG:Release>:-Wl,-Bsymbolic-functions>)
if(NOT TREADLE_SANITIZE)  # nothing may be missing from the library itself
  target_link_options(treadle PRIVATE -Wl,--no-undefined)
endif()

# Installed, it finds its libraries where the build found them, with no environment variables. A
# wheel brings those that lie in the environment of its build.
set(run_folders ${TREADLE_RUNTIME_FOLDERS})
if(SKBUILD)
  list(FILTER run_folders EXCLUDE REGEX "^${TREADLE_VENV}/")
endif()
set_target_properties(treadle PROPERTIES INSTALL_RPATH "$ORIGIN;${run_folders}")
install(TARGETS treadle EXPORT treadle-targets)
foreach(folder ${folders})
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}"
          DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/treadle" FILES_MATCHING PATTERN "*.h")
endforeach()
file(GLOB top_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/*.h")
install(FILES "${TREADLE_OPS_HEADER}" ${top_headers}
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/treadle" OPTIONAL)

include(CMakePackageConfigHelpers)
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/treadle")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/treadle-config.cmake.in"
  "${PROJECT_BINARY_DIR}/treadle-config.cmake" INSTALL_DESTINATION "${package_folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/treadle-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/treadle-config.cmake"
              "${PROJECT_BINARY_DIR}/treadle-config-version.cmake" DESTINATION "${package_folder}")
install(EXPORT treadle-targets NAMESPACE treadle:: DESTINATION "${package_folder}")
