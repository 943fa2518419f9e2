// `aetheld backup keys [list|add|rotate]`.
#include "daemon/recovery_kit.h"
#include "daemon/secret_file.h"
#include "daemon/settings.h"
#include "daemon/terminal.h"
#include "daemon/verb.h"

#include "backup/rewrap.h"
#include "base/counted.h"

#include <CLI/CLI.hpp>

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace aethel::daemon::verbs {
namespace {

struct Options {
  std::string action = "list";
  std::string which;
  std::string public_key;
  std::string out = "aethel-new-key.env";
  std::string kit = "aethel-recovery-kit.txt";
  bool print = false;
};

// A new key into its file, or, with --print, on standard output.
Result<void> hand_out(const Options& options, const std::string& path, const std::string& text) {
  if (!options.print) return write_secret(path, text, &path == &options.kit ? "--kit" : "--out");
  fmt::print("{}", text);
  return {};
}

std::string next_step(const std::string& path, const SecretPlace& place, const std::string& usual) {
  return fmt::format("next: put the key of {} into {}, then delete that file\n", path,
                     secret_source(place, usual));
}

Exit print_list(const backup::RepositoryConfig& config, const Common& common) {
  if (common.json) {
    auto recipients = nlohmann::ordered_json::array();
    for (const backup::Recipient& each : config.recipients)
      recipients.push_back({{"kind", each.kind},
                            {"id", backup::id_of(each.key)},
                            {"key", backup::text_of(each.key)}});
    auto signers = nlohmann::ordered_json::array();
    for (const backup::SignerKey& each : config.signers)
      signers.push_back({{"id", backup::id_of(each)},
                         {"key", backup::text_of(each)},
                         {"signs", each == config.signers.back()}});
    fmt::print("{}\n",
               nlohmann::ordered_json{{"recipients", recipients}, {"signers", signers}}.dump(1));
    return Exit::done;
  }
  fmt::print("{}\n", bold("who can open new backups"));
  for (const backup::Recipient& each : config.recipients)
    fmt::print("  {:<9} {}  {}\n", each.kind, backup::id_of(each.key), backup::text_of(each.key));
  // Who was replaced and who was added later stand alike in it: all of them may sign.
  fmt::print("{}\n", bold("who signs"));
  for (const backup::SignerKey& each : config.signers)
    fmt::print("  {:<9} {}  {}\n", each == config.signers.back() ? "now" : "may sign",
               backup::id_of(each), backup::text_of(each));
  return Exit::done;
}

// New backups at once; those that exist are wrapped for it by who can open them.
Exit wrap_old(const Options& options, const Settings& settings,
              const backup::Repository& repository,
              const std::vector<backup::PublicKey>& recipients, const backup::SigningKey& signing,
              const Common& common) {
  auto opens = service_key(settings);
  if (!opens) {
    print_failure({.message = "new backups are for the new key; old ones are not wrapped for it: " +
                              opens.error().message});
    return Exit::unproven;
  }
  auto done = backup::rewrap(repository, *opens, recipients, signing);
  if (!done) return print_failure(done.error()), Exit::failed;
  if (!common.quiet && !options.print)
    fmt::print("{} wrapped for it as well\n", counted(done->done, "backup"));
  for (const backup::Unreadable& each : done->left)
    print_failure({.message = fmt::format("{} is not: {}", each.id, each.why)});
  return done->left.empty() ? Exit::done : Exit::unproven;
}

// One more that may sign, such as of a second machine. Who signs now goes on doing so.
Exit add_signing(const Options& options, const backup::SigningKey& signing,
                 backup::Repository& repository, const Common& common) {
  backup::RepositoryConfig config = repository.config();
  const auto insert = [&](const backup::SignerKey& signer) {
    config.signers.insert(config.signers.end() - 1, signer);
  };
  if (!options.public_key.empty()) {
    auto signer = backup::parse_signer_key(options.public_key);
    if (!signer) {
      print_failure({.message = signer.error().message, .hint = "--public aethel-signer-..."});
      return Exit::usage;
    }
    if (std::ranges::find(config.signers, *signer) != config.signers.end())
      return print_failure({.message = "that key may sign already"}), Exit::usage;
    insert(*signer);
    if (auto changed = repository.change(std::move(config), signing, signing); !changed)
      return print_failure(changed.error()), Exit::failed;
    if (!common.quiet && !options.print)
      fmt::print("{} may sign; its machine needs `signer: {}` in aethel.yaml\n",
                 backup::id_of(*signer), backup::text_of(signing.signer()));
    return Exit::done;
  }
  const backup::SigningKey next = backup::make_signing_key();
  if (auto written = hand_out(options, options.out,
                              fmt::format("BACKUP_SIGNING_KEY={}\n", backup::text_of(next)));
      !written)
    return print_failure(written.error()), Exit::failed;
  insert(next.signer());
  // It signs as well: then its machine can enter here.
  if (auto changed = repository.change(std::move(config), signing, next); !changed)
    return print_failure(changed.error()), Exit::failed;
  if (!common.quiet && !options.print)
    fmt::print(
        "{0} holds one more signing key\n"
        "next: put the key of {0} into BACKUP_SIGNING_KEY of its machine, then delete that file\n",
        options.out);
  return Exit::done;
}

Exit add(const Options& options, const Settings& settings, backup::Repository& repository,
         const Common& common) {
  auto signing = signing_key(settings);
  if (!signing) return print_failure(signing.error()), Exit::usage;
  if (options.which == "signing") return add_signing(options, *signing, repository, common);
  auto key = backup::parse_public_key(options.public_key);
  if (!key) {
    print_failure({.message = key.error().message, .hint = "--public aethel-public-..."});
    return Exit::usage;
  }
  backup::RepositoryConfig config = repository.config();
  for (const backup::Recipient& each : config.recipients)
    if (each.key == *key)
      return print_failure({.message = "that key is a recipient already"}), Exit::usage;
  config.recipients.push_back({options.which.empty() ? "recovery" : options.which, *key});
  if (auto changed = repository.change(std::move(config), *signing, *signing); !changed)
    return print_failure(changed.error()), Exit::failed;
  return wrap_old(options, settings, repository, {*key}, *signing, common);
}

Exit rotate(const Options& options, const Settings& settings, backup::Repository& repository,
            const Common& common) {
  auto signing = signing_key(settings);
  if (!signing) return print_failure(signing.error()), Exit::usage;
  backup::RepositoryConfig config = repository.config();
  if (options.which == "signing") {
    const backup::SigningKey next = backup::make_signing_key();
    if (auto written = hand_out(options, options.out,
                                fmt::format("BACKUP_SIGNING_KEY={}\n", backup::text_of(next)));
        !written)
      return print_failure(written.error()), Exit::failed;
    config.signers.push_back(next.signer());
    if (auto changed = repository.change(std::move(config), *signing, next); !changed)
      return print_failure(changed.error()), Exit::failed;
    if (!common.quiet && !options.print)
      fmt::print(
          "{} holds the new signing key; recovery kits name the signer of before, which leads to "
          "it\n{}",
          options.out, next_step(options.out, settings.backup().signing_key, "BACKUP_SIGNING_KEY"));
    return Exit::done;
  }
  if (options.which != "service" && options.which != "recovery") {
    print_failure({.message = "which key is not said", .hint = "service, recovery or signing"});
    return Exit::usage;
  }
  const backup::PrivateKey next = backup::make_private_key();
  const bool recovery = options.which == "recovery";
  const std::string& path = recovery ? options.kit : options.out;
  const auto now = repository.store().clock();
  if (!now) return print_failure({.message = now.error().message}), Exit::failed;
  // Before the repository knows it: a key that is nowhere else must not be lost.
  const std::string text = recovery
                               ? recovery_kit(settings, config, *now, next, config.signers.back())
                               : fmt::format("BACKUP_SERVICE_KEY={}\n", backup::text_of(next));
  if (auto written = hand_out(options, path, text); !written)
    return print_failure(written.error()), Exit::failed;
  std::erase_if(config.recipients,
                [&](const backup::Recipient& each) { return each.kind == options.which; });
  config.recipients.push_back({options.which, next.public_key()});
  if (auto changed = repository.change(std::move(config), *signing, *signing); !changed)
    return print_failure(changed.error()), Exit::failed;
  if (!common.quiet && !options.print) {
    if (recovery)
      fmt::print("{} is the new recovery kit: print it, put it away, delete the file; the page of "
                 "before still opens the backups of before\n",
                 path);
    else
      fmt::print("{} holds the new private key; the old one still opens the backups of before\n",
                 path);
  }
  const Exit wrapped =
      wrap_old(options, settings, repository, {next.public_key()}, *signing, common);
  if (!recovery && !common.quiet && !options.print)
    fmt::print("{}", next_step(path, settings.backup().service_key, "BACKUP_SERVICE_KEY"));
  return wrapped;
}

Exit run(const Options& options, const Common& common) {
  auto opened = open_repository(common);
  if (!opened) return print_failure(opened.error());
  const Settings& settings = opened->settings;
  backup::Repository& repository = opened->repository;
  if (options.action == "add") return add(options, settings, repository, common);
  if (options.action == "rotate") return rotate(options, settings, repository, common);
  return print_list(repository.config(), common);
}

std::function<Exit()> declare(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("ACTION", options->action, "list (default), add or rotate")
      ->check(CLI::IsMember({"list", "add", "rotate"}));
  app.add_option("WHICH", options->which, "service, recovery or signing")
      ->check(CLI::IsMember({"service", "recovery", "signing"}));
  app.add_option("--public", options->public_key, "the public key to add")->type_name("KEY");
  app.add_option("--out", options->out, "where a new private key is written")->type_name("FILE");
  app.add_option("--kit", options->kit, "where a new recovery kit is written")->type_name("FILE");
  app.add_flag("--print", options->print, "writes it on standard output instead, and nothing else");
  return [options, &common] { return run(*options, common); };
}

} // namespace

extern constinit const Verb keys;
constinit const Verb keys{"keys", "lists, adds and rotates keys",
                          "aetheld backup keys rotate service", declare};

} // namespace aethel::daemon::verbs
