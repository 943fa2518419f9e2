#include "commands/command.h"

int main(int argc, char** argv) { return aethel::run_command_line(argc, argv); }
