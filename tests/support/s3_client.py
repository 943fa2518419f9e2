"""One signed request to an S3 server, for what our client does not do: making buckets, looking into them."""

import hashlib
import hmac
import http.client
import time
import urllib.parse


def ask(endpoint, method, path, access, secret, headers=None, body=b"", region="us-east-1", query=""):
    url = urllib.parse.urlsplit(endpoint)
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    payload = hashlib.sha256(body).hexdigest()
    signed = {"host": url.netloc, "x-amz-date": date, "x-amz-content-sha256": payload, **(headers or {})}
    names = ";".join(sorted(signed))
    canonical = "\n".join([method, path, query, *(f"{name}:{signed[name]}" for name in sorted(signed)), "", names, payload])
    scope = f"{date[:8]}/{region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = ("AWS4" + secret).encode()
    for part in (date[:8], region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    signed["Authorization"] = f"AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={names}, Signature={signature}"
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    try:
        connection.request(method, f"{path}?{query}" if query else path, body, signed)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
