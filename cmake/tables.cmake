# A file in the folder is an entry in the table. aethel_table(MODULE FOLDER HEADER TYPE NAME)
# writes a source with
#   constinit const TYPE* const NAME_entries[] = {&<stem of each file>...};
# so that nobody edits a list, and no static constructor can be dropped by the linker.
function(aethel_table module folder header type name)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.cc)
  list(SORT files)
  set(declarations "")
  set(entries "")
  set(count 0)
  foreach(file IN LISTS files)
    get_filename_component(stem ${file} NAME_WE)
    string(APPEND declarations "extern const ${type} ${stem};\n")
    string(APPEND entries "    &${stem},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  string(REPLACE "/" "_" flat ${folder})
  set(out ${PROJECT_BINARY_DIR}/tables/${flat}_table.cc)
  get_filename_component(ns ${folder} NAME)
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT
"// Written by cmake/tables.cmake from the files of src/${folder}.
#include \"${header}\"

namespace aethel::${name} {
${declarations}
namespace {
constinit const ${type}* const entries[] = {
${entries}};
} // namespace
std::span<const ${type}* const> all() { return entries; }
} // namespace aethel::${name}
")
  set_property(GLOBAL APPEND PROPERTY AETHEL_TABLES_${module} ${out})
endfunction()

# aethel_embed(MODULE FOLDER NAMESPACE): the data files of a folder (*.tsv, *.json, *.html) as string views.
function(aethel_embed module folder)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.tsv ${PROJECT_SOURCE_DIR}/src/${folder}/*.json
    ${PROJECT_SOURCE_DIR}/src/${folder}/*.html)
  list(SORT files)
  string(REPLACE "/" "_" name ${folder})
  set(body "")
  foreach(file IN LISTS files)
    get_filename_component(stem ${file} NAME_WE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(APPEND body "extern const std::string_view ${stem};\nconst std::string_view ${stem} = R\"~~~(${text})~~~\";\n")
  endforeach()
  set(out ${PROJECT_BINARY_DIR}/tables/${name}_data.cc)
  file(GENERATE OUTPUT ${out} CONTENT
"// Written by cmake/tables.cmake from the data files of src/${folder}.
#include <string_view>
namespace aethel::data {
${body}}
")
  set_property(GLOBAL APPEND PROPERTY AETHEL_TABLES_${module} ${out})
endfunction()

# aethel_templates(MODULE): the files of templates/<part>/ as a table of part, path and text. Nothing in
# them may mean anything to CMake, so the source is written as it is and only when it differs.
function(aethel_templates module)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/templates ${PROJECT_SOURCE_DIR}/templates/*/*)
  list(SORT files)
  set(out ${PROJECT_BINARY_DIR}/tables/templates_data.cc)
  set(new ${out}.new)
  file(WRITE ${new} "// Written by cmake/tables.cmake from templates/.
#include \"generate/template.h\"

namespace aethel::generate::templates {
namespace {
using namespace std::string_view_literals; // their lengths cost the compiler nothing
constexpr Template entries[] = {
")
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/templates/${file})
    string(FIND ${file} "/" slash)
    string(SUBSTRING ${file} 0 ${slash} part)
    math(EXPR slash "${slash} + 1")
    string(SUBSTRING ${file} ${slash} -1 path)
    file(READ ${PROJECT_SOURCE_DIR}/templates/${file} text)
    file(APPEND ${new} "    {\"${part}\", \"${path}\", R\"~~t~~(" "${text}" ")~~t~~\"sv},\n")
  endforeach()
  file(APPEND ${new} "    {}};
} // namespace
std::span<const Template> all() { return std::span(entries).first(std::size(entries) - 1); }
} // namespace aethel::generate::templates
")
  execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${new} ${out} COMMAND_ERROR_IS_FATAL ANY)
  set_property(GLOBAL APPEND PROPERTY AETHEL_TABLES_${module} ${out})
endfunction()
