# The language level, the warnings and the compiler cache: the same for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(CASEFILE_WERROR "Warnings are errors" ON)
option(CASEFILE_FUZZ "Instrument everything for libFuzzer and build the targets of tests/fuzz with it (clang only)" OFF)
set(CASEFILE_SANITIZE "" CACHE STRING "Sanitizers for every target, for example address,undefined")

# hiredis asks for it; said for all, so that one precompiled header serves every room.
add_compile_definitions(_FILE_OFFSET_BITS=64)
# A designated initialiser names what it sets; what it leaves out keeps its default.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-missing-field-initializers)
# gcc 12 sees overflows in the standard library's own strings when it optimises.
add_compile_options($<$<CONFIG:Release>:-Wno-stringop-overflow> $<$<CONFIG:Release>:-Wno-array-bounds>
                    $<$<CONFIG:Release>:-Wno-restrict> $<$<CONFIG:Release>:-Wno-stringop-overread>)
# What is mapped counts as memory of the process, and -O3 is no faster here: a release is built small.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
add_compile_options($<$<CONFIG:Release>:-ffunction-sections> $<$<CONFIG:Release>:-fdata-sections>)
# In every build: formats that libarchive could write otherwise ask for libraries that nobody calls.
add_link_options(-Wl,--gc-sections)
if(CASEFILE_WERROR)
  add_compile_options(-Werror)
endif()
if(CASEFILE_SANITIZE)
  add_compile_options(-fsanitize=${CASEFILE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CASEFILE_SANITIZE})
  # gcc 12 sees uninitialised members in the standard library's <regex> when it instruments it.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()

if(CASEFILE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# ccache can reuse objects built with a precompiled header only when it is told that the header's macros are stable.
option(CASEFILE_COMPILER_CACHE "Compile through ccache where it is installed" ON)
find_program(CASEFILE_CCACHE ccache)
if(CASEFILE_COMPILER_CACHE AND CASEFILE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CASEFILE_CCACHE})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
