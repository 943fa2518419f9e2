#include "backup/cluster.h"

#include "base/process.h"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/file.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace aethel::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "aethel-drill-";
constexpr std::string_view lock_name = "lock";
constexpr std::size_t connections = 30;
constexpr auto start_limit = std::chrono::seconds(90);

// A folder and those above it; others may pass through what is made, whatever the umask, when a
// server of theirs is to stand in it.
Result<void> make_way(const fs::path& folder, bool for_others) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return {};
  if (folder.has_relative_path() && folder.has_parent_path())
    if (auto above = make_way(folder.parent_path(), for_others); !above) return above;
  if (fs::create_directory(folder, error) && for_others)
    fs::permissions(folder, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec,
                    error);
  if (error) return fail(fmt::format("cannot make \"{}\": {}", folder.string(), error.message()));
  return {};
}

// Held as long as the file is open; the kernel lets go when a program is killed.
class Lock {
public:
  Lock(const std::string& path, int flags)
      : file_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~Lock() {
    if (file_ >= 0) ::close(file_);
  }
  Lock(Lock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Lock& operator=(Lock&&) = delete;
  bool take(bool wait = false) const {
    return file_ >= 0 && ::flock(file_, wait ? LOCK_EX : LOCK_EX | LOCK_NB) == 0;
  }

private:
  int file_;
};

// A postmaster that was killed leaves a segment of shared memory, by which a second one would know
// that the first one's children are still there. Its number stands in the 7th line of its file.
void remove_memory(const fs::path& data, uid_t owner) {
  std::ifstream file(data / "postmaster.pid");
  std::string line;
  for (int i = 0; i < 7; ++i)
    if (!std::getline(file, line)) return;
  unsigned long key = 0;
  int id = 0;
  if (!(std::istringstream(line) >> key >> id)) return;
  struct shmid_ds about{};
  if (::shmctl(id, IPC_STAT, &about) == 0 && about.shm_nattch == 0 && about.shm_perm.uid == owner &&
      static_cast<unsigned long>(about.shm_perm.__key) == key)
    ::shmctl(id, IPC_RMID, nullptr);
}

struct Left {
  fs::path folder;
  Lock lock;
  uid_t owner;
};

// With the lock of the parent, so that none of them is just being made.
std::vector<Left> find_left(const std::string& folder, const std::optional<ProcessUser>& user) {
  std::vector<Left> out;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    struct stat about{};
    // Not what a symbolic link names, nor what others made to be removed by us.
    if (!entry.path().filename().string().starts_with(prefix) ||
        ::lstat(entry.path().c_str(), &about) != 0 || !S_ISDIR(about.st_mode) ||
        (about.st_uid != ::geteuid() && !(user && about.st_uid == user->user)))
      continue;
    Lock lock(entry.path() / lock_name, O_RDWR | O_CREAT);
    if (lock.take()) out.push_back({entry.path(), std::move(lock), about.st_uid});
  }
  return out;
}

void remove_left(const std::vector<Left>& all) {
  std::error_code ignored;
  for (const Left& each : all) {
    remove_memory(each.folder / "data", each.owner);
    fs::remove_all(each.folder, ignored);
  }
}

class Scratch final : public Cluster {
public:
  explicit Scratch(const ClusterOptions& options) : options_(options) {}

  ~Scratch() override {
    if (server_) {
      // Immediate: nothing of it is kept.
      server_->signal(SIGQUIT);
      server_->wait_for_code();
      server_.reset();
    }
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }

  Result<void> begin() {
    if (auto made = make_way(options_.folder, options_.user.has_value()); !made) return made;
    std::vector<Left> left;
    {
      const Lock parent(options_.folder, O_RDONLY | O_DIRECTORY);
      if (!parent.take(true))
        return fail(fmt::format("cannot lock \"{}\": {}", options_.folder, std::strerror(errno)));
      left = find_left(options_.folder, options_.user);
      std::string name = fmt::format("{}/{}XXXXXX", options_.folder, prefix);
      if (::mkdtemp(name.data()) == nullptr)
        return fail(fmt::format("cannot make a folder in \"{}\": {}", options_.folder,
                                std::strerror(errno)));
      folder_ = name;
      lock_.emplace(folder_ + "/" + std::string(lock_name), O_RDWR | O_CREAT);
      if (!lock_->take())
        return fail(fmt::format("cannot lock \"{}\": {}", folder_, std::strerror(errno)));
    }
    // Gigabytes, perhaps: others need not wait for it.
    remove_left(left);
    // A socket's path has at most 107 bytes.
    if (folder_.size() + std::string_view("/.s.PGSQL.5432").size() > 107)
      return fail({.message = fmt::format("the path of \"{}\" is too long for a socket", folder_),
                   .hint = "give `backup.drill.folder` a shorter one"});
    if (options_.user && ::chown(folder_.c_str(), options_.user->user, options_.user->group) != 0)
      return fail(fmt::format("cannot give \"{}\" to the server's user: {}", folder_,
                              std::strerror(errno)));
    data_ = folder_ + "/data";
    auto made = run_program({.arguments = {options_.tools.path("initdb"), "--pgdata=" + data_,
                                           "--username=" + options_.bootstrap, "--auth=trust",
                                           "--encoding=" + options_.encoding, "--locale=C",
                                           "--no-sync", "--no-instructions"},
                             .environment = environment(),
                             .folder = folder_,
                             .user = options_.user});
    if (!made) return std::unexpected(made.error());
    return serve();
  }

  Address address(const std::string& database) const override {
    Address out;
    // Before settings of the database and its roles, which may keep a session from writing, from
    // taking its time or from being itself. Event triggers of the source would watch the drill.
    std::string options = "-c default_transaction_read_only=off -c statement_timeout=0 "
                          "-c lock_timeout=0 -c idle_in_transaction_session_timeout=0 "
                          "-c role=none -c transform_null_equals=off -c array_nulls=on";
    if (options_.tools.major >= 14) options += " -c idle_session_timeout=0";
    if (options_.tools.major >= 17) options += " -c transaction_timeout=0 -c event_triggers=off";
    out.words = {{"host", folder_},
                 {"port", "5432"},
                 {"user", std::string(drill_role)},
                 {"dbname", database},
                 {"sslmode", "disable"},
                 {"gssencmode", "disable"},
                 {"options", std::move(options)}};
    return out;
  }

  std::optional<ProcessUser> user() const override { return options_.user; }
  std::string log() const override { return server_ ? server_->errors() : std::string(); }

private:
  std::vector<std::string> environment() const {
    return {"LC_ALL=C", "TZ=UTC", "PATH=" + options_.tools.folder, "HOME=" + folder_};
  }

  Result<void> serve() {
    std::vector<std::string> arguments = {options_.tools.path("postgres"), "-D", data_, "-k",
                                          folder_};
    std::map<std::string, std::string> settings = {
        {"listen_addresses", ""},
        {"unix_socket_permissions", "0700"},
        {"fsync", "off"},
        {"synchronous_commit", "off"},
        {"full_page_writes", "off"},
        {"wal_level", "minimal"},
        {"max_wal_senders", "0"},
        {"archive_mode", "off"},
        {"max_wal_size", "1GB"},
        {"checkpoint_timeout", "1h"},
        {"autovacuum", "off"},
        {"shared_buffers", "96MB"},
        {"maintenance_work_mem", "64MB"},
        {"max_connections", std::to_string(connections)},
        {"max_locks_per_transaction", std::to_string(64 + 2 * options_.relations / connections)},
        // In the folder, and gone with it; what is in /dev/shm a killed server leaves there.
        {"dynamic_shared_memory_type", "mmap"},
        {"jit", "off"},
        {"logging_collector", "off"},
        {"log_destination", "stderr"},
        {"lc_messages", "C"},
        // Statements that fail are told by who ran them; their text may hold values.
        {"log_min_error_statement", "panic"},
        {"log_checkpoints", "off"}};
    for (const auto& [name, value] : options_.settings) settings[name] = value;
    for (const auto& [name, value] : settings) {
      arguments.emplace_back("-c");
      arguments.push_back(name + "=" + value);
    }
    auto server = ChildProcess::start({.arguments = std::move(arguments),
                                       .environment = environment(),
                                       .folder = folder_,
                                       .user = options_.user});
    if (!server) return std::unexpected(server.error());
    server_.emplace(std::move(*server));
    const auto limit = std::chrono::steady_clock::now() + start_limit;
    for (;;) {
      auto session = Session::open(address("template1").with("user", options_.bootstrap));
      // A role of its own: what the source's roles are allowed, or not, is restored.
      if (session) return populate(*session);
      if (server_->has_ended() || std::chrono::steady_clock::now() > limit) {
        std::string said = server_->errors();
        server_->kill();
        return fail(fmt::format("the scratch server does not start: {}{}", session.error().message,
                                said.empty() ? "" : "\n" + said));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
  }

  Result<void> populate(Session& session) {
    if (auto made = session.run(fmt::format("CREATE ROLE {} SUPERUSER LOGIN", drill_role)); !made)
      return made;
    if (options_.tablespace.empty()) return {};
    // Made by the server's user, who owns the folder.
    const std::string place = folder_ + "/tablespace";
    std::error_code error;
    fs::create_directory(place, error);
    if (error ||
        (options_.user && ::chown(place.c_str(), options_.user->user, options_.user->group) != 0))
      return fail(fmt::format("cannot make \"{}\"", place));
    return session.run(fmt::format("CREATE TABLESPACE {} LOCATION {}",
                                   quote_name(options_.tablespace), quote_literal(place)));
  }

  const ClusterOptions options_;
  std::string folder_, data_;
  std::optional<Lock> lock_;
  std::optional<ChildProcess> server_;
};

} // namespace

void sweep_drills(const std::string& folder, std::optional<ProcessUser> user) {
  std::vector<Left> left;
  {
    const Lock parent(folder, O_RDONLY | O_DIRECTORY);
    if (!parent.take(true)) return;
    left = find_left(folder, ::geteuid() == 0 ? user : std::nullopt);
  }
  remove_left(left);
}

namespace {

bool gets_into(const fs::path& folder, const ProcessUser& user) {
  // The system decides: rights may be more than a file's mode says.
  constexpr const char* nothing = "/bin/true";
  if (::access(nothing, X_OK) != 0) return true;
  return ChildProcess::start({.arguments = {nothing},
                              .environment = {"LC_ALL=C"},
                              .folder = folder.string(),
                              .user = user})
      .has_value();
}

} // namespace

Result<std::uint64_t> drill_room(const std::string& folder,
                                 const std::optional<ProcessUser>& user) {
  std::error_code error;
  fs::path there = fs::absolute(folder, error);
  while (!error && !fs::exists(there, error) && there != there.root_path())
    there = there.parent_path();
  if (!error && !fs::is_directory(there, error) && !error)
    error = std::make_error_code(std::errc::not_a_directory);
  if (!error && ::access(there.c_str(), W_OK | X_OK) != 0)
    error.assign(errno, std::generic_category());
  const fs::space_info space = error ? fs::space_info{} : fs::space(there, error);
  if (error)
    return fail({.message = fmt::format("no drill in \"{}\": {}", folder, error.message()),
                 .hint = drill_room_hint});
  if (user && ::geteuid() == 0 && !gets_into(there, *user))
    return fail({.message = fmt::format("the server of a drill, of user {}, cannot be started in "
                                        "\"{}\"",
                                        user->user, there.string()),
                 .hint = "let others pass through that folder and those above it (chmod o+x), or "
                         "name another one in `backup.drill.folder`"});
  return space.available;
}

Result<std::unique_ptr<Cluster>> Cluster::start(const ClusterOptions& options) {
  if (::geteuid() == 0 && !options.user)
    return fail({.message = "PostgreSQL does not run as root",
                 .hint = "name a user without rights in `backup.drill.user`"});
  ClusterOptions plain = options;
  if (::geteuid() != 0) plain.user.reset();
  auto cluster = std::make_unique<Scratch>(plain);
  if (auto begun = cluster->begin(); !begun) return std::unexpected(begun.error());
  return cluster;
}

} // namespace aethel::backup
