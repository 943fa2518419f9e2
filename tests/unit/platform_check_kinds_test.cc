// What each kind of check says of servers that are well, and of those that are not.
#include "support/configured_check.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <filesystem>
#include <fstream>

namespace aethel::platform {
namespace {

using Line = TestPeer::Line;

// A Redis that answers each command in turn.
std::function<void(Line&)> redis(std::vector<std::string> answers) {
  return [answers](Line& line) {
    line.read_until("INFO");
    for (const std::string& each : answers) line.send(each);
    line.listen();
  };
}
std::string bulk(const std::string& text) {
  return fmt::format("${}\r\n{}\r\n", text.size(), text);
}

TEST(Redis, IsAskedWhetherItIsReady) {
  const std::string loaded = bulk("# Persistence\r\nloading:0\r\nasync_loading:0\r\n");
  const std::string primary = bulk("# Replication\r\nrole:master\r\n");
  const std::string lost = bulk("role:slave\r\nmaster_link_status:down\r\n");
  const std::string replica = bulk("role:slave\r\nmaster_link_status:up\r\n");
  const std::string pong = "+PONG\r\n";
  const auto ask = [&](std::vector<std::string> answers, const std::string& more = "") {
    const TestPeer peer(redis(std::move(answers)));
    return said(look("kind: redis, " + at("redis", peer) + more));
  };
  EXPECT_EQ(ask({pong, loaded, primary}), "pass: ");
  EXPECT_EQ(ask({pong, loaded, primary}, ", role: primary"), "pass: ");
  EXPECT_EQ(ask({pong, loaded, primary}, ", role: replica"), "fail: it is no replica");
  EXPECT_EQ(ask({pong, loaded, replica}), "pass: ");
  EXPECT_EQ(ask({pong, loaded, replica}, ", role: primary"), "fail: it is no primary");
  EXPECT_EQ(ask({pong, loaded, lost}), "warn: it has lost its primary");
  EXPECT_EQ(ask({pong, bulk("loading:1\r\n"), primary}), "fail: it loads its data");
  EXPECT_EQ(ask({"-LOADING Redis is loading the dataset in memory\r\n"}),
            "fail: it loads its data");
  EXPECT_EQ(ask({"-NOAUTH Authentication required.\r\n"}), "fail: it wants a password");
  EXPECT_EQ(ask({"-ERR sentinel\r\n"}), "fail: it answers with an error");
  EXPECT_EQ(ask({pong, "-NOPERM no\r\n", "-NOPERM no\r\n"}), "pass: ");
  EXPECT_EQ(ask({pong, "-NOPERM no\r\n"}, ", role: primary"),
            "fail: it does not let the user do that");
}

TEST(Redis, IsGivenTheUserAndThePasswordOfItsAddress) {
  std::string heard;
  const auto talk = [&](Line& line) {
    heard = line.read_until("replication\r\n");
    line.send("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    line.listen();
  };
  {
    const TestPeer peer(talk);
    const std::string address = fmt::format("redis://app:s%40cret@127.0.0.1:{}", peer.port());
    EXPECT_EQ(said(look("kind: redis, address: {variable: X}", {{"X", address}})),
              "fail: it refuses the user or the password");
  }
  EXPECT_TRUE(heard.starts_with("*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$6\r\ns@cret\r\n")) << heard;
}

std::function<void(Line&)> http(std::string answer) {
  return [answer](Line& line) {
    line.read_until("\r\n\r\n");
    line.send(answer);
  };
}

TEST(Http, IsHeldToItsStatus) {
  const TestPeer good(http("HTTP/1.1 204 No Content\r\n\r\n"));
  const TestPeer bad(http("HTTP/1.1 503 Sentinel\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(said(look("kind: http, " + at("http", good))), "pass: ");
  EXPECT_EQ(said(look("kind: http, status: [200], " + at("http", good))), "fail: it answers 204");
  EXPECT_EQ(said(look("kind: http, " + at("http", bad))), "fail: it answers 503");
  EXPECT_EQ(said(look("kind: http, status: [200, 503], " + at("http", bad))), "pass: ");
}

TEST(Http, FollowsNoRedirect) {
  const TestPeer other(http("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  const TestPeer peer(http(fmt::format(
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{}/\r\nContent-Length: 0\r\n\r\n",
      other.port())));
  EXPECT_EQ(said(look("kind: http, " + at("http", peer))), "fail: it answers 302");
  EXPECT_EQ(other.connections(), 0);
}

TEST(Http, ReadsNoMoreThanItNeeds) {
  const TestPeer peer([](Line& line) {
    line.read_until("\r\n\r\n");
    line.send("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + std::string(2'000'000, 'x'));
  });
  EXPECT_EQ(said(look("kind: http, " + at("http", peer))),
            "fail: its answer has more than 1 MiB: ask for a smaller page");
}

// What RFC 6455 has a server answer to a key.
std::string accept_of(const std::string& request) {
  const std::string name = "Sec-WebSocket-Key: ";
  const std::size_t begin = request.find(name) + name.size();
  const std::string key = request.substr(begin, request.find("\r\n", begin) - begin) +
                          "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(key.data(), key.size(), digest, &size, EVP_sha1(), nullptr);
  unsigned char text[64];
  const int length = EVP_EncodeBlock(text, digest, static_cast<int>(size));
  return {reinterpret_cast<char*>(text), static_cast<std::size_t>(length)};
}

std::function<void(Line&)> websocket(std::function<void(Line&)> then) {
  return [then](Line& line) {
    const std::string request = line.read_until("\r\n\r\n");
    line.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: " +
              accept_of(request) + "\r\n\r\n");
    then(line);
  };
}

TEST(WebSocket, HasToAnswerAPing) {
  const std::string pong = std::string("\x8a\x07", 2) + "aetheld";
  const auto ask = [](const std::function<void(Line&)>& talk) {
    const TestPeer peer(talk);
    return said(look("kind: websocket, timeout: 500ms, " + at("ws", peer)));
  };
  EXPECT_EQ(ask(websocket([&](Line& line) {
              line.send(pong);
              line.listen();
            })),
            "pass: ");
  EXPECT_EQ(ask(websocket([&](Line& line) {
              line.send(std::string("\x81\x02hi\x89\x00", 6) + pong); // a greeting and a ping
              line.listen();
            })),
            "pass: ");
  EXPECT_EQ(ask(websocket([](Line& line) { line.listen(); })), "fail: it does not answer in time");
  EXPECT_EQ(ask(websocket([](Line& line) {
              line.send(std::string("\x8a\x03", 2) + "odd");
              line.listen();
            })),
            "fail: it does not answer in time");
  EXPECT_EQ(ask(websocket([](Line& line) {
              while (!line.over()) line.send(std::string("\x81\x02hi", 4));
            })),
            "fail: it sends without end and does not answer the ping");
  EXPECT_EQ(ask(websocket([](Line& line) {
              line.send(std::string(64, '\xff'));
              line.listen();
            })),
            "fail: it broke the protocol");
  EXPECT_EQ(ask(websocket([](Line& line) {
              line.send(std::string("\x88\x00", 2));
              line.listen();
            })),
            "fail: it closed before it answered the ping");
  EXPECT_EQ(ask(http("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
            "fail: it answers 200 to the upgrade");
  EXPECT_EQ(ask(http("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Accept: bm8=\r\n\r\n")),
            "fail: it does not speak WebSocket");
}

TEST(WebSocket, IsToldTheHostAndTheOrigin) {
  std::string heard;
  {
    const TestPeer peer([&](Line& line) { heard = line.read_until("\r\n\r\n"); });
    look(fmt::format("kind: websocket, origin: \"https://shop.example\", "
                     "url: \"ws://localhost:{}/socket?room=1\"",
                     peer.port()));
  }
  EXPECT_TRUE(heard.starts_with("GET /socket?room=1 HTTP/1.1\r\nHost: localhost:")) << heard;
  EXPECT_TRUE(heard.contains("\r\nOrigin: https://shop.example\r\n")) << heard;
}

std::string certificate(std::int64_t begin_days, std::int64_t end_days) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const made = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(made), begin_days * 86'400);
  X509_gmtime_adj(X509_getm_notAfter(made), end_days * 86'400 + 60);
  X509_set_pubkey(made, key);
  X509_sign(made, key, EVP_sha256());
  BIO* const out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, made);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(out);
  X509_free(made);
  EVP_PKEY_free(key);
  return text;
}

TEST(Certificate, IsJudgedByItsEnd) {
  const auto path =
      std::filesystem::temp_directory_path() / fmt::format("aethel-certificate-{}.pem", ::getpid());
  const auto judge = [&](const std::string& text, const std::string& more = "") {
    std::ofstream(path, std::ios::trunc) << text;
    return said(look(fmt::format("kind: certificate, path: \"{}\"{}", path.string(), more)));
  };
  EXPECT_EQ(judge(certificate(-1, 60)), "pass: ");
  EXPECT_EQ(judge(certificate(-1, 20)), "warn: its certificate is over in 20 days");
  EXPECT_EQ(judge(certificate(-1, 20), ", warn_days: 10"), "pass: ");
  EXPECT_EQ(judge(certificate(-9, -3)), "fail: its certificate is over, since 2 days");
  EXPECT_EQ(judge(certificate(2, 60)), "fail: its certificate is not valid yet");
  // The earliest of a chain decides.
  EXPECT_EQ(judge(certificate(-1, 60) + certificate(-1, 5)),
            "warn: its certificate is over in 5 days");
  EXPECT_EQ(judge("nothing"), "fail: there is no certificate in it");
  const std::string damaged = certificate(-1, 60);
  EXPECT_EQ(judge(damaged.substr(0, damaged.size() / 2)), "fail: a certificate cannot be read");
  EXPECT_EQ(judge(""), "fail: its file cannot be read");
  EXPECT_EQ(judge(std::string(2 << 20, 'x')), "fail: its file has more than 1 MiB");
  std::filesystem::remove(path);
  EXPECT_EQ(said(look(fmt::format("kind: certificate, path: \"{}\"", path.string()))),
            "fail: its file cannot be read");
  EXPECT_EQ(said(look("kind: certificate, path: /")), "fail: its file cannot be read");
}

TEST(Disk, IsJudgedByWhatIsFree) {
  EXPECT_EQ(said(look("kind: disk, path: /, fail_below: 1M, warn_below: 1M")), "pass: ");
  EXPECT_TRUE(look("kind: disk, path: /, fail_below: 900T").message().contains("bytes are free"));
  EXPECT_EQ(look("kind: disk, path: /, fail_below: 1M, warn_below: 900T").health(), Health::warn);
  EXPECT_EQ(said(look("kind: disk, path: /nobody/was/here")), "fail: its folder is not there");
}

} // namespace
} // namespace aethel::platform
