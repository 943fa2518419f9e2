// Env files as compose reads them, parsed once for all services that name them.
#pragma once

#include "link/render/compose_context.h"
#include "syntax/dotenv.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace aethel::compose {

enum class EnvFormat : std::uint8_t {
  dotenv,
  raw // `docker run --env-file`: one assignment a line, nothing quoted or expanded
};

struct EnvFile {
  FileId file;
  dotenv::File content;
};

class EnvFiles {
public:
  explicit EnvFiles(Context& context) : context_(context) {}

  // Null when it is absent, which is for the caller to report, or cannot be read.
  const EnvFile* read(const std::string& path, EnvFormat format);

private:
  Context& context_;
  std::map<std::pair<std::string, EnvFormat>, std::unique_ptr<EnvFile>> files_;
};

struct EnvValue {
  EnvironmentEntry entry;
  bool given = true; // false: inherited, and nothing gives it
};

// The entry with its variables filled, each noted among the project's.
EnvValue evaluate(Context& context, const Variables& variables, const EnvFile& file,
                  const dotenv::Entry& entry);

} // namespace aethel::compose
