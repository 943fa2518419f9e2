#include "link/render/compose_environment.h"

#include "base/files.h"
#include "link/render/compose_env_files.h"
#include "link/render/compose_value.h"

#include <fmt/format.h>
#include <memory>

namespace aethel::compose {

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
    const EnvFile* file = files.read(wanted.path, EnvFormat::dotenv);
    if (file == nullptr) continue;
    for (const dotenv::Entry& entry : file->content.entries) {
      if (!context.take_nodes(1)) break;
      EnvValue read = evaluate(context, scope, *file, entry);
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

} // namespace aethel::compose
