#!/usr/bin/env python3
"""state_test.py STACK STATE.json WRITTEN: what must be true of a stack after it was applied with the stand-in for the provider.

STATE.json is `terraform show -json`; WRITTEN the write-only values that the stand-in was given, a line of JSON each.
"""
import json
import sys

stack, state, written = sys.argv[1], json.load(open(sys.argv[2])), [json.loads(line) for line in open(sys.argv[3])]
failures = []


def expect(condition, text):
    if not condition:
        failures.append(text)


def modules(module):
    yield module
    for child in module.get("child_modules", []):
        yield from modules(child)


resources = [r for m in modules(state["values"]["root_module"]) for r in m.get("resources", []) if r["mode"] == "managed"]


def of(kind):
    return [(r["address"], r["values"]) for r in resources if r["type"] == kind]


def statements(policy):
    return json.loads(policy)["Statement"]


def strings(value):
    return value if isinstance(value, list) else [value]


# Every policy is a document, and none grants everything to anyone.
for kind, argument in (
    ("aws_iam_role_policy", "policy"),
    ("aws_iam_role", "assume_role_policy"),
    ("aws_s3_bucket_policy", "policy"),
    ("aws_sns_topic_policy", "policy"),
    ("aws_kms_key", "policy"),
    ("aws_ecr_repository_policy", "policy"),
):
    for address, values in of(kind):
        document = json.loads(values[argument])
        expect(document["Version"] == "2012-10-17" and document["Statement"], f"{address}: empty policy")
        sids = [s["Sid"] for s in document["Statement"] if "Sid" in s]
        expect(len(sids) == len(set(sids)), f"{address}: two statements of one Sid")
        for s in document["Statement"]:
            expect(s["Effect"] == "Deny" or "*" not in strings(s.get("Principal", "")), f"{address}: allows everybody")
            if kind == "aws_iam_role_policy" and s["Effect"] == "Allow":
                expect("*" not in strings(s["Action"]), f"{address}: allows every action")
        expect(len(values[argument]) < 10240, f"{address}: longer than an inline policy may be")

buckets = {address: values["bucket"] for address, values in of("aws_s3_bucket")}
guarded = {kind: len(of(kind)) for kind in (
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_versioning",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_ownership_controls",
)}
for kind, count in guarded.items():
    expect(count == len(buckets), f"{count} {kind} for {len(buckets)} buckets")
for address, values in of("aws_s3_bucket_policy"):
    expect(
        any(s["Effect"] == "Deny" and s.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}} for s in statements(values["policy"])),
        f"{address}: does not refuse what comes without TLS",
    )
for name in buckets.values():
    expect(3 <= len(name) <= 63, f"{name} is no bucket's name")
for address, values in of("aws_iam_role"):
    expect(len(values["name"]) <= 64, f"{address}: {values['name']} is longer than 64")

if stack.startswith("environments/"):
    environment = stack.split("/")[1]

    # Every secret that Terraform writes, with the keys that its description does not leave to people.
    secrets = {values["id"]: values for _, values in of("aws_secretsmanager_secret")}
    values_of = {}
    for line in written:
        if line["type"] == "aws_secretsmanager_secret_version":
            expect(line["secret_id"] in secrets, f"{line['secret_id']} is not a secret of this stack")
            expect(line["secret_id"] not in values_of, f"{line['secret_id']} is written twice")
            values_of[line["secret_id"]] = json.loads(line["secret_string_wo"])
    for id_, secret in secrets.items():
        expect(secret["name"].split("/")[1] == environment and secret["name"].count("/") == 2, f"{secret['name']}: not PRODUCT/{environment}/PATH")
        supplied = secret["description"].startswith("Supplied: ")
        expect(supplied or id_ in values_of, f"{secret['name']}: neither written nor supplied")
        for key, value in values_of.get(id_, {}).items():
            expect("EPHEMERAL" in value, f"{secret['name']}: {key} holds no password")
            if key == "url":
                expect(value.split("://")[0] in ("postgresql", "rediss"), f"{secret['name']}: {value}")

    for address, values in of("aws_db_instance"):
        expect(values["multi_az"] and values["deletion_protection"] and values["storage_encrypted"], f"{address}: unsafe")
        expect(values["publicly_accessible"] is False and values["skip_final_snapshot"] is False, f"{address}: unsafe")
        expect(values["backup_retention_period"] >= (35 if environment == "production" else 7), f"{address}: short backups")
        expect(not values.get("password") and values["password_wo_version"] >= 1, f"{address}: password in the state")
    for address, values in of("aws_db_parameter_group"):
        expect({"rds.force_ssl": "1"}.items() <= {p["name"]: p["value"] for p in values["parameter"]}.items(), f"{address}: TLS is not forced")
    for address, values in of("aws_elasticache_replication_group"):
        expect(values["engine"] == "valkey" and "." in values["engine_version"], f"{address}: engine")
        expect(values["automatic_failover_enabled"] and values["transit_encryption_mode"] == "required", f"{address}: unsafe")
        expect(not values.get("auth_token") and values["auth_token_wo_version"] >= 1, f"{address}: token in the state")
        expect(len(values["replication_group_id"]) <= 40, f"{address}: name longer than 40")
    (_, cluster), = of("aws_eks_cluster")
    expect(cluster["upgrade_policy"][0]["support_type"] == "STANDARD", "extended support is billed")
    expect(cluster["access_config"][0]["authentication_mode"] == "API", "aws-auth is on")
    expect(cluster["vpc_config"][0]["endpoint_private_access"], "no private endpoint")
    expect(len(cluster["vpc_config"][0]["subnet_ids"]) == 3, "the cluster is not in three zones")
    (_, template), = of("aws_launch_template")
    expect(template["metadata_options"][0]["http_tokens"] == "required", "IMDSv1 answers")
    expect(template["metadata_options"][0]["http_put_response_hop_limit"] == 1, "pods reach the node's credentials")
    if of("aws_db_instance"):
        (_, lock), = of("aws_s3_bucket_object_lock_configuration")
        expect(lock["rule"][0]["default_retention"][0]["days"] >= 7, "backups are not locked")
        expect([v["object_lock_enabled"] for _, v in of("aws_s3_bucket") if "-backups-" in v["bucket"]] == [True], "backups are not locked")

    roles = {values["name"]: values for _, values in of("aws_iam_role")}
    product = cluster["name"].removesuffix("-" + environment)
    boundary = f":policy/{product}-boundary"
    for name, role in roles.items():
        expect((role.get("permissions_boundary") or "").endswith(boundary), f"{name}: without the boundary")
    for address, values in of("aws_iam_role_policy"):
        for s in statements(values["policy"]):
            makes = {"iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"} & set(strings(s.get("Action", [])))
            limit = s.get("Condition", {}).get("StringEquals", {}).get("iam:PermissionsBoundary", "")
            expect(s["Effect"] == "Deny" or not makes or limit.endswith(boundary), f"{address}: makes roles above itself")
    for role in ("plan", "apply", "deploy", "rotate"):
        (s,) = statements(roles[f"{product}-{environment}-{role}"]["assume_role_policy"])
        subjects = s["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
        expect(any(sub.endswith(f":environment:{environment}") for sub in subjects), f"{role}: {subjects}")
        expect(all("*" not in sub for sub in subjects), f"{role}: a wildcard in {subjects}")
        files = strings(s["Condition"]["StringEquals"].get("token.actions.githubusercontent.com:job_workflow_ref", []))
        expect(bool(files) == (role != "plan"), f"{role}: any workflow of the environment may take it")
        expect(all("*" not in file and file.endswith(".yml@refs/heads/main") for file in files), f"{role}: {files}")
    pods = {(v["namespace"], v["service_account"]) for _, v in of("aws_eks_pod_identity_association")}
    expect(((product, "aetheld") in pods) == bool(of("aws_db_instance")), "aetheld is where there is no database, or the reverse")
    expect({("monitoring", "loki"), ("external-secrets", "external-secrets"), ("cert-manager", "cert-manager")} <= pods, f"pods: {pods}")

    subnets = [v["cidr_block"] for _, v in of("aws_subnet")]
    expect(len(subnets) == len(set(subnets)) == 9, f"subnets: {subnets}")
    for address, values in of("aws_lb_target_group") + of("aws_lb"):
        expect(len(values["name"]) <= 32, f"{address}: name longer than 32")

for failure in failures:
    print(f"{stack}: {failure}", file=sys.stderr)
print(f"{stack}: {len(resources)} resources, {len(written)} write-only values, {len(failures)} failures")
sys.exit(bool(failures))
