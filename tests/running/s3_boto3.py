#!/usr/bin/env python3
"""s3_boto3.py ENDPOINT ACCESS SECRET: AWS's own client asks tests/support/s3_server.py, which has to answer as S3 does."""

import datetime
import hashlib
import json
import sys
import urllib.error
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.client
import botocore.credentials
import botocore.exceptions

ENDPOINT, ACCESS, SECRET = sys.argv[1:4]
failed = 0


def client(secret=SECRET, access=ACCESS, region="us-east-1"):
    config = botocore.client.Config(
        s3={"addressing_style": "path"}, retries={"max_attempts": 1}, request_checksum_calculation="when_required", response_checksum_validation="when_required"
    )
    return boto3.client("s3", endpoint_url=ENDPOINT, aws_access_key_id=access, aws_secret_access_key=secret, region_name=region, config=config)


def outcome(call):
    try:
        return call()
    except botocore.exceptions.ClientError as error:
        return f"{error.response['Error'].get('Code')}/{error.response['ResponseMetadata']['HTTPStatusCode']}"


def check(what, got, expected):
    global failed
    if got != expected:
        failed += 1
        print(f"failed: {what}: {got!r}, not {expected!r}")


def raw(body_signed, body_sent, when=None):
    """One PUT that botocore signs and that is then changed."""
    request = botocore.awsrequest.AWSRequest("PUT", ENDPOINT + "/plain/raw", data=body_signed, headers={})
    request.context = {"payload_signing_enabled": True, "client_config": botocore.client.Config()}
    signer = botocore.auth.S3SigV4Auth(botocore.credentials.Credentials(ACCESS, SECRET), "s3", "us-east-1")
    kept = botocore.auth.get_current_datetime
    if when is not None:
        botocore.auth.get_current_datetime = lambda *_, **__: when
    try:
        signer.add_auth(request)
    finally:
        botocore.auth.get_current_datetime = kept
    sent = urllib.request.Request(ENDPOINT + "/plain/raw", data=body_sent, method="PUT", headers=dict(request.headers.items()))
    try:
        return str(urllib.request.urlopen(sent, timeout=10).status)
    except urllib.error.HTTPError as error:
        return f"{error.read().decode().split('<Code>')[-1].split('<')[0]}/{error.code}"


def order(path, given):
    data = json.dumps(given).encode()
    urllib.request.urlopen(urllib.request.Request(f"{ENDPOINT}/-/{path}", data=data, method="POST"), timeout=10).read()


s3 = client()
names = ["a b+c%d/é&=?#.txt", "plain", "x/1", "x/2", "x/y/3"]
for name in names:
    etag = s3.put_object(Bucket="plain", Key=name, Body=name.encode())["ETag"]
    check("etag", etag, f'"{hashlib.md5(name.encode()).hexdigest()}"')
    check("get", s3.get_object(Bucket="plain", Key=name)["Body"].read(), name.encode())
head = s3.head_object(Bucket="plain", Key="plain")
check("length", head["ContentLength"], 5)
check("modified", abs(head["LastModified"].timestamp() - datetime.datetime.now().timestamp()) < 30, True)
check("range", s3.get_object(Bucket="plain", Key="plain", Range="bytes=1-3")["Body"].read(), b"lai")
check("range to the end", s3.get_object(Bucket="plain", Key="plain", Range="bytes=3-")["Body"].read(), b"in")
check("range after the end", outcome(lambda: s3.get_object(Bucket="plain", Key="plain", Range="bytes=5-9")), "InvalidRange/416")
check("absent", outcome(lambda: s3.get_object(Bucket="plain", Key="none")), "NoSuchKey/404")
check("absent, HEAD", outcome(lambda: s3.head_object(Bucket="plain", Key="none")), "404/404")
check("no bucket", outcome(lambda: s3.list_objects_v2(Bucket="nowhere")), "NoSuchBucket/404")

for size in (1, 2, 3, 1000):
    order("settings", {"page": size})
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket="plain"))
    check(f"pages of {size}", [each["Key"] for page in pages for each in page["Contents"]], sorted(names))
    check(f"number of pages of {size}", len(pages), -(-len(names) // size))
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket="plain", Prefix="x/", Delimiter="/"))
    check("below x/", [each["Key"] for page in pages for each in page.get("Contents", [])], ["x/1", "x/2"])
    check("folders", [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])], ["x/y/"])
check("nothing", s3.list_objects_v2(Bucket="plain", Prefix="none")["KeyCount"], 0)

check("once", outcome(lambda: s3.put_object(Bucket="plain", Key="plain", Body=b"new", IfNoneMatch="*")), "PreconditionFailed/412")
check("first", s3.put_object(Bucket="plain", Key="new", Body=b"new", IfNoneMatch="*")["ResponseMetadata"]["HTTPStatusCode"], 200)
check("unchanged", s3.get_object(Bucket="plain", Key="plain")["Body"].read(), b"plain")
check("wrong MD5", outcome(lambda: s3.put_object(Bucket="plain", Key="md5", Body=b"x", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")), "BadDigest/400")
check("wrong SHA-256", outcome(lambda: s3.put_object(Bucket="plain", Key="sha", Body=b"x", ChecksumSHA256="A" * 43 + "=")), "BadDigest/400")
check("gone", s3.delete_object(Bucket="plain", Key="new")["ResponseMetadata"]["HTTPStatusCode"], 204)
check("gone already", s3.delete_object(Bucket="plain", Key="new")["ResponseMetadata"]["HTTPStatusCode"], 204)

check("wrong secret", outcome(lambda: client(secret="wrong").list_objects_v2(Bucket="plain")), "SignatureDoesNotMatch/403")
check("unknown key", outcome(lambda: client(access="NOBODY").list_objects_v2(Bucket="plain")), "InvalidAccessKeyId/403")
# It takes the right region out of the refusal, and asks again.
check("another region", client(region="eu-west-1").list_objects_v2(Bucket="plain")["ResponseMetadata"]["RetryAttempts"], 1)
check("as signed", raw(b"AAAA", b"AAAA"), "200")
check("another body", raw(b"AAAA", b"BBBB"), "XAmzContentSHA256Mismatch/400")
now = datetime.datetime.now(datetime.timezone.utc)
check("late", raw(b"A", b"A", now - datetime.timedelta(hours=2)), "RequestTimeTooSkewed/403")
try:
    urllib.request.urlopen(f"{ENDPOINT}/plain/plain", timeout=10)
    check("anonymous", "200", "403")
except urllib.error.HTTPError as error:
    check("anonymous", error.code, 403)

until = now + datetime.timedelta(days=1)
lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until, "ChecksumAlgorithm": "SHA256"}
version = s3.put_object(Bucket="locking", Key="k", Body=b"1", **lock)["VersionId"]
check("locked", outcome(lambda: s3.delete_object(Bucket="locking", Key="k", VersionId=version)), "AccessDenied/403")
check("hidden", s3.delete_object(Bucket="locking", Key="k")["DeleteMarker"], True)
check("hidden", outcome(lambda: s3.get_object(Bucket="locking", Key="k")), "NoSuchKey/404")
check("no lock here", outcome(lambda: s3.put_object(Bucket="plain", Key="k", Body=b"1", **lock)), "InvalidRequest/400")

order("faults", [{"what": "error", "status": 503, "code": "SlowDown"}])
check("fault", outcome(lambda: s3.get_object(Bucket="plain", Key="plain")["Body"].read()), b"plain")
order("faults", [{"what": "flip_down", "method": "GET"}])
check("flipped", s3.get_object(Bucket="plain", Key="plain")["Body"].read() != b"plain", True)
print(f"boto3 {boto3.__version__}: {failed} failed")
sys.exit(failed != 0)
