#!/usr/bin/env python3
"""planted_test.py RENDERED [TERRAFORM]: each defect planted into a copy of RENDERED is found: by check_schema.py, and with a program
given by stacks.sh too.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# file, what stands there, what is put there, whether the schema alone tells
DEFECTS = [
    ("eks.tf", "bootstrap_self_managed_addons =", "bootstrap_self_managed_addon =", True),
    ("eks.tf", "  upgrade_policy {", "  upgrade_policies {", True),
    ("eks.tf", "vpc_config[0].cluster_security_group_id", "vpc_config.cluster_security_group_id", True),
    ("eks.tf", "aws_iam_role.cluster.arn", "aws_iam_role.clusters.arn", True),
    ("eks.tf", 'aws_iam_role.github["rotate"].arn', "aws_iam_role.github.arn", True),
    ("network.tf", "aws_vpc.main.id", "aws_vpc.main.vpc_id", True),
    ("network.tf", "var.vpc_cidr", "var.vpc_cidrs", True),
    ("s3.tf", "local.buckets", "local.bucket", True),
    ("s3.tf", "restrict_public_buckets =", "restrict_public_bucket =", True),
    ("s3.tf", "  versioning_configuration {", "  versioning {", True),
    ("secrets.tf", "secret_string_wo         =", "secret_string            =", False),
    ("secrets.tf", ".random_password", ".password", True),
    ("dns.tf", "data.aws_route53_zone.main.zone_id", "data.aws_route53_zone.zone.zone_id", True),
    ("loadbalancer.tf", "each.value.node_port", "each.value.nodeport", False),
    ("github.tf", "aws_eks_cluster.main.arn", "aws_eks_cluster.main.arns", True),
    ("environments/production/main.tf", "  alarm_email ", "  alarm_mail  ", True),
    ("environments/production/main.tf", "  zone        = ", "  # zone      = ", True),
    ("environments/production/outputs.tf", "module.main.buckets", "module.main.bucket", True),
    ("kms.tf", "enable_key_rotation     = true", 'enable_key_rotation     = ["yes"]', True),
    ("iam.tf", "for_each = local.pods", 'for_each = local.pods["loki"].statements', False),
]

rendered = pathlib.Path(sys.argv[1])
program = sys.argv[2] if len(sys.argv) > 2 else None
missed = []
for file, before, after, schema in DEFECTS:
    with tempfile.TemporaryDirectory() as work:
        copy = pathlib.Path(work) / "rendered"
        shutil.copytree(rendered, copy)
        path = copy / "infra/terraform" / file
        text = path.read_text()
        if before not in text:
            missed.append(f"{file} has no {before!r}")
            continue
        path.write_text(text.replace(before, after, 1))
        found = subprocess.run([sys.executable, HERE / "check_schema.py", copy], capture_output=True, text=True)
        if found.returncode == 77:
            sys.exit(found.stderr)
        if schema and found.returncode != 1:
            missed.append(f"check_schema.py: {file}: {after!r}")
        if program:
            settings = {**os.environ, "STACKS": "environments/production", "ONLY": "plan"}
            found = subprocess.run([HERE / "stacks.sh", copy, program], capture_output=True, text=True, env=settings)
            if found.returncode == 0:
                missed.append(f"stacks.sh: {file}: {after!r}")
print("\n".join(missed + [f"{len(DEFECTS)} planted, {len(missed)} not found"]))
sys.exit(bool(missed))
