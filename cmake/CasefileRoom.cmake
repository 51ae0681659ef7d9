# casefile_room(NAME links...): the folder NAME becomes the static library casefile::NAME.
# A room collects its own .cpp files, so that a new one needs no change here. app/main.cpp belongs to the program.
function(casefile_room name)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cpp)
  list(FILTER files EXCLUDE REGEX "/app/main\\.cpp$")
  add_library(casefile_${name} STATIC ${files})
  add_library(casefile::${name} ALIAS casefile_${name})
  target_include_directories(casefile_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(casefile_${name} PUBLIC ${ARGN} Threads::Threads)
  casefile_precompile(casefile_${name})
endfunction()

# casefile_program(NAME files and links...)
function(casefile_program name)
  set(files ${ARGN})
  list(FILTER files INCLUDE REGEX "\\.cpp$")
  set(links ${ARGN})
  list(FILTER links EXCLUDE REGEX "\\.cpp$")
  add_executable(${name} ${files})
  target_link_libraries(${name} PRIVATE ${links})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  casefile_precompile(${name})
endfunction()

# One precompiled header of the standard library and Boost.JSON for all: they are two thirds of the compile time.
function(casefile_precompile target)
  if(target STREQUAL casefile_base)
    target_precompile_headers(${target} PRIVATE
      <algorithm> <chrono> <cstdint> <filesystem> <functional> <map> <memory> <optional> <string> <string_view>
      <variant> <vector> <boost/json.hpp> <boost/system/result.hpp>)
  else()
    target_link_libraries(${target} PRIVATE casefile::base)
    target_precompile_headers(${target} REUSE_FROM casefile_base)
  endif()
endfunction()
