// Words by which names and prose say what something is for, in English and Portuguese.
#pragma once

#include "model/stage.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aethel {

// "prod", "homologacao", "e2e"; in any case.
std::optional<Stage> stage_of_word(std::string_view text);

// In prose "stage" and "live" are mostly verbs.
enum class Wording : std::uint8_t { name, prose };

// The last word that names a stage: `docker-compose.test.prod.yml` is about production.
std::optional<Stage> stage_of_name(std::string_view name, Wording wording = Wording::name);

// The innermost folder of a path that names a stage, and that folder.
std::optional<std::pair<Stage, std::string>> stage_of_folders(std::string_view path);

// Offset at which a text says of itself that it is not for production: "must not be deployed in
// production", "não use em produção". Only the plainest sentences: the negation, words like
// "intended to be used", the word.
std::optional<std::size_t> find_disclaimer(std::string_view text);

} // namespace aethel
