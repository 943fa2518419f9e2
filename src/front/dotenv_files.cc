// Env files: `.env`, `.env.example`, `production.env` and their relatives, in compose's
// dialect. What only another dialect can read is no finding: nobody may feed it to compose.
#include "front/reader.h"
#include "front/support/compose_text.h"
#include "front/support/suppressions.h"
#include "syntax/dotenv.h"

#include <iterator>
#include <string_view>

namespace aethel::readers {
namespace {

bool claims(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name == ".env" || name.starts_with(".env.") || name.starts_with(".env-") ||
      name.starts_with(".env_"))
    return !name.ends_with(".ts") && !name.ends_with(".js") && !name.ends_with(".mjs");
  for (const std::string_view end :
       {".env", ".env.example", ".env.sample", ".env.template", ".env.dist"})
    if (name.ends_with(end)) return true;
  return name == "env.example" || name == "env.sample" || name == "env.template" ||
         name == "env.dist";
}

void read(const Source& source, FileId file, FileFacts& facts) {
  const dotenv::File parsed = dotenv::parse(source.bytes(), dotenv::Dialect::compose);
  const auto place = [&](Range range) { return Span{file, range}; };
  for (const dotenv::Entry& entry : parsed.entries)
    facts.environment.push_back({.name = entry.key,
                                 .value = template_text(entry.value, place),
                                 .inherited = entry.source == dotenv::Value::inherited,
                                 .name_span = place(entry.key_range),
                                 .value_span = place(entry.value_range)});
  for (Suppression& suppression : read_suppressions(source, file, parsed.comments))
    facts.suppressions.push_back(std::move(suppression));
}

} // namespace

extern constinit const Reader dotenv_files;
constinit const Reader dotenv_files{
    .name = "dotenv", .claims = claims, .accepts = nullptr, .read = read};

} // namespace aethel::readers
