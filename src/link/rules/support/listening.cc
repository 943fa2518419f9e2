#include "link/rules/support/listening.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace aethel::rules {
namespace {

constexpr int nesting_limit = 6;

std::optional<std::uint32_t> port_of(std::string_view text) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
    return std::nullopt;
  return port;
}

template <class... Words> bool is_any(std::string_view what, Words... words) {
  return ((what == words) || ...);
}

// Commands that end, or that listen nowhere.
bool is_harmless(std::string_view program, std::span<const std::string_view> arguments) {
  const auto argument = [&](std::size_t i) {
    return i < arguments.size() ? arguments[i] : std::string_view();
  };
  if (is_any(program, "cd", "set", "export", "echo", "mkdir", "chown", "chmod", "cp", "mv", "rm",
             "ls", "sleep", "true", "test", "[", "cat", "ln", "touch", "env", "printf", "wait",
             "alembic", "prisma", "tsc", "wait-for-it.sh", "wait-for", "wait-for-it", "dockerize",
             "umask", "ulimit", "id", "whoami", "date", "pwd"))
    return true;
  if (is_any(program, "next", "vite", "astro", "nuxt")) return argument(0) == "build";
  if (is_any(program, "npm", "pnpm", "yarn", "bun"))
    return is_any(argument(0), "install", "ci", "i");
  if (is_any(program, "pip", "pip3")) return argument(0) == "install";
  if (is_any(program, "python", "python3"))
    return argument(0).ends_with("manage.py") &&
           is_any(argument(1), "migrate", "collectstatic", "createsuperuser", "check",
                  "compilemessages", "loaddata", "makemigrations");
  if (program == "flask") return argument(0) == "db";
  if (is_any(program, "rails", "rake")) return argument(0).starts_with("db:");
  if (program == "php")
    return argument(0) == "artisan" &&
           (is_any(argument(1), "migrate", "optimize", "storage:link", "key:generate") ||
            argument(1).ends_with(":cache") || argument(1).ends_with(":clear"));
  return program == "bundle" && argument(0) == "install";
}

struct Value {
  enum class State : std::uint8_t { unset, known, unknown } state = State::unset;
  std::string text;
  Span span;
};

class Reader {
public:
  Reader(const Program& program, const Process& process, const Image* image)
      : program_(program), process_(process), image_(image) {}

  Listeners read() {
    find_directory();
    const auto entry = entry_point();
    const auto own = arguments(entry.has_value());
    if (!complete_ || (!entry && !own)) {
      result_.complete = false;
      return std::move(result_);
    }
    if (entry && entry->shell) {
      run(*entry, 0); // a shell line takes no arguments
    } else if (!entry) {
      run(*own, 0);
    } else {
      // A line of CMD for the shell becomes words behind those of ENTRYPOINT.
      Command whole = *entry;
      if (own && own->shell) {
        whole.words.push_back({.text = "sh", .span = own->span});
        whole.words.push_back({.text = "-c", .span = own->span});
        line_ = own;
        whole.words.push_back({.text = "\n", .span = own->span});
      } else if (own) {
        whole.words.insert(whole.words.end(), own->words.begin(), own->words.end());
      }
      run(whole, 0);
    }
    return std::move(result_);
  }

private:
  void find_directory() {
    if (const Node* given = process_.node->find("working_dir"))
      directory_ = given->value();
    else if (image_ != nullptr && image_->directory())
      directory_ = *image_->directory();
    if (!directory_.starts_with('/')) directory_.clear();
  }

  std::optional<Command> entry_point() {
    if (const Node* node = process_.node->find("entrypoint"); node != nullptr && !node->is_null()) {
      entry_replaced_ = true;
      auto command = command_of(process_, "entrypoint");
      if (command && (command->words.empty() || command->words[0].text.empty()))
        return std::nullopt;
      return command;
    }
    if (image_ == nullptr) return std::nullopt;
    const BuildStep* step = image_->last(BuildStep::Kind::entry_point);
    if (step == nullptr || (step->exec_form && step->words.empty())) return std::nullopt;
    return command_of(*step);
  }

  std::optional<Command> arguments(bool) {
    if (auto command = command_of(process_, "command")) {
      if (!command->known) complete_ = false;
      return command;
    }
    if (entry_replaced_ || image_ == nullptr) return std::nullopt;
    const BuildStep* step = image_->command();
    if (step == nullptr) return std::nullopt;
    return command_of(*step);
  }

  // --- variables ---

  Value variable(std::string_view name) const {
    if (const auto found = local_.find(name); found != local_.end()) return found->second;
    if (const aethel::Variable* given = process_.variable(name)) {
      const bool unfilled = given->given == aethel::Variable::Given::inherited ||
                            std::ranges::any_of(given->value.holes(), [](const Hole* hole) {
                              return hole->from == Hole::From::nothing && !hole->has_default();
                            });
      if (unfilled) return {.state = Value::State::unknown, .text = {}, .span = {}};
      return {.state = Value::State::known,
              .text = given->value.value(),
              .span = given->origin.written};
    }
    // An env file that is not here may give it.
    if (process_.node->find("env_file") != nullptr)
      return {.state = Value::State::unknown, .text = {}, .span = {}};
    if (image_ != nullptr) {
      const dockerfile::Value value = image_->variable(name);
      if (value.state == dockerfile::Value::State::unknown)
        return {.state = Value::State::unknown, .text = {}, .span = {}};
      if (value.state == dockerfile::Value::State::known) {
        Span span;
        for (const BuildStep* step : image_->steps(BuildStep::Kind::environment))
          for (const BuildSetting& setting : step->settings)
            if (setting.name == name) span = setting.span;
        return {.state = Value::State::known, .text = value.text, .span = span};
      }
    }
    return {};
  }

  // The word with variables of the container filled in; nothing when one is not known.
  struct Filled {
    std::string text;
    Span by; // of the variable that is part of it
  };
  std::optional<Filled> fill(const CommandWord& word) const {
    if (word.known) return Filled{.text = word.text, .by = {}};
    Filled result;
    if (word.parts.empty() || !fill(word.parts, result, 0)) return std::nullopt;
    return result;
  }

  bool fill(const std::vector<shell::Part>& parts, Filled& result, int depth) const {
    if (depth > 4) return false;
    for (const shell::Part& part : parts) {
      if (part.kind == shell::Part::Kind::literal) {
        result.text += part.text;
        continue;
      }
      if (part.kind != shell::Part::Kind::variable) return false;
      const Value value = variable(part.text);
      if (value.state == Value::State::known && !value.text.empty()) {
        result.text += value.text;
        result.by = value.span;
        continue;
      }
      if (value.state == Value::State::unknown || part.form != shell::Part::Form::with_default)
        return false;
      if (!fill(part.operand, result, depth + 1)) return false;
    }
    return true;
  }

  // --- commands ---

  void run(const Command& command, int depth) {
    if (!command.known) {
      result_.complete = false;
      return;
    }
    way_.push_back(command.span);
    for (const SimpleCommand& each : simple_commands(command)) one(each, depth);
    way_.pop_back();
  }

  void run_line(const MappedText& line, FileId file, Span span, int depth) {
    if (depth >= nesting_limit) {
      result_.complete = false;
      return;
    }
    way_.push_back(span);
    const auto outside = local_;
    for (const SimpleCommand& each : simple_commands(line, file)) one(each, depth);
    local_ = outside;
    way_.pop_back();
  }

  void assign(const CommandWord& word) {
    const std::size_t equals = word.text.find('=');
    if (equals == std::string::npos) return;
    Value value{.state = word.known ? Value::State::known : Value::State::unknown,
                .text = word.text.substr(equals + 1),
                .span = word.span};
    local_[word.text.substr(0, equals)] = std::move(value);
  }

  void one(const SimpleCommand& command, int depth) {
    const auto outside = local_;
    for (const CommandWord& word : command.assignments) assign(word);
    if (command.words.empty()) return; // the shell's own variables: kept
    std::span<const CommandWord> words = command.words;
    for (int i = 0; i < 8; ++i) {
      const std::size_t before = words.size();
      words = without_wrapper(words);
      if (words.size() == before || words.empty()) break;
    }
    if (words.empty()) {
      result_.complete = false;
    } else {
      program(words, depth);
    }
    const std::string_view name =
        words.empty() ? std::string_view() : std::string_view(words[0].text);
    if (name == "export") {
      for (const CommandWord& word : words.subspan(1)) assign(word);
      return;
    }
    local_ = outside;
  }

  static std::string_view base(std::string_view path) {
    return path.substr(path.find_last_of('/') + 1);
  }

  std::span<const CommandWord> skip_flags(std::span<const CommandWord> words) const {
    while (!words.empty() && words[0].text.starts_with('-')) {
      const bool last = words[0].text == "--";
      words = words.subspan(1);
      if (last) break;
    }
    return words;
  }

  std::span<const CommandWord> without_wrapper(std::span<const CommandWord> words) {
    const std::string_view name = base(words[0].text);
    auto rest = words.subspan(1);
    if (is_any(name, "exec", "tini", "dumb-init", "nohup", "command", "time", "catchsegv"))
      return skip_flags(rest);
    if (is_any(name, "env", "cross-env")) {
      rest = skip_flags(rest);
      while (!rest.empty() && rest[0].text.contains('=')) {
        assign(rest[0]);
        rest = rest.subspan(1);
      }
      return rest;
    }
    if (is_any(name, "su-exec", "gosu", "setpriv")) return rest.empty() ? rest : rest.subspan(1);
    if (is_any(name, "npx", "bunx")) return skip_flags(rest);
    if (is_any(name, "pnpm", "yarn", "npm", "bundle") && !rest.empty() &&
        is_any(rest[0].text, "exec", "dlx"))
      return skip_flags(rest.subspan(1));
    if (is_any(name, "poetry", "uv", "pipenv", "pdm", "rye") && !rest.empty() &&
        rest[0].text == "run")
      return skip_flags(rest.subspan(1));
    if (is_any(name, "python", "python3") && rest.size() >= 2 && rest[0].text == "-m" &&
        is_any(rest[1].text, "uvicorn", "gunicorn", "hypercorn", "daphne", "flask", "fastapi",
               "streamlit"))
      return rest.subspan(1);
    // The entry points of official images start what they are given.
    if (name == "docker-entrypoint.sh" && image_ != nullptr && image_->base() &&
        image_->source_of(words[0].text).empty() && !rest.empty() && own_entry_is_official())
      return rest;
    return words;
  }

  bool own_entry_is_official() const {
    return image_->last(BuildStep::Kind::entry_point) == nullptr;
  }

  void program(std::span<const CommandWord> words, int depth) {
    if (!words[0].known) {
      result_.complete = false;
      return;
    }
    const std::string_view name = base(words[0].text);
    std::vector<std::string_view> arguments;
    for (const CommandWord& word : words.subspan(1))
      arguments.push_back(word.known ? std::string_view(word.text) : std::string_view());
    if (words.size() == 3 && is_any(name, "sh", "bash") && words[1].text == "-c" &&
        words[2].text == "\n" && line_) {
      const Command line = *line_;
      run_line(line.line, line.file, line.span, depth + 1);
      return;
    }
    if (name == "concurrently" || name == "npm-run-all" || name == "run-p" || name == "run-s") {
      together(name, words.subspan(1), depth);
      return;
    }
    if (script(name, words, depth)) return;
    if (const Listener* listener = find_listener(name, arguments)) {
      listen(*listener, words);
      return;
    }
    if (positional(name, words, arguments)) return;
    if (!is_harmless(name, arguments)) result_.complete = false;
  }

  void together(std::string_view name, std::span<const CommandWord> words, int depth) {
    for (const CommandWord& word : words) {
      if (!word.known) {
        result_.complete = false;
        continue;
      }
      if (word.text.starts_with('-')) continue;
      if (name == "concurrently" && word.text.contains(' ')) {
        MappedText line;
        const Range range = word.span.range;
        const bool plain = range.end - range.begin == word.text.size();
        for (std::size_t i = 0; i < word.text.size(); ++i)
          line.push(word.text[i], range.begin + (plain ? i : 0));
        line.finish(range.end);
        run_line(line, word.span.file, word.span, depth + 1);
      } else {
        result_.complete = false; // patterns and names of scripts
      }
    }
  }

  // `npm run start`, `yarn start`, `pnpm start`: a script of the package in the folder.
  bool script(std::string_view manager, std::span<const CommandWord> words, int depth) {
    if (!is_any(manager, "npm", "pnpm", "yarn", "bun")) return false;
    std::size_t at = 1;
    while (at < words.size() && is_any(words[at].text, "-s", "--silent", "--quiet", "-q")) ++at;
    if (at >= words.size() || !words[at].known) return false;
    std::string_view verb = words[at].text;
    if (is_any(verb, "install", "ci", "i", "exec", "dlx")) return false;
    if (verb.starts_with('-')) {
      result_.complete = false; // another folder, a workspace
      return true;
    }
    if (is_any(verb, "run", "run-script")) {
      if (++at >= words.size() || !words[at].known || words[at].text.starts_with('-')) {
        result_.complete = false;
        return true;
      }
      verb = words[at].text;
    } else if (manager == "npm" && !is_any(verb, "start", "test", "restart")) {
      result_.complete = false;
      return true;
    }
    const PackageManifest* manifest = package();
    const PackageScript* found = manifest != nullptr ? manifest->script(verb) : nullptr;
    if (found == nullptr) {
      result_.complete = false;
      return true;
    }
    // Arguments behind the name go to the end of the line; with npm behind `--`.
    MappedText line = found->command;
    std::size_t rest = at + 1;
    if (rest < words.size() && words[rest].text == "--") ++rest;
    if (rest < words.size()) {
      for (std::size_t i = rest; i < words.size(); ++i)
        if (!words[i].known || words[i].text.contains(' ')) {
          result_.complete = false;
          return true;
        }
      const std::uint32_t end = line.offsets.back();
      line.offsets.pop_back();
      for (std::size_t i = rest; i < words.size(); ++i) {
        line.push(' ', end);
        for (const char c : words[i].text) line.push(c, end);
      }
      line.finish(end);
    }
    run_line(line, found->span.file, found->span, depth + 1);
    return true;
  }

  const PackageManifest* package() const {
    if (directory_.empty()) return nullptr;
    const std::string path = file_at(program_, process_, image_, directory_ + "/package.json");
    const FileId file = path.empty() ? FileId{} : program_.sources->find(path);
    const FileFacts* facts = file ? program_.facts_of(file) : nullptr;
    return facts != nullptr && !facts->manifests.empty() ? &facts->manifests.front() : nullptr;
  }

  // --- ports ---

  // The value of a flag: `-p 3001`, `--port=3001`, `-p3001`. Null when it is not given.
  const CommandWord* flag_value(std::span<const CommandWord> words,
                                const std::vector<std::string_view>& flags,
                                CommandWord& storage) const {
    for (std::size_t i = 1; i < words.size(); ++i)
      for (const std::string_view flag : flags) {
        const std::string_view text = words[i].text;
        if (text == flag && words[i].known) return i + 1 < words.size() ? &words[i + 1] : nullptr;
        const bool equals = flag.starts_with("--") && text.starts_with(flag) &&
                            text.size() > flag.size() && text[flag.size()] == '=';
        const bool joined = flag.size() == 2 && text.starts_with(flag) && text.size() > 2 &&
                            std::isdigit(static_cast<unsigned char>(text[2])) != 0;
        const bool open = !words[i].known && text.starts_with(flag);
        if (!equals && !joined && !open) continue;
        storage = words[i];
        const std::size_t cut = flag.size() + (equals || (open && flag.starts_with("--")) ? 1 : 0);
        storage.text.erase(0, std::min(cut, storage.text.size()));
        if (!storage.parts.empty()) {
          std::string& first = storage.parts.front().text;
          first.erase(0, std::min(cut, first.size()));
        }
        return &storage;
      }
    return nullptr;
  }

  void listen(const Listener& listener, std::span<const CommandWord> words) {
    Listening found{.span = way_.empty() ? Span{} : words[0].span, .through = way_};
    found.program = listener.program;
    for (const std::string_view word : listener.words) found.program += " " + std::string(word);
    for (const CommandWord& word : words.subspan(1))
      for (const std::string_view other : listener.others)
        if (word.text == other || word.text.starts_with(std::string(other) + "=")) {
          result_.complete = false;
          return;
        }
    CommandWord storage;
    const CommandWord* value = flag_value(words, listener.flags, storage);
    const bool bound = value == nullptr && !listener.bind.empty();
    if (bound) value = flag_value(words, listener.bind, storage);
    found.loopback = is_loopback(listener, words, bound ? value : nullptr);
    if (value != nullptr) {
      const auto filled = fill(*value);
      std::string_view text = filled ? std::string_view(filled->text) : std::string_view();
      if (bound)
        text = text.substr(text.rfind(':') == std::string_view::npos ? text.size()
                                                                     : text.rfind(':') + 1);
      const auto port = port_of(text);
      if (!port) {
        result_.complete = false;
        return;
      }
      found.port = *port;
      found.span = filled->by.file ? filled->by : value->span;
      if (filled->by.file) found.because = Listening::Because::environment;
      result_.all.push_back(std::move(found));
      return;
    }
    if (!listener.environment.empty()) {
      const Value given = variable(listener.environment);
      const auto port = port_of(given.text);
      if (given.state == Value::State::known && port) {
        found.port = *port;
        found.because = Listening::Because::environment;
        if (given.span.file) found.span = given.span;
        result_.all.push_back(std::move(found));
        return;
      }
      if (given.state != Value::State::unset) {
        result_.complete = false;
        return;
      }
    }
    if (!listener.port || a_file_may_say(listener)) {
      result_.complete = false;
      return;
    }
    found.port = *listener.port;
    found.because = Listening::Because::product;
    result_.all.push_back(std::move(found));
  }

  bool is_loopback(const Listener& listener, std::span<const CommandWord> words,
                   const CommandWord* bind) const {
    const auto local = [](std::string_view host) {
      return host == "127.0.0.1" || host == "localhost" || host == "[::1]" || host == "::1";
    };
    if (bind != nullptr) {
      const auto filled = fill(*bind);
      const std::size_t colon = filled ? filled->text.rfind(':') : std::string::npos;
      return colon != std::string::npos && local(std::string_view(filled->text).substr(0, colon));
    }
    CommandWord storage;
    if (!listener.host_flags.empty()) {
      for (const CommandWord& word : words.subspan(1))
        for (const std::string_view flag : listener.host_flags)
          if (word.text.starts_with(flag)) {
            const CommandWord* value = flag_value(words, {flag}, storage);
            const auto filled = value != nullptr ? fill(*value) : std::nullopt;
            return filled && local(filled->text);
          }
    }
    if (!listener.host_environment.empty()) {
      const Value given = variable(listener.host_environment);
      if (given.state == Value::State::known) return local(given.text);
      if (given.state == Value::State::unknown) return false;
    }
    return listener.host == Listener::Host::loopback && !a_file_may_say(listener);
  }

  // `.flaskenv`, `config/puma.rb`: they count where neither an option nor a variable does.
  bool a_file_may_say(const Listener& listener) const {
    return !directory_.empty() && std::ranges::any_of(listener.files, [&](std::string_view file) {
      return !file_at(program_, process_, image_, directory_ + "/" + std::string(file)).empty();
    });
  }

  // `python manage.py runserver 0.0.0.0:8000`, `python -m http.server 8000`, `php -S 0.0.0.0:8000`.
  bool positional(std::string_view name, std::span<const CommandWord> words,
                  const std::vector<std::string_view>& arguments) {
    std::size_t at = 0; // of the address among the arguments
    std::uint32_t otherwise = 8000;
    bool host_first = true, loopback = false;
    std::string label;
    if (is_any(name, "python", "python3") && arguments.size() >= 2 &&
        base(arguments[0]) == "manage.py" && is_any(arguments[1], "runserver", "runserver_plus")) {
      at = 2;
      loopback = true;
      label = "manage.py runserver";
    } else if (is_any(name, "python", "python3") && arguments.size() >= 2 && arguments[0] == "-m" &&
               arguments[1] == "http.server") {
      at = 2;
      host_first = false;
      label = "python -m http.server";
    } else if (name == "php" && arguments.size() >= 2 && arguments[0] == "-S") {
      at = 1;
      label = "php -S";
    } else {
      return false;
    }
    Listening found{.span = words[0].span, .program = label, .through = way_};
    while (at < arguments.size() && arguments[at].starts_with('-')) ++at;
    if (at >= arguments.size()) {
      found.port = otherwise;
      found.because = Listening::Because::product;
      found.loopback = loopback;
      result_.all.push_back(std::move(found));
      return true;
    }
    const auto filled = fill(words[at + 1]);
    std::string_view text = filled ? std::string_view(filled->text) : std::string_view();
    const std::size_t colon = text.rfind(':');
    if (host_first && colon != std::string_view::npos) {
      const std::string_view host = text.substr(0, colon);
      loopback = host == "127.0.0.1" || host == "localhost" || host == "[::1]";
      text = text.substr(colon + 1);
    }
    const auto port = port_of(text);
    if (!port) {
      result_.complete = false;
      return true;
    }
    found.port = *port;
    found.span = filled->by.file ? filled->by : words[at + 1].span;
    if (filled->by.file) found.because = Listening::Because::environment;
    found.loopback = loopback;
    result_.all.push_back(std::move(found));
    return true;
  }

  const Program& program_;
  const Process& process_;
  const Image* image_;
  std::string directory_;
  bool entry_replaced_ = false;
  bool complete_ = true;
  std::optional<Command> line_; // the shell form of CMD behind an entry point
  std::map<std::string, Value, std::less<>> local_;
  std::vector<Span> way_;
  Listeners result_;
};

} // namespace

Listeners listeners_of(const Program& program, const Process& process, const Image* image) {
  return Reader(program, process, image).read();
}

} // namespace aethel::rules
