# The libraries of deps/README.md. A static program takes static ones. Debian has libyaml.a, but no
# libfmt.a: fmt is then compiled from its headers.
find_package(Threads REQUIRED)

# The running parts are never static: libpq and libcurl load what the machine has. Found before the
# suffixes change.
find_library(SODIUM_LIBRARY sodium REQUIRED)
find_library(ZSTD_LIBRARY zstd REQUIRED)
find_library(PQ_LIBRARY pq REQUIRED)
find_path(PQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
find_library(CURL_LIBRARY curl REQUIRED)
find_path(BOOST_INCLUDE boost/beast.hpp REQUIRED) # headers only
find_library(CRYPTO_LIBRARY crypto REQUIRED)
find_library(SSL_LIBRARY ssl REQUIRED)
find_library(EXPAT_LIBRARY expat REQUIRED)

find_package(fmt REQUIRED)
add_library(aethel_fmt INTERFACE)
if(AETHEL_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  target_link_libraries(aethel_fmt INTERFACE fmt::fmt-header-only)
else()
  target_link_libraries(aethel_fmt INTERFACE fmt::fmt)
endif()

find_library(YAML_LIBRARY yaml REQUIRED)
find_path(YAML_INCLUDE yaml.h REQUIRED)
add_library(aethel_yaml INTERFACE)
target_link_libraries(aethel_yaml INTERFACE ${YAML_LIBRARY})
target_include_directories(aethel_yaml INTERFACE ${YAML_INCLUDE})
