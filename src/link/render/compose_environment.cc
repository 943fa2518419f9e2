#include "link/render/compose_environment.h"

#include "base/files.h"
#include "front/support/compose_text.h"
#include "link/render/compose_interpolate.h"
#include "link/render/compose_value.h"
#include "syntax/dotenv.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <set>

namespace aethel::compose {
namespace {

// `docker run --env-file`: one assignment a line, nothing quoted or expanded.
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

struct ParsedFile {
  FileId file;
  dotenv::File content;
};

class EnvFiles {
public:
  explicit EnvFiles(Context& context) : context_(context) {}

  // Null when it is absent or cannot be read; who asks reports that it is absent.
  const ParsedFile* read(const std::string& path, bool raw) {
    const auto [found, added] = files_.try_emplace({path, raw});
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
    auto parsed = std::make_unique<ParsedFile>();
    parsed->file = id;
    parsed->content = raw ? parse_raw(bytes) : dotenv::parse(bytes, dotenv::Dialect::compose);
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

private:
  Context& context_;
  std::map<std::pair<std::string, bool>, std::unique_ptr<ParsedFile>> files_;
};

struct ReadEntry {
  EnvironmentEntry entry;
  bool given = true; // false: inherited, and nothing gives it
};

ReadEntry evaluate(Context& context, const Variables& variables, const ParsedFile& file,
                   const dotenv::Entry& entry) {
  const auto place = [&](Range range) -> Span { return {file.file, range}; };
  ReadEntry result{.entry = {.name = entry.key,
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

// A path of the model that is relative to the repository, as Sources knows it.
std::string source_path(const std::string& path) { return path == "." ? "" : path; }

bool is_known(const Text& text) {
  return std::ranges::none_of(text.holes(), [](const Hole* hole) {
    return hole->from == Hole::From::nothing && hole->value.empty() &&
           hole->form == Hole::Form::plain;
  });
}

class ServiceFiles {
public:
  ServiceFiles(Context& context, const Variables& variables)
      : context_(context), variables_(variables), files_(context) {}

  void environment(const std::string& name, Node& container) {
    const Node* list = container.find("env_file");
    if (list == nullptr || list->items.empty()) return;
    // Lookups see the project's variables, then the explicit environment, then the files.
    Variables scope = variables_;
    if (const Node* explicit_values = container.find("environment"))
      for (const Member& member : explicit_values->members)
        if (!member.value.is_null())
          scope.try_emplace(member.key, Variable{.value = member.value.value(),
                                                 .from = Hole::From::environment,
                                                 .given = member.value.origin.written});
    const std::set<std::string, std::less<>> fixed = names(scope);
    for (const Node& item : list->items) {
      const Node* format = item.find("format");
      const bool raw = format != nullptr && format->value() == "raw";
      if (format != nullptr && !raw && !format->value().empty())
        context_.reject(format->origin.written,
                        fmt::format("unsupported env_file format \"{}\"", format->value()));
      const ParsedFile* file = use(name, item, ComposeFileUse::Role::env_file, raw);
      if (file == nullptr) continue;
      for (const dotenv::Entry& entry : file->content.entries) {
        if (!context_.take_nodes(1)) return;
        ReadEntry read = evaluate(context_, scope, *file, entry);
        if (!read.given) continue;
        if (!fixed.contains(entry.key))
          scope[entry.key] = {.value = read.entry.value.value(),
                              .from = Hole::From::file,
                              .given = {file->file, entry.range}};
        context_.project.env_file_variables.push_back(
            {.service = name,
             .entry = std::move(read.entry),
             .origin = Origin{.written = {file->file, entry.range}, .last = item.origin.last}.with(
                 Operation::env_file, item.origin.written)});
      }
    }
  }

  void labels(const std::string& name, Node& container) {
    const Node* list = container.find("label_file");
    if (list == nullptr || list->items.empty()) return;
    Variables found;
    Node labels = Node::mapping(list->origin);
    for (const Node& item : list->items) {
      const ParsedFile* file = use(name, item, ComposeFileUse::Role::env_file, false);
      if (file == nullptr) continue;
      for (const dotenv::Entry& entry : file->content.entries) {
        if (!context_.take_nodes(1)) return;
        ReadEntry read = evaluate(context_, found, *file, entry);
        if (!read.given) continue;
        found[entry.key] = {.value = read.entry.value.value(),
                            .from = Hole::From::file,
                            .given = {file->file, entry.range}};
        Node value{.kind = NodeKind::scalar,
                   .text = read.entry.value,
                   .origin =
                       Origin{.written = {file->file, entry.range}, .last = item.origin.last}.with(
                           Operation::env_file, item.origin.written)};
        labels.set(entry.key, read.entry.name_span, std::move(value));
      }
    }
    if (const Node* own = container.find("labels"))
      for (const Member& member : own->members)
        labels.set(member.key, member.key_span, member.value);
    container.set("labels", list->origin.written, std::move(labels));
  }

private:
  static std::set<std::string, std::less<>> names(const Variables& variables) {
    std::set<std::string, std::less<>> result;
    for (const auto& [name, variable] : variables) result.insert(name);
    return result;
  }

  const ParsedFile* use(const std::string& service, const Node& item, ComposeFileUse::Role role,
                        bool raw) {
    const Node* path = item.is_mapping() ? item.find("path") : &item;
    if (path == nullptr || !path->is_scalar()) return nullptr;
    const Node* required = item.find("required");
    ComposeFileUse use{.role = role,
                       .text = path->text,
                       .path = source_path(path->value()),
                       .origin = path->origin,
                       .service = service};
    use.required = required == nullptr || as_boolean(*required).value_or(true);
    use.known = is_known(path->text);
    const std::string file = use.path;
    const bool must = use.required;
    context_.project.uses.push_back(std::move(use));
    if (must && !context_.sources.find(file))
      context_.reject(path->origin.written, fmt::format("env file {} not found", file),
                      ComposeProblem::Kind::missing_file);
    return files_.read(file, raw);
  }

  Context& context_;
  const Variables& variables_;
  EnvFiles files_;
};

} // namespace

Variables read_variables(Context& context, const Variables& environment,
                         const EnvFileRequest& request) {
  Variables result = environment;
  Variables scope = environment;
  EnvFiles files(context);
  for (const EnvFileRequest::File& wanted : request.files) {
    context.project.uses.push_back({.role = request.role,
                                    .text = wanted.text,
                                    .path = wanted.path,
                                    .origin = wanted.origin,
                                    .service = {},
                                    .required = wanted.required,
                                    .known = is_known(wanted.text)});
    if (wanted.required && !context.sources.find(wanted.path))
      context.reject(wanted.origin.written, fmt::format("couldn't find env file: {}", wanted.path),
                     ComposeProblem::Kind::missing_file);
    const ParsedFile* file = files.read(wanted.path, false);
    if (file == nullptr) continue;
    for (const dotenv::Entry& entry : file->content.entries) {
      if (!context.take_nodes(1)) break;
      ReadEntry read = evaluate(context, scope, *file, entry);
      if (!read.given || environment.contains(entry.key)) continue;
      scope[entry.key] = {.value = read.entry.value.value(),
                          .from = Hole::From::file,
                          .given = {file->file, entry.range}};
      result[entry.key] = scope[entry.key];
    }
  }
  return result;
}

Variables project_variables(Context& context) {
  const ComposeRequest& request = context.request;
  Variables environment;
  for (const auto& [name, value] : request.environment) environment[name] = {.value = value};
  EnvFileRequest files{.files = {}, .role = ComposeFileUse::Role::interpolation};
  for (const std::string& path : request.env_files)
    files.files.push_back({.path = join_path("", path), .text = Text(path), .origin = {}});
  if (request.env_files.empty())
    files.files.push_back({.path = join_path(request.directory, ".env"),
                           .text = {},
                           .origin = {},
                           .required = false});
  return read_variables(context, environment, files);
}

Node inherited_value(const Origin& origin, std::string_view name, const Variable& variable) {
  auto hole = std::make_shared<Hole>();
  hole->name = name;
  hole->span = origin.written;
  hole->from = variable.from;
  hole->value = variable.value;
  hole->given = variable.given;
  Node node{.kind = NodeKind::scalar,
            .origin = origin.with(Operation::interpolation,
                                  variable.given.file ? variable.given : origin.written)};
  node.text = Text({{.literal = {}, .hole = std::move(hole), .span = origin.written}});
  return node;
}

Node inherited_assignment(const Node& item, std::string_view name, const Variable& variable) {
  Node value = inherited_value(item.origin, name, variable);
  value.text = concatenate(concatenate(item.text, Text("=")), value.text);
  return value;
}

void resolve_env_files(Context& context, const Variables& variables, Node& model) {
  ServiceFiles files(context, variables);
  if (Node* services = model.find("services")) {
    for (Member& service : services->members) {
      files.environment(service.key, service.value);
      files.labels(service.key, service.value);
    }
  }
}

} // namespace aethel::compose
