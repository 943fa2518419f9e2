// The nginx that a process runs: its configuration with includes put in and templates filled in,
// as the process sees it, and what it is told to reach.
#pragma once

#include "model/source.h"
#include "model/target.h"
#include "syntax/nginx.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// Where a file that a process asks for comes from.
struct ContainerFile {
  enum class Where : std::uint8_t {
    repository,    // `path` is there
    ignored,       // `path` is kept out of the repository on purpose, or a script makes it
    missing_mount, // below a mount whose source is not there: that is the defect
    absent,        // `path` is not in the mounted folder; without `path`: in no mount
    image,         // may come with the image
    unknown        // a volume, a command, or a place outside the repository
  };
  Where where = Where::unknown;
  std::string path; // in the repository
  Span evidence;    // the mount
};

struct NginxWord {
  std::string text; // as nginx reads it: what a template's variables hold is put in
  Span span;
  bool known = true; // false: a variable of the template with an unknown value is part of it
  bool quoted = false;
};

struct NginxDirective {
  std::vector<NginxWord> words; // the first is the name
  Span span;
  std::size_t parent = nginx::no_parent;
  std::size_t end = 0; // one past its last descendant
  bool block = false;
  bool substituted = false; // a template's variable that holds whole directives
  bool of_template = false;
  // Of a file that is in the container, and of which no other file says that nginx reads it.
  bool loose = false;

  std::string_view name() const { return words.front().text; }
  const NginxWord* argument(std::size_t index) const {
    return index + 1 < words.size() ? &words[index + 1] : nullptr;
  }
};

// A file that nginx is told to read: never a pattern.
struct NginxFileUse {
  std::string_view role; // "include", "certificate", "file" (needed at start), "password-file",
                         // "folder" (that a location serves)
  std::size_t directive = 0;
  std::string path; // in the container
  ContainerFile file;
  bool of_image = false; // the image brings it
};

struct Nginx {
  const Process* process = nullptr;
  // The image is docker-nginx's and nothing of ours is built into it or run at its start.
  bool plain_image = false;
  // Nothing but nginx runs in the container: its image, perhaps with files of ours.
  bool alone = false;
  // All that nginx reads is known: every include, no variable that holds directives.
  bool complete = true;
  // The main file is the repository's or the image's; else nothing is known to be read.
  bool main_known = false;
  std::string folder; // relative paths begin here
  std::vector<NginxDirective> directives;
  std::vector<NginxFileUse> uses;
  std::vector<FileId> files; // of the repository that are read, sorted

  // The nearest directive of that name in the block or in one around it; null when there is none.
  const NginxDirective* inherited(std::size_t from, std::string_view name) const;
  // "main", "http", "server", "location", "upstream", "if", "stream", "stream/server" ...
  std::string context_of(std::size_t directive) const;
};

// An address that nginx is told to pass requests to.
struct NginxTarget {
  std::string host;
  std::uint32_t port = 0;
  bool port_written = false;
  // The name is looked up when nginx starts, which fails without it; else when a request comes.
  bool at_start = true;
  bool stream = false;
  std::string protocol; // "http", "https", "fastcgi", "uwsgi", "scgi", "grpc", "grpcs", ...
  Span span;            // of the address
  std::size_t directive = 0;
};

struct NginxListen {
  std::string address; // empty: all of IPv4; "[::]": all of IPv6
  std::uint32_t port = 80;
  bool ssl = false;
  bool default_server = false;
  std::size_t server = 0; // the block
  Span span;
};

} // namespace aethel
