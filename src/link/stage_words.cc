#include "link/stage_words.h"

#include "base/files.h"
#include "knowledge/shapes.h"

#include <algorithm>
#include <cctype>

namespace aethel {
namespace {

struct Word {
  std::string_view word;
  Stage stage;
};

constexpr Word words[] = {
    {"prod", Stage::production},
    {"production", Stage::production},
    {"producao", Stage::production},
    {"prd", Stage::production},
    {"live", Stage::production},
    {"staging", Stage::staging},
    {"stage", Stage::staging},
    {"stg", Stage::staging},
    {"homolog", Stage::staging},
    {"homologacao", Stage::staging},
    {"preprod", Stage::staging},
    {"dev", Stage::development},
    {"develop", Stage::development},
    {"development", Stage::development},
    {"local", Stage::development},
    {"desenvolvimento", Stage::development},
    {"devcontainer", Stage::development},
    {"debug", Stage::development},
    {"test", Stage::test},
    {"tests", Stage::test},
    {"testing", Stage::test},
    {"ci", Stage::test},
    {"e2e", Stage::test},
    {"integration", Stage::test},
    {"loadtest", Stage::test},
    {"benchmark", Stage::test},
    {"example", Stage::example},
    {"examples", Stage::example},
    {"sample", Stage::example},
    {"samples", Stage::example},
    {"demo", Stage::example},
    {"demos", Stage::example},
    {"tutorial", Stage::example},
    {"quickstart", Stage::example},
    {"template", Stage::example},
    {"templates", Stage::example},
    {"fixtures", Stage::test},
    {"testdata", Stage::test},
};

bool is_verb(std::string_view word) {
  const std::string lower = knowledge::lower(word);
  return lower == "stage" || lower == "live";
}

} // namespace

std::optional<Stage> stage_of_word(std::string_view text) {
  const std::string lower = knowledge::lower(text);
  for (const Word& each : words)
    if (each.word == lower) return each.stage;
  return {};
}

std::optional<Stage> stage_of_name(std::string_view name, Wording wording) {
  std::optional<Stage> found;
  std::size_t at = 0;
  while (at < name.size()) {
    std::size_t end = at;
    while (end < name.size() && std::isalnum(static_cast<unsigned char>(name[end])) != 0) ++end;
    const std::string_view word = name.substr(at, end - at);
    if (!word.empty() && !(wording == Wording::prose && is_verb(word)))
      if (const auto stage = stage_of_word(word)) found = stage;
    at = end + 1;
  }
  return found;
}

std::optional<std::pair<Stage, std::string>> stage_of_folders(std::string_view path) {
  for (std::string_view folder = parent_path(path); !folder.empty(); folder = parent_path(folder))
    if (const auto stage = stage_of_name(file_name(folder)))
      return std::pair(*stage, std::string(folder));
  return {};
}

std::optional<std::size_t> find_disclaimer(std::string_view text) {
  constexpr std::string_view negations[] = {"not", "don't", "shouldn't", "never", "não", "nunca"};
  constexpr std::string_view between[] = {
      "be",  "is",   "intended", "meant", "suitable", "designed", "recommended", "for",
      "to",  "used", "use",      "using", "deployed", "deploy",   "run",         "in",
      "any", "it",   "this",     "them",  "these",    "directly", "usar",        "para",
      "em",  "deve", "ser",      "usado", "usada",    "é",        "feito",       "recomendado"};
  enum class State : std::uint8_t { outside, negated } state = State::outside;
  std::size_t began = 0;
  for (std::size_t at = 0; at < text.size();) {
    constexpr std::string_view gaps = " \t\r\n>*_`\"";
    const std::size_t from = text.find_first_not_of(gaps, at);
    if (from == std::string_view::npos) return {};
    at = std::min(text.find_first_of(gaps, from), text.size());
    std::string word = knowledge::lower(text.substr(from, at - from));
    const bool ends = word.ends_with('.') || word.ends_with('!') || word.ends_with(':');
    while (!word.empty() && std::string_view(".,;:!").contains(word.back())) word.pop_back();
    if (std::ranges::find(negations, word) != std::end(negations)) {
      state = State::negated;
      began = from;
      continue;
    }
    if (state == State::outside) continue;
    if (word == "production" || word == "produção") return began;
    if (ends || std::ranges::find(between, word) == std::end(between)) state = State::outside;
  }
  return {};
}

} // namespace aethel
