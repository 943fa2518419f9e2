#include "link/render/compose_env_files.h"

#include "front/support/compose_text.h"
#include "link/render/compose_environment.h"
#include "link/render/compose_interpolate.h"

#include <algorithm>

namespace aethel::compose {
namespace {

dotenv::File parse_raw(std::string_view bytes) {
  dotenv::File file;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t newline = std::min(bytes.find('\n', at), bytes.size());
    std::size_t begin = at;
    std::size_t end = newline;
    at = newline + 1;
    while (begin < end && (bytes[begin] == ' ' || bytes[begin] == '\t')) ++begin;
    if (end > begin && bytes[end - 1] == '\r') --end;
    if (begin == end || bytes[begin] == '#') continue;
    const auto range = [](std::size_t from, std::size_t to) -> Range {
      return {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)};
    };
    const std::string_view line = bytes.substr(begin, end - begin);
    const std::size_t equals = line.find('=');
    dotenv::Entry entry{.key = std::string(line.substr(0, equals)), .range = range(begin, end)};
    if (entry.key.empty() || entry.key.find_first_of(" \t") != std::string::npos)
      file.problems.push_back({.kind = entry.key.empty() ? dotenv::Problem::Kind::no_name
                                                         : dotenv::Problem::Kind::space_in_name,
                               .range = entry.range,
                               .fatal_for_compose = dotenv::Problem::Fatal::yes});
    entry.key_range = range(begin, begin + entry.key.size());
    if (equals == std::string_view::npos) {
      entry.source = dotenv::Value::inherited;
    } else {
      entry.value_range = range(begin + equals + 1, end);
      if (equals + 1 < line.size())
        entry.value.push_back(
            {.range = entry.value_range, .text = std::string(line.substr(equals + 1))});
    }
    file.entries.push_back(std::move(entry));
  }
  return file;
}

std::string text_of(std::string_view bytes, Range range) {
  return std::string(bytes.substr(range.begin, range.end - range.begin));
}

} // namespace

const EnvFile* EnvFiles::read(const std::string& path, EnvFormat format) {
  const auto [found, added] = files_.try_emplace({path, format});
  if (!added) return found->second.get();
  const FileId id = context_.sources.find(path);
  if (!id) return nullptr;
  const auto source = context_.sources.load(id);
  if (!source) {
    context_.problem(ComposeProblem::Kind::unreadable, {id, {}}, source.error().message);
    return nullptr;
  }
  context_.project.files.push_back(id);
  const std::string_view bytes = (*source)->bytes();
  auto parsed = std::make_unique<EnvFile>();
  parsed->file = id;
  parsed->content =
      format == EnvFormat::raw ? parse_raw(bytes) : dotenv::parse(bytes, dotenv::Dialect::compose);
  for (const dotenv::Problem& problem : parsed->content.problems)
    if (problem.fatal_for_compose == dotenv::Problem::Fatal::yes)
      context_.reject({id, problem.range}, std::string(dotenv::describe(problem.kind)));
    else if (problem.kind == dotenv::Problem::Kind::name_at_end)
      // compose-go makes a value of it, for the variable without a name.
      parsed->content.entries.push_back(
          {.key = {},
           .key_range = {problem.range.begin, problem.range.begin},
           .value = {{.range = problem.range, .text = text_of(bytes, problem.range)}},
           .value_range = problem.range,
           .range = problem.range});
  found->second = std::move(parsed);
  return found->second.get();
}

EnvValue evaluate(Context& context, const Variables& variables, const EnvFile& file,
                  const dotenv::Entry& entry) {
  const auto place = [&](Range range) -> Span { return {file.file, range}; };
  EnvValue result{.entry = {.name = entry.key,
                            .value = {},
                            .name_span = place(entry.key_range),
                            .value_span = place(entry.value_range)}};
  if (entry.source == dotenv::Value::inherited) {
    result.entry.inherited = true;
    const auto found = variables.find(entry.key);
    result.given = found != variables.end();
    if (result.given)
      result.entry.value =
          inherited_value({.written = place(entry.range), .last = {}}, entry.key, found->second)
              .text;
    return result;
  }
  result.entry.value = fill(context, variables, template_text(entry.value, place));
  for (const Hole* hole : result.entry.value.holes())
    context.project.variables.push_back({.hole = std::make_shared<const Hole>(*hole),
                                         .where = entry.key,
                                         .origin = {.written = place(entry.range), .last = {}}});
  return result;
}

} // namespace aethel::compose
