// `aethel why SYMBOL [PATH]`: who defines a symbol, who refers to it, which targets reach it.
#include "commands/support/terminal.h"

#include "link/phrases.h"
#include "link/redact.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <set>
#include <tuple>

namespace aethel::commands {
namespace {

struct Options {
  CommonOptions common;
  std::string symbol;
  std::string path;
  unsigned threads = 0;
};

class Printer {
public:
  Printer(const Program& program, Language language)
      : program_(program), redact_(program), portuguese_(language == Language::pt) {}

  bool print(std::string_view wanted) {
    std::string_view kind;
    std::string_view name = wanted;
    if (const std::size_t colon = wanted.find(':'); colon != std::string_view::npos) {
      for (const KindFamily* family : kinds::all())
        for (const Kind& each : family->kinds)
          if (each.name == wanted.substr(0, colon)) kind = each.name;
      if (!kind.empty()) name = wanted.substr(colon + 1);
    }
    const std::string as_path = join_path("", name);
    for (const Symbol& symbol : program_.symbols)
      if ((kind.empty() || symbol.kind->name == kind) && symbol.name == name)
        line(portuguese_ ? "definido" : "defined", *symbol.kind, symbol.name, symbol.origin.written,
             symbol.target, "");
    for (const Reference& reference : program_.references) {
      if (!kind.empty() && reference.kind->name != kind) continue;
      if (reference.name != name && reference.name != as_path && reference.text.written() != name)
        continue;
      std::string state(name_of(reference.state));
      if (reference.evidence.file)
        state += ", " + program_.place(reference.evidence);
      else if (!reference.detail.empty())
        state += ", " + reference.detail;
      line(portuguese_ ? "referido" : "referred", *reference.kind, reference.name,
           reference.origin.written, reference.target, state);
      steps(reference.origin);
    }
    if (kind.empty() || kind == "variable") variables(name);
    return any_;
  }

private:
  // What is set in a container: `environment`, the lines of its env files, bare keys.
  void variables(std::string_view name) {
    const Kind& variable = kind_named("variable");
    // A shared anchor or env file gives it to many services: one entry a place and target.
    std::map<std::tuple<TargetIndex, FileId, std::uint32_t>,
             std::pair<const Variable*, std::vector<std::string>>>
        places;
    for (const Process& process : program_.processes)
      for (const Variable& each : process.environment) {
        if (each.name != name) continue;
        const Span& written = each.origin.written;
        auto& [first, services] = places[{process.target, written.file, written.range.begin}];
        if (first == nullptr) first = &each;
        services.push_back(process.name);
      }
    for (const auto& [place, entry] : places) {
      const auto& [each, services] = entry;
      std::string_view how = portuguese_ ? "definido" : "set";
      if (each->given == Variable::Given::inherited) how = portuguese_ ? "repassado" : "passed on";
      constexpr std::size_t shown = 5;
      std::string list;
      for (std::size_t i = 0; i < std::min(services.size(), shown); ++i)
        list += (i == 0 ? "" : ", ") + services[i];
      if (services.size() > shown) list += fmt::format(" +{}", services.size() - shown);
      line(how, variable, name, each->origin.written, std::get<0>(place),
           (portuguese_ ? "em " : "in ") + list);
      steps(each->origin);
    }
  }

  void line(std::string_view what, const Kind& kind, std::string_view name, const Span& span,
            TargetIndex target, std::string_view state) {
    any_ = true;
    fmt::print("{} {} \"{}\" {} [{}]{}\n", what, portuguese_ ? kind.noun_pt : kind.noun_en, name,
               program_.place(span), program_.targets[target].id,
               state.empty() ? "" : fmt::format(": {}", state));
    if (const Source* source = program_.sources->loaded(span.file)) {
      const std::string text = redact_.line(source->line(source->place(span.range.begin).line));
      fmt::print("    {}\n", text.substr(0, 200));
    }
  }

  void steps(const Origin& origin) {
    constexpr std::string_view names[] = {"through-override", "through-extends", "through-include",
                                          "through-env-file"};
    for (const OriginStep* step = origin.last.get(); step != nullptr; step = step->before.get()) {
      const auto index = static_cast<std::size_t>(step->operation);
      if (index >= std::size(names) || !step->span.file) continue;
      fmt::print("    {} {}\n", phrase(names[index], {}, portuguese_ ? Language::pt : Language::en),
                 program_.place(step->span));
    }
  }

  const Program& program_;
  Redactor redact_;
  bool portuguese_;
  bool any_ = false;
};

Exit run(const Options& options) {
  const Language language = language_of(options.common);
  auto linked =
      link_path({.path = options.path.empty() ? std::nullopt : std::optional(options.path),
                 .threads = options.threads,
                 .language = language});
  if (!linked) return linked.error();
  if (Printer((*linked)->report.program, language).print(options.symbol)) return Exit::clean;
  print_failure({.message = fmt::format("nothing defines or refers to \"{}\"", options.symbol),
                 .hint = "write a kind in front to narrow, such as service:web, path:./ssl, "
                         "variable:DB_PASSWORD"});
  return Exit::findings;
}

std::function<Exit()> declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("SYMBOL", options->symbol, "a name, or kind:name")->required();
  app.add_option("PATH", options->path,
                 "folder to link (default: the repository around the current folder)");
  app.add_option("--threads", options->threads, "number of threads (default: one a processor)");
  add_common(app, options->common);
  app.footer("examples:\n  aethel why DB_PASSWORD\n  aethel why service:web\n  aethel why "
             "path:./nginx/ssl\n\n"
             "exit codes: 0 found, 1 not found, 2 usage");
  return [options] { return run(*options); };
}

} // namespace

extern constinit const Command why;
constinit const Command why{"why", "show who defines a symbol and who refers to it", declare};

} // namespace aethel::commands
