#include "platform/tokens.h"

#include "backup/keys.h"
#include "backup/manifest.h"
#include "knowledge/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>

namespace aethel::platform {
namespace {

constexpr std::size_t file_limit = 1 << 20;
constexpr std::size_t digest_length = 64;
constexpr std::string_view token_prefix = "aethel_";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

bool is_digest(std::string_view text) {
  return text.size() == digest_length && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// As long for every text of this length.
bool is_same(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    difference |= static_cast<unsigned char>(one[i]) ^ static_cast<unsigned char>(other[i]);
  // The compiler may not learn that only zero matters before the end.
  volatile const unsigned result = difference;
  return result == 0;
}

} // namespace

bool is_scope(std::string_view text) { return std::ranges::find(scopes, text) != std::end(scopes); }

bool Token::has(std::string_view scope) const {
  return std::ranges::find(scopes, scope) != scopes.end();
}

Result<std::vector<Token>> parse_tokens(std::string_view text) {
  std::vector<Token> tokens;
  std::set<std::string, std::less<>> names;
  std::uint32_t line = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
    if (const std::size_t comment = row.find('#'); comment != std::string_view::npos)
      row = row.substr(0, comment);
    const std::vector<std::string_view> words = knowledge::words(row, " \t\r");
    if (words.empty()) continue;
    const auto wrong = [&](std::string message) {
      return fail({.message = std::move(message),
                   .line = line,
                   .hint = "NAME SCOPE,SCOPE SHA256 [UNTIL]; `aetheld token` writes such a line"});
    };
    if (words.size() < 3 || words.size() > 4) return wrong("not a token's line");
    Token token{.name = std::string(words[0]), .digest = std::string(words[2])};
    if (!is_name(token.name)) return wrong("the name has other characters than [A-Za-z0-9._-]");
    if (!names.insert(token.name).second)
      return wrong(fmt::format("there is a token \"{}\" already", token.name));
    for (const std::string_view scope : knowledge::words(words[1], ",")) {
      if (!is_scope(scope))
        return wrong(fmt::format("\"{}\" is no scope; there are {}", scope.substr(0, 32),
                                 fmt::join(scopes, ", ")));
      token.scopes.emplace_back(scope);
    }
    if (!is_digest(token.digest))
      return wrong("the digest is not 64 lower-case hexadecimal digits");
    if (words.size() == 4) {
      token.until = backup::parse_time(fmt::format("{}T00:00:00Z", words[3]));
      if (token.until <= 0) return wrong("the day is not of the form 2027-01-31");
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::string new_token() { return std::string(token_prefix) + backup::random_hex(32); }

std::string token_digest(std::string_view token) { return backup::sha256_hex(token); }

std::string token_line(const Token& token) {
  std::string line =
      fmt::format("{} {} {}", token.name, fmt::join(token.scopes, ","), token.digest);
  if (token.until > 0) line += " " + backup::time_text(token.until).substr(0, 10);
  return line;
}

Result<std::unique_ptr<TokenFile>> TokenFile::open(std::string path,
                                                   std::function<void(const Failure&)> complain) {
  std::unique_ptr<TokenFile> file(new TokenFile);
  file->path_ = std::move(path);
  file->complain_ = std::move(complain);
  if (auto read = file->read(); !read) return std::unexpected(read.error());
  return file;
}

Result<void> TokenFile::read() {
  struct ::stat about{};
  if (::stat(path_.c_str(), &about) != 0)
    return fail(
        {.message = fmt::format("the file of tokens cannot be read: {}", std::strerror(errno)),
         .path = path_,
         .hint = errno == ENOENT
                     ? fmt::format("`aetheld token NAME --scope read --file {}` makes it, "
                                   "with a token of that name",
                                   path_)
                     : ""});
  // Who may write it may call everything.
  if ((about.st_mode & S_IWOTH) != 0)
    return fail({.message = "everybody may write the file of tokens",
                 .path = path_,
                 .hint = "chmod o-w; only its owner has to write it"});
  stamp_ = {about.st_mtim.tv_sec, about.st_mtim.tv_nsec, about.st_size, about.st_ino};
  if (about.st_size > static_cast<off_t>(file_limit))
    return fail({.message = "the file of tokens is larger than 1 MiB", .path = path_});
  std::ifstream stream(path_, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  if (!stream.good() && !stream.eof())
    return fail({.message = "the file of tokens cannot be read", .path = path_});
  auto tokens = parse_tokens(text);
  if (!tokens) {
    tokens.error().path = path_;
    tokens.error().column = 1;
    return std::unexpected(tokens.error());
  }
  tokens_ = std::move(*tokens);
  return {};
}

void TokenFile::refresh() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_ < std::chrono::milliseconds(500)) return;
  looked_ = now;
  struct ::stat about{};
  if (::stat(path_.c_str(), &about) == 0 &&
      Stamp{about.st_mtim.tv_sec, about.st_mtim.tv_nsec, about.st_size, about.st_ino} == stamp_)
    return;
  auto done = read();
  const std::string complaint = done ? std::string() : done.error().message;
  if (!done && complaint != complaint_) complain_(done.error());
  complaint_ = complaint;
}

bool TokenFile::has(std::string_view name) {
  const std::scoped_lock lock(mutex_);
  return std::ranges::find(tokens_, name, &Token::name) != tokens_.end();
}

std::optional<Token> TokenFile::find(std::string_view authorization, std::int64_t now) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() < scheme.size() || authorization.size() > 512) return {};
  const bool bearer =
      std::ranges::equal(authorization.substr(0, scheme.size()), scheme, [](char one, char other) {
        return (one >= 'A' && one <= 'Z' ? one + 32 : one) == other;
      });
  if (!bearer) return {};
  const std::string digest = token_digest(authorization.substr(scheme.size()));
  const std::scoped_lock lock(mutex_);
  refresh();
  std::optional<Token> found;
  for (const Token& each : tokens_)
    if (is_same(each.digest, digest) && (each.until == 0 || now < each.until)) found = each;
  return found;
}

} // namespace aethel::platform
