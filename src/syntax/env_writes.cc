#include "syntax/env_writes.h"

#include <algorithm>
#include <array>
#include <set>

namespace aethel::shell {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// `NAME` of `NAME=...` or `export NAME=...`, else empty.
std::string_view assigned(std::string_view line) {
  line = trimmed(line);
  if (line.starts_with("export ")) line = trimmed(line.substr(7));
  std::size_t end = 0;
  while (end < line.size() && is_word(line[end])) ++end;
  if (end < 2 || !is_letter(line.front()) || end >= line.size() || line[end] != '=') return {};
  return line.substr(0, end);
}

std::string_view file_of(std::string_view word) {
  while (!word.empty() && (word.back() == '"' || word.back() == '\'')) word.remove_suffix(1);
  const std::size_t slash = word.find_last_of("/\"' ");
  return slash == npos ? word : word.substr(slash + 1);
}

bool is_example(std::string_view name) {
  return std::ranges::any_of(
      std::array<std::string_view, 5>{"example", "sample", "template", "dist", "default"},
      [&](std::string_view word) { return name.contains(word); });
}

// What compose reads by itself, and what people pass to it: ".env", ".env.production". Others,
// as `.env.local`, are for programs.
bool is_env_file(std::string_view word) {
  const std::string_view name = file_of(word);
  return std::ranges::any_of(std::array<std::string_view, 7>{".env", ".env.production", ".env.prod",
                                                             ".env.staging", "prod.env",
                                                             "production.env", ".env.deploy"},
                             [&](std::string_view each) { return name == each; });
}

// `echo "" > .env`: what is printed is written there, and gives nothing.
// Only what is a value from its first byte on may be a whole file: `echo "$ENV_FILE" > .env`.
bool prints_nothing_new(std::string_view command) {
  if (command.starts_with(": ") || command.starts_with("touch ")) return true;
  for (const std::string_view print : {"echo ", "printf "}) {
    if (!command.starts_with(print)) continue;
    std::string_view rest = command.substr(print.size());
    while (rest.starts_with(' ') || rest.starts_with('-'))
      rest.remove_prefix(rest.starts_with(' ') ? 1 : std::min(rest.find(' '), rest.size()));
    if (rest.starts_with("'%s")) return false; // printf '%s\n' "$ENV_FILE"
    while (rest.starts_with('"') || rest.starts_with('\'')) rest.remove_prefix(1);
    return !rest.starts_with('$') && !rest.starts_with('`');
  }
  return false;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < line.size();) {
    while (at < line.size() && is_blank(line[at])) ++at;
    std::size_t end = at;
    while (end < line.size() && !is_blank(line[end])) ++end;
    if (end > at) words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

// Programs that put secrets of their own into the environment of what they start.
bool brings_secrets(std::string_view line) {
  return std::ranges::any_of(
      std::array<std::string_view, 8>{"doppler run", "infisical run", "op run", "chamber exec",
                                      "sops exec-env", "dotenvx run", "vault-env", "teller run"},
      [&](std::string_view word) { return line.contains(word); });
}

class Reader {
public:
  Reader(std::string_view text, Writer writer) : text_(text), writer_(writer) {}

  std::vector<EnvWrite> run() {
    bool inside = false; // a code block of a document
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      const std::string_view line = text_.substr(at, end - at);
      if (writer_ == Writer::document) {
        if (trimmed(line).starts_with("```"))
          inside = !inside;
        else if (inside)
          note(assigned(line));
      } else if (!body_of(line)) {
        script(line);
      }
      at = end + 1;
    }
    return std::move(found_);
  }

private:
  void note(std::string_view name) {
    if (name.empty() || found_.size() >= most || !seen_.emplace(name).second) return;
    const std::size_t begin = static_cast<std::size_t>(name.data() - text_.data());
    found_.push_back({.name = std::string(name),
                      .range = {static_cast<std::uint32_t>(begin),
                                static_cast<std::uint32_t>(begin + name.size())}});
  }

  void anything(std::string_view line) {
    if (!seen_.emplace("*").second) return;
    const std::string_view shown = trimmed(line);
    const std::size_t begin = static_cast<std::size_t>(shown.data() - text_.data());
    found_.push_back({.name = "*",
                      .range = {static_cast<std::uint32_t>(begin),
                                static_cast<std::uint32_t>(begin + shown.size())}});
  }

  // Whether the line belongs to a here document.
  bool body_of(std::string_view line) {
    if (delimiter_.empty()) return false;
    if (trimmed(line) == delimiter_) {
      delimiter_ = {};
      return true;
    }
    note(assigned(line));
    return true;
  }

  void begin_document(std::string_view line) {
    std::size_t at = line.find("<<");
    if (at == npos || line.substr(at).starts_with("<<<")) return;
    at += 2;
    while (at < line.size() && (line[at] == '-' || line[at] == '~' || is_blank(line[at]))) ++at;
    if (at < line.size() && (line[at] == '"' || line[at] == '\'' || line[at] == '\\')) ++at;
    std::size_t end = at;
    while (end < line.size() && is_word(line[end])) ++end;
    if (end > at && is_letter(line[at])) delimiter_ = line.substr(at, end - at);
  }

  void script(std::string_view line) {
    const std::string_view command = trimmed(line);
    if (command.empty() || command.starts_with('#')) return;
    begin_document(command);
    // `echo "NAME=$value" >> .env`, wherever in the line.
    bool printed = false;
    for (const std::string_view print : {"echo ", "printf "})
      for (std::size_t at = command.find(print); at != npos; at = command.find(print, at + 1)) {
        if (at > 0 && is_word(command[at - 1])) continue;
        std::string_view rest = trimmed(command.substr(at + print.size()));
        while (rest.starts_with('-') && rest.find(' ') != npos)
          rest = trimmed(rest.substr(rest.find(' ')));
        while (!rest.empty() && (rest.front() == '"' || rest.front() == '\''))
          rest.remove_prefix(1);
        const std::string_view name = assigned(rest);
        if (name.empty()) continue;
        printed = true;
        note(name);
      }
    if (brings_secrets(command)) return anything(line);
    if (!command.contains("env") || prints_nothing_new(command)) return;
    const auto words = words_of(command);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      const bool writes = words[i] == ">" || words[i] == ">>" || words[i] == "tee" ||
                          (words[i] == "-a" && i > 0 && words[i - 1] == "tee");
      if (writes && is_env_file(words[i + 1]) && !printed && delimiter_.empty())
        return anything(line);
    }
    for (const std::string_view word : words)
      if ((word.starts_with('>') && word.size() > 1 && is_env_file(word)) && !printed &&
          delimiter_.empty())
        return anything(line);
    // `cp /secure/app.env .env`; a copy of the example says nothing new.
    const std::string_view program =
        file_of(words.front() == "sudo" && words.size() > 1 ? words[1] : words.front());
    if ((program == "cp" || program == "mv" || program == "scp" || program == "install" ||
         program == "aws" || program == "gsutil" || program == "ln" || program == "rsync") &&
        words.size() > 2) {
      bool example = false, to = false;
      for (std::size_t i = 1; i < words.size(); ++i) {
        example = example || is_example(file_of(words[i]));
        to = to || (i > 1 && is_env_file(words[i]));
      }
      if (to && !example) return anything(line);
    }
  }

  static constexpr std::size_t most = 2000;

  std::string_view text_;
  Writer writer_;
  std::string_view delimiter_;
  std::set<std::string, std::less<>> seen_;
  std::vector<EnvWrite> found_;
};

} // namespace

std::vector<EnvWrite> env_writes(std::string_view text, Writer writer) {
  return Reader(text, writer).run();
}

} // namespace aethel::shell
