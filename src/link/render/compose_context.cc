#include "link/render/compose_context.h"

#include "front/reader.h"

#include <algorithm>
#include <fmt/format.h>

namespace aethel::readers {
extern constinit const Reader compose;
}

namespace aethel::compose {

Context::Context(const Sources& sources_, const FactsOf& facts_of_, const ComposeRequest& request_,
                 ComposeProject& project_)
    : sources(sources_), facts_of(facts_of_), request(request_), project(project_) {}

Context::~Context() = default;

void Context::problem(ComposeProblem::Kind kind, Span span, std::string message) {
  problem({.kind = kind, .message = std::move(message), .span = span});
}

void Context::problem(ComposeProblem problem) {
  const std::pair place{problem.span.file.value, problem.span.range.begin};
  if (said_.insert({problem.message, place}).second) project.problems.push_back(std::move(problem));
}

void Context::reject(Span span, std::string message, ComposeProblem::Kind kind) {
  problem(kind, span, std::move(message));
}

// Facts of a file that another reader alone claims (an `extends` may name any file) are in
// another dialect: such a file is read here.
const FileFacts* Context::documents(FileId file) {
  const FileFacts* facts = nullptr;
  if (const auto found = read_here_.find(file); found != read_here_.end()) {
    facts = found->second.get();
  } else {
    if (facts_of && readers::compose.claims(sources.path(file))) facts = facts_of(file);
    if (facts == nullptr || (facts->documents.empty() && facts->problems.empty())) {
      const auto source = sources.load(file);
      if (!source) {
        problem(ComposeProblem::Kind::unreadable, {file, {}}, source.error().message);
        return nullptr;
      }
      auto here = std::make_unique<FileFacts>();
      here->file = file;
      readers::compose.read(**source, file, *here);
      facts = read_here_.emplace(file, std::move(here)).first->second.get();
    }
  }
  if (!reported_.insert(file).second) return facts;
  project.files.push_back(file);
  for (const FileProblem& found : facts->problems) {
    if (found.effect == FileProblem::Effect::always)
      reject({file, {found.offset, found.offset}}, found.message);
    else
      malformed_operands_.emplace(file, found.offset);
  }
  return facts;
}

bool Context::operand_is_malformed(Span hole) const {
  const auto next = malformed_operands_.lower_bound({hole.file, hole.range.begin});
  return next != malformed_operands_.end() && next->first == hole.file &&
         next->second < hole.range.end;
}

bool Context::take_nodes(std::size_t count) {
  if (count > nodes_) {
    nodes_ = 0;
    problem(ComposeProblem::Kind::unreadable, {}, "the project is too large");
    return false;
  }
  nodes_ -= count;
  return true;
}

bool Context::take_bytes(std::size_t count) {
  if (count > bytes_) {
    bytes_ = 0;
    problem(ComposeProblem::Kind::unreadable, {}, "the variables make the project too large");
    return false;
  }
  bytes_ -= count;
  return true;
}

} // namespace aethel::compose
