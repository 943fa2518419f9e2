// What the passes of the compose renderer share: the files, the variables, the result, and
// the budgets that keep a hostile project from growing without end.
#pragma once

#include "link/render/compose.h"

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace aethel::compose {

struct Variable {
  std::string value;
  Hole::From from = Hole::From::environment;
  Span given;
};

// What interpolation sees.
using Variables = std::map<std::string, Variable, std::less<>>;

class Context {
public:
  Context(const Sources& sources, const FactsOf& facts_of, const ComposeRequest& request,
          ComposeProject& project);
  ~Context();

  const Sources& sources;
  const FactsOf& facts_of;
  const ComposeRequest& request;
  ComposeProject& project;

  // Compose refuses the project. Said once for a place.
  void reject(Span span, std::string message,
              ComposeProblem::Kind kind = ComposeProblem::Kind::rejected);
  void problem(ComposeProblem::Kind kind, Span span, std::string message);
  void problem(ComposeProblem problem);

  // The raw documents of a file, with the file noted as read and its problems reported. Null
  // when it cannot be read; that is reported as well.
  const FileFacts* documents(FileId file);
  bool operand_is_malformed(Span hole) const;

  // False when the project has grown beyond what any real one needs; said once.
  bool take_nodes(std::size_t count);
  bool take_bytes(std::size_t count);

private:
  std::map<FileId, std::unique_ptr<FileFacts>> read_here_;
  std::set<FileId> reported_;
  std::set<std::pair<FileId, std::uint32_t>> malformed_operands_;
  std::set<std::pair<std::string, std::pair<std::uint32_t, std::uint32_t>>> said_;
  // 400,000 nodes are some 100 MB. The largest project seen in the wild has 12,000.
  std::size_t nodes_ = 400'000;
  std::size_t bytes_ = std::size_t{8} << 20; // as much as one source file may have
};

} // namespace aethel::compose
