/** Texts of `--help`. */

const texts: Readonly<Record<string, string>> = {
  start: `Usage: npm start [-- [--stack NAME] [--context NAME | --state NAME]]

Deploys the data layer: prepares the tools, starts an embedded single-node Kubernetes cluster, and updates the stack in
it. Skips what is up to date. Repairs what somebody has changed or deleted: it compares each object with the stack,
lists the differences and removes them. After an interruption, rerun it: it resumes. Tells an image that cannot be pulled
at once, with the setting to change. Prints a table of the stores at the end.

  --stack NAME     deploy this stack (default "local"): "local-production" is the production layer with small requests
  --context NAME   deploy to this context of your kubeconfig instead of the embedded cluster, with the upstream images;
                   uses no other context; can deploy any stack
  --state NAME     use another embedded cluster of this name (default: the stack's name). A state keeps its stack
  --help           print this help

Configuration: Pulumi.STACK.yaml. Values set with "npm run pulumi -- config set" override it. They are stored in .state
until you set them back to the value in that file, or run "npm run down". The file itself is never changed.

State: .state/NAME; logs: .state/logs; downloads and builds: \${XDG_CACHE_HOME:-~/.cache}/bana-data-layer.
Uses the Pulumi CLI on PATH if it is new enough; otherwise downloads or builds it. Uses Pulumi's plugins if they are
installed or can be downloaded; otherwise builds the Kubernetes provider, and uses the substitutes in plugins/ for the
others. A failed download is retried after twelve hours, or when you delete the directory failed-downloads in the
cache.`,

  status: `Usage: npm run status [-- --stack NAME | --state NAME]

Reports whether the embedded cluster's servers and all its pods are ready, whether each store passes its own check, and
which objects differ from what the stack declares: missing ones, and changed ones with the changed fields. Exits with 1
if anything is wrong. "npm start" repairs objects that differ.

  --stack NAME     the embedded cluster of this stack (default "local")
  --state NAME     the embedded cluster of this name`,

  down: `Usage: npm run down [-- --stack NAME | --state NAME]

Removes the embedded cluster: its data, Pulumi's state, processes, mounts, network links, packet filter rules and
cgroups. Keeps the cache of downloads and builds. Can be rerun.

  --stack NAME     the embedded cluster of this stack (default "local")
  --state NAME     the embedded cluster of this name`,

  connect: `Usage: npm run connect -- [--context NAME | --stack NAME | --state NAME] STORE [--port-forward] [-- ARGS...]

Runs a client of a store with ARGS, or interactively without ARGS. Nothing needs to be installed: the client runs in the
store's pod, or is part of this project. No command line contains a password.

  postgres          psql as superuser, primary:   npm run connect -- postgres -- -c 'select 1'
  postgres-replica  the same on the replica
  redis             redis-cli in cluster mode:    npm run connect -- redis -- get key
  kafka             a Kafka tool, or a shell:     npm run connect -- kafka -- kafka-topics.sh --list
  typesense         an HTTP request:              npm run connect -- typesense -- GET /collections
  debezium          the same to Kafka Connect:    npm run connect -- debezium -- GET /connectors
  pgbouncer         the pooler's admin console:   npm run connect -- pgbouncer -- -c 'show pools'
                    a given command reaches every pod of the pooler, interactively it is one of them

  --port-forward   forward a free local port to the store until you press Ctrl-C; prints the address, the user, and
                   the Secret that holds the password
  --context NAME   use the data layer in this context of your kubeconfig, with the kubectl on PATH
  --stack NAME     the embedded cluster of this stack (default "local")
  --state NAME     the embedded cluster of this name`,

  backups: `Usage: npm run backups [-- [--context NAME | --state NAME] [--stack NAME] [--json]]

Lists the backups of each store with their time, duration and state; for PostgreSQL also the age of the last archived WAL,
and the first and last moment that can be recovered to. Exits with 1 if a backup failed or is too old, or if WAL is not
archived: the settings backup.maxAge of each store and postgresql.backup.maxWalAge are the limits. Reads only the cluster,
so it needs no stack.

  --json           print the same as JSON
  --context NAME   the data layer in this context of your kubeconfig, with the kubectl on PATH
  --stack NAME     the stack of the embedded cluster (default "local")
  --state NAME     name of the embedded cluster (default: the name of the stack)`,

  restore: `Usage: npm run restore -- [--context NAME | --stack NAME | --state NAME] STORE [--from BACKUP]
                              [--into-existing]

  redis      writes the keys of a backup into the cluster, each to the master that has its slot now
  typesense  stops the nodes, gives each the data of a backup, and starts them again

Refuses a store that has keys or collections. Prints what its Jobs do, and exits with 1 if one fails. "npm run backups"
lists the backups.

  --from BACKUP    name of the backup, such as 20261130T030000Z (default: the newest whole one)
  --into-existing  also into a store that has data. Redis: keys of the same names are replaced, the others stay.
                   Typesense: everything is replaced
  --context NAME   the data layer in this context of your kubeconfig, with the kubectl on PATH
  --stack NAME     the embedded cluster of this stack (default "local")
  --state NAME     the embedded cluster of this name`,

  kubectl: `Usage: npm run kubectl -- [--stack NAME | --state NAME] ARGS...

Runs kubectl on the embedded cluster. Example: npm run kubectl -- get pods --all-namespaces
kubectl's own help: npm run kubectl -- help

  --stack NAME     the embedded cluster of this stack (default "local")
  --state NAME     the embedded cluster of this name`,

  pulumi: `Usage: npm run pulumi -- [--context NAME | --stack NAME | --state NAME] [--] ARGS...

Runs Pulumi on the stack of "npm start". Examples:
  npm run pulumi -- preview --diff
  npm run pulumi -- config set --path bana-data-layer:postgresql.storage 30Gi
  npm run pulumi -- stack output --show-secrets
Values set here override Pulumi.STACK.yaml and are stored in .state. Pulumi's own help: npm run pulumi -- help`,
};

/** The help text of a command. */
export function help(command: string): string {
  return texts[command] ?? "";
}
