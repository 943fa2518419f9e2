#!/bin/sh
# Makes the Secrets of a local cluster: new passwords for the stores, random values for what is random, and for keys of a supplier the
# environment variable of that name, or nothing. A Secret that is there stays as it is.
#   infra/k8s/overlays/local/secrets.sh && kubectl apply --server-side -k infra/k8s/overlays/local
set -eu
namespace=aethel
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

if missing database-secrets; then echo "PASSWORD=$(derived database)" | create database-secrets; fi
if missing redis-secrets; then echo "PASSWORD=$(derived redis)" | create redis-secrets; fi

# value NAME VARIABLE: the value of a secret of aethel.yaml.
value() {
  case $1 in
    database/url) echo "postgres://app:$(derived database)@database:5432/app" ;;
    redis/url) echo "redis://:$(derived redis)@redis:6379/0" ;;
    auth/nextauth_secret) derived auth/nextauth_secret ;;
    *) printenv "$2" || true ;; # a supplier's: yours, or empty
  esac
}

if missing web-secrets; then
  create web-secrets <<END
DATABASE_URL=$(value database/url DATABASE_URL)
REDIS_URL=$(value redis/url REDIS_URL)
NEXTAUTH_SECRET=$(value auth/nextauth_secret NEXTAUTH_SECRET)
OPENAI_API_KEY=$(value openai/api_key OPENAI_API_KEY)
ANTHROPIC_API_KEY=$(value anthropic/api_key ANTHROPIC_API_KEY)
ELEVENLABS_API_KEY=$(value elevenlabs/api_key ELEVENLABS_API_KEY)
MESHY_API_KEY=$(value meshy/api_key MESHY_API_KEY)
SUNO_API_KEY=$(value suno/api_key SUNO_API_KEY)
STRIPE_SECRET_KEY=$(value stripe/secret_key STRIPE_SECRET_KEY)
STRIPE_WEBHOOK_SECRET=$(value stripe/webhook_secret STRIPE_WEBHOOK_SECRET)
RESEND_API_KEY=$(value resend/api_key RESEND_API_KEY)
SENTRY_DSN=$(value sentry/dsn SENTRY_DSN)
CRISP_WEBSITE_ID=$(value crisp/website_id CRISP_WEBSITE_ID)
END
fi
if missing runtime-secrets; then
  create runtime-secrets <<END
DATABASE_URL=$(value database/url DATABASE_URL)
REDIS_URL=$(value redis/url REDIS_URL)
NEXTAUTH_SECRET=$(value auth/nextauth_secret NEXTAUTH_SECRET)
END
fi
