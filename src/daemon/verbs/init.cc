// `aetheld backup init`: a repository, its keys, the page to print.
#include "daemon/recovery_kit.h"
#include "daemon/secret_file.h"
#include "daemon/settings.h"
#include "daemon/terminal.h"
#include "daemon/verb.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace aethel::daemon::verbs {
namespace {

struct Options {
  std::string kit = "aethel-recovery-kit.txt";
  std::string keys = "aethel-keys.env";
  bool print = false;
};

Exit run(const Options& options, const Common& common) {
  auto settings = load_settings(common.config);
  if (!settings) return print_failure(settings.error()), Exit::usage;
  auto store = open_store(*settings);
  if (!store) return print_failure(store.error()), Exit::failed;
  if (!options.print)
    for (const std::string* each : {&options.kit, &options.keys})
      if (::access(each->c_str(), F_OK) == 0) {
        print_failure({.message = "is there already: keys are never overwritten",
                       .path = *each,
                       .hint = "name another file with --kit or --keys"});
        return Exit::usage;
      }
  const backup::PrivateKey service = backup::make_private_key();
  const backup::PrivateKey recovery = backup::make_private_key();
  const backup::SigningKey signing = backup::make_signing_key();
  // Keys first: a repository whose keys are lost would be worse than keys without one.
  const std::string variables = fmt::format(
      "# Of aetheld, for backups of \"{}\". Keep it where secrets are kept; never in Git.\n"
      "BACKUP_SERVICE_KEY={}\n"
      "BACKUP_SIGNING_KEY={}\n",
      settings->database(), backup::text_of(service), backup::text_of(signing));
  if (!options.print)
    if (auto written = write_secret(options.keys, variables, "--keys"); !written)
      return print_failure(written.error()), Exit::failed;
  auto made = backup::Repository::create(
      **store, {{"service", service.public_key()}, {"recovery", recovery.public_key()}}, signing);
  if (!made) {
    if (!options.print) ::unlink(options.keys.c_str());
    Failure failure = made.error();
    const std::string& folder = settings->backup().store.folder.value;
    if (failure.hint.empty() && !folder.empty() && ::access(folder.c_str(), W_OK) != 0)
      failure.hint = "make the folder for this user, or choose another with `backup.store.folder`";
    return print_failure(failure), Exit::failed;
  }
  const std::string kit =
      recovery_kit(*settings, made->config(), made->config().created, recovery, signing.signer());
  if (options.print) {
    std::fputs((variables + "\n" + kit).c_str(), stdout);
    return Exit::done;
  }
  if (auto written = write_secret(options.kit, kit, "--kit"); !written) {
    // The key that is not on the page would be lost.
    static_cast<void>((*store)->remove("config/000001"));
    ::unlink(options.keys.c_str());
    return print_failure(written.error()), Exit::failed;
  }
  if (common.json) {
    const nlohmann::ordered_json all = {{"repository", made->config().id},
                                        {"store", (*store)->describe()},
                                        {"signer", backup::text_of(signing.signer())},
                                        {"recovery_kit", options.kit},
                                        {"keys", options.keys}};
    fmt::print("{}\n", all.dump(1));
  } else if (!common.quiet) {
    fmt::print("made a repository in {}\n"
               "\n"
               "  {:<26} print it, put it away, delete the file\n"
               "  {:<26} the service's keys: into the secret store, then delete the file\n"
               "\n"
               "next: aetheld backup check\n",
               (*store)->describe(), options.kit, options.keys);
  }
  return Exit::done;
}

std::function<Exit()> declare(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("--kit", options->kit, "where the recovery kit is written")->type_name("FILE");
  app.add_option("--keys", options->keys, "where the service's keys are written")
      ->type_name("FILE");
  app.add_flag("--print", options->print, "writes both on standard output instead");
  return [options, &common] { return run(*options, common); };
}

} // namespace

extern constinit const Verb init;
constinit const Verb init{"init", "makes a repository, its keys and the recovery kit",
                          "aetheld backup init", declare};

} // namespace aethel::daemon::verbs
