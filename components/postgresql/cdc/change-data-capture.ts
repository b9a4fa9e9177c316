import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NodePool } from "../../../settings.ts";
import { checksum, readFiles } from "../../config-files.ts";
import { initJob } from "../../init-job.ts";
import { commonLabels } from "../../names.ts";
import { RoleSecret } from "../../role-secret.ts";
import { primary } from "../endpoints.ts";
import { contract, port, primaryHost } from "../plan.ts";
import type { Postgresql } from "../postgresql.ts";
import { capture, capturePod, job } from "./plan.ts";

export interface ChangeDataCaptureArgs {
  readonly postgresql: Postgresql;
  /** Schemas whose tables are captured, those that are made later included. */
  readonly schemas: readonly string[];
  readonly passwordVersion: number;
  readonly image: string;
  readonly pool: NodePool;
}

/** The role, the publication and the replication slot by which changes of the application's database are read. */
export class ChangeDataCapture extends pulumi.ComponentResource {
  readonly role: RoleSecret;
  /** Done when the role can log in with its present password and the slot keeps what it is to read. */
  readonly prepared: pulumi.Resource;

  constructor(name: string, args: ChangeDataCaptureArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:ChangeDataCapture", name, {}, opts);
    const { postgresql, schemas, image, pool } = args;
    const own = { parent: this };
    const { namespace } = primary;
    this.role = new RoleSecret(
      "nx-postgresql-cdc-secret",
      {
        namespace,
        role: capture.role,
        host: primaryHost,
        port,
        database: contract.database,
        passwordVersion: args.passwordVersion,
      },
      own,
    );
    const files = readFiles(import.meta.dirname, ["init.sh", "cdc.sql"]);
    const scripts = new k8s.core.v1.ConfigMap(
      job,
      { metadata: { name: job, namespace, labels: commonLabels }, data: files },
      own,
    );
    const pod = capturePod({
      schemas,
      image,
      pool,
      secrets: { superuser: postgresql.superuser.secretName, cdc: this.role.secretName },
      // A server that becomes the primary may have no slot, or not the right one.
      checksums: { files: checksum(files), "cdc-user": this.role.checksum, "primary-server": postgresql.primaryServer },
    });
    this.prepared = initJob(job, { namespace, pod }, { ...own, dependsOn: [postgresql.primary, scripts, this.role] });
    this.registerOutputs();
  }
}
