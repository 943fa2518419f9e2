#include "backup/document.h"
#include "backup/keys.h"
#include "backup/stream.h"
#include "store/memory.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace aethel::backup {
namespace {

class Keys : public testing::Test {
protected:
  Keys() { initialise_keys(); }
};

std::vector<unsigned char> bytes(std::string_view text) {
  std::vector<unsigned char> out(text.size() / 2);
  EXPECT_TRUE(parse_hex(text, out));
  return out;
}

std::string chars(std::string_view text) {
  const auto raw = bytes(text);
  return {raw.begin(), raw.end()};
}

// RFC 5869, A.1 and A.3: the first block of output.
TEST_F(Keys, DerivesAsTheRfc) {
  EXPECT_EQ(hex(derive(bytes("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
                       chars("000102030405060708090a0b0c"), chars("f0f1f2f3f4f5f6f7f8f9"))
                    .bytes()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
  EXPECT_EQ(hex(derive(bytes("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), "", "").bytes()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST_F(Keys, AreTextAndBack) {
  const PrivateKey key = make_private_key();
  const SigningKey signing = make_signing_key();
  EXPECT_EQ(parse_private_key(text_of(key))->secret.bytes(), key.secret.bytes());
  EXPECT_EQ(*parse_public_key(text_of(key.public_key())), key.public_key());
  EXPECT_EQ(parse_signing_key(text_of(signing))->seed.bytes(), signing.seed.bytes());
  EXPECT_EQ(*parse_signer_key(text_of(signing.signer())), signing.signer());
}

TEST_F(Keys, AreReadFromPaper) {
  const PrivateKey key = make_private_key();
  const std::string text = text_of(key);
  constexpr std::size_t prefix = std::string_view("aethel-private-").size();
  std::string paper = " " + text.substr(0, prefix);
  for (std::size_t i = prefix; i < text.size(); ++i) {
    paper += static_cast<char>(std::toupper(text[i]));
    if ((i - prefix) % 4 == 3) paper += (i - prefix) % 24 == 23 ? "\n" : "-";
  }
  EXPECT_EQ(parse_private_key(paper + "\n")->secret.bytes(), key.secret.bytes());
}

TEST_F(Keys, HexadecimalHasOneForm) {
  std::array<unsigned char, 2> out{};
  EXPECT_TRUE(parse_hex("00af", out));
  for (const char* each : {"00AF", "00aF", "00a", "00afa", "00ag", " 0af", "0x0a", ""})
    EXPECT_FALSE(parse_hex(each, out)) << each;
}

TEST_F(Keys, TellEverySlipOfAPen) {
  const std::string text = text_of(make_private_key());
  for (std::size_t i = std::string_view("aethel-private-").size(); i < text.size(); ++i) {
    std::string wrong = text;
    wrong[i] = wrong[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(parse_private_key(wrong)) << i;
    EXPECT_FALSE(parse_private_key(text.substr(0, i))) << i;
  }
  EXPECT_FALSE(parse_private_key(text + "a"));
  EXPECT_FALSE(parse_private_key(text + "aaaaaaaa"));
  EXPECT_FALSE(parse_private_key(""));
}

TEST_F(Keys, OfAnotherKindAreNamed) {
  const auto read = parse_private_key(text_of(make_signing_key()));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message,
            "this is a signing key; a private key begins with aethel-private-");
  // The bytes are checked with the kind: a changed prefix does not make another key of them.
  std::string text = text_of(make_private_key().public_key());
  EXPECT_FALSE(parse_private_key("aethel-private-" +
                                 text.substr(std::string_view("aethel-public-").size())));
}

TEST_F(Keys, WrapForOneRecipientAndOneBackup) {
  const PrivateKey service = make_private_key();
  const PrivateKey other = make_private_key();
  const Secret data = Secret::random();
  WrappedKey wrapped = wrap(data, service.public_key(), "backup-1");
  EXPECT_EQ(unwrap(wrapped, service, "backup-1")->bytes(), data.bytes());
  EXPECT_FALSE(unwrap(wrapped, service, "backup-2"));
  EXPECT_FALSE(unwrap(wrapped, other, "backup-1"));
  wrapped.recipient = id_of(other.public_key());
  EXPECT_FALSE(unwrap(wrapped, other, "backup-1"));
  wrapped.recipient = id_of(service.public_key());
  for (unsigned char& byte : wrapped.sealed) {
    byte ^= 1;
    EXPECT_FALSE(unwrap(wrapped, service, "backup-1"));
    byte ^= 1;
  }
  wrapped.ephemeral = {};
  EXPECT_FALSE(unwrap(wrapped, service, "backup-1"));
}

TEST_F(Keys, SealBindsNumberAndAssociatedData) {
  const Secret key = Secret::random();
  std::string sealed;
  seal(sealed, "text", "stream 1", 7, key);
  std::string plain;
  ASSERT_TRUE(unseal(plain, sealed, "stream 1", 7, key));
  EXPECT_EQ(plain, "text");
  EXPECT_FALSE(unseal(plain, sealed, "stream 1", 8, key));
  EXPECT_FALSE(unseal(plain, sealed, "stream 2", 7, key));
  EXPECT_FALSE(unseal(plain, sealed, "stream 1", 7, Secret::random()));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string flipped = sealed;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    EXPECT_FALSE(unseal(plain, flipped, "stream 1", 7, key)) << i;
    EXPECT_FALSE(unseal(plain, std::string_view(sealed).substr(0, i), "stream 1", 7, key)) << i;
  }
}

// Section 10 of docs/backup-format.md, which tools/read-backup is held to as well.
TEST_F(Keys, AreThoseOfTheSpecification) {
  std::ifstream file(AETHEL_SOURCE_DIR "/docs/backup-format.md");
  std::string page((std::istreambuf_iterator<char>(file)), {});
  page.erase(0, page.find("## 10."));
  const std::size_t begin = page.find("```json\n") + 8;
  const auto numbers = nlohmann::json::parse(page.substr(begin, page.find("```\n", begin) - begin));
  const auto text = [&](const char* name) { return numbers.at(name).get<std::string>(); };
  const PrivateKey key = *parse_private_key(text("private_text"));
  EXPECT_EQ(hex(key.secret.bytes()), text("private"));
  EXPECT_EQ(text_of(key), text("private_text"));
  EXPECT_EQ(hex(key.public_key().bytes), text("public"));
  EXPECT_EQ(text_of(key.public_key()), text("public_text"));
  EXPECT_EQ(id_of(key.public_key()), text("public_id"));
  const SigningKey signing = *parse_signing_key(text("signing_text"));
  EXPECT_EQ(hex(signing.seed.bytes()), text("signing"));
  EXPECT_EQ(hex(signing.signer().bytes), text("signer"));
  EXPECT_EQ(text_of(signing.signer()), text("signer_text"));
  EXPECT_EQ(id_of(signing.signer()), text("signer_id"));
  WrappedKey wrapped{.recipient = text("public_id")};
  ASSERT_TRUE(parse_hex(text("ephemeral"), wrapped.ephemeral));
  ASSERT_TRUE(parse_hex(text("sealed"), wrapped.sealed));
  const Secret data = *unwrap(wrapped, key, text("backup"));
  EXPECT_EQ(hex(data.bytes()), text("data_key"));
  EXPECT_EQ(hex(stream_key(data, text("backup"), "archive").bytes()), text("stream_key"));
  store::MemoryStore store;
  const std::string object = chars(text("object"));
  ASSERT_TRUE(store.put(object_key(text("backup"), "archive", 1), object, store::Put::always));
  const StreamInfo info{"archive", 6, 1, {{object.size(), sha256_hex(object)}}};
  EXPECT_EQ(*read_stream(store, text("backup"), info, data, 100), text("plain"));
  const std::string document = text("document");
  EXPECT_EQ(write_document("hold", document.substr(document.find("\n\n") + 2), signing), document);
}

TEST_F(Keys, SignaturesHoldForOneMessageAndSigner) {
  const SigningKey key = make_signing_key();
  const auto signature = sign("message", key);
  EXPECT_TRUE(is_signed("message", signature, key.signer()));
  EXPECT_FALSE(is_signed("Message", signature, key.signer()));
  EXPECT_FALSE(is_signed("message", signature, make_signing_key().signer()));
  EXPECT_FALSE(is_signed("message", std::span(signature).first(63), key.signer()));
}

} // namespace
} // namespace aethel::backup
