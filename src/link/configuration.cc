#include "link/configuration.h"

#include "link/rule.h"
#include "model/kind.h"

#include <string>
#include <vector>

namespace aethel {

Result<Config> read_configuration(std::string_view bytes) {
  std::vector<std::string_view> kinds, rules;
  for (const KindFamily* family : kinds::all())
    for (const Kind& kind : family->kinds) kinds.push_back(kind.name);
  for (const Rule* rule : rules::all()) rules.insert(rules.end(), {rule->name, rule->id});
  ConfigResult result = read_config(bytes, {.kinds = kinds, .rules = rules});
  if (result.ok()) return std::move(result.config);
  Failure failure{.message = "", .path = std::string(configuration_path)};
  for (const ConfigProblem& problem : result.problems) {
    if (failure.message.empty()) {
      failure.line = problem.line;
      failure.column = problem.column;
      failure.message = problem.message;
      failure.hint = problem.hint;
    } else {
      failure.message += "\naethel.yaml:" + std::to_string(problem.line) + ":" +
                         std::to_string(problem.column) + ": " + problem.message;
      if (!problem.hint.empty()) failure.message += " (" + problem.hint + ")";
    }
  }
  return std::unexpected(std::move(failure));
}

} // namespace aethel
