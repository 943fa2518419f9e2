// Variables of the project and environments of services: `.env`, `env_file`, `label_file`,
// and names whose value comes from the environment (compose-go's dotenv package,
// loader/environment.go, types/project.go).
#pragma once

#include "link/render/compose_context.h"

#include <string>
#include <string_view>
#include <vector>

namespace aethel::compose {

struct EnvFileRequest {
  struct File {
    std::string path; // relative to the repository
    Text text;        // as written
    Origin origin;
    bool required = true;
  };
  std::vector<File> files;
  ComposeFileUse::Role role;
};

// `environment` and what the files add to it; of the files the last wins. What is missing or
// malformed is reported.
Variables read_variables(Context& context, const Variables& environment,
                         const EnvFileRequest& request);

// The environment of the request, then its env files or the directory's `.env`.
Variables project_variables(Context& context);

// A value that a variable of the project gives, as a hole.
Node inherited_value(const Origin& origin, std::string_view name, const Variable& variable);
// `NAME` as `NAME=value`.
Node inherited_assignment(const Node& item, std::string_view name, const Variable& variable);

// Reads the env files and label files of the services: env_file_variables of the project,
// and labels of the root. To be called on a decoded model.
void resolve_env_files(Context& context, const Variables& variables, Node& model);

} // namespace aethel::compose
