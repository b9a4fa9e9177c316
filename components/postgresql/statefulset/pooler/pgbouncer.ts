import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NodePool, PgBouncerSettings } from "../../../../settings.ts";
import { checksum, readFiles } from "../../../config-files.ts";
import { commonLabels } from "../../../names.ts";
import { connectionTo, credentialFor } from "../../../contract/connection.ts";
import type { Connection } from "../../../contract/connection.ts";
import type { SharedVariables } from "../../../contract/stores.ts";
import { database, sessionDatabase } from "../../names.ts";
import { restrictedPod } from "../../../pod.ts";
import type { RoleSecret } from "../../../role-secret.ts";
import { service } from "../../../service.ts";
import { pgbouncer } from "./endpoint.ts";
import { check, host, iniFile, name as objectName, pgbouncerPod, servicePort } from "./pods.ts";

export interface PgBouncerArgs {
  readonly settings: PgBouncerSettings;
  readonly image: string;
  readonly pool: NodePool;
  /** Roles that can log in through the pooler. */
  readonly roles: { readonly superuser: RoleSecret; readonly app: RoleSecret };
}

/**
 * PgBouncer in front of the PostgreSQL primary. Applications connect to `nx-pgbouncer:5432`: to the application's database
 * in transaction mode, or to its alias in session mode.
 */
export class PgBouncer extends pulumi.ComponentResource {
  readonly connection: Connection;
  readonly sharedVariables: SharedVariables;

  constructor(name: string, args: PgBouncerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:PgBouncer", name, {}, opts);
    const { settings, image, pool, roles } = args;
    const own = { parent: this };
    const metadata = {
      name: objectName,
      namespace: pgbouncer.namespace,
      labels: { ...commonLabels, ...pgbouncer.pods },
    };

    const { "pgbouncer.ini": template, ...scripts } = readFiles(import.meta.dirname, [
      "pgbouncer.ini",
      "write-userlist.sh",
      "login.sh",
      "logs-in.sh",
      "check.sh",
      "stop.sh",
    ]);
    const files = { ...scripts, "pgbouncer.ini": iniFile(template, settings) };
    const config = new k8s.core.v1.ConfigMap(name, { metadata, data: files }, own);

    const pod = pgbouncerPod({
      settings,
      image,
      pool,
      secrets: { superuser: roles.superuser.secretName, app: roles.app.secretName },
      checksums: { files: checksum(files), superuser: roles.superuser.checksum, app: roles.app.checksum },
    });
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata,
        spec: {
          replicas: settings.replicas,
          selector: { matchLabels: pgbouncer.pods },
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          // A new pod becomes ready when it can log in to the primary, which may still be recovering or restarting.
          progressDeadlineSeconds: 1800,
          template: restrictedPod(pod),
        },
      },
      { ...own, dependsOn: [config, roles.superuser, roles.app], customTimeouts: { create: "20m", update: "20m" } },
    );
    service(objectName, { endpoint: pgbouncer, ports: { pgbouncer: servicePort } }, own);
    if (settings.replicas > 1) {
      new k8s.policy.v1.PodDisruptionBudget(
        name,
        { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: pgbouncer.pods } } },
        own,
      );
    }
    const place = { pod: `service/${objectName}`, container: "pgbouncer" };
    this.connection = connectionTo({
      name: "pgbouncer",
      title: "PostgreSQL, pooled",
      protocol: "postgresql",
      namespace: pgbouncer.namespace,
      service: objectName,
      port: servicePort,
      credential: credentialFor(roles.app),
      client: { ...place, script: "pgbouncer", everyPod: true },
      check: { ...place, command: check },
    });
    this.sharedVariables = {
      plain: {
        APP_ENV_POSTGRES_HOST: host,
        APP_ENV_POSTGRES_PORT: String(servicePort),
        APP_ENV_POSTGRES_DATABASE: database,
        APP_ENV_POSTGRES_SESSION_HOST: host,
        APP_ENV_POSTGRES_SESSION_DATABASE: sessionDatabase,
        APP_ENV_POSTGRES_USERNAME: roles.app.username,
      },
      secret: { APP_ENV_POSTGRES_PASSWORD: roles.app.password },
    };
    this.registerOutputs();
  }
}
