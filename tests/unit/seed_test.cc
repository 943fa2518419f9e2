// The mission inside the repository: the replica of the audited repository is linked, and
// each answered atom of tests/seed/atoms.tsv must be said by a finding or a requirement.
#include "link/passes.h"
#include "support/linked.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace aethel {
namespace {

struct Atom {
  std::string id, answer, status, place, evidence, says, closed_by;
  std::string generated,
      holds;         // the file of examples/aethel-engine that closes it, and what is in it
  std::string shown; // tests of aetheld, where it closes it
};

std::string read_text(const std::string& path) {
  std::ifstream stream(path);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> cells;
  std::stringstream stream(line);
  for (std::string cell; std::getline(stream, cell, separator);) cells.push_back(cell);
  return cells;
}

std::vector<Atom> read_atoms() {
  std::vector<Atom> atoms;
  std::stringstream text(read_text(AETHEL_SOURCE_DIR "/tests/seed/atoms.tsv"));
  std::string line;
  std::getline(text, line); // the columns
  while (std::getline(text, line)) {
    std::vector<std::string> cells = split(line, '\t');
    cells.resize(10);
    atoms.push_back({cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7],
                     cells[8], cells[9]});
  }
  return atoms;
}

class Seed : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    files_ = disk_files(AETHEL_SOURCE_DIR "/tests/seed/aethel-engine").release();
    auto report = link_program(*files_, {.today = *parse_date("2026-11-25")});
    ASSERT_TRUE(report.has_value());
    report_ = new Report(std::move(*report));
  }
  static bool found(const std::string& rule, const std::string& place) {
    return std::ranges::any_of(report_->findings, [&](const Finding& finding) {
      if (finding.rule->name != rule) return false;
      if (report_->program.place(finding.span) == place) return true;
      return std::ranges::any_of(finding.related, [&](const Related& related) {
        return report_->program.place(related.span) == place;
      });
    });
  }
  static bool required(const std::string& kind, const std::string& name) {
    return std::ranges::any_of(report_->requirements, [&](const Requirement& requirement) {
      return requirement.kind == kind && requirement.name == name;
    });
  }
  static const Vfs* files_;
  static Report* report_;
};

const Vfs* Seed::files_ = nullptr;
Report* Seed::report_ = nullptr;

TEST_F(Seed, answers_each_answered_atom) {
  for (const Atom& atom : read_atoms()) {
    if (atom.status != "answered") continue;
    const std::vector<std::string> words = split(atom.says, ' ');
    ASSERT_FALSE(words.empty()) << atom.id;
    if (words[0] == "finding") {
      ASSERT_EQ(words.size(), 3u) << atom.id;
      EXPECT_TRUE(found(words[1], words[2])) << atom.id << ": " << atom.says << "\n"
                                             << atom.evidence;
    } else if (words[0] == "requirement") {
      ASSERT_EQ(words.size(), 3u) << atom.id;
      EXPECT_TRUE(required(words[1], words[2])) << atom.id << ": " << atom.says;
    } else {
      // What the audit found right, or was wrong about: nothing may be said of the place.
      EXPECT_EQ(atom.says, "none") << atom.id;
      const bool silent = std::ranges::none_of(report_->findings, [&](const Finding& finding) {
        return finding.priority <= Priority::p1 &&
               report_->program.place(finding.span) == atom.place;
      });
      EXPECT_TRUE(silent) << atom.id << ": a finding at " << atom.place;
    }
  }
}

TEST_F(Seed, open_atoms_only_become_fewer) {
  const std::vector<Atom> atoms = read_atoms();
  const auto open = std::ranges::count(atoms, "open", &Atom::status);
  const long allowed =
      std::strtol(read_text(AETHEL_SOURCE_DIR "/tests/seed/open").c_str(), nullptr, 10);
  std::printf("%ld of %zu atoms are open\n", static_cast<long>(open), atoms.size());
  EXPECT_EQ(open, allowed) << "fewer: write the number into tests/seed/open; more: never";
  for (const Atom& atom : atoms) {
    EXPECT_TRUE(atom.status == "open" || atom.status == "answered") << atom.id;
    EXPECT_FALSE(atom.answer.empty()) << atom.id;
    EXPECT_FALSE(atom.evidence.empty()) << atom.id;
  }
}

// What the audit did not see, and what only looks broken.
TEST_F(Seed, finds_what_the_audit_missed) {
  std::stringstream text(read_text(AETHEL_SOURCE_DIR "/tests/seed/missed.tsv"));
  std::string line;
  std::getline(text, line); // the columns
  int answered = 0;
  while (std::getline(text, line)) {
    std::vector<std::string> cells = split(line, '\t');
    ASSERT_EQ(cells.size(), 6u) << line;
    const std::string &id = cells[0], &kind = cells[1], &status = cells[2], &place = cells[3],
                      &says = cells[5];
    EXPECT_TRUE(status == "open" || status == "answered") << id;
    if (kind == "trap") {
      const bool silent = std::ranges::none_of(report_->findings, [&](const Finding& finding) {
        return finding.priority <= Priority::p1 && report_->program.place(finding.span) == place;
      });
      EXPECT_TRUE(silent) << id << ": a finding at " << place;
      continue;
    }
    const std::vector<std::string> words = split(says, ' ');
    ASSERT_EQ(words.size(), 3u) << id;
    const bool said =
        words[0] == "finding" ? found(words[1], words[2]) : required(words[1], words[2]);
    if (status == "answered") EXPECT_TRUE(said) << id << ": " << says;
    answered += said ? 1 : 0;
  }
  EXPECT_GE(answered, 9);
}

// What `aethel generate` writes for the audited product closes what it is said to close.
TEST_F(Seed, what_is_generated_holds_what_closes_each_atom) {
  int closed = 0;
  for (const Atom& atom : read_atoms()) {
    if (atom.generated.empty()) continue;
    ++closed;
    const std::string text =
        read_text(AETHEL_SOURCE_DIR "/examples/aethel-engine/" + atom.generated);
    EXPECT_FALSE(text.empty()) << atom.id << ": no " << atom.generated;
    EXPECT_NE(text.find(atom.holds), std::string::npos)
        << atom.id << ": " << atom.generated << " lacks " << atom.holds;
  }
  EXPECT_GE(closed, 165);
}

// What aetheld closes, its tests show. They run elsewhere; here each has to exist.
TEST_F(Seed, what_shows_an_atom_closed_is_a_test) {
  int shown = 0;
  for (const Atom& atom : read_atoms()) {
    if (!atom.shown.empty()) ++shown;
    for (const std::string& each : split(atom.shown, ';')) {
      const std::size_t dot = each.find('.');
      ASSERT_NE(dot, std::string::npos) << atom.id << ": " << each;
      const std::size_t slash = std::min(each.find('/'), each.size());
      const std::string folder = each.substr(0, dot), name = each.substr(dot + 1, slash - dot - 1);
      const std::string path = AETHEL_SOURCE_DIR "/tests/" + folder + "/" + name;
      const bool unit = folder == "unit";
      EXPECT_NE(read_text(path + (unit ? "_test.cc" : ".sh")), "") << atom.id << ": no " << each;
      if (slash == each.size()) continue;
      const std::string text = read_text(path + (unit ? "_test.cc" : ".py"));
      const std::string what = each.substr(slash + 1);
      const bool there =
          unit ? text.contains(", " + what + ")")
               : text.contains("case(\"" + what + "\"") || text.contains("def " + what + "(");
      EXPECT_TRUE(there) << atom.id << ": no case " << each;
    }
  }
  EXPECT_GE(shown, 16);
}

} // namespace
} // namespace aethel
