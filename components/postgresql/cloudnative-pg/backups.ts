import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { RandomId } from "@pulumi/random";
import type { NodePool, ObjectStoreInUse, PostgresqlBackupSettings } from "../../../settings.ts";
import { checksum, readFiles } from "../../config-files.ts";
import { initJob } from "../../init-job.ts";
import { commonLabels } from "../../names.ts";
import { loginSecret, loginValues } from "../../object-store/login.ts";
import { apiVersion } from "./api.ts";
import { barmanPlugin, limitAnnotations, objectStoreName, objectStoreSpec } from "./backup-store.ts";
import type { PlannedCluster } from "./clusters.ts";
import { namespace } from "./names.ts";
import { check, storeCheckPod } from "./store-check.ts";

export interface BackupsArgs {
  readonly store: ObjectStoreInUse;
  readonly settings: PostgresqlBackupSettings;
  /** The image of the plugin's sidecar. */
  readonly image: string;
  readonly pool: NodePool;
  /** Refuse to delete the `ObjectStore` and the login. */
  readonly protect: boolean;
}

const digest = (...parts: readonly string[]): string => checksum({ login: parts.join("\n") });

/** The place of PostgreSQL's backups in the object store, which is checked before anything depends on it. */
export class Backups extends pulumi.ComponentResource {
  /** Created when backups can be written. */
  readonly ready: readonly pulumi.Resource[];
  /** Created when the object store has accepted the settings. */
  readonly checked: pulumi.Resource;
  readonly #settings: PostgresqlBackupSettings;

  constructor(name: string, args: BackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:PostgresqlBackups", name, {}, opts);
    const { store, settings, image, pool, protect } = args;
    const own = { parent: this };
    this.#settings = settings;
    // Marks the directory in the store as this data layer's. It changes only if the stack is destroyed, with its data.
    const owner = new RandomId(`${name}-owner`, { byteLength: 8 }, own);
    const login = this.#login(store);
    const files = readFiles(import.meta.dirname, [check.script]);
    const scripts = new k8s.core.v1.ConfigMap(
      check.name,
      { metadata: { name: check.name, namespace, labels: commonLabels }, data: files },
      own,
    );
    const pod = storeCheckPod({
      store,
      settings,
      image,
      pool,
      owner: owner.hex,
      secret: login.checked,
      checksums: { files: checksum(files), ...(login.checksum && { login: login.checksum }) },
    });
    this.checked = initJob(
      check.name,
      { namespace, pod, deadline: check.deadline },
      { ...own, dependsOn: [scripts, ...login.made] },
    );
    const used = login.values && this.#secret(loginSecret, login.values, { protect, dependsOn: [this.checked] });
    const objectStore = new k8s.apiextensions.CustomResource(
      objectStoreName,
      {
        apiVersion: "barmancloud.cnpg.io/v1",
        kind: "ObjectStore",
        metadata: {
          name: objectStoreName,
          namespace,
          labels: commonLabels,
          annotations: {
            [limitAnnotations.maxAge]: String(settings.maxAge),
            [limitAnnotations.maxWalAge]: String(settings.maxWalAge),
          },
        },
        spec: objectStoreSpec(store, settings, login.name),
      },
      { ...own, protect, dependsOn: [this.checked, ...(used ? [used] : [])] },
    );
    this.ready = [objectStore];
    this.registerOutputs();
  }

  /**
   * The login: in a Secret of the user's, or made of the settings. Then the check has a Secret of its own, so that a wrong
   * login does not replace one that works.
   */
  #login({ credentials }: ObjectStoreInUse) {
    const { secret, accessKeyId = "", secretAccessKey = "" } = credentials;
    if (secret !== undefined) return { name: secret, checked: secret, made: [] };
    const values = loginValues(credentials);
    const made = [this.#secret(check.name, values, {})];
    return { name: loginSecret, checked: check.name, made, values, checksum: digest(accessKeyId, secretAccessKey) };
  }

  #secret(name: string, stringData: pulumi.Input<Record<string, string>>, opts: pulumi.CustomResourceOptions) {
    const metadata = { name, namespace, labels: commonLabels };
    return new k8s.core.v1.Secret(name, { metadata, type: "Opaque", stringData }, { ...opts, parent: this });
  }

  /** Base backups of one cluster: the first at once, then as scheduled. */
  schedule({ name, isStopped }: PlannedCluster, opts: pulumi.CustomResourceOptions): k8s.apiextensions.CustomResource {
    return new k8s.apiextensions.CustomResource(
      `${name}-backup`,
      {
        apiVersion,
        kind: "ScheduledBackup",
        metadata: { name, namespace, labels: commonLabels },
        spec: {
          cluster: { name },
          schedule: this.#settings.schedule,
          immediate: true,
          suspend: isStopped,
          // The objects that describe the backups go with the cluster; the backups stay in the store.
          backupOwnerReference: "cluster",
          method: "plugin",
          pluginConfiguration: { name: barmanPlugin },
          target: "prefer-standby",
        },
      },
      { ...opts, parent: this },
    );
  }
}
