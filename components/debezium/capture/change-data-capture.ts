import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NodePool } from "../../../settings.ts";
import { checksum, readFiles } from "../../config-files.ts";
import { initJob } from "../../init-job.ts";
import { commonLabels } from "../../names.ts";
import { RoleSecret } from "../../role-secret.ts";
import type { PostgresqlStore } from "../../contract/stores.ts";
import { captureInit } from "./endpoint.ts";
import { capture, capturePod, job } from "./pods.ts";

export interface ChangeDataCaptureArgs {
  readonly postgresql: PostgresqlStore;
  /** Schemas whose tables are captured, including tables created later. */
  readonly schemas: readonly string[];
  /** The captured schemas and tables, as the setting declares them. */
  readonly captured: readonly string[];
  readonly passwordVersion: number;
  readonly image: string;
  readonly pool: NodePool;
}

/** The role, publication and replication slot for change data capture from the application's database. */
export class ChangeDataCapture extends pulumi.ComponentResource {
  readonly role: RoleSecret;
  /** Created when the role can log in with its current password and the slot retains WAL. */
  readonly prepared: pulumi.Resource;

  constructor(name: string, args: ChangeDataCaptureArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:ChangeDataCapture", name, {}, opts);
    const { postgresql, schemas, captured, image, pool } = args;
    const own = { parent: this };
    const { namespace } = captureInit;
    this.role = new RoleSecret(
      "nx-postgresql-cdc-secret",
      {
        namespace,
        role: capture.role,
        ...postgresql.primary,
        database: postgresql.database,
        passwordVersion: args.passwordVersion,
      },
      own,
    );
    const files = readFiles(import.meta.dirname, [
      "init.sh",
      "cdc.sql",
      "heartbeat.sql",
      "partitions.sql",
      "problems.sql",
      "topic-names.sql",
    ]);
    const scripts = new k8s.core.v1.ConfigMap(
      job,
      { metadata: { name: job, namespace, labels: commonLabels }, data: files },
      own,
    );
    const pod = capturePod({
      postgresql,
      schemas,
      captured,
      image,
      pool,
      secrets: { superuser: postgresql.superuser.secretName, cdc: this.role.secretName },
      // Reruns the Job after a promotion: the new primary may have no slot, or an unusable one.
      checksums: {
        files: checksum(files),
        "cdc-user": this.role.checksum,
        "primary-server": postgresql.captureRevision,
      },
    });
    this.prepared = initJob(
      job,
      { namespace, pod },
      { ...own, dependsOn: [postgresql.primaryReady, scripts, this.role] },
    );
    this.registerOutputs();
  }
}
