import * as pulumi from "@pulumi/pulumi";
import { readFiles } from "../../config-files.ts";
import { backupAnnotations } from "../../object-store/annotations.ts";
import { backupJobs } from "../../object-store/backup-jobs.ts";
import { storeLogin } from "../../object-store/login.ts";
import type { Destination } from "../../object-store/transfer.ts";
import { typesense } from "../endpoint.ts";
import { backupName, backupPod, restoreName, restorePod, store } from "./pods.ts";
import type { BackupPodArgs } from "./pods.ts";

export interface TypesenseBackupsArgs extends Omit<BackupPodArgs, "login">, Destination {
  /** The API key's Secret. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Backups of Typesense in the object store. */
export class TypesenseBackups extends pulumi.ComponentResource {
  constructor(name: string, args: TypesenseBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:TypesenseBackups", name, {}, opts);
    const { settings, objectStore, dependsOn } = args;
    const own = { parent: this };
    const { namespace } = typesense;
    const { secret, made } = storeLogin(namespace, args, own);
    const pods = { ...args, login: secret };
    backupJobs(
      {
        ...{ namespace, objectStore, store, settings: settings.backup, dependsOn: [...dependsOn, ...made] },
        scripts: readFiles(import.meta.dirname, ["request.sh", "snapshot.sh", "fetch.sh", "restore.sh"]),
        backup: { name: backupName, pod: backupPod(pods) },
        restore: {
          name: restoreName,
          pod: restorePod(pods),
          annotations: { [backupAnnotations.nodes]: String(settings.replicas) },
        },
      },
      own,
    );
    this.registerOutputs();
  }
}
