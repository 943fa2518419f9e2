"""aetheld that something else started - an init, an engine of containers - on its usual ports, and a proof's table of what was seen."""

import http.client
import json
import time

from servers import Cases, Failed, equal


def get(path, method="GET", token=None, port=9401):
    """The status and the text of an answer; 0 and the reason where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError as failure:
        return 0, str(failure)
    finally:
        connection.close()


def is_ready():
    return get("/readyz")[0] == 200


def until(what, happened, limit):
    """Seconds until it happened."""
    begin = time.monotonic()
    while not happened():
        if time.monotonic() - begin > limit:
            raise Failed(f"{what}: not within {limit} s")
        time.sleep(0.2)
    return time.monotonic() - begin


def under_way(token):
    jobs = json.loads(get("/api/jobs", token=token)[1])["jobs"]
    return [each["id"] for each in jobs if each["state"] in ("waiting", "running")]


def start_backup(token):
    """The job's id. What the schedule started goes before it."""
    until("the end of other jobs", lambda: not under_way(token), 120)
    status, body = get("/api/backup", "POST", token)
    equal(status, 202, body)
    return json.loads(body)["id"]


def job(id, token):
    return json.loads(get(f"/api/jobs/{id}", token=token)[1])


def prove_backup(token):
    """A backup by the API, and its drill, which follows by itself."""
    id = start_backup(token)
    begin = time.monotonic()
    until("the end of backup and drill", lambda: not under_way(token), 120)
    ended = job(id, token)
    equal(ended["state"], "succeeded", ended)
    level = ended["result"]["proven"]
    equal(level in ("L3", "L4"), True, f"proven {level}")
    backup = json.loads(get(f"/api/backup/{ended['result']['backup']}", token=token)[1])["backup"]
    equal(backup["proven"], level, "what the list says of it")
    return f"a backup by the API, drilled to {level}, in {time.monotonic() - begin:.1f} s"


class Table(Cases):
    """Cases that say what they saw."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def row(self, name, function, *arguments):
        kept = []
        self.case(name, lambda: kept.append(function(*arguments)))
        self.rows.append((name, kept[0] if kept else "FAILED"))

    def value(self, name, function, *arguments):
        """A step that others need; it has no row."""
        kept = []
        self.case(name, lambda: kept.append(function(*arguments)))
        return kept[0] if kept else None

    def finish(self, title):
        print(f"\n{title}\n\n| what | result |\n|---|---|")
        for name, result in self.rows:
            print(f"| {name} | {result} |")
        super().finish()
