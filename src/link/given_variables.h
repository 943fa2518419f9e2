// Who gives a project the variables that its own files lack: scripts, recipes and workflows that
// set them or fill an env file. What a test sets serves the test, and what a workflow gives to its
// steps serves the projects that they start.
#pragma once

#include "link/program.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

class GivenVariables {
public:
  explicit GivenVariables(const Program& program);

  // Where a variable of that name is set for the target; null when nothing sets it.
  const Span* named(TargetIndex target, std::string_view name) const;
  // Where an env file is filled with what nobody sees here; null also where the repository has
  // the project's own `.env`.
  const Span* any(TargetIndex target) const;

private:
  struct Given {
    const FileFacts* writer;
    Span span;
  };
  const Span* first(TargetIndex target, std::string_view name) const;
  bool serves(const Given& given, TargetIndex target) const;
  const std::set<TargetIndex>& started_through(const FileFacts& workflow) const;
  void note_callable(const FileFacts& facts);

  const Program& program_;
  std::map<std::string, std::vector<Given>, std::less<>> given_;
  // Scripts and recipes by the word with which others run them: "deploy.sh", "make".
  std::map<std::string, std::vector<const FileFacts*>, std::less<>> callable_;
  mutable std::map<const FileFacts*, std::set<TargetIndex>> started_; // made when asked for
};

} // namespace aethel
