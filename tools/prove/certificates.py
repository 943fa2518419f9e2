#!/usr/bin/env python3
"""What certificates.sh asserts of one cluster.

certificates.py environments TREE                      the environments of TREE/aethel.yaml that are deployed
certificates.py zone TREE                              its DNS zone
certificates.py routed                                 of manifests on standard input: what certificates and hosts need
certificates.py issued TREE ENVIRONMENT ISSUER ROOT STATE SECONDS    waits for ISSUER's certificates; with an earlier STATE, for new ones
certificates.py asked CALLS                            what zone.py says that was asked of Route 53: allowed, and no record stays
certificates.py renew                                  asks for all anew, as `cmctl renew --all` does
"""
import base64
import collections
import datetime
import json
import pathlib
import re
import subprocess
import sys
import time

import yaml

KINDS = {"Namespace", "ClusterIssuer", "Certificate", "Gateway", "HTTPRoute", "Ingress"}
failures = []


def expect(true, text):
    if not true:
        failures.append(text)
    return true


def product(tree):
    return yaml.safe_load(pathlib.Path(tree, "aethel.yaml").read_text(encoding="utf-8"))


def hosts(tree, environment):
    described = product(tree)
    named = described["environments"][environment]["hosts"]
    used = {service["host"] for service in described["services"].values() if "host" in service} | ({"grafana"} & set(named))
    return {named[name] for name in used}


def kubectl(*arguments):
    return subprocess.run(["kubectl", *arguments], check=True, capture_output=True, text=True).stdout


def objects(kind):
    return json.loads(kubectl("get", kind, "-A", "-o", "json"))["items"]


def key(thing):
    return thing["metadata"]["namespace"], thing["metadata"]["name"]


def condition(thing, name):
    return next((c for c in thing.get("status", {}).get("conditions", []) if c["type"] == name), {})


def openssl(*arguments, text=""):
    done = subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else f"openssl: {' '.join((done.stderr or done.stdout).split())}"


def details(secret, root, work):
    """Of a Secret of TLS: the names, the serial number, the key, and what is wrong with its chain for each name."""
    data = {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}
    leaf, *rest = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", data["tls.crt"], re.DOTALL)
    between = pathlib.Path(work, "between.pem")
    between.write_text("\n".join(rest), encoding="utf-8")
    names = re.findall(r"DNS:([^,\s]+)", openssl("x509", "-noout", "-ext", "subjectAltName", text=leaf))
    wrong = []
    for name in names:
        said = openssl("verify", "-CAfile", root, "-untrusted", str(between), "-purpose", "sslserver", "-verify_hostname", name, text=leaf)
        if not said.endswith(": OK"):
            wrong.append(said)
    public = openssl("x509", "-noout", "-pubkey", text=leaf)
    if public != openssl("pkey", "-pubout", text=data["tls.key"]):
        wrong.append("the key is another certificate's")
    if "prime256v1" not in openssl("pkey", "-noout", "-text", text=data["tls.key"]):
        wrong.append("the key is not ECDSA P-256")
    if not rest:
        wrong.append("no intermediate certificate")
    dates = dict(line.split("=", 1) for line in openssl("x509", "-noout", "-dates", "-serial", text=leaf).splitlines())
    begin, end = (datetime.datetime.strptime(dates[d], "%b %d %H:%M:%S %Y GMT").replace(tzinfo=datetime.UTC) for d in ("notBefore", "notAfter"))
    return {"names": names, "wrong": wrong, "serial": dates["serial"], "public": public, "begin": begin.timestamp(), "end": end.timestamp()}


def issued(certificate, secrets, issuer, before):
    """Why the certificate is not yet what is waited for; empty when it is."""
    ready = condition(certificate, "Ready")
    if ready.get("status") != "True" or ready.get("observedGeneration") != certificate["metadata"]["generation"]:
        return ready.get("message", "not looked at")
    if condition(certificate, "Issuing").get("status") == "True":
        return condition(certificate, "Issuing").get("message", "") or "Issuing"
    secret = secrets.get((certificate["metadata"]["namespace"], certificate["spec"]["secretName"]))
    if secret is None:
        return "no Secret"
    if secret["metadata"]["annotations"].get("cert-manager.io/issuer-name") != issuer:
        return f"the Secret is not of {issuer}"
    if certificate["status"].get("revision", 0) <= before.get("revision", 0):
        return "the certificate is the old one"
    return ""


def wait(issuer, before, seconds):
    end = time.monotonic() + seconds
    while True:
        certificates = {key(c): c for c in objects("certificates.cert-manager.io")}
        secrets = {key(s): s for s in objects("secrets") if s["type"] == "kubernetes.io/tls"}
        waiting = {name: issued(c, secrets, issuer, before.get("/".join(name), {})) for name, c in certificates.items()}
        waiting = {name: why for name, why in waiting.items() if why}
        if not waiting or time.monotonic() > end:
            for name, why in waiting.items():
                expect(False, f"Certificate {'/'.join(name)} is not Ready with {issuer}: {why}")
            for each in objects("certificaterequests.cert-manager.io") if waiting else ():
                ready = condition(each, "Ready")
                if ready.get("status") != "True":
                    expect(False, f"CertificateRequest {'/'.join(key(each))}: {ready.get('message', 'not looked at')}")
            for kind in ("orders.acme.cert-manager.io", "challenges.acme.cert-manager.io") if waiting else ():
                for each in objects(kind):
                    if each.get("status", {}).get("reason"):
                        expect(False, f"{each['kind']} {'/'.join(key(each))}: {' '.join(each['status']['reason'].split())}")
            return certificates, secrets
        time.sleep(1)


def admits(listener, gateway, route, namespaces):
    allowed = listener.get("allowedRoutes", {}).get("namespaces", {"from": "Same"})
    namespace = route["metadata"]["namespace"]
    if allowed["from"] == "Selector":
        labels = namespaces[namespace]["metadata"]["labels"]
        return all(labels.get(k) == v for k, v in allowed["selector"].get("matchLabels", {}).items())
    return allowed["from"] == "All" or namespace == gateway["metadata"]["namespace"]


def served():
    """The Secret of each host, as the Gateway and the Ingresses have it."""
    found = {}
    gateways = {key(g): g for g in objects("gateways.gateway.networking.k8s.io")}
    namespaces = {n["metadata"]["name"]: n for n in objects("namespaces")}
    attached = set()
    for route in objects("httproutes.gateway.networking.k8s.io"):
        for parent in route["spec"]["parentRefs"]:
            at = (parent.get("namespace", route["metadata"]["namespace"]), parent["name"])
            listeners = gateways[at]["spec"]["listeners"] if at in gateways else []
            listeners = [one for one in listeners if parent.get("sectionName") in (None, one["name"])]
            wanted = set(route["spec"].get("hostnames", []))
            listeners = [
                one
                for one in listeners
                if admits(one, gateways[at], route, namespaces) and (not wanted or one.get("hostname", "") in wanted | {""})
            ]
            name = f"HTTPRoute {'/'.join(key(route))}"
            expect(listeners, f"{name} attaches to no listener: parent {'/'.join(at)}, section {parent.get('sectionName', 'any')}")
            attached |= {(at, one["name"]) for one in listeners}
    for at, gateway in gateways.items():
        for listener in gateway["spec"]["listeners"]:
            if listener["protocol"] != "HTTPS":
                continue
            name = f"listener {listener['name']} of Gateway {'/'.join(at)}"
            expect((at, listener["name"]) in attached, f"no route attaches to {name}")
            [reference] = listener["tls"]["certificateRefs"]
            expect(reference.get("namespace", at[0]) == at[0], f"{name} takes a Secret of another namespace")
            expect(listener["hostname"] not in found, f"{listener['hostname']} is served twice")
            found[listener["hostname"]] = at[0], reference["name"]
    for ingress in objects("ingresses"):
        secrets = {host: tls["secretName"] for tls in ingress["spec"].get("tls", []) for host in tls.get("hosts", [])}
        rules = {rule.get("host", "") for rule in ingress["spec"]["rules"]}
        name = f"Ingress {'/'.join(key(ingress))}"
        expect(rules == set(secrets), f"{name} routes {sorted(rules)} and has certificates for {sorted(secrets)}")
        for host, secret in secrets.items():
            expect(host not in found, f"{host} is served twice")
            found[host] = ingress["metadata"]["namespace"], secret
    return found


def check(tree, environment, issuer, root, state, seconds):
    state = pathlib.Path(state)
    before = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {}
    certificates, secrets = wait(issuer, before, int(seconds))
    for each in objects("clusterissuers.cert-manager.io"):
        ready = condition(each, "Ready")
        expect(ready.get("status") == "True", f"ClusterIssuer {each['metadata']['name']}: {ready.get('message', 'not looked at')}")
    if failures:
        return
    after, sans = {}, {}
    for name, certificate in sorted(certificates.items()):
        label = f"Certificate {'/'.join(name)}"
        at = (name[0], certificate["spec"]["secretName"])
        found = details(secrets[at], root, state.parent)
        sans[at] = found["names"]
        expect(sorted(found["names"]) == sorted(certificate["spec"]["dnsNames"]), f"{label}: the certificate is for {found['names']}")
        expect(not found["wrong"], f"{label}: {'; '.join(found['wrong'])}")
        old = before.get("/".join(name))
        if old:
            expect(old["serial"] != found["serial"], f"{label}: the serial number is the old one")
            expect(old["public"] != found["public"], f"{label}: the key is the old one")
        lifetime = found["end"] - found["begin"]
        renewal = datetime.datetime.fromisoformat(certificate["status"]["renewalTime"]).timestamp()
        share = (found["end"] - renewal) / lifetime
        expect(0.333 < share < 0.345, f"{label}: renewed {share:.0%} of its life before the end, not 34%")
        after["/".join(name)] = {"serial": found["serial"], "public": found["public"], "revision": certificate["status"]["revision"]}
    wanted = hosts(tree, environment)
    have = {name for names in sans.values() for name in names}
    expect(have == wanted, f"aethel.yaml has the hosts {sorted(wanted)}, the certificates {sorted(have)}")
    routes = served()
    expect(set(routes) == wanted, f"aethel.yaml has the hosts {sorted(wanted)}, Gateway and Ingresses {sorted(routes)}")
    expect(set(routes.values()) == set(sans), f"served are {sorted(routes.values())}, written are {sorted(sans)}")
    for host, secret in routes.items():
        expect(sans.get(secret) == [host], f"{host} is served with Secret {'/'.join(secret)}, which is for {sans.get(secret, 'nothing')}")
    state.write_text(json.dumps(after), encoding="utf-8")
    if not failures:
        print(f"{len(certificates)} certificates of {issuer}{' anew' if before else ''}: {', '.join(sorted(have))}")


def renew():
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for certificate in objects("certificates.cert-manager.io"):
        namespace, name = key(certificate)
        value = {
            "type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "Certificate re-issuance manually triggered",
            "lastTransitionTime": now, "observedGeneration": certificate["metadata"]["generation"],
        }  # fmt: skip
        patch = json.dumps([{"op": "add", "path": "/status/conditions/-", "value": value}])
        kubectl("patch", "certificate", name, "-n", namespace, "--subresource=status", "--type=json", "-p", patch)


def asked(calls):
    calls, end = pathlib.Path(calls), time.monotonic() + 15
    while True:
        lines = [line.split() for line in calls.read_text(encoding="utf-8").splitlines()]
        last = {name: change for action, _, *what in lines if action == "ChangeResourceRecordSets" for change, name, _ in [what]}
        left = sorted(name for name, change in last.items() if change != "DELETE")
        if not left or time.monotonic() > end:
            break
        time.sleep(1)
    for line in lines:
        expect(line[1] == "200", f"Route 53 answered {' '.join(line)}")
    expect(last, "Route 53 was never asked")
    expect(not left, f"records stay in the zone: {left}")
    counts = collections.Counter(action for action, *_ in lines)
    if not failures:
        print(f"Route 53: {', '.join(f'{count} {action}' for action, count in sorted(counts.items()))}; allowed by iam.tf, no record left")


def routed():
    yaml.safe_dump_all((d for d in yaml.safe_load_all(sys.stdin) if d and d["kind"] in KINDS), sys.stdout)


def main():
    command, *arguments = sys.argv[1:]
    if command == "environments":
        print(*(name for name in product(*arguments)["environments"] if name != "local"))
    elif command == "zone":
        print(product(*arguments)["cloud"]["zone"])
    else:
        {"routed": routed, "issued": check, "renew": renew, "asked": asked}[command](*arguments)
    for failure in failures:
        print(f"FAILED: {failure}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
