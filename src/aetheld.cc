#include "daemon/verb.h"

int main(int argc, char** argv) { return aethel::daemon::run_daemon(argc, argv); }
