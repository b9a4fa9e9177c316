/** What `--help` says. */

const texts: Readonly<Record<string, string>> = {
  start: `Usage: npm start [-- --context NAME]

Brings up the data layer: tools, an embedded Kubernetes cluster of one node, and stack "local" on it. Does only what is
missing; run again, it changes nothing. Interrupted or killed, it goes on where it was. Ends with a table of what runs.

  --context NAME   use this context of your kubeconfig instead of the embedded cluster, with the upstream images;
                   no other context is ever touched
  --state NAME     another embedded cluster with a stack of its own, beside the usual one ("local")
  --help           this text

The configuration is Pulumi.local.yaml. Values set with "npm run pulumi -- config set" come on top of it: they are kept
in .state, and hold until they are set to what Pulumi.local.yaml says, or until "npm run down". The checkout's file is
never written to.

State: .state/NAME; logs: .state/logs; downloads and builds: \${XDG_CACHE_HOME:-~/.cache}/bana-data-layer.
The Pulumi CLI on PATH is used if it is new enough; else it is downloaded or built. Pulumi's own plugins are used where
they are installed or can be downloaded; else the Kubernetes provider is built, and the others have substitutes in
plugins/. A download that failed is tried again after twelve hours, or when the folder failed-downloads of the cache is
deleted.`,

  status: `Usage: npm run status [-- --state NAME]

Says whether the embedded cluster's servers and all of its pods are well. Exit code 1 if not.

  --state NAME     the embedded cluster of that name (default "local")`,

  down: `Usage: npm run down [-- --state NAME]

Removes the embedded cluster with its data, Pulumi's state of it, and every trace of both: processes, mounts, network
links, packet filter rules, control groups. The cache of downloads and builds stays. Safe to run twice.

  --state NAME     the embedded cluster of that name (default "local")`,

  connect: `Usage: npm run connect -- [--context NAME | --state NAME] STORE [--port-forward] [-- ARGS...]

Opens a client of a store. ARGS are the client's; without any, it reads what you type. Nothing has to be installed: the
client is the one in the store's own pod. No password appears in a command line.

  postgres   psql, as superuser, on the primary:     npm run connect -- postgres -- -c 'select 1'
  redis      redis-cli, which follows keys to nodes: npm run connect -- redis -- get key
  kafka      a tool of Kafka, or a shell with them:  npm run connect -- kafka -- kafka-topics.sh --list
  typesense  METHOD PATH [BODY]:                     npm run connect -- typesense -- GET /collections

  --port-forward   makes the store reachable at a free port of this machine until it is interrupted, and says which
                   port, user and password a client of yours needs
  --context NAME   the data layer in this context of your kubeconfig, by the kubectl on PATH
  --state NAME     the embedded cluster of that name (default "local")`,

  kubectl: `Usage: npm run kubectl -- [--state NAME] ARGS...

kubectl on the embedded cluster, for example: npm run kubectl -- get pods --all-namespaces
kubectl's own help: npm run kubectl -- help`,

  pulumi: `Usage: npm run pulumi -- [--context NAME | --state NAME] [--] ARGS...

Pulumi on the stack that "npm start" runs, for example:
  npm run pulumi -- preview --diff
  npm run pulumi -- config set --path bana-data-layer:postgresql.storage 30Gi
  npm run pulumi -- stack output --show-secrets
Values set here come on top of Pulumi.local.yaml, and are kept in .state. Pulumi's own help: npm run pulumi -- help`,
};

/** The help of a command. */
export function help(command: string): string {
  return texts[command] ?? "";
}
