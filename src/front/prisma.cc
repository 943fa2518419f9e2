// Prisma's schemas, as far as others refer to them: which database the file with the `datasource`
// is for.
// Source: https://www.prisma.io/docs/orm/reference/prisma-schema-reference#datasource
#include "front/reader.h"

namespace aethel::readers {
namespace {

bool claims(std::string_view path) { return path.ends_with(".prisma"); }

void read(const Source& source, FileId file, FileFacts& facts) {
  const std::string_view text = source.bytes();
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
    line.remove_prefix(begin);
    if (line.starts_with("datasource ")) inside = true;
    if (line.starts_with('}')) inside = false;
    if (inside && line.starts_with("provider")) {
      const std::size_t open = line.find('"');
      const std::size_t close = open == std::string_view::npos ? open : line.find('"', open + 1);
      if (close != std::string_view::npos) {
        const std::size_t from = at + begin + open + 1;
        facts.schemas.push_back({.provider = std::string(line.substr(open + 1, close - open - 1)),
                                 .span = {file,
                                          {static_cast<std::uint32_t>(from),
                                           static_cast<std::uint32_t>(at + begin + close)}}});
      }
    }
    at = end + 1;
  }
}

} // namespace

extern constinit const Reader prisma;
constinit const Reader prisma{.name = "prisma", .claims = claims, .accepts = nullptr, .read = read};

} // namespace aethel::readers
