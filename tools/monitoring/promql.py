"""What a PromQL expression names. Not a parser of the language (promtool is that): enough to find metrics, labels and what is rated."""
import re

TOKEN = re.compile(r"""(?P<space>\s+|\#[^\n]*)|(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)|(?P<duration>\[[^\]]*\])
  |(?P<number>(?<![A-Za-z_:])[0-9][0-9.eExX+]*[a-zA-Z]*)|(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)|(?P<op>=~|!~|!=|==|>=|<=|.)""", re.X | re.S)
WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan", "start", "end", "atan2"}
LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}


def tokens(text):
    return [(m.lastgroup, m.group()) for m in TOKEN.finditer(text) if m.lastgroup != "space"]


def names(text):
    """Yields (metric, labels of its matchers, function it stands in) and, last, (None, labels that are grouped or joined by, labels that label_replace makes)."""
    found, grouped, made = [], [], []
    t, i, calls = tokens(text), 0, []
    while i < len(t):
        kind, word = t[i]
        after = t[i + 1][1] if i + 1 < len(t) else ""
        if kind == "name" and word.lower() in LISTS and after == "(":
            i += 2
            while t[i][1] != ")":
                if t[i][0] == "name":
                    grouped.append(t[i][1])
                i += 1
        elif kind == "name" and word.lower() in LISTS or kind == "name" and word.lower() in WORDS:
            pass
        elif kind == "name" and (after == "(" or after in LISTS):
            calls.append(word)
            if word in ("label_replace", "label_join"):
                depth, j = 0, i + 1
                while True:
                    depth += {"(": 1, ")": -1}.get(t[j][1], 0)
                    if depth == 0:
                        break
                    if depth == 1 and t[j][1] == "," and t[j + 1][0] == "string" and not made[len(calls):]:
                        made.append(t[j + 1][1][1:-1])
                        break
                    j += 1
            if after in LISTS:
                calls.pop()
        elif kind == "name" or word == "{":
            metric = word if kind == "name" else ""
            labels = []
            if kind == "name" and after == "{":
                i += 1
            if t[i][1] == "{":
                i += 1
                while t[i][1] != "}":
                    if t[i][0] == "name":
                        labels.append(t[i][1])
                    i += 1
            rated = calls[-1] if calls and t[i + 1 : i + 2] and t[i + 1][0] == "duration" else ""
            found.append((metric, labels, rated))
        i += 1
    return found, grouped, made
