#!/bin/sh
<%# environments %>
<%# local %>
# Makes the Secrets of a local cluster: new passwords for the stores, random values for what is random, and for keys of a supplier the
# environment variable of that name, or nothing. A Secret that is there stays as it is.
#   infra/k8s/overlays/local/secrets.sh && kubectl apply --server-side -k infra/k8s/overlays/local
set -eu
namespace=<% namespace %>
case $(kubectl config current-context) in
  kind-* | k3d-* | minikube | docker-desktop | colima | orbstack | rancher-desktop) ;;
  *)
    [ "${ANY_CONTEXT:-}" = yes ] || {
      echo "secrets.sh: the current context is no local cluster; ANY_CONTEXT=yes if it is" >&2
      exit 1
    }
    ;;
esac
kubectl create namespace "$namespace" --dry-run=client -o yaml | kubectl apply --server-side -f - >/dev/null

missing() { ! kubectl -n "$namespace" get secret "$1" >/dev/null 2>&1; }
# create NAME: standard input is KEY=VALUE lines, so that no value is among a process's arguments.
create() { kubectl -n "$namespace" create secret generic "$1" --from-env-file=/dev/stdin; }

# All random values come from one, so that they agree between services and between runs.
if missing local-seed; then echo "SEED=$(openssl rand -hex 32)" | create local-seed; fi
seed=$(kubectl -n "$namespace" get secret local-seed -o 'jsonpath={.data.SEED}')
derived() { printf '%s %s' "$seed" "$1" | sha256sum | cut -d ' ' -f 1; }

<%# databases %>
if missing <% name %>-secrets; then echo "PASSWORD=$(derived <% name %>)" | create <% name %>-secrets; fi
<%/ databases %>
<%# caches %>
if missing <% name %>-secrets; then echo "PASSWORD=$(derived <% name %>)" | create <% name %>-secrets; fi
<%/ caches %>

# value NAME VARIABLE: the value of a secret of aethel.yaml.
value() {
  case $1 in
<%# databases %>
    <% name %>/url) echo "postgres://app:$(derived <% name %>)@<% name %>:5432/app" ;;
<%/ databases %>
<%# caches %>
    <% name %>/url) echo "redis://:$(derived <% name %>)@<% name %>:6379/0" ;;
<%/ caches %>
<%# secrets %>
<%# random %>
<%^ system %>
    <% name %>) derived <% name %> ;;
<%/ system %>
<%/ random %>
<%/ secrets %>
    *) printenv "$2" || true ;; # a supplier's: yours, or empty
  esac
}

<%# services %>
<%# has_secrets %>
if missing <% name %>-secrets; then
  create <% name %>-secrets <<END
<%# secrets %>
<% name %>=$(value <% secret %> <% name %>)
<%/ secrets %>
END
fi
<%/ has_secrets %>
<%/ services %>
<%/ local %>
<%/ environments %>
