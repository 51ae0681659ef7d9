# Debian packages only; docs/dependencies.md says why each is here. scripts/install-deps installs them.

# What the rooms base, net and mcp need: docs/mcp-library.md.
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(spdlog REQUIRED)

# What these bring as shared libraries costs each start two milliseconds and two mebibytes: names of C++ to look up, and with
# libarchive libxml2 and ICU, which tar and gzip do not need. From their archives only what is called is linked.
set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS headers json url)
function(casefile_static name header)
  find_path(CASEFILE_${name}_INCLUDE ${header} REQUIRED)
  find_library(CASEFILE_${name}_ARCHIVE lib${name}.a REQUIRED)
  add_library(casefile_${name} INTERFACE)
  target_include_directories(casefile_${name} SYSTEM INTERFACE ${CASEFILE_${name}_INCLUDE})
  target_link_libraries(casefile_${name} INTERFACE ${CASEFILE_${name}_ARCHIVE} ${ARGN})
  add_library(casefile::${name} ALIAS casefile_${name})
endfunction()

# Debian's libcjose-dev does not bring libjansson-dev, whose headers we do not use.
find_library(CASEFILE_JANSSON_LIBRARY NAMES libjansson.so.4 jansson REQUIRED)
casefile_static(cjose cjose/cjose.h ${CASEFILE_JANSSON_LIBRARY} OpenSSL::Crypto)

add_library(casefile_boost_json INTERFACE)
target_link_libraries(casefile_boost_json INTERFACE Boost::json)
add_library(casefile::boost_json ALIAS casefile_boost_json)

# What the other rooms need besides.
find_package(PkgConfig REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka)
casefile_static(hiredis hiredis/hiredis.h)
casefile_static(archive archive.h ZLIB::ZLIB OpenSSL::Crypto)

# Debian's libmysqlcppconn-dev pulls in Boost 1.74, which conflicts with 1.81; so scripts/install-deps unpacks its
# headers beside the build, and the runtime package gives the library (docs/dependencies.md).
set(CASEFILE_CONNECTOR_PREFIX "${CMAKE_SOURCE_DIR}/build/connector" CACHE PATH
    "Where scripts/install-deps unpacked the headers of libmysqlcppconn-dev")
find_path(CASEFILE_CPPCONN_INCLUDE cppconn/driver.h PATHS ${CASEFILE_CONNECTOR_PREFIX}/usr/include)
find_library(CASEFILE_CPPCONN_LIBRARY NAMES libmysqlcppconn.so.7 mysqlcppconn)
if(NOT CASEFILE_CPPCONN_INCLUDE OR NOT CASEFILE_CPPCONN_LIBRARY)
  message(FATAL_ERROR "MySQL Connector/C++ 1.1 not found: expected cppconn/driver.h under "
    "${CASEFILE_CONNECTOR_PREFIX} and libmysqlcppconn.so.7. Run scripts/install-deps, which provides both.")
endif()
add_library(casefile_mysqlcppconn INTERFACE)
target_include_directories(casefile_mysqlcppconn SYSTEM INTERFACE ${CASEFILE_CPPCONN_INCLUDE})
target_link_libraries(casefile_mysqlcppconn INTERFACE ${CASEFILE_CPPCONN_LIBRARY})
add_library(casefile::mysqlcppconn ALIAS casefile_mysqlcppconn)
