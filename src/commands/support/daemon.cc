#include "commands/support/daemon.h"

#include "commands/support/terminal.h"

#include <cerrno>
#include <climits>
#include <cstring>
#include <unistd.h>

namespace aethel {

Exit execute_daemon(std::string_view subcommand, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"aetheld", std::string(subcommand)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  // The one beside this program first: both come from one build.
  char self[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", self, sizeof self - 1);
  if (length > 0) {
    std::string beside(self, static_cast<std::size_t>(length));
    beside.resize(beside.rfind('/') + 1);
    beside += "aetheld";
    ::execv(beside.c_str(), argv.data());
  }
  ::execvp("aetheld", argv.data());
  print_failure({.message = std::string("cannot execute aetheld: ") + std::strerror(errno),
                 .hint = "`./dev install --prefix P` installs aethel and aetheld side by side"});
  return Exit::usage;
}

} // namespace aethel
