#include "link/render/compose_interpolate.h"

#include "front/support/go_yaml.h"
#include "link/render/compose_path.h"
#include "link/render/compose_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace aethel::compose {
namespace {

enum class Cast : std::uint8_t { boolean, integer, number, umask };

struct CastRule {
  std::string_view pattern;
  Cast cast;
};

constexpr std::array casts = std::to_array<CastRule>({
    {"networks.*.external", Cast::boolean},
    {"networks.*.internal", Cast::boolean},
    {"networks.*.attachable", Cast::boolean},
    {"networks.*.enable_ipv4", Cast::boolean},
    {"networks.*.enable_ipv6", Cast::boolean},
    {"volumes.*.external", Cast::boolean},
    {"secrets.*.external", Cast::boolean},
    {"configs.*.external", Cast::boolean},
    {"C.cpu_count", Cast::integer},
    {"C.cpu_percent", Cast::number},
    {"C.cpu_period", Cast::integer},
    {"C.cpu_quota", Cast::integer},
    {"C.cpu_rt_period", Cast::integer},
    {"C.cpu_rt_runtime", Cast::integer},
    {"C.cpus", Cast::number},
    {"C.cpu_shares", Cast::integer},
    {"C.init", Cast::boolean},
    {"C.networks.*.use_service_name_alias", Cast::boolean},
    {"C.oom_kill_disable", Cast::boolean},
    {"C.oom_score_adj", Cast::integer},
    {"C.pids_limit", Cast::integer},
    {"C.privileged", Cast::boolean},
    {"C.read_only", Cast::boolean},
    {"C.umask", Cast::umask},
    {"C.ulimits.*", Cast::integer},
    {"C.ulimits.*.hard", Cast::integer},
    {"C.ulimits.*.soft", Cast::integer},
    {"C.volumes.[].read_only", Cast::boolean},
    {"C.volumes.[].volume.nocopy", Cast::boolean},
    {"W.depends_on.*.required", Cast::boolean},
    {"W.depends_on.*.restart", Cast::boolean},
    {"W.healthcheck.retries", Cast::integer},
    {"W.healthcheck.disable", Cast::boolean},
    {"W.ports.[].target", Cast::integer},
    {"W.stdin_open", Cast::boolean},
    {"W.tty", Cast::boolean},
    {"S.deploy.replicas", Cast::integer},
    {"S.deploy.update_config.parallelism", Cast::integer},
    {"S.deploy.update_config.max_failure_ratio", Cast::number},
    {"S.deploy.rollback_config.parallelism", Cast::integer},
    {"S.deploy.rollback_config.max_failure_ratio", Cast::number},
    {"S.deploy.restart_policy.max_attempts", Cast::integer},
    {"S.deploy.placement.max_replicas_per_node", Cast::integer},
    {"S.scale", Cast::integer},
});

// The deepest pattern has seven parts (services.*.pre_start.*.volumes.[].volume.nocopy: eight).
constexpr std::size_t deepest_cast = 8;

bool fits_double(std::string_view text) {
  const go_yaml::Value value = go_yaml::resolve(text);
  using enum go_yaml::Value::Kind;
  return value.kind == integer || value.kind == unsigned_integer || value.kind == number;
}

bool cast_value(Node& node, Cast cast) {
  const std::string text = node.value();
  switch (cast) {
  case Cast::boolean: {
    std::string lower = text;
    std::ranges::transform(lower, lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    const bool yes = lower == "true" || lower == "y" || lower == "yes" || lower == "on";
    const bool no = lower == "false" || lower == "n" || lower == "no" || lower == "off";
    if (!yes && !no) return false;
    set_text(node, yes ? "true" : "false");
    node.type = ScalarType::boolean;
    return true;
  }
  case Cast::integer: {
    std::string_view digits = text;
    if (digits.starts_with('+')) digits.remove_prefix(1);
    if (digits.starts_with('-') && text.starts_with('+')) return false;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return false;
    set_text(node, fmt::format("{}", value));
    node.type = ScalarType::integer;
    return true;
  }
  case Cast::umask: {
    const go_yaml::Value value = go_yaml::resolve(text);
    if (value.kind != go_yaml::Value::Kind::integer || value.integer < 0 ||
        value.integer > 0xffffffff || text.find_first_of("+_") != std::string::npos)
      return false;
    set_text(node, fmt::format("{}", value.integer));
    node.type = ScalarType::integer;
    return true;
  }
  case Cast::number:
    if (text.find('_') != std::string::npos || !fits_double(text)) return false;
    // Base ten, where YAML reads "010" as octal; "010.0" is not.
    if (text.size() > 1 && text[0] == '0' &&
        text.find_first_not_of("0123456789") == std::string::npos)
      set_text(node, text + ".0");
    node.type = ScalarType::number;
    return true;
  }
  return false;
}

class Filler {
public:
  Filler(Context& context, const Variables& variables) : context_(context), variables_(variables) {}

  Text fill(const Text& text) {
    std::vector<Piece> pieces;
    pieces.reserve(text.pieces().size());
    for (const Piece& piece : text.pieces()) {
      pieces.push_back(piece);
      if (piece.hole) pieces.back().hole = fill(*piece.hole);
    }
    return Text(std::move(pieces));
  }

  std::vector<std::shared_ptr<const Hole>> used;
  std::vector<std::pair<Span, std::string>> errors;

private:
  std::shared_ptr<const Hole> fill(const Hole& raw) {
    auto hole = std::make_shared<Hole>(raw);
    used.push_back(hole); // outermost first
    const auto found = variables_.find(raw.name);
    const bool set = found != variables_.end();
    const bool filled = set && !found->second.value.empty();
    enum class Take : std::uint8_t { nothing, variable, operand, failure };
    Take take = set ? Take::variable : Take::nothing;
    switch (raw.form) {
    case Hole::Form::plain:
    case Hole::Form::expression: break;
    case Hole::Form::default_if_unset: take = set ? Take::variable : Take::operand; break;
    case Hole::Form::default_if_empty: take = filled ? Take::variable : Take::operand; break;
    case Hole::Form::required_if_unset: take = set ? Take::variable : Take::failure; break;
    case Hole::Form::required_if_empty: take = filled ? Take::variable : Take::failure; break;
    case Hole::Form::alternate_if_set: take = set ? Take::operand : Take::nothing; break;
    case Hole::Form::alternate_if_filled: take = filled ? Take::operand : Take::nothing; break;
    }
    if (take == Take::operand || take == Take::failure) {
      if (context_.operand_is_malformed(raw.span))
        errors.emplace_back(raw.span, "invalid interpolation format");
      if (raw.operand) hole->operand = std::make_shared<const Text>(fill(*raw.operand));
    }
    const std::string operand = hole->operand ? hole->operand->value() : "";
    if (take == Take::variable) {
      hole->from = found->second.from;
      hole->given = found->second.given;
      if (context_.take_bytes(found->second.value.size() + 1)) hole->value = found->second.value;
    } else if (take == Take::operand) {
      hole->from = Hole::From::operand;
      if (set) hole->given = found->second.given;
      if (context_.take_bytes(operand.size() + 1)) hole->value = operand;
    } else if (take == Take::failure) {
      errors.emplace_back(raw.span, fmt::format("required variable {} is missing a value{}{}",
                                                raw.name, operand.empty() ? "" : ": ", operand));
    }
    return hole;
  }

  Context& context_;
  const Variables& variables_;
};

class Walk {
public:
  Walk(Context& context, const Variables& variables) : context_(context), variables_(variables) {}

  void walk(Node& node, const Path& path, std::size_t depth) {
    for (Member& member : node.members) walk(member.value, Path(path, member.key), depth + 1);
    for (Node& item : node.items) walk(item, Path(path, list_item), depth + 1);
    if (!is_string(node)) return;
    if (node.text.has_holes()) substitute(node, path);
    if (depth > deepest_cast) return;
    for (const CastRule& rule : casts)
      if (path.matches(rule.pattern)) {
        if (!cast_value(node, rule.cast) && !awaits_variable(node))
          context_.reject(
              node.origin.written,
              fmt::format("error while interpolating {}: failed to cast to expected type: \"{}\"",
                          path.dotted(), node.value()));
        return;
      }
  }

private:
  void substitute(Node& node, const Path& path) {
    Filler filler(context_, variables_);
    node.text = filler.fill(node.text);
    const std::string where = path.dotted();
    for (const auto& hole : filler.used)
      context_.project.variables.push_back({.hole = hole, .where = where, .origin = node.origin});
    for (auto& [span, message] : filler.errors)
      context_.reject(span, fmt::format("error while interpolating {}: {}", where, message),
                      message.starts_with("required variable")
                          ? ComposeProblem::Kind::missing_variable
                          : ComposeProblem::Kind::rejected);
    const auto given = std::ranges::find_if(filler.used, [](const auto& hole) {
      return hole->from == Hole::From::file || hole->from == Hole::From::environment;
    });
    const Span by = given != filler.used.end() && (*given)->given.file ? (*given)->given
                                                                       : filler.used.front()->span;
    node.origin = node.origin.with(Operation::interpolation, by);
  }

  Context& context_;
  const Variables& variables_;
};

} // namespace

void interpolate(Context& context, const Variables& variables, Node& tree) {
  Walk(context, variables).walk(tree, Path(), 0);
}

Text fill(Context& context, const Variables& variables, const Text& text) {
  Filler filler(context, variables);
  Text filled = filler.fill(text);
  for (auto& [span, message] : filler.errors) context.reject(span, message);
  return filled;
}

} // namespace aethel::compose
