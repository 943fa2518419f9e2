#include "syntax/git_index.h"

#include <algorithm>
#include <utility>

namespace aethel {
namespace {

constexpr std::size_t longest_path = 4096; // PATH_MAX of Linux
// Version 4 stores a path as its difference to the one before, so that a few bytes can
// claim kilobytes. Real indexes expand 1.5 times.
constexpr std::size_t largest_expansion = 16;

class Bytes {
public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  std::size_t left() const { return bytes_.size() - at_; }
  std::size_t position() const { return at_; }
  std::string_view rest() const { return bytes_.substr(at_); }
  void skip(std::size_t count) { at_ += std::min(count, left()); }
  std::uint64_t number(std::size_t width) { // big-endian; 0 past the end
    if (left() < width) {
      at_ = bytes_.size();
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes_[at_++]);
    return value;
  }
  std::uint32_t word() { return static_cast<std::uint32_t>(number(4)); }
  std::string_view take(std::size_t count) {
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += taken.size();
    return taken;
  }

private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

std::unexpected<Failure> broken(std::string_view what) {
  return fail("the git index is broken: " + std::string(what));
}

// What a checkout would refuse: a path that leaves the tree or enters the repository.
bool is_normal(std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part == ".git") return false;
    if (part.find('\0') != std::string_view::npos) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
  return false;
}

// EWAH: words of 64 bits; a marker tells how many equal ones follow and how many literal.
bool read_bitmap(Bytes& bytes, std::vector<bool>& bits, std::size_t most) {
  const std::uint32_t count = bytes.word(), words = bytes.word();
  if (count > most || bytes.left() / 8 < words) return false;
  bits.assign(count, false);
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < words;) {
    const std::uint64_t marker = bytes.number(8);
    ++i;
    const std::uint64_t run = (marker >> 1 & 0xffffffff) * 64;
    if (marker & 1)
      for (std::uint64_t bit = at; bit < std::min<std::uint64_t>(at + run, count); ++bit)
        bits[bit] = true;
    at = std::min<std::uint64_t>(at + run, count);
    std::uint64_t literals = marker >> 33;
    for (; literals > 0 && i < words; --literals, ++i) {
      const std::uint64_t word = bytes.number(8);
      for (std::size_t bit = 0; bit < 64 && at + bit < count; ++bit)
        if (word >> bit & 1) bits[at + bit] = true;
      at = std::min<std::size_t>(at + 64, count);
    }
    if (literals > 0) return false;
  }
  bytes.skip(4); // where the last marker stands
  return true;
}

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (const char c : bytes) {
    result += digits[static_cast<unsigned char>(c) >> 4];
    result += digits[static_cast<unsigned char>(c) & 15];
  }
  return result;
}

IndexType type_of(std::uint32_t mode) {
  switch (mode >> 12) {
  case 012: return IndexType::symlink;
  case 016: return IndexType::submodule;
  case 004: return IndexType::directory;
  default: return (mode & 0100) != 0 ? IndexType::executable : IndexType::file;
  }
}

} // namespace

Result<IndexFile> read_index_file(std::string_view content, ObjectFormat format) {
  const std::size_t hash = format == ObjectFormat::sha1 ? 20 : 32;
  if (content.size() > 0xffffffffu / largest_expansion) return broken("larger than 256 MiB");
  if (content.size() < 12 + hash) return broken("too short");
  Bytes bytes(content.substr(0, content.size() - hash));
  if (bytes.take(4) != "DIRC") return broken("no signature");
  const std::uint32_t version = bytes.word(), count = bytes.word();
  if (version < 2 || version > 4)
    return fail("the git index has version " + std::to_string(version) + ", known are 2, 3 and 4");
  const std::size_t fixed = 40 + hash + 2;
  if (bytes.left() / fixed < count) return broken("fewer entries than announced");

  IndexFile file;
  std::string& names = file.index.names;
  names.reserve(content.size() > count * fixed ? content.size() - count * fixed : 0);
  file.index.entries.reserve(count);
  std::size_t previous = 0, previous_length = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t begin = bytes.position();
    if (bytes.left() < fixed) return broken("an entry is cut off");
    bytes.skip(24);
    const std::uint32_t mode = bytes.word();
    bytes.skip(8);
    IndexEntry entry{.size = bytes.word(), .type = type_of(mode)};
    bytes.skip(hash);
    const std::uint64_t flags = bytes.number(2);
    if ((flags & 0x4000) != 0) { // version 3 and later
      if (version < 3) return broken("an extended entry in version 2");
      entry.skip_worktree = (bytes.number(2) & 0x4000) != 0;
    }
    std::size_t kept = 0;
    if (version == 4) {
      std::uint64_t strip = 0;
      for (std::uint64_t byte = 0x80, first = 1; byte & 0x80; first = 0) {
        if (bytes.left() == 0 || strip > content.size()) return broken("a path is cut off");
        byte = bytes.number(1);
        strip = (first ? 0 : (strip + 1) << 7) + (byte & 0x7f);
      }
      if (strip > previous_length)
        return broken("a path takes more from the one before than it has");
      kept = previous_length - strip;
    }
    const std::size_t end = bytes.rest().find('\0');
    if (end == std::string_view::npos) return broken("a path is cut off");
    if (kept + end > longest_path) return broken("a path is longer than 4096 bytes");
    if (names.size() + kept + end > content.size() * largest_expansion)
      return broken("the paths are larger than the file can say");
    entry.name = static_cast<std::uint32_t>(names.size());
    entry.length = static_cast<std::uint32_t>(kept + end);
    if (kept != 0) names.append(names, previous, kept);
    names += bytes.take(end);
    bytes.skip(1);
    if (version != 4) { // padded to a multiple of eight, with one to eight zeros
      const std::size_t used = bytes.position() - begin;
      bytes.skip((8 - used % 8) % 8);
    }
    previous = entry.name;
    previous_length = entry.length;
    file.index.entries.push_back(entry);
  }

  while (bytes.left() >= 8) {
    const std::string_view name = bytes.take(4);
    const std::uint32_t size = bytes.word();
    if (size > bytes.left()) return broken("an extension is cut off");
    Bytes body(bytes.take(size));
    if (name == "link") {
      file.link.base = hexadecimal(body.take(hash));
      file.linked = file.link.base.find_first_not_of('0') != std::string::npos;
      // Both may be absent. A few bytes can claim any length, so it is bounded by what
      // no index reaches.
      if (body.left() > 0 && (!read_bitmap(body, file.link.removed, 1u << 24) ||
                              !read_bitmap(body, file.link.replaced, 1u << 24)))
        return broken("the bitmaps of the split index");
    } else if (name[0] < 'A' || name[0] > 'Z') {
      // Capital letters are optional; `sdir` only says that directory entries occur.
      if (name != "sdir")
        return fail("the git index has the unknown extension '" + std::string(name) + "'");
    }
  }
  return file;
}

Result<GitIndex> join_index(IndexFile file, const IndexFile* shared) {
  GitIndex result = std::move(file.index);
  if (file.linked) {
    if (shared == nullptr) return fail("the shared part of the git index is missing");
    const std::size_t own = result.entries.size();
    const std::uint32_t offset = static_cast<std::uint32_t>(result.names.size());
    if (shared->index.names.size() > 0xffffffffu - offset) return broken("too large");
    if (std::max(file.link.removed.size(), file.link.replaced.size()) >
        shared->index.entries.size())
      return broken("the split index changes more than the shared one holds");
    result.names += shared->index.names;
    std::size_t replacement = 0;
    for (std::size_t i = 0; i < shared->index.entries.size(); ++i) {
      IndexEntry entry = shared->index.entries[i];
      entry.name += offset;
      if (i < file.link.replaced.size() && file.link.replaced[i]) {
        if (replacement == own) return broken("the split index lacks a replacement");
        IndexEntry& changed = result.entries[replacement++];
        if (changed.length == 0) {
          changed.name = entry.name;
          changed.length = entry.length;
        }
      } else if (i >= file.link.removed.size() || !file.link.removed[i]) {
        result.entries.push_back(entry);
      }
    }
  }

  std::erase_if(result.entries, [&](const IndexEntry& entry) {
    std::string_view path = result.path(entry);
    if (entry.type == IndexType::directory && path.ends_with('/')) path.remove_suffix(1);
    return !is_normal(path);
  });
  // Conflicts hold a path up to three times. Git writes in order; a hostile file need not.
  auto path = [&](const IndexEntry& entry) { return result.path(entry); };
  if (!std::ranges::is_sorted(result.entries, {}, path))
    std::ranges::sort(result.entries, {},
                      [&](const IndexEntry& entry) { return std::pair(path(entry), entry.name); });
  const auto repeated = std::ranges::unique(result.entries, {}, path);
  result.entries.erase(repeated.begin(), repeated.end());
  return result;
}

} // namespace aethel
