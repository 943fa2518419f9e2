// What a command is run for, where its failure is news: it deploys, migrates, builds, tests,
// checks, or dumps a database. Data with source and date in command_purposes.tsv.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::knowledge {

// The words from the program that does the work on: without `sudo`, `npx`, `timeout 30`,
// `docker compose exec -T db`, `kubectl exec pod --`; `npm test` and `yarn lint` are `run test` and
// `run lint`.
std::vector<std::string> without_wrappers(std::span<const std::string> command);

// "dump", "deploy", "migrate", "build", "test", "check"; empty when nothing is known. Takes a
// command with its wrappers. One that is asked for a rehearsal (`--dry-run`) has no purpose.
std::string_view purpose_of(std::span<const std::string> command);

} // namespace aethel::knowledge
