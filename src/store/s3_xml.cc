#include "store/s3_xml.h"

#include "store/s3_transport.h"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace aethel::store {
namespace {

// A page holds at most 1,000 objects with keys of 1,024 bytes; tripled when encoded.
constexpr std::size_t document_limit = 16 << 20;
constexpr int depth_limit = 8;
constexpr std::size_t text_limit = 16 * 1024;

// Calls `leaf(path, text)` for each element without children and `close(path)` for each with some.
class Reader {
public:
  std::string wrong;

  virtual ~Reader() = default;
  virtual void leaf(std::string_view path, std::string_view text) = 0;
  virtual void close(std::string_view) {}

  bool read(std::string_view xml) {
    if (xml.size() > document_limit) {
      wrong = "is too long";
      return false;
    }
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
        XML_ParserCreate(nullptr), XML_ParserFree);
    if (!parser) {
      wrong = "cannot be read: no memory";
      return false;
    }
    parser_ = parser.get();
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(
        parser_,
        [](void* self, const XML_Char* name, const XML_Char**) {
          static_cast<Reader*>(self)->begin(name);
        },
        [](void* self, const XML_Char*) { static_cast<Reader*>(self)->end(); });
    XML_SetCharacterDataHandler(parser_, [](void* self, const XML_Char* text, int size) {
      static_cast<Reader*>(self)->add({text, static_cast<std::size_t>(size)});
    });
    // Entities are declared there: without it nothing can be expanded.
    XML_SetStartDoctypeDeclHandler(parser_,
                                   [](void* self, const XML_Char*, const XML_Char*, const XML_Char*,
                                      int) { static_cast<Reader*>(self)->stop("has a DOCTYPE"); });
    const XML_Status status =
        XML_Parse(parser_, xml.data(), static_cast<int>(xml.size()), XML_TRUE);
    if (wrong.empty() && status != XML_STATUS_OK)
      wrong =
          fmt::format("is not well-formed XML ({})", XML_ErrorString(XML_GetErrorCode(parser_)));
    return wrong.empty();
  }

  void stop(std::string why) {
    if (wrong.empty()) wrong = std::move(why);
    XML_StopParser(parser_, XML_FALSE);
  }

  const std::string& root() const { return root_; }

private:
  void begin(std::string_view name) {
    if (!wrong.empty()) return;
    if (++depth_ > depth_limit) return stop("is nested too deep");
    if (depth_ == 1) {
      root_ = name;
    } else {
      if (!path_.empty()) path_ += '/';
      path_ += name;
    }
    text_.clear();
    leaf_ = true;
  }
  void end() {
    if (!wrong.empty()) return;
    if (--depth_ == 0) return;
    if (leaf_) {
      leaf(path_, text_);
    } else {
      close(path_);
    }
    leaf_ = false;
    const std::size_t slash = path_.rfind('/');
    path_.resize(slash == std::string::npos ? 0 : slash);
  }
  void add(std::string_view text) {
    if (!wrong.empty() || !leaf_) return;
    if (text_.size() + text.size() > text_limit) return stop("has a text that is too long");
    text_ += text;
  }

  XML_Parser parser_ = nullptr;
  std::string root_;
  std::string path_;
  std::string text_;
  int depth_ = 0;
  bool leaf_ = false;
};

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t out = 0;
  if (text.empty() || text.size() > 19) return std::nullopt; // fits: 2^63 has 19 digits
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return out;
}

class ListReader final : public Reader {
public:
  ListPage page;

  void leaf(std::string_view path, std::string_view text) override {
    if (path == "Contents/Key") return once(key_, text);
    if (path == "Contents/Size") return once(size_, text);
    if (path == "Contents/LastModified") return once(modified_, text);
    if (path == "Contents") return stop("has an object without a key");
    if (path == "IsTruncated") return once(truncated_, text);
    if (path == "NextContinuationToken") return once(next_, text);
    if (path == "EncodingType") return once(encoding_, text);
    if (path == "KeyCount") return once(count_, text);
  }

  void close(std::string_view path) override {
    if (path == "CommonPrefixes") return stop("has folders, which were not asked for");
    if (path != "Contents") return;
    const auto size = parse_size(size_.value_or(""));
    const auto modified = parse_iso_date(modified_.value_or(""));
    if (!key_ || key_->empty()) return stop("has an object without a key");
    if (!size) return stop("has an object without a size");
    if (!modified) return stop("has an object without a date");
    page.objects.push_back({std::move(*key_), *size, *modified});
    key_.reset();
    size_.reset();
    modified_.reset();
  }

  bool finish() {
    // versitygw encodes nothing and says so with an empty element.
    if (encoding_ == "") encoding_.reset();
    if (root() != "ListBucketResult") {
      wrong = "is no listing";
    } else if (truncated_ != "true" && truncated_ != "false") {
      wrong = "does not say whether it is complete";
    } else if (truncated_ == "true" && (!next_ || next_->empty())) {
      wrong = "goes on, but does not say where";
    } else if (encoding_ && *encoding_ != "url") {
      wrong = "has keys in an unknown encoding";
    } else if (count_ && parse_size(*count_) != page.objects.size()) {
      wrong = fmt::format("has {} objects, but says another number", page.objects.size());
    }
    if (!wrong.empty()) return false;
    page.truncated = truncated_ == "true";
    if (page.truncated) page.next = std::move(*next_);
    if (encoding_)
      for (ObjectInfo& each : page.objects) {
        auto key = url_decode(each.key);
        if (!key) {
          wrong = "has a key that is not encoded as it says";
          return false;
        }
        each.key = std::move(*key);
      }
    return true;
  }

private:
  void once(std::optional<std::string>& field, std::string_view text) {
    if (field) return stop("says a thing twice");
    field = text;
  }
  std::optional<std::string> key_, size_, modified_, truncated_, next_, encoding_, count_;
};

class LeavesReader final : public Reader {
public:
  std::map<std::string, std::string> leaves;
  void leaf(std::string_view path, std::string_view text) override {
    if (leaves.size() > 1000) return stop("has too many parts");
    leaves.try_emplace(std::string(path), text);
  }
};

// For messages: others wrote it.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (out.size() == 300) break;
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return out;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

} // namespace

std::optional<std::string> url_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = digit(text[i + 1]), low = digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::expected<ListPage, std::string> read_list_page(std::string_view xml) {
  ListReader reader;
  if (!reader.read(xml) || !reader.finish()) return std::unexpected(std::move(reader.wrong));
  return std::move(reader.page);
}

std::optional<S3Error> read_s3_error(std::string_view xml) {
  LeavesReader reader;
  if (!reader.read(xml) || reader.root() != "Error") return std::nullopt;
  S3Error out{.code = one_line(reader.leaves["Code"]),
              .message = one_line(reader.leaves["Message"]),
              .region = one_line(reader.leaves["Region"]),
              .endpoint = one_line(reader.leaves["Endpoint"])};
  if (out.code.empty()) return std::nullopt;
  return out;
}

std::expected<std::map<std::string, std::string>, std::string> read_leaves(std::string_view xml,
                                                                           std::string_view root) {
  LeavesReader reader;
  if (!reader.read(xml)) return std::unexpected(std::move(reader.wrong));
  if (reader.root() != root) return std::unexpected(fmt::format("is no {}", root));
  return std::move(reader.leaves);
}

} // namespace aethel::store
