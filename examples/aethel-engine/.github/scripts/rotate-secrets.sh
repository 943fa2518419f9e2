#!/usr/bin/env bash
# Replaces random secrets that are due in AWS Secrets Manager and restarts what reads them: rotate-secrets.sh ENVIRONMENT
# NOW=path/key replaces that one whether it is due or not. Output `due`: a list, in Markdown, of those that only a supplier can replace.
# A value is never an argument or an output of a command: it goes from program to program in the environment and by pipe.
set -euo pipefail

environment=${1:?usage: rotate-secrets.sh ENVIRONMENT}
product=aethel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
today=$(date -u +%Y-%m-%d)

# path, key, days, characters
random_secrets() {
  cat <<'END'
auth nextauth_secret 90 48
grafana admin_password 180 32
END
}

# path, key, days, where a person gets a new one
supplier_secrets() {
  cat <<'END'
openai api_key 90 https://platform.openai.com/api-keys
anthropic api_key 90 https://console.anthropic.com/settings/keys
elevenlabs api_key 180 https://elevenlabs.io/app/settings/api-keys
meshy api_key 180 https://www.meshy.ai/settings/api
suno api_key 180 https://suno.com/account
stripe secret_key 180 https://dashboard.stripe.com/apikeys
stripe webhook_secret 180 https://dashboard.stripe.com/webhooks
resend api_key 180 https://resend.com/api-keys
END
}

# path, key, namespace, ExternalSecret, workload
readers() {
  cat <<END
database url $product web-secrets web
database url $product runtime-secrets runtime
redis url $product web-secrets web
redis url $product runtime-secrets runtime
openai api_key $product web-secrets web
anthropic api_key $product web-secrets web
elevenlabs api_key $product web-secrets web
meshy api_key $product web-secrets web
suno api_key $product web-secrets web
stripe secret_key $product web-secrets web
stripe webhook_secret $product web-secrets web
resend api_key $product web-secrets web
sentry dsn $product web-secrets web
crisp website_id $product web-secrets web
auth nextauth_secret $product web-secrets web
auth nextauth_secret $product runtime-secrets runtime
grafana admin_password monitoring grafana-secrets grafana
END
}

# Days since this key was last written. A rotation notes its date in the secret itself, as a key of its own beside the others,
# because the date of the version tells only of the last key that was changed.
age() {
  local id=$product/$environment/$1 date
  date=$(aws secretsmanager get-secret-value --secret-id "$id" --query SecretString --output text |
    KEY=rotated_$2 jq -r '.[env.KEY] // empty') || return 1
  if [ -z "$date" ]; then
    date=$(aws secretsmanager get-secret-value --secret-id "$id" --query CreatedDate --output text) || return 1
  fi
  date=$(date -u -d "$date" +%s) || return 1
  echo $((($(date -u +%s) - date) / 86400))
}

new_value() {
  # Letters and digits alone pass through URLs, shells and dotenv files unharmed.
  local value
  value=$(openssl rand -base64 $(($1 * 2)) | tr -dc 'A-Za-z0-9')
  printf %s "${value:0:$1}"
}

replace() {
  local id=$product/$environment/$1
  aws secretsmanager get-secret-value --secret-id "$id" --query SecretString --output text |
    KEY=$2 VALUE=$(new_value "$3") TODAY=$today \
      jq -c '.[env.KEY] = env.VALUE | .["rotated_" + env.KEY] = env.TODAY' >"$work/secret.json"
  aws secretsmanager put-secret-value --secret-id "$id" --secret-string "file://$work/secret.json" --query VersionId --output text
  rm "$work/secret.json"
}

restart() {
  local namespace=$1 workload=$2 kind now
  if [ "$namespace/$workload" = monitoring/grafana ]; then
    kubectl -n "$namespace" rollout restart statefulset/grafana
    kubectl -n "$namespace" rollout status statefulset/grafana --timeout=10m
    # Grafana keeps the password in its database and looks at the file only when it makes that.
    kubectl -n "$namespace" exec statefulset/grafana -- sh -c \
      'grafana cli --homepath /usr/share/grafana admin reset-admin-password --password-from-stdin </etc/grafana-secrets/admin-password'
    return
  fi
  kind=$(kubectl -n "$namespace" get rollouts.argoproj.io "$workload" --ignore-not-found -o name)
  if [ -n "$kind" ]; then
    now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    kubectl -n "$namespace" patch "$kind" --type merge --patch "{\"spec\":{\"restartAt\":\"$now\"}}"
    # Set by the controller when the last pod of before has been replaced.
    kubectl -n "$namespace" wait "$kind" --for="jsonpath={.status.restartedAt}=$now" --timeout=20m
  else
    kubectl -n "$namespace" rollout restart "deployment/$workload"
    kubectl -n "$namespace" rollout status "deployment/$workload" --timeout=10m
  fi
}

# External Secrets copies the new value into the cluster, then the pods are replaced one by one.
restart_readers() {
  local namespace external workload before
  while read -r _ _ namespace external workload; do
    before=$(kubectl -n "$namespace" get externalsecrets.external-secrets.io "$external" -o jsonpath='{.status.refreshTime}')
    kubectl -n "$namespace" annotate externalsecrets.external-secrets.io "$external" "force-sync=$(date +%s)" --overwrite
    for _ in $(seq 60); do
      [ "$(kubectl -n "$namespace" get externalsecrets.external-secrets.io "$external" -o jsonpath='{.status.refreshTime}')" = "$before" ] || break
      sleep 2
    done
    kubectl -n "$namespace" wait "externalsecrets.external-secrets.io/$external" --for=condition=Ready --timeout=60s
    restart "$namespace" "$workload"
  done < <(readers | sort -u | grep "^$1 $2 ")
}

found=no
while read -r path key days length; do
  [ -n "$path" ] || continue
  if [ -n "${NOW:-}" ]; then
    [ "$NOW" = "$path/$key" ] || continue
    found=yes
  else
    old=$(age "$path" "$key")
    [ "$old" -ge "$days" ] || continue
  fi
  echo "replacing $path/$key"
  replace "$path" "$key" "$length"
  restart_readers "$path" "$key"
done < <(random_secrets)
if [ -n "${NOW:-}" ] && [ "$found" = no ]; then
  echo "::error::$NOW is no random secret that rotates" >&2
  exit 1
fi

{
  echo "due<<END_OF_LIST"
  while read -r path key days supplier; do
    [ -n "$path" ] || continue
    if ! old=$(age "$path" "$key"); then
      echo "- [ ] \`$product/$environment/$path\`, key \`$key\`: has no value that could be read. Get one: $supplier"
    elif [ "$old" -ge "$days" ]; then
      echo "- [ ] \`$product/$environment/$path\`, key \`$key\`: $old days old, due after $days. Get a new one: $supplier"
    fi
  done < <(supplier_secrets)
  echo "END_OF_LIST"
} >>"$GITHUB_OUTPUT"
