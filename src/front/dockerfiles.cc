// Dockerfiles: stages, their bases, what they take from each other and from the context, and what
// they run.
#include "front/reader.h"
#include "front/support/suppressions.h"
#include "syntax/dockerfile.h"

#include <algorithm>
#include <string_view>

namespace aethel::readers {
namespace {

// `type=cache,from=build`: the mount of a RUN.
std::string_view mount_source(std::string_view mount) {
  for (std::size_t at = 0; at < mount.size();) {
    const std::size_t comma = std::min(mount.find(',', at), mount.size());
    const std::string_view part = mount.substr(at, comma - at);
    if (part.starts_with("from=")) return part.substr(5);
    at = comma + 1;
  }
  return {};
}

bool claims(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "Dockerfile" || name == "dockerfile" || name == "Containerfile" ||
         name.starts_with("Dockerfile.") || name.starts_with("Dockerfile-") ||
         name.starts_with("Dockerfile_") || name.ends_with(".Dockerfile") ||
         name.ends_with(".dockerfile");
}

BuildWord word_of(const dockerfile::Word& word, FileId file) {
  return {.pieces = word.pieces, .written = word.written, .span = {file, word.range}};
}

BuildStep::Kind kind_of(std::string_view name) {
  using Kind = BuildStep::Kind;
  if (name == "ARG") return Kind::argument;
  if (name == "ENV") return Kind::environment;
  if (name == "WORKDIR") return Kind::directory;
  if (name == "COPY" || name == "ADD") return Kind::copy;
  if (name == "RUN") return Kind::run;
  if (name == "USER") return Kind::user;
  if (name == "EXPOSE") return Kind::expose;
  if (name == "HEALTHCHECK") return Kind::health_check;
  if (name == "ENTRYPOINT") return Kind::entry_point;
  if (name == "CMD") return Kind::command;
  if (name == "SHELL") return Kind::shell;
  return Kind::other;
}

std::vector<BuildSetting> settings_of(const std::vector<dockerfile::Setting>& settings,
                                      FileId file) {
  std::vector<BuildSetting> result;
  for (const dockerfile::Setting& setting : settings)
    result.push_back(
        {.name = setting.name,
         .value = setting.value ? std::optional(word_of(*setting.value, file)) : std::nullopt,
         .span = {file, setting.name_range}});
  return result;
}

// `HEALTHCHECK --interval=5s CMD curl ...`: what follows CMD.
MappedText after_cmd(const MappedText& text) {
  MappedText rest;
  std::size_t at = std::min<std::size_t>(3, text.text.size());
  while (at < text.text.size() && (text.text[at] == ' ' || text.text[at] == '\t')) ++at;
  rest.text = text.text.substr(at);
  rest.offsets.assign(text.offsets.begin() + static_cast<std::ptrdiff_t>(at), text.offsets.end());
  return rest;
}

void read_command(const dockerfile::Instruction& instruction, MappedText text, const Source& source,
                  FileId file, BuildStep& step) {
  if (const auto strings = dockerfile::exec_form(text)) {
    step.exec_form = true;
    for (const dockerfile::JsonString& string : *strings)
      step.words.push_back({.pieces = {{.range = string.range, .text = string.value}},
                            .written = string.value,
                            .span = {file, string.range}});
    return;
  }
  step.text = std::move(text);
  // `RUN <<EOF`: the documents are the script, or the input of a program; each on its own lines.
  for (const dockerfile::HereDocument& document : instruction.here_documents) {
    MappedText& joined = step.text;
    const std::size_t end = joined.offsets.empty() ? document.body.begin : joined.offsets.back();
    if (!joined.offsets.empty()) joined.offsets.pop_back();
    joined.push('\n', end);
    joined.append(
        source.bytes().substr(document.body.begin, document.body.end - document.body.begin),
        document.body.begin);
    joined.finish(document.body.end);
  }
}

BuildStep step_of(const dockerfile::File& parsed, const dockerfile::Instruction& instruction,
                  const Source& source, FileId file) {
  using Kind = BuildStep::Kind;
  BuildStep step{.kind = kind_of(instruction.name), .span = {file, instruction.range}};
  switch (step.kind) {
  case Kind::argument:
  case Kind::environment:
    step.settings = settings_of(dockerfile::settings(parsed, instruction), file);
    break;
  case Kind::directory:
  case Kind::user:
    step.words.push_back(word_of(dockerfile::whole(parsed, instruction), file));
    break;
  case Kind::copy:
    step.add = instruction.name == "ADD";
    step.inline_files = !instruction.here_documents.empty();
    for (const dockerfile::Flag& flag : instruction.flags)
      if (flag.name == "from") {
        step.from = flag.value;
        step.from_span = {file, flag.range};
      }
    [[fallthrough]];
  case Kind::expose:
    for (const dockerfile::Word& word : dockerfile::words(parsed, instruction))
      step.words.push_back(word_of(word, file));
    break;
  case Kind::health_check:
    step.none = instruction.arguments.text == "NONE" || instruction.arguments.text == "none";
    if (!step.none) read_command(instruction, after_cmd(instruction.arguments), source, file, step);
    break;
  case Kind::run:
  case Kind::entry_point:
  case Kind::command:
  case Kind::shell: read_command(instruction, instruction.arguments, source, file, step); break;
  case Kind::other: break;
  }
  return step;
}

void read(const Source& source, FileId file, FileFacts& facts) {
  const dockerfile::File parsed = dockerfile::parse(source.bytes());
  for (const dockerfile::Instruction& instruction : parsed.instructions) {
    if (instruction.name == "FROM") break;
    if (instruction.name != "ARG") continue;
    for (BuildSetting& setting : settings_of(dockerfile::settings(parsed, instruction), file))
      facts.build_arguments.push_back(std::move(setting));
  }
  for (const dockerfile::Stage& stage : parsed.stages) {
    BuildStage fact{.name = stage.name,
                    .base = stage.base,
                    .base_known = stage.base_known == dockerfile::Stage::Known::yes,
                    .span = {file, stage.range},
                    .uses = {},
                    .image = stage.image,
                    .steps = {}};
    if (fact.base_known && !stage.base_stage)
      fact.uses.push_back({.name = stage.base, .span = {file, stage.image_range}});
    for (std::size_t i = stage.first_instruction;
         i < stage.end_instruction && i < parsed.instructions.size(); ++i) {
      const dockerfile::Instruction& instruction = parsed.instructions[i];
      fact.steps.push_back(step_of(parsed, instruction, source, file));
      if (instruction.name == "HEALTHCHECK" && instruction.arguments.text != "NONE")
        fact.has_healthcheck = true;
      for (const dockerfile::Flag& flag : instruction.flags) {
        std::string_view name;
        if (flag.name == "from" && instruction.name == "COPY") name = flag.value;
        if (flag.name == "mount" && instruction.name == "RUN") name = mount_source(flag.value);
        if (!name.empty())
          fact.uses.push_back({.name = std::string(name), .span = {file, flag.range}});
      }
    }
    facts.stages.push_back(std::move(fact));
  }
  for (Suppression& suppression : read_suppressions(source, file, parsed.comments))
    facts.suppressions.push_back(std::move(suppression));
}

} // namespace

extern constinit const Reader dockerfiles;
constinit const Reader dockerfiles{
    .name = "dockerfile", .claims = claims, .accepts = nullptr, .read = read};

} // namespace aethel::readers
