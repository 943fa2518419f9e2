#include "config/part_reader.h"

#include "base/files.h"
#include "config/check.h"
#include "config/duration.h"
#include "config/scalar.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <set>

namespace aethel {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 40 && is_lower(text.front()) && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_host(std::string_view text) {
  if (text.size() > 253 || !text.contains('.')) return false;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    if (part.empty() || part.size() > 63 || part.front() == '-' || part.back() == '-' ||
        !std::ranges::all_of(part, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; }))
      return false;
    begin = end + 1;
  }
  return true;
}

bool is_word(std::string_view text, std::string_view more) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || more.contains(c);
  });
}

bool is_secret(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && is_word(text.substr(0, slash), "-_") &&
         is_word(text.substr(slash + 1), "_");
}

// As Kubernetes takes them; Elasticsearch has dots in its own.
bool is_variable(std::string_view text) { return is_word(text, "_-.") && !is_digit(text.front()); }

// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
bool is_quantity(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  if (digits == 0) return false;
  constexpr std::string_view units[] = {"", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti"};
  return std::ranges::find(units, text.substr(digits)) != std::end(units);
}

std::optional<Complaint> complaint(const Field& field, std::string_view text) {
  const auto not_a = [&](std::string_view what, std::string_view hint) {
    return Complaint{fmt::format("\"{}\" is not {}", text, what), std::string(hint)};
  };
  switch (field.form) {
  case Form::label:
  case Form::labels:
    if (is_label(text)) return {};
    return not_a("a name of DNS", "lower-case letters, digits and hyphens, at most 40");
  case Form::host:
  case Form::hosts:
    if (is_host(text)) return {};
    return not_a("a host", "write it like shop.example.org, in lower case, without https://");
  case Form::http_path:
    if (text.starts_with('/') && !text.contains(' ')) return {};
    return not_a("a path of a URL", "begin it with \"/\"");
  case Form::path:
  case Form::paths:
    if (text != "." && (text.starts_with('/') || is_outside(join_path("", text))))
      return not_a("a path inside the repository", "paths begin at the root of the repository");
    return {};
  case Form::choice:
    if (std::ranges::find(field.choices, text) != field.choices.end()) return {};
    return Complaint{fmt::format("unknown {} \"{}\"", field.name, text),
                     suggest(text, field.choices)};
  case Form::duration:
    if (parse_duration(text)) return {};
    return not_a("a time", "write it like 500ms, 5s, 2m, 1h or 30d, at most ten years");
  case Form::quantity:
    if (is_quantity(text)) return {};
    return not_a("a quantity", "write it like 250m, 512Mi or 1Gi");
  case Form::email:
    if (const std::size_t at = text.find('@');
        at != std::string_view::npos && at > 0 && is_host(text.substr(at + 1)))
      return {};
    return not_a("an address of mail", "write it like ops@example.org");
  case Form::secret:
    if (is_secret(text)) return {};
    return not_a("the name of a secret", "write it as path/key: stripe/secret_key");
  case Form::repository:
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos &&
                                                  is_word(text.substr(0, slash), "-_") &&
                                                  is_word(text.substr(slash + 1), "-_."))
      return {};
    return not_a("a repository", "write it as OWNER/NAME");
  default: return {};
  }
}

class PartReader {
public:
  explicit PartReader(const ReportProblem& report) : report_(report) {}

  FieldValue read(const Field& field, const yaml::Node& node) {
    FieldValue value{.field = field.name};
    value.text.range = node.range;
    switch (field.form) {
    case Form::mapping: read_fields(field, node, value); break;
    case Form::named:
    case Form::secrets:
    case Form::hosts:
    case Form::variables: read_named(field, node, value); break;
    case Form::words:
    case Form::labels:
    case Form::paths: read_list(field, node, value); break;
    case Form::number:
    case Form::count:
    case Form::port: read_number(field, node, value); break;
    case Form::boolean: read_boolean(field, node, value); break;
    default: read_text(field, node, value); break;
    }
    return value;
  }

private:
  void wrong(const Field& field, const yaml::Node& node, std::string_view wanted,
             std::string hint = {}) {
    if (hint.empty() && !field.example.empty())
      hint = fmt::format("write it like `{}: {}`", field.name, field.example);
    report_(node.range, fmt::format("\"{}\" must be {}", field.name, wanted), std::move(hint));
  }

  void read_fields(const Field& field, const yaml::Node& node, FieldValue& value) {
    if (node.kind != yaml::Kind::mapping) {
      std::vector<std::string_view> names;
      for (const Field& each : field.fields) names.push_back(each.name);
      wrong(field, node, "a mapping", fmt::format("it has the keys {}", fmt::join(names, ", ")));
      return;
    }
    std::set<std::string_view> seen;
    for (const yaml::Pair& pair : node.pairs) {
      const yaml::Node& key = *pair.key;
      if (!is_key(key, seen)) continue;
      const auto found = std::ranges::find(field.fields, key.value, &Field::name);
      if (found == field.fields.end()) {
        std::vector<std::string_view> names;
        for (const Field& each : field.fields) names.push_back(each.name);
        report_(key.range, fmt::format("unknown key \"{}\"", key.value), suggest(key.value, names));
        continue;
      }
      value.children.push_back(read(*found, *pair.value));
    }
  }

  // The first of each key; the others are reported.
  bool is_key(const yaml::Node& key, std::set<std::string_view>& seen) {
    if (key.kind != yaml::Kind::scalar) {
      report_(key.range, "a key must be a text", {});
      return false;
    }
    if (seen.insert(key.value).second) return true;
    report_(key.range, fmt::format("\"{}\" is given twice", key.value),
            "keep one of them: the other is never read");
    return false;
  }

  void read_named(const Field& field, const yaml::Node& node, FieldValue& value) {
    if (node.kind == yaml::Kind::scalar && scalar_kind(node) == ScalarKind::null) return;
    if (node.kind != yaml::Kind::mapping) {
      wrong(field, node, "a mapping of names");
      return;
    }
    std::set<std::string_view> seen;
    for (const yaml::Pair& pair : node.pairs) {
      const yaml::Node& key = *pair.key;
      if (!is_key(key, seen)) continue;
      const bool good = field.form == Form::secrets     ? is_secret(key.value)
                        : field.form == Form::variables ? is_variable(key.value)
                                                        : is_label(key.value);
      if (!good) {
        report_(key.range, fmt::format("\"{}\" cannot be a name here", key.value),
                field.form == Form::secrets     ? "write it as path/key: stripe/secret_key"
                : field.form == Form::variables ? "letters, digits, _ - and ., no digit first"
                                                : "lower-case letters, digits and hyphens");
        continue;
      }
      FieldValue child{.field = field.name};
      if (field.form == Form::hosts)
        read_text(field, *pair.value, child);
      else if (field.form == Form::variables)
        read_variable(*pair.value, child);
      else if (pair.value->kind != yaml::Kind::scalar ||
               scalar_kind(*pair.value) != ScalarKind::null)
        read_fields(field, *pair.value, child);
      child.key = {.value = key.value, .range = key.range};
      value.children.push_back(std::move(child));
    }
  }

  // A text, or {secret: path/key}, {build: text}, {config: text}. Numbers and booleans are texts:
  // every variable of a process is one.
  void read_variable(const yaml::Node& node, FieldValue& value) {
    if (node.kind == yaml::Kind::scalar) {
      value.text = {.value = node.value, .range = node.range};
      if (scalar_kind(node) == ScalarKind::null && node.value != "null")
        report_(node.range, "a variable has no value", "write \"\" for an empty one");
      return;
    }
    static constexpr Field forms[] = {
        {.name = "secret", .form = Form::secret}, {.name = "build"}, {.name = "config"}};
    if (node.kind != yaml::Kind::mapping || node.pairs.size() != 1) {
      report_(node.range, "a variable is a text, or one of secret, build, config",
              "write it like {secret: stripe/secret_key}");
      return;
    }
    read_fields({.name = "variable", .form = Form::mapping, .fields = forms}, node, value);
  }

  void read_list(const Field& field, const yaml::Node& node, FieldValue& value) {
    if (node.kind != yaml::Kind::sequence) {
      wrong(field, node, "a list", fmt::format("write it like `{}: [a, b]`", field.name));
      return;
    }
    for (const yaml::Node* item : node.items) {
      FieldValue child{.field = field.name};
      read_text(field, *item, child);
      value.children.push_back(std::move(child));
    }
  }

  void read_number(const Field& field, const yaml::Node& node, FieldValue& value) {
    std::int64_t number = 0;
    const char* end = node.value.data() + node.value.size();
    const auto [next, error] = std::from_chars(node.value.data(), end, number);
    if (node.kind != yaml::Kind::scalar || scalar_kind(node) != ScalarKind::number ||
        error != std::errc() || next != end || number < (field.form == Form::count ? 0 : 1)) {
      wrong(field, node,
            field.form == Form::count ? "a whole number, 0 or more" : "a whole number, at least 1");
      return;
    }
    if (number > (field.form == Form::port ? 65535 : 1'000'000'000)) {
      wrong(field, node, field.form == Form::port ? "a port: 1 to 65535" : "at most 1000000000");
      return;
    }
    value.number = {.value = number, .range = node.range};
  }

  void read_boolean(const Field& field, const yaml::Node& node, FieldValue& value) {
    if (node.kind != yaml::Kind::scalar || scalar_kind(node) != ScalarKind::boolean) {
      wrong(field, node, "true or false");
      return;
    }
    value.number = {.value = node.value.front() == 't' || node.value.front() == 'T' ? 1 : 0,
                    .range = node.range};
  }

  void read_text(const Field& field, const yaml::Node& node, FieldValue& value) {
    const bool words = field.form == Form::words;
    if (node.kind != yaml::Kind::scalar || (!words && scalar_kind(node) != ScalarKind::text)) {
      const bool quotable = node.kind == yaml::Kind::scalar && !node.value.empty();
      wrong(field, node, "a text",
            quotable ? fmt::format("write it in quotes: '{}'", node.value) : std::string());
      return;
    }
    if (node.value.find_first_not_of(" \t\r\n") == std::string::npos) {
      report_(node.range, fmt::format("\"{}\" is empty", field.name), {});
      return;
    }
    if (node.value.find_first_of("\r\n") != std::string::npos) {
      wrong(field, node, "one line");
      return;
    }
    if (auto found = complaint(field, node.value)) {
      report_(node.range, std::move(found->message), std::move(found->hint));
      return;
    }
    value.text = {.value = node.value, .range = node.range};
  }

  const ReportProblem& report_;
};

} // namespace

const FieldValue* FieldValue::find(std::string_view name) const {
  const auto found = std::ranges::find(children, name, &FieldValue::field);
  return found == children.end() ? nullptr : &*found;
}

const Located& FieldValue::one(std::string_view name) const {
  static const Located none;
  const FieldValue* found = find(name);
  return found == nullptr ? none : found->text;
}

const LocatedNumber& FieldValue::count(std::string_view name) const {
  static const LocatedNumber none;
  const FieldValue* found = find(name);
  return found == nullptr ? none : found->number;
}

const std::vector<FieldValue>& FieldValue::list(std::string_view name) const {
  static const std::vector<FieldValue> none;
  const FieldValue* found = find(name);
  return found == nullptr ? none : found->children;
}

FieldValue read_part(const Part& part, const yaml::Node& node, const ReportProblem& report) {
  return PartReader(report).read(part.field, node);
}

} // namespace aethel
