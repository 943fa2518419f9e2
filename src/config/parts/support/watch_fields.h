// The keys of `serve.checks` and `serve.notify`.
#pragma once

#include "config/part.h"
#include "config/running.h"

namespace aethel {

inline constexpr Field watch_place[] = {
    {.name = "variable", .doc = "A variable of the environment."},
    {.name = "file", .doc = "A file, such as a mounted secret. Read again each time."},
};

inline constexpr std::string_view watch_roles[] = {"primary", "replica"};

// Which of them a kind takes stands in its file of src/platform/checks.
inline constexpr Field check_fields[] = {
    {.name = "kind",
     .form = Form::label,
     .required = true,
     .doc = "What is checked: redis, http, websocket, postgresql, certificate, disk.",
     .example = "redis"},
    {.name = "address",
     .form = Form::mapping,
     .doc = "Where its address stands, which may hold a password.",
     .fields = watch_place},
    {.name = "url", .doc = "Its address, when there is no password in it."},
    {.name = "path", .doc = "A folder whose disk is looked at, or a file of certificates, in PEM."},
    {.name = "hard",
     .form = Form::boolean,
     .doc = "Whether the service is not ready while it fails. Default: true."},
    {.name = "every",
     .form = Form::duration,
     .doc = "How often, give or take a tenth. Default: 5s; disk 30s; certificate 1m."},
    {.name = "timeout", .form = Form::duration, .doc = "How long one look may take. Default: 3s."},
    {.name = "failures",
     .form = Form::number,
     .doc = "So many in a row, and it fails. Default: 2."},
    {.name = "successes",
     .form = Form::number,
     .doc = "So many in a row, and it is well again. Default: 1."},
    {.name = "maximum_age",
     .form = Form::duration,
     .doc = "After so long without a result it fails. Default: 20s, or twice `every` and `timeout` "
            "together where that is more."},
    {.name = "role",
     .form = Form::choice,
     .doc = "Of a database: what it has to be. Default: either.",
     .choices = watch_roles},
    {.name = "status",
     .form = Form::words,
     .doc = "The answers of HTTP that are well: [200, 204]. Default: 200 to 299."},
    {.name = "origin", .doc = "Of a WebSocket: the header Origin, where the server looks at it."},
    {.name = "ca_file", .doc = "Certificates that the server is checked with, in PEM."},
    {.name = "server_name",
     .doc = "The name that its certificate has to be for. Default: the host of its address."},
    {.name = "warn_days",
     .form = Form::number,
     .doc = "Of a certificate: it warns when fewer are left. Default: 21."},
    {.name = "fail_below",
     .doc = "Of a disk: it fails with less free, as a share or a quantity: 5%, 2Gi. Default: 5%."},
    {.name = "warn_below", .doc = "Of a disk: it warns with less free. Default: 10%."},
};

inline constexpr std::string_view watch_methods[] = {"GET", "POST"};

inline constexpr Field webhook_fields[] = {
    {.name = "address",
     .form = Form::mapping,
     .required = true,
     .doc = "Where the address stands that is told of a failure and of a missed run.",
     .fields = watch_place},
    {.name = "secret",
     .form = Form::mapping,
     .doc = "Where the key stands that signs what is told, with HMAC-SHA256.",
     .fields = watch_place},
};

inline constexpr Field heartbeat_fields[] = {
    {.name = "address",
     .form = Form::mapping,
     .required = true,
     .doc = "Where the address stands that is asked after each success.",
     .fields = watch_place},
    {.name = "method",
     .form = Form::choice,
     .doc = "How it is asked. Default: GET.",
     .choices = watch_methods},
};

inline constexpr Field notify_fields[] = {
    {.name = "webhook",
     .form = Form::mapping,
     .doc = "Is sent a document of JSON on failure and on a missed run.",
     .fields = webhook_fields},
    {.name = "heartbeat",
     .form = Form::mapping,
     .doc = "A dead man's switch: it raises the alarm when it is not asked in time.",
     .fields = heartbeat_fields},
};

std::vector<CheckSettings> read_checks(const FieldValue& serve);
NotifySettings read_notify(const FieldValue& serve);

} // namespace aethel
