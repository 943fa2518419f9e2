# One library a folder of src/. aethel_module(NAME DEPS...) globs the folder: a new
# file needs no edit here. Dependencies are the layers of ARCHITECTURE.md.
add_library(aethel_options INTERFACE)
target_include_directories(aethel_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(aethel_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers
  -Wno-missing-designated-field-initializers -Werror)
if(AETHEL_SANITIZE)
  target_compile_options(aethel_options INTERFACE -fsanitize=${AETHEL_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(aethel_options INTERFACE -fsanitize=${AETHEL_SANITIZE})
endif()
if(AETHEL_FUZZ)
  target_compile_options(aethel_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(AETHEL_COVERAGE)
  target_compile_options(aethel_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(aethel_options INTERFACE -fprofile-instr-generate)
endif()

function(aethel_module name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cc)
  get_property(tables GLOBAL PROPERTY AETHEL_TABLES_${name})
  if(NOT sources AND NOT tables)
    add_library(aethel_${name} INTERFACE)
    target_link_libraries(aethel_${name} INTERFACE aethel_options ${ARGN})
    return()
  endif()
  add_library(aethel_${name} STATIC ${sources} ${tables})
  target_link_libraries(aethel_${name} PUBLIC aethel_options ${ARGN})
endfunction()
