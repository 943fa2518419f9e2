// What S3 answers as XML: listings, errors, credentials of STS. Read by expat; a document that does
// not end, has a DOCTYPE, is too deep or says a thing twice is none at all.
#pragma once

#include "store/object_store.h"

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::store {

// A page of ListObjectsV2
// (docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html#API_ListObjectsV2_ResponseSyntax).
struct ListPage {
  std::vector<ObjectInfo>
      objects; // whole keys, decoded where the answer says that they are encoded
  bool truncated = false;
  std::string next; // continuation token; not empty when truncated
};
// Else what is wrong with it, in words.
std::expected<ListPage, std::string> read_list_page(std::string_view xml);

// An <Error>: at least its code. Nothing for anything else: a proxy's page, a cut answer.
struct S3Error {
  std::string code;
  std::string message; // one line without control characters, at most 300 bytes
  std::string region;  // what it should be
  std::string endpoint;
};
std::optional<S3Error> read_s3_error(std::string_view xml);

// The texts of the leaves below the root, by path without it ("Credentials/AccessKeyId").
std::expected<std::map<std::string, std::string>, std::string> read_leaves(std::string_view xml,
                                                                           std::string_view root);

// "%2F" and "+" of a listing. Nothing where it is not well written.
std::optional<std::string> url_decode(std::string_view text);

} // namespace aethel::store
