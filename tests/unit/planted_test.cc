// A product with all that is generated for it is silent, and not because nothing was read: what
// became of its references is counted. Then each of tests/planted spoils a copy of it as a person
// would, and exactly what the file says must be found.
#include "link/passes.h"
#include "link/report_format.h"
#include "support/txtar.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <set>
#include <sstream>

namespace aethel {
namespace {

using testing::parse_txtar;
using testing::Txtar;

constexpr std::string_view product = AETHEL_SOURCE_DIR "/examples/aethel-engine";
constexpr std::string_view planted = AETHEL_SOURCE_DIR "/tests/planted";

using Files = std::map<std::string, std::string>;

std::string slurp(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Without what `generate` remembers: nobody audits that.
const Files& product_files() {
  static const Files files = [] {
    Files all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(product)) {
      std::string path = entry.path().string().substr(product.size() + 1);
      if (entry.is_regular_file() && !path.starts_with(".aethel/"))
        all.emplace(std::move(path), slurp(entry.path()));
    }
    return all;
  }();
  return files;
}

struct Audited {
  std::unique_ptr<MemoryFiles> files = std::make_unique<MemoryFiles>();
  Report report;
};

Audited audit(const Files& files) {
  Audited audited;
  for (const auto& [path, bytes] : files) audited.files->write(path, bytes);
  auto report = link_program(*audited.files, {.today = *parse_date("2026-11-25")});
  EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().message);
  if (report) audited.report = std::move(*report);
  return audited;
}

// What a file of tests/planted says under "found": what it is, where, and what it names.
std::string found_in(const Report& report) {
  std::string lines;
  for (const NotAnalysed& each : report.program.not_analysed)
    lines += fmt::format("not-analysed {}:{} {}\n", each.path, each.line, each.reason);
  for (const Finding& finding : report.findings)
    if (finding.confidence != Confidence::possible)
      lines += fmt::format("{} {} {} {}\n", finding.rule->name, report.program.place(finding.span),
                           finding.symbol_kind, finding.symbol);
  return lines;
}

// "<>" stands where a secret of ours would look like somebody's.
std::string without_marks(std::string text) {
  for (std::size_t at = text.find("<>"); at != std::string::npos; at = text.find("<>", at))
    text.erase(at, 2);
  return text;
}

std::string without_digits(std::string text) {
  std::erase_if(text, [](unsigned char c) { return std::isdigit(c) != 0; });
  return text;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::stringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

struct Defect {
  Files files = product_files();
  std::string found;
  std::vector<std::string> unsaid;
  bool missed = false;
};

// A text that is not there, or there twice, would plant nothing, or who knows what.
void replace_once(Files& files, const std::string& path, std::string cut, std::string paste) {
  ASSERT_TRUE(files.contains(path)) << "no " << path;
  std::string& text = files[path];
  // Whole lines make room for nothing; else a part of the last line may be meant.
  if (!paste.empty()) {
    cut.pop_back();
    paste.pop_back();
  }
  const std::size_t at = text.find(cut);
  ASSERT_NE(at, std::string::npos) << path << " does not hold\n" << cut;
  ASSERT_EQ(text.find(cut, at + 1), std::string::npos) << path << " holds this twice\n" << cut;
  text.replace(at, cut.size(), without_marks(paste));
}

Defect read_defect(const std::string& text) {
  const Txtar archive = parse_txtar(text);
  Defect defect;
  EXPECT_GT(archive.comment.size(), 10u) << "who does such a thing, and why?";
  bool answered = false, spoilt = false;
  for (std::size_t i = 0; i < archive.files.size(); ++i) {
    const auto& [name, body] = archive.files[i];
    if (name.starts_with("cut ")) {
      const bool pasted = i + 1 < archive.files.size() && archive.files[i + 1].first == "paste";
      EXPECT_TRUE(pasted) << "no \"paste\" after \"" << name << '"';
      if (!pasted) continue;
      replace_once(defect.files, name.substr(4), body, archive.files[++i].second);
      spoilt = true;
    } else if (name == "delete") {
      for (const std::string& path : lines_of(body))
        EXPECT_EQ(defect.files.erase(path), 1u) << "no " << path;
      spoilt = true;
    } else if (name.starts_with("create ")) {
      const bool fresh = defect.files.emplace(name.substr(7), without_marks(body)).second;
      EXPECT_TRUE(fresh) << name.substr(7) << " is there";
      spoilt = true;
    } else if (name == "found" || name == "missed") {
      EXPECT_FALSE(answered) << "one answer";
      EXPECT_GT(body.size(), 10u) << name << " says nothing";
      answered = true;
      defect.missed = name == "missed";
      if (!defect.missed) defect.found = body;
    } else if (name == "unsaid") {
      defect.unsaid = lines_of(body);
    } else {
      ADD_FAILURE() << "unknown part \"" << name << '"';
    }
  }
  EXPECT_TRUE(answered && spoilt);
  return defect;
}

std::vector<std::filesystem::path> planted_files() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(planted))
    if (entry.path().extension() == ".txtar") paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

TEST(Planted, the_product_is_silent_and_its_references_are_counted) {
  const Audited audited = audit(product_files());
  EXPECT_EQ(found_in(audited.report), "");
  EXPECT_EQ(verdict_of(audited.report), Verdict::ready);

  std::map<std::string, std::size_t> counts;
  for (const Reference& reference : audited.report.program.references)
    ++counts[fmt::format("{}\t{}\t{}", reference.kind->name, reference.role,
                         name_of(reference.state))];
  std::string table = "# kind\trole\toutcome\tnumber\n";
  for (const auto& [row, number] : counts) table += fmt::format("{}\t{}\n", row, number);
  const std::filesystem::path path = std::filesystem::path(planted) / "references.tsv";
  if (std::getenv("AETHEL_BLESS") != nullptr) std::ofstream(path, std::ios::binary) << table;
  EXPECT_EQ(slurp(path), table) << "more is read: AETHEL_BLESS=1 writes it. Less: look why";
}

TEST(Planted, each_defect_is_found_and_nothing_else) {
  std::size_t found = 0, missed = 0;
  std::set<std::string> rules;
  for (const auto& path : planted_files()) {
    SCOPED_TRACE(path.filename().string());
    const Defect defect = read_defect(slurp(path));
    const Audited audited = audit(defect.files);
    if (defect.missed) {
      ++missed;
      EXPECT_EQ(found_in(audited.report), "") << "no longer missed: say what is found";
    } else {
      ++found;
      const std::string now = found_in(audited.report);
      // The product's files grow: a finding may move, but become no other one by itself.
      if (std::getenv("AETHEL_BLESS") != nullptr &&
          without_digits(now) == without_digits(defect.found)) {
        std::string text = slurp(path);
        text.replace(text.find(defect.found), defect.found.size(), now);
        std::ofstream(path, std::ios::binary) << text;
      }
      EXPECT_EQ(now, defect.found) << "AETHEL_BLESS=1 writes a new line number";
      for (const Finding& finding : audited.report.findings) rules.emplace(finding.rule->name);
    }
    for (const ReportFormat* format : formats::all()) {
      const std::string words = format->write(audited.report, {.verbose = true});
      for (const std::string& value : defect.unsaid)
        EXPECT_EQ(words.find(value), std::string::npos) << format->name << " shows a value";
    }
  }
  std::printf("%zu of %zu planted defects are found, by %zu rules\n", found, found + missed,
              rules.size());
  EXPECT_GE(found, 40u) << "only becomes more";
}

// The list for people names each of them.
TEST(Planted, the_list_is_whole) {
  const std::string list = slurp(std::filesystem::path(planted) / "README.md");
  for (const auto& path : planted_files()) {
    const bool missed = read_defect(slurp(path)).missed;
    const std::string row =
        fmt::format("\n| {} | {}", path.stem().string(), missed ? "**missed**" : "");
    EXPECT_NE(list.find(row), std::string::npos) << "README.md lacks" << row;
  }
}

} // namespace
} // namespace aethel
