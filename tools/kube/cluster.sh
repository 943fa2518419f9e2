# shellcheck shell=sh
# A Kubernetes API server on loopback for the script that sources this, after tools/kit/kit.sh and with $work set to a scratch folder:
#
#   cluster_start     etcd and kube-apiserver on free ports; sets KUBECONFIG; ends the script when they do not come up
#   cluster_crds      the custom resource definitions of the kit
#   cluster_stop      for the script's trap: kills what was started, also by `cluster_process`
#   cluster_process NAME COMMAND...    runs a program of the cluster in the background, its output in $work/NAME.log
#   cluster_controllers [NODES]        controller manager, scheduler and NODES (6) simulated nodes in three zones; waits until they are ready
#
# Without cluster_controllers nothing becomes available by itself. With it everything does that needs no container: pods are scheduled and get
# ready, Jobs complete, claims get volumes (stages.yaml says how), HPAs keep their minimum, PDBs hold up evictions. There are no containers, so
# no logs and no traffic, and no metrics for HPAs.
cluster_pids=

cluster_process() { # NAME COMMAND...
  cluster_name=$1
  shift
  "$@" > "$work/$cluster_name.log" 2>&1 &
  cluster_pids="$! $cluster_pids"
}

cluster_stop() {
  # Nothing of it is kept, and a server whose store is gone takes minutes to end by itself.
  for process in $cluster_pids; do kill -KILL "$process" 2> /dev/null || true; done
  wait
}

cluster_start() {
  want etcd kube-apiserver kubectl openssl python3
  # shellcheck disable=SC2046 # three words
  set -- $(free_ports 3)
  cluster_process etcd etcd --data-dir "$work/etcd" --unsafe-no-fsync --log-level error \
    --listen-client-urls "http://127.0.0.1:$1" --advertise-client-urls "http://127.0.0.1:$1" \
    --listen-peer-urls "http://127.0.0.1:$2" --initial-advertise-peer-urls "http://127.0.0.1:$2" \
    --initial-cluster "default=http://127.0.0.1:$2"
  openssl genrsa -out "$work/account.key" 2048 2> /dev/null
  token=$(openssl rand -hex 16)
  echo "$token,admin,admin,\"system:masters\"" > "$work/tokens.csv"
  cluster_address=https://127.0.0.1:$3
  cluster_process apiserver kube-apiserver --etcd-servers="http://127.0.0.1:$1" --bind-address=127.0.0.1 --advertise-address=127.0.0.1 \
    --secure-port="$3" --cert-dir="$work/certificates" --service-account-key-file="$work/account.key" \
    --service-account-signing-key-file="$work/account.key" --service-account-issuer=https://kubernetes.default.svc \
    --service-cluster-ip-range=10.96.0.0/16 --authorization-mode=RBAC --token-auth-file="$work/tokens.csv" \
    --endpoint-reconciler-type=none
  cat > "$work/kubeconfig" << END
{apiVersion: v1, kind: Config, current-context: here,
 clusters: [{name: here, cluster: {server: "$cluster_address", insecure-skip-tls-verify: true}}],
 users: [{name: here, user: {token: $token}}], contexts: [{name: here, context: {cluster: here, user: here}}]}
END
  export KUBECONFIG="$work/kubeconfig"
  # kubectl keeps what it discovered, and must not mix two clusters.
  export KUBECACHEDIR="$work/kubectl"
  tries=0
  until kubectl get --raw /readyz > /dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 120 ] || ! kill -0 "${cluster_pids%% *}" 2> /dev/null; then
      tail -n 20 "$work/apiserver.log" "$work/etcd.log" >&2
      exit 1
    fi
    sleep 1
  done
  kubectl version | sed 's/^/kubectl: /'
}

cluster_crds() {
  for project in "$(kit_folder crds)"/*/; do kubectl apply --server-side -f "$project" > /dev/null; done
  kubectl wait --for=condition=Established --timeout=60s crd --all > /dev/null
  kubectl get crd -o name | wc -l | sed 's/$/ custom resource definitions/'
}

cluster_controllers() { # [NODES]
  want kube-controller-manager kube-scheduler kwok kubectl
  cluster_nodes=${1:-6}
  # shellcheck disable=SC2046 # three words
  set -- $(free_ports 3)
  cluster_process controller-manager kube-controller-manager --kubeconfig="$KUBECONFIG" --bind-address=127.0.0.1 --secure-port="$1" \
    --cert-dir="$work/controller-manager" --leader-elect=false --service-account-private-key-file="$work/account.key" \
    --root-ca-file="$work/certificates/apiserver.crt" --horizontal-pod-autoscaler-sync-period=2s
  cluster_process scheduler kube-scheduler --kubeconfig="$KUBECONFIG" --bind-address=127.0.0.1 --secure-port="$2" \
    --cert-dir="$work/scheduler" --leader-elect=false
  # Zone c has all nodes but two, and large ones: pods go there unless something spreads them.
  cluster_node=0
  while [ "$cluster_node" -lt "$cluster_nodes" ]; do
    cluster_node=$((cluster_node + 1))
    case $cluster_node in
      1) zone=a cpu=4 memory=16Gi ;;
      2) zone=b cpu=4 memory=16Gi ;;
      *) zone=c cpu=64 memory=256Gi ;;
    esac
    cat << END
---
apiVersion: v1
kind: Node
metadata:
  name: node-$cluster_node
  labels: {kubernetes.io/hostname: node-$cluster_node, kubernetes.io/os: linux, kubernetes.io/arch: amd64, topology.kubernetes.io/zone: zone-$zone}
status:
  capacity: &size {cpu: "$cpu", memory: $memory, pods: "110", ephemeral-storage: 100Gi}
  allocatable: *size
END
  done | kubectl apply -f - > /dev/null
  # Last, with all stages: a KWOK that is started again waits for the leases of the one before.
  cluster_process kwok kwok --config="$kit/../kube/stages.yaml" --kubeconfig="$KUBECONFIG" --manage-all-nodes=true \
    --cidr=10.0.0.1/16 --node-ip=127.0.0.1 --node-lease-duration-seconds=40 --server-address="127.0.0.1:$3"
  kubectl wait --for=condition=Ready --timeout=60s node --all > /dev/null || {
    tail -n 20 "$work/kwok.log" "$work/controller-manager.log" >&2
    exit 1
  }
  kubectl get nodes -o name | wc -l | sed 's/$/ simulated nodes/'
}
