#!/usr/bin/env bash
# Opens an issue, or brings the open one of this title up to date: open-issue.sh TITLE BODY. Needs gh with GH_TOKEN.
set -euo pipefail

title=${1:?usage: open-issue.sh TITLE BODY} body=${2:?usage: open-issue.sh TITLE BODY}
number=$(gh issue list --repo "$GITHUB_REPOSITORY" --state open --limit 200 --json number,title |
  TITLE=$title jq -r '[.[] | select(.title == env.TITLE)][0].number // empty')
if [ -n "$number" ]; then
  gh issue edit "$number" --repo "$GITHUB_REPOSITORY" --body "$body"
else
  gh issue create --repo "$GITHUB_REPOSITORY" --title "$title" --body "$body"
fi
