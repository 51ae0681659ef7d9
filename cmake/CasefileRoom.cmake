# casefile_room(NAME links... [PRECOMPILE headers...]): the folder NAME becomes the static library casefile::NAME.
# A room collects its own .cpp files, so that a new one needs no change here. app/main.cpp belongs to the program.
function(casefile_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" PRECOMPILE)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cpp)
  list(FILTER files EXCLUDE REGEX "/app/main\\.cpp$")
  add_library(casefile_${name} STATIC ${files})
  add_library(casefile::${name} ALIAS casefile_${name})
  target_include_directories(casefile_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(casefile_${name} PUBLIC ${room_UNPARSED_ARGUMENTS} Threads::Threads)
  casefile_precompile(casefile_${name} ${room_PRECOMPILE})
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

# casefile_precompile(TARGET [headers...]): one precompiled header of the standard library and Boost.JSON for all, as they
# are two thirds of the compile time; a target that names more has its own.
set(CASEFILE_PRECOMPILED <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstdint> <filesystem>
    <fstream> <functional> <map> <memory> <mutex> <optional> <ranges> <set> <span> <string> <string_view>
    <thread> <variant> <vector> <boost/json.hpp> <boost/system/result.hpp>)
function(casefile_precompile target)
  if(NOT target STREQUAL casefile_base)
    target_link_libraries(${target} PRIVATE casefile::base)
  endif()
  if(ARGN OR target STREQUAL casefile_base)
    target_precompile_headers(${target} PRIVATE ${CASEFILE_PRECOMPILED} ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM casefile_base)
  endif()
endfunction()
