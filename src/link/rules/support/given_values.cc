#include "link/rules/support/given_values.h"

#include "knowledge/placeholders.h"
#include "knowledge/secret_names.h"
#include "knowledge/servers.h"
#include "knowledge/url.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <utility>

namespace aethel {
namespace {

using From = GivenValue::From;
using Way = GivenValue::Way;

bool is_unfilled(const Hole& hole) { return hole.from == Hole::From::nothing; }

// The value as `inspect` wants it, with what each part of it comes from.
struct Filled {
  std::string text;
  std::vector<std::pair<Range, const Piece*>> parts;
};

Filled fill(const Text& text) {
  Filled filled;
  for (const Piece& piece : text.pieces()) {
    const auto begin = static_cast<std::uint32_t>(filled.text.size());
    if (!piece.hole)
      filled.text += piece.literal;
    else if (is_unfilled(*piece.hole))
      filled.text += "${" + piece.hole->name + "}";
    else
      filled.text += piece.hole->value;
    filled.parts.push_back({{begin, static_cast<std::uint32_t>(filled.text.size())}, &piece});
  }
  return filled;
}

// Where a part of the value comes from; nothing when it is not known.
struct Provenance {
  From from = From::file_itself;
  const Hole* hole = nullptr;
};

std::optional<Provenance> provenance(const Filled& filled, Range range, From literal) {
  Provenance result{.from = literal};
  for (const auto& [part, piece] : filled.parts) {
    const bool touches = part.begin < range.end && range.begin < part.end;
    const bool empty =
        range.begin == range.end && part.begin <= range.begin && range.end <= part.end;
    if ((!touches && !empty) || !piece->hole) continue;
    const Hole& hole = innermost(*piece->hole);
    switch (hole.from) {
    case Hole::From::nothing:
    case Hole::From::environment: return {};
    case Hole::From::file: result = {.from = From::interpolation, .hole = &hole}; break;
    case Hole::From::operand:
      // `${X:+text}` gives something only because somebody gives X.
      if (!hole.has_default()) return {};
      result = {.from = From::fallback, .hole = &hole};
      break;
    }
    return result;
  }
  return result;
}

// The user beside a password: POSTGRES_USER for POSTGRES_PASSWORD.
std::string user_beside(const Process& process, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> pairs = {
      {{"PASSWORD", "USER"},
       {"PASSWORD", "USERNAME"},
       {"PASS", "USER"},
       {"PASS", "USERNAME"},
       {"PW", "USER"},
       {"SECRET_ACCESS_KEY", "ACCESS_KEY_ID"}}};
  for (const auto& [secret, user] : pairs) {
    if (!name.ends_with(secret)) continue;
    const std::string other =
        std::string(name.substr(0, name.size() - secret.size())) + std::string(user);
    if (const Variable* found = process.variable(other)) return text_with_holes(found->value);
  }
  return {};
}

class Collector {
public:
  Collector(const Program& program, TargetIndex target) : program_(program), target_(target) {}

  std::vector<GivenValue> run() {
    for (const Process& process : program_.processes_of(target_)) {
      for (const Variable& variable : process.environment)
        add(process, Way::environment, variable.name, variable.value, variable.origin.written,
            variable.given == Variable::Given::env_file ? From::env_file : From::file_itself);
      if (process.build)
        for (const Variable& argument : process.build->arguments)
          if (argument.given != Variable::Given::inherited)
            add(process, Way::build_argument, argument.name, argument.value,
                argument.origin.written, From::file_itself);
      for (const std::string_view key : {"command", "entrypoint"})
        if (const Node* node = process.node->find(key)) command(process, *node);
    }
    return std::move(result_);
  }

private:
  void add(const Process& process, Way way, const std::string& name, const Text& text,
           const Span& written, From literal) {
    if (text.empty() && way == Way::environment && literal != From::env_file) {
      const Variable* variable = process.variable(name);
      if (variable != nullptr && variable->given == Variable::Given::inherited) return;
    }
    const Filled filled = fill(text);
    const NameKind kind = name_kind(name);
    std::vector<Value> said = inspect(name, filled.text, user_beside(process, name));
    const bool silent = said.empty();
    // A secret of which there is nothing bad to say, but that everybody can read it here.
    if (silent && kind == NameKind::secret && is_literal_secret(filled.text))
      said.push_back({.range = {0, static_cast<std::uint32_t>(filled.text.size())}});
    for (const Value& value : said) {
      const auto source = provenance(filled, value.range, literal);
      if (!source) continue;
      GivenValue given{.process = &process,
                       .way = way,
                       .from = source->from,
                       .name = name,
                       .value = value,
                       .text = std::string(text_at(filled.text, value.range)),
                       .hole = source->hole,
                       .span = written,
                       .hard_coded = silent};
      if (source->from == From::fallback) given.span = source->hole->span;
      if (source->from == From::interpolation && source->hole->given.file)
        given.span = source->hole->given;
      if (source->from == From::env_file) given.replaceable = is_replaceable(process, written.file);
      result_.push_back(std::move(given));
    }
  }

  // An env file after this one, which is not in the repository, wins.
  bool is_replaceable(const Process& process, FileId file) const {
    bool after = false;
    for (const ComposeFileUse& use : program_.projects[target_].uses) {
      if (use.role != ComposeFileUse::Role::env_file || use.service != process.name) continue;
      const FileId found = program_.sources->find(use.path);
      if (after && (!use.known || !found)) return true;
      if (found == file) after = true;
    }
    return false;
  }

  static bool is_literal_secret(std::string_view text) {
    if (text.size() < 4 || has_hole(text) || is_reference(text)) return false;
    if (is_switched_off(text)) return false;
    // Words of a sentence and numbers with a unit are settings.
    return text.find(' ') == std::string_view::npos && !parse_connection(text);
  }

  // `--requirepass X`, `--password=X`, and addresses among the words.
  void command(const Process& process, const Node& node) {
    std::vector<const Node*> items;
    if (node.is_scalar()) items.push_back(&node);
    for (const Node& item : node.items)
      if (item.is_scalar()) items.push_back(&item);
    std::string flag;
    for (const Node* item : items) {
      const std::string text = item->text.value();
      for (const Range& word : words_of(text)) {
        const std::string_view said = text_at(text, word);
        if (!flag.empty()) {
          if (!said.starts_with('-')) option(process, flag, *item, word);
          flag.clear();
          if (!said.starts_with('-')) continue;
        }
        if (!said.starts_with('-')) {
          if (said.find("://") != std::string_view::npos &&
              said.find('@') != std::string_view::npos)
            option(process, "URL", *item, word);
          continue;
        }
        const std::size_t equals = said.find('=');
        const std::string name(said.substr(0, equals).substr(
            said.find_first_not_of('-') == std::string_view::npos ? said.size()
                                                                  : said.find_first_not_of('-')));
        if (!is_secret_flag(name)) continue;
        if (equals == std::string_view::npos)
          flag = name;
        else
          option(process, name, *item,
                 {word.begin + static_cast<std::uint32_t>(equals) + 1, word.end});
      }
    }
  }

  static bool is_secret_flag(std::string_view name) {
    return name.size() > 2 && name_kind(name) == NameKind::secret;
  }

  void option(const Process& process, std::string_view flag, const Node& item, Range word) {
    const Text part = item.text.slice(word.begin, word.end - word.begin);
    Span span = item.origin.written;
    const auto& pieces = part.pieces();
    if (!pieces.empty() && pieces.front().span.file &&
        pieces.front().span.range.begin < pieces.front().span.range.end)
      span = pieces.front().span;
    add(process, Way::command, std::string(flag), part, span, From::file_itself);
  }

  // Blanks separate, quotes hold together and fall away.
  static std::vector<Range> words_of(std::string_view text) {
    std::vector<Range> words;
    for (std::size_t at = 0; at < text.size();) {
      if (std::isspace(static_cast<unsigned char>(text[at])) != 0) {
        ++at;
        continue;
      }
      std::size_t begin = at;
      char quote = 0;
      for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quote != 0) {
          if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
          quote = c;
        } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
          break;
        }
      }
      std::size_t end = at;
      if (end - begin >= 2 && (text[begin] == '"' || text[begin] == '\'') &&
          text[end - 1] == text[begin]) {
        ++begin;
        --end;
      }
      words.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
    }
    return words;
  }

  const Program& program_;
  TargetIndex target_;
  std::vector<GivenValue> result_;
};

const Server* server_of(const Process& process) {
  if (!process.image) return nullptr;
  const auto image = parse_image(text_with_holes(*process.image));
  return image ? find_server(*image) : nullptr;
}

// The value is what the process itself asks of others, not what it needs to be let in elsewhere.
bool is_own_of_server(const GivenValue& place) {
  const Server* server = server_of(*place.process);
  if (server == nullptr) return false;
  if (place.way == Way::command) return true;
  for (const auto& names : {server->password, server->admin_password})
    if (std::ranges::find(names, place.name) != names.end()) return true;
  return false;
}

const Process* host_in(const Program& program, TargetIndex target, const GivenValue& place) {
  const Variable* variable = place.process->variable(place.name);
  if (variable == nullptr) return nullptr;
  const std::string text = text_with_holes(variable->value);
  const auto url = parse_connection(text);
  if (!url) return nullptr;
  for (const Url::Host& host : url->hosts)
    for (const Process& process : program.processes_of(target))
      if (std::ranges::find(process.aliases, text_at(text, host.name)) != process.aliases.end())
        return &process;
  return nullptr;
}

bool has_address(const GivenValue& place) {
  const Variable* variable = place.process->variable(place.name);
  return variable != nullptr && parse_connection(text_with_holes(variable->value)).has_value();
}

} // namespace

std::vector<GivenValue> given_values(const Program& program, TargetIndex target) {
  return Collector(program, target).run();
}

std::string text_with_holes(const Text& text) { return fill(text).text; }

const Hole& innermost(const Hole& hole) {
  const Hole* at = &hole;
  while (at->from == Hole::From::operand && at->operand != nullptr) {
    const Hole* inner = at->operand->single_hole();
    if (inner == nullptr) break;
    at = inner;
  }
  return *at;
}

std::vector<const ComposeProject::VariableUse*> living_uses(const Program& program,
                                                            TargetIndex target) {
  const ComposeProject& project = program.projects[target];
  std::set<std::pair<FileId, std::uint32_t>> living;
  auto note = [&](const Text& text) {
    for (const Hole* hole : text.holes()) living.insert({hole->span.file, hole->span.range.begin});
  };
  auto walk = [&](auto& self, const Node& node) -> void {
    note(node.text);
    for (const Member& member : node.members) self(self, member.value);
    for (const Node& item : node.items) self(self, item);
  };
  walk(walk, project.root);
  std::vector<const ComposeProject::VariableUse*> result;
  for (const ComposeProject::VariableUse& use : project.variables) {
    // Of other values the long form may have lost the text.
    const bool replaced = use.where.find(".environment") != std::string::npos &&
                          !living.contains({use.hole->span.file, use.hole->span.range.begin});
    if (!replaced) result.push_back(&use);
  }
  return result;
}

bool is_switched_off(std::string_view text) {
  constexpr std::array<std::string_view, 14> words = {
      "true",  "false", "none", "null",     "disabled", "enabled", "auto",
      "unset", "off",   "on",   "optional", "required", "invalid", "undefined"};
  return std::ranges::find(words, text) != words.end();
}

bool is_exposed(const Process& process) {
  for (const Port& port : process.ports)
    if (port.host_address.empty() ||
        !(port.host_address.starts_with("127.") || port.host_address == "::1" ||
          port.host_address == "localhost"))
      return true;
  const Node* mode = process.node->find("network_mode");
  if (mode != nullptr && mode->value() == "host") return true;
  if (process.variable("VIRTUAL_HOST") != nullptr) return true;
  const Node* labels = process.node->find("labels");
  if (labels == nullptr) return false;
  auto routes = [](std::string_view label) {
    return label.starts_with("traefik.http.routers") || label.starts_with("traefik.tcp.routers") ||
           label == "caddy" || label.starts_with("caddy_") || label.starts_with("caddy.");
  };
  return std::ranges::any_of(labels->members,
                             [&](const Member& label) { return routes(label.key); }) ||
         std::ranges::any_of(labels->items,
                             [&](const Node& label) { return routes(label.value()); });
}

bool guards_exposed(const Program& program, TargetIndex target,
                    const std::vector<const GivenValue*>& places) {
  std::vector<const Process*> servers, others;
  bool elsewhere = false; // a server outside the project is given it
  for (const GivenValue* place : places) {
    if (group_of(place->variable()) == VariableGroup::auth ||
        group_of(place->name) == VariableGroup::auth)
      return true;
    if (const Process* server = host_in(program, target, *place))
      servers.push_back(server);
    else if (has_address(*place))
      elsewhere = elsewhere || place->from != From::fallback;
    else if (is_own_of_server(*place))
      servers.push_back(place->process);
    else if (!place->process->build)
      others.push_back(place->process); // a console, maybe
  }
  if (elsewhere) return true;
  if (servers.empty()) servers = std::move(others);
  if (servers.empty())
    return std::ranges::any_of(
        places, [](const GivenValue* place) { return place->from != From::fallback; });
  return std::ranges::any_of(servers, [](const Process* server) { return is_exposed(*server); });
}

const GivenValue* first_place(const std::vector<const GivenValue*>& places) {
  for (const GivenValue* place : places)
    if (is_own_of_server(*place)) return place;
  // A variable that holds nothing else says more than an address.
  for (const GivenValue* place : places)
    if (name_kind(place->name) == NameKind::secret) return place;
  return places.front();
}

void relate(Finding& finding, const Span& span, std::string_view message) {
  if (!span.file || finding.span == span) return;
  if (std::ranges::any_of(finding.related, [&](const Related& each) { return each.span == span; }))
    return;
  finding.related.push_back({span, message});
}

bool is_production(Stage stage) { return stage == Stage::production || stage == Stage::staging; }
bool is_serious(Stage stage) { return is_production(stage) || stage == Stage::unknown; }

void describe(Finding& finding, const Value& value) {
  const Description words = masked(value);
  finding.arguments.emplace_back("what", std::string(words.en));
  finding.arguments.emplace_back("what@pt", std::string(words.pt));
}

} // namespace aethel
