// The stage of each target with its evidence, strongest first: what aethel.yaml says, the
// names of its files and folders, what its services say of themselves, who starts it.
#include "link/passes.h"

#include "config/match.h"
#include "front/reader.h"
#include "knowledge/shapes.h"
#include "link/rules/support/calls.h"
#include "link/stage_words.h"

#include <algorithm>
#include <array>
#include <map>

namespace aethel {
namespace {

// Variables by which frameworks tell what they run as.
constexpr std::string_view mode_variables[] = {"NODE_ENV",
                                               "APP_ENV",
                                               "RAILS_ENV",
                                               "RACK_ENV",
                                               "FLASK_ENV",
                                               "DJANGO_ENV",
                                               "ENVIRONMENT",
                                               "ENV",
                                               "MIX_ENV",
                                               "ASPNETCORE_ENVIRONMENT",
                                               "DOTNET_ENVIRONMENT",
                                               "SPRING_PROFILES_ACTIVE",
                                               "APP_ENVIRONMENT",
                                               "GO_ENV",
                                               "FLASK_DEBUG"};

struct Votes {
  std::array<int, stage_count> count{};
  std::array<Span, stage_count> first{};
  std::array<std::string, stage_count> detail{};

  void add(Stage stage, Span span, std::string what) {
    const auto index = static_cast<std::size_t>(stage);
    if (count[index]++ == 0) {
      first[index] = span;
      detail[index] = std::move(what);
    }
  }
  int of(Stage stage) const { return count[static_cast<std::size_t>(stage)]; }
};

// A watcher or a debug server as the command is how people work, never how they serve.
bool is_watching_command(std::string_view command) {
  for (const std::string_view word :
       {"run dev", "start:dev", "run watch", "nodemon", "--reload", "--watch", "runserver",
        "dev:", "vite", "next dev", "flask run --debug", "air -c", "ts-node-dev", "tsx watch",
        "mix phx.server"})
    if (command.find(word) != std::string_view::npos) return true;
  return command.ends_with(" dev");
}

bool is_guide(std::string_view path) {
  const std::string name = knowledge::lower(file_name(path));
  for (const std::string_view word :
       {"readme", "deploy", "docker", "install", "setup", "production", "producao", "getting",
        "start", "self-host", "selfhost", "operations", "runbook", "implant"})
    if (name.find(word) != std::string::npos) return true;
  return false;
}

std::string words_of(const Node* node) {
  if (node == nullptr) return {};
  if (node->is_scalar()) return node->value();
  std::string text;
  for (const Node& item : node->items) text += (text.empty() ? "" : " ") + item.value();
  return text;
}

class Inference {
public:
  Inference(const Program& program, Target& target, TargetIndex index)
      : program_(program), target_(target), index_(index) {}

  void run() {
    if (target_.kind == "workflow") return workflow();
    if (declared() || by_name()) return;
    // What its services say of development outweighs a document: nobody serves from a watcher.
    if (by_content(Stage::development) || by_content(Stage::test) || by_content(Stage::staging))
      return;
    if (by_document(Stage::production) || by_content(Stage::production)) return;
    if (by_command() || by_sibling() || by_title()) return;
  }

private:
  bool decide(Stage stage, std::string_view message, std::string detail, Span span = {}) {
    target_.stage = stage;
    target_.stage_evidence.push_back(
        {.message = message, .detail = std::move(detail), .span = span});
    return true;
  }

  // The most serious environment that a job deploys to, then the name of the file.
  void workflow() {
    if (declared()) return;
    const FileFacts* facts = program_.facts_of(program_.sources->find(target_.files.front()));
    const WorkflowEnvironment* best = nullptr;
    std::optional<Stage> decided;
    if (facts != nullptr)
      for (const Workflow& each : facts->workflows)
        for (const WorkflowJob& job : each.jobs) {
          if (!job.environment || !job.environment->name.is_literal()) continue;
          const auto stage = stage_of_name(job.environment->name.written());
          if (!stage || (decided && *stage >= *decided)) continue;
          decided = stage;
          best = &*job.environment;
        }
    if (best != nullptr) {
      decide(*decided, "stage-content", "environment: " + best->name.written(), best->name.span);
      return;
    }
    if (const auto stage = stage_of_name(file_name(target_.files.front())))
      decide(*stage, "stage-file-name", target_.files.front());
  }

  bool declared() {
    for (const TargetEntry& entry : program_.config.targets) {
      const bool same = std::ranges::equal(
          entry.compose, target_.files,
          [](const Located& a, const std::string& b) { return join_path("", a.value) == b; });
      if (same && entry.stage) return decide(*entry.stage, "stage-declared", "aethel.yaml");
    }
    if (const StageEntry* entry = find_stage(program_.config, target_.files.back()))
      return decide(entry->stage, "stage-declared", "aethel.yaml");
    return false;
  }

  bool by_name() {
    // The last file of a set says what the set is for.
    for (auto file = target_.files.rbegin(); file != target_.files.rend(); ++file)
      if (const auto stage = stage_of_name(file_name(*file)))
        return decide(*stage, "stage-file-name", *file);
    for (const std::string& file : target_.files)
      if (const auto found = stage_of_folders(file))
        return decide(found->first, "stage-folder", found->second);
    return false;
  }

  bool by_content(Stage stage) {
    if (!counted_) count();
    counted_ = true;
    if (votes_.of(stage) == 0) return false;
    // One service of many that says so is a matter of that service.
    if (stage == Stage::production &&
        (2 * votes_.of(stage) < speakers_ || has_production_sibling()))
      return false;
    const auto index = static_cast<std::size_t>(stage);
    return decide(stage, "stage-content", votes_.detail[index], votes_.first[index]);
  }

  void count() {
    Votes& votes = votes_;
    for (const Process& process : program_.processes_of(index_)) {
      const bool tells = std::ranges::any_of(process.environment, [](const Variable& variable) {
        return std::ranges::find(mode_variables, variable.name) != std::end(mode_variables);
      });
      if (process.build || tells) ++speakers_;
      if (process.build && process.build->target)
        if (const auto stage = stage_of_name(process.build->target->value());
            stage == Stage::development)
          votes.add(Stage::development, process.build->target_origin.written,
                    "target: " + process.build->target->value());
      if (const Node* command = process.node->find("command"))
        if (is_watching_command(words_of(command)))
          votes.add(Stage::development, command->origin.written, process.name + ": command");
      for (const Variable& variable : process.environment) {
        if (std::ranges::find(mode_variables, variable.name) == std::end(mode_variables)) continue;
        const std::string value = variable.value.value();
        if (variable.name == "FLASK_DEBUG") {
          if (value == "1" || value == "true")
            votes.add(Stage::development, variable.origin.written, "FLASK_DEBUG");
          continue;
        }
        if (const auto stage = stage_of_word(value))
          votes.add(*stage, variable.origin.written, variable.name + "=" + value);
      }
      // Sources mounted over what the build made: edited while it runs.
      if (process.build && !process.build->remote)
        for (const Mount& mount : process.mounts)
          if (mount.type == Mount::Type::bind && mounts_source(mount, *process.build))
            votes.add(Stage::development, mount.origin.written,
                      process.name + ": " + mount.source.written());
    }
  }

  static bool mounts_source(const Mount& mount, const Build& build) {
    // Where code lives in images; a folder mounted under /etc is configuration.
    const std::string_view to = mount.target;
    const bool code = to == "/app" || to.starts_with("/app/") || to.starts_with("/src") ||
                      to.starts_with("/code") || to.starts_with("/usr/src/") ||
                      to.starts_with("/workspace") || to.starts_with("/var/www") ||
                      to.starts_with("/srv/") || to.starts_with("/home/") || to.ends_with("/src");
    if (!code) return false;
    const std::string_view path = mount.path;
    if (path == build.path) return true;
    const std::string_view last = file_name(path);
    return (parent_path(path) == build.path) && (last == "src" || last == "app" || last == "lib" ||
                                                 last == "packages" || last == "code");
  }

  // The headings above a documented command, innermost first: "## Production Deployment".
  std::optional<Stage> stage_of_headings(const Evidence& evidence) const {
    const Source* source = program_.sources->loaded(evidence.span.file);
    if (source == nullptr || !source->path().ends_with(".md")) return {};
    std::size_t level = 7;
    for (std::uint32_t number = source->place(evidence.span.range.begin).line;
         number > 0 && level > 1; --number) {
      const std::string_view line = source->line(number);
      const std::size_t marks = std::min(line.find_first_not_of('#'), line.size());
      if (marks == 0 || marks >= level || marks >= line.size() || line[marks] != ' ') continue;
      level = marks;
      if (const auto stage = stage_of_name(line.substr(marks), Wording::prose);
          stage && *stage != Stage::example)
        return stage;
    }
    return {};
  }

  bool by_document(Stage wanted) {
    for (const Evidence& evidence : target_.root_evidence) {
      if (!evidence.span.file) continue;
      // Guides about something else show commands, too: only those about starting count.
      const std::string& path = program_.sources->path(evidence.span.file);
      if (wanted == Stage::production && path.ends_with(".md") && !is_guide(path)) continue;
      const bool profile =
          evidence.detail.find(" --profile ") != std::string::npos &&
          stage_of_name(evidence.detail.substr(evidence.detail.find(" --profile "))) == wanted;
      if (profile || stage_of_headings(evidence) == wanted)
        return decide(wanted, "stage-command", program_.place(evidence.span), evidence.span);
    }
    return false;
  }

  bool by_command() {
    // A guide for contributors starts what an installer starts, too: then it says nothing.
    const bool scripted = std::ranges::any_of(target_.root_evidence, [&](const Evidence& evidence) {
      const std::string& path = program_.sources->path(evidence.span.file);
      return !path.ends_with(".md") && !stage_of_name(path);
    });
    if (!scripted)
      for (const Stage stage : {Stage::staging, Stage::development, Stage::test})
        if (by_document(stage)) return true;
    // Started by several: the strictest of them decides. What a script only prints decides nothing.
    const Evidence* strictest = nullptr;
    Stage decided = Stage::unknown;
    for (const Evidence& evidence : target_.root_evidence) {
      if (!evidence.span.file || evidence.message == "mentioned-by") continue;
      const auto stage = stage_of_name(file_name(program_.sources->path(evidence.span.file)));
      if (!stage || *stage == Stage::example) continue;
      if (strictest != nullptr && *stage >= decided) continue;
      strictest = &evidence;
      decided = *stage;
    }
    if (strictest == nullptr) return false;
    return decide(decided, "stage-command", program_.place(strictest->span), strictest->span);
  }

  bool has_production_sibling() const {
    for (const Target& other : program_.targets) {
      if (&other == &target_ ||
          parent_path(other.files.front()) != parent_path(target_.files.front()))
        continue;
      if (stage_of_name(file_name(other.files.back())) == Stage::production) return true;
    }
    return false;
  }

  // `docker-compose.yml` beside `docker-compose.prod.yml`: the plain one is for work.
  bool by_sibling() {
    if (!has_production_sibling()) return false;
    return decide(Stage::development, "stage-sibling", target_.files.front());
  }

  // "# OpenTelemetry Demo": the first heading of the README at the root or beside the file; or
  // its introduction says that production must not run this.
  bool by_title() {
    for (const std::string& folder :
         {std::string(parent_path(target_.files.front())), std::string()}) {
      const FileId file = program_.sources->find(join_path(folder, "README.md"));
      if (!file) continue;
      const auto source = program_.sources->load(file);
      if (!source) continue;
      const std::uint32_t lines = std::min((*source)->line_count(), 60u);
      for (std::uint32_t number = 1; number <= lines; ++number) {
        const std::string_view line = (*source)->line(number);
        if (!line.starts_with("# ")) continue;
        // Markup around the words does not matter; links name other things.
        if (stage_of_name(line.substr(0, line.find("](")), Wording::prose) == Stage::example)
          return decide(Stage::example, "stage-title", (*source)->path(), {file, {0, 0}});
        break;
      }
      const std::string_view bytes = (*source)->bytes();
      const std::string_view last = (*source)->line(lines);
      const auto end = static_cast<std::size_t>(last.data() + last.size() - bytes.data());
      if (const auto at = find_disclaimer(bytes.substr(0, end))) {
        const auto offset = static_cast<std::uint32_t>(*at);
        const Span span{file, {offset, offset}};
        return decide(Stage::example, "stage-disclaimer", program_.place(span), span);
      }
    }
    return false;
  }

  const Program& program_;
  Target& target_;
  TargetIndex index_;
  Votes votes_;
  int speakers_ = 0; // services that could tell
  bool counted_ = false;
};

// A compose file that nothing could be made of has no target, but may be what production starts:
// one by a production name, or one by no particular name.
bool may_be_production_root(const Program& program, const std::string& path) {
  for (const Target& target : program.targets)
    if (std::ranges::find(target.files, path) != target.files.end())
      return target.stage == Stage::production;
  const auto all = readers::all();
  const auto compose = std::ranges::find(all, "compose", &Reader::name);
  if (!(*compose)->claims(path)) return false;
  auto stage = stage_of_name(file_name(path));
  if (!stage)
    if (const auto folder = stage_of_folders(path)) stage = folder->first;
  return stage.value_or(Stage::production) == Stage::production;
}

// What only other workflows start is as serious as the environment that they give it, else as the
// most serious of them.
void infer_called_stages(Program& program) {
  const Workflows workflows(program);
  const Calls calls(workflows);
  std::map<const Workflow*, std::vector<TargetIndex>> callers;
  std::vector<std::pair<TargetIndex, const Workflow*>> open;
  for (const Workflow* workflow : workflows.all()) {
    for (const WorkflowJob& job : workflow->jobs)
      if (const LocalUse use = workflows.job_use(job); use.workflow != nullptr)
        for (const TargetIndex target : workflows.targets_of(workflow->file))
          callers[use.workflow].push_back(target);
    if (is_only_called(*workflow))
      for (const TargetIndex target : workflows.targets_of(workflow->file))
        if (program.targets[target].stage == Stage::unknown) open.emplace_back(target, workflow);
  }
  const auto decide = [&](Target& target, Stage stage, std::string_view message, std::string detail,
                          const Span& span) {
    target.stage = stage;
    target.stage_evidence.push_back(
        {.message = message, .detail = std::move(detail), .span = span});
  };
  for (const auto& [index, workflow] : open) {
    Target& target = program.targets[index];
    for (const Surroundings& call : calls.of(*workflow))
      for (const WorkflowJob& job : workflow->jobs) {
        if (!job.environment || job.environment->name.is_literal()) continue;
        const FilledText name = fill(job.environment->name, call);
        const auto stage = name.known ? stage_of_name(name.text) : std::nullopt;
        if (!stage || *stage >= target.stage) continue;
        target.stage_evidence.clear();
        decide(target, *stage, "stage-content", "environment: " + name.text, name.span);
      }
  }
  // Callers may be called themselves.
  for (std::size_t round = 0; round < 10; ++round)
    for (const auto& [index, workflow] : open) {
      Target& target = program.targets[index];
      if (target.stage != Stage::unknown) continue;
      const Target* best = nullptr;
      for (const TargetIndex caller : callers[workflow])
        if (const Target& each = program.targets[caller];
            each.stage != Stage::unknown && (best == nullptr || each.stage < best->stage))
          best = &each;
      if (best != nullptr) decide(target, best->stage, "stage-called", best->files.front(), {});
    }
}

} // namespace

void infer_stages(Program& program) {
  for (TargetIndex i = 0; i < program.targets.size(); ++i)
    Inference(program, program.targets[i], i).run();
  infer_called_stages(program);
  for (NotAnalysed& each : program.not_analysed)
    each.production_root = may_be_production_root(program, each.path);
}

} // namespace aethel
