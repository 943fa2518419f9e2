// References to container images, and what has become of the images.
#pragma once

#include "base/date.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aethel {

// A reference as the registries see it (github.com/distribution/reference): `postgres` is
// docker.io/library/postgres.
struct ImageReference {
  std::string registry;   // "docker.io"
  std::string repository; // "library/postgres"
  std::string tag;        // empty when none is written
  std::string digest;     // "sha256:..."; empty when none is written

  std::string name() const;     // "docker.io/library/postgres"
  std::string familiar() const; // as people write it: "postgres", "grafana/loki"
  // Another push may change what it means: no digest, and no tag or `latest`.
  bool is_floating() const { return digest.empty() && (tag.empty() || tag == "latest"); }
};

// Nothing for text that no registry accepts, and for text with unfilled variables.
std::optional<ImageReference> parse_image(std::string_view text);

// Registries that serve copies of Docker Hub: the name of the original; else `name()`.
std::string upstream_name(const ImageReference& image);

// Whether the tag satisfies all parts of a rule, with commas between: "*" any, "latest" none or
// latest, "versioned" another, "14" that version or one of its patches, "<14" before it, "~slim"
// and "!ea" words in it: "~alpine" fits "alpine3.22", too. "redis:7" floats: neither "7.0" nor
// "<7.2".
bool tag_satisfies(std::string_view rule, const ImageReference& image);

// Docker Hub's own images, which are written in one word: "node". Lower case.
bool is_official_image(std::string_view name);

enum class RetirementKind : std::uint8_t {
  removed,    // the pull fails
  moved,      // published under another name; here frozen or gone
  end_of_life // can be pulled, gets no more fixes
};

struct Retirement {
  RetirementKind kind = RetirementKind::end_of_life;
  Date since{};
  bool pulls = true;            // the image can still be had
  bool whole = false;           // no tag of the image is maintained
  std::string_view replacement; // may be empty
  std::string_view source;      // address of the statement
  Date checked{};               // when the source was read
};

// What is true of the image on `today`; the gravest when there are several.
std::optional<Retirement> retirement(const ImageReference& image, Date today);
// The first that is announced for a day after `today`.
std::optional<Retirement> next_retirement(const ImageReference& image, Date today);

} // namespace aethel
