// The running parts: proven backups and what an application lacks at run time. None is here
// yet; the program says so instead of pretending.
#include <cstdio>
#include <string_view>

int main(int argc, char** argv) {
  const std::string_view argument = argc > 1 ? argv[1] : "";
  if (argument == "--version") {
    std::puts("aetheld " AETHEL_VERSION);
    return 0;
  }
  std::fputs("aetheld " AETHEL_VERSION ": the running parts of Aethel\n"
             "\n"
             "It will hold:\n"
             "  backup   backups of PostgreSQL that are proven by restoring them\n"
             "  serve    health, metrics, webhook inbox and the backup API\n"
             "\n"
             "This version holds none of them. The linker is `aethel`.\n",
             argument == "--help" || argument == "-h" ? stdout : stderr);
  return argument == "--help" || argument == "-h" ? 0 : 2;
}
