import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NodePool, TypesenseSettings } from "../../settings.ts";
import { checksum } from "../config-files.ts";
import { connectionTo } from "../contract/connection.ts";
import type { Connection } from "../contract/connection.ts";
import type { SearchStore, SharedVariables } from "../contract/stores.ts";
import { generatedPassword } from "../generated-password.ts";
import { commonLabels } from "../names.ts";
import { service } from "../service.ts";
import type { Destination } from "../object-store/transfer.ts";
import { statefulSet } from "../stateful-set.ts";
import type { VolumeClaims } from "../volume-claims.ts";
import { TypesenseBackups } from "./backup/typesense-backups.ts";
import { typesense } from "./endpoint.ts";
import {
  check,
  checkScript,
  headless,
  host,
  key,
  name as objectName,
  peerNames,
  peerScripts,
  port,
  protocol,
  typesensePod,
} from "./pods.ts";

export interface TypesenseArgs {
  readonly settings: TypesenseSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly volumeClaims: VolumeClaims;
  /** Where backups go, and the image that copies them. @default no backups */
  readonly backups?: Destination;
}

/** Typesense: one node, or several that replicate with Raft. Clients connect to `nx-typesense:8108`. */
export class Typesense extends pulumi.ComponentResource implements SearchStore {
  readonly address = { host, port };
  readonly apiKey: SearchStore["apiKey"];
  readonly connections: readonly Connection[];
  readonly sharedVariables: SharedVariables;

  constructor(name: string, args: TypesenseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Typesense", name, {}, opts);
    const { settings, image, pool, volumeClaims, backups } = args;
    const { replicas, passwordVersion } = settings;
    const backedUp = settings.backup.enabled ? backups : undefined;
    const own = { parent: this };
    const { namespace } = typesense;
    const labels = { ...commonLabels, ...typesense.pods };

    const { value: apiKey, checksum: apiKeyChecksum } = generatedPassword(key.secret, passwordVersion, own);
    const secret = new k8s.core.v1.Secret(
      key.secret,
      {
        metadata: { name: key.secret, namespace, labels },
        type: "Opaque",
        stringData: { [key.key]: apiKey, host, port: String(port), protocol },
      },
      own,
    );
    const scripts = replicas > 1 ? peerScripts() : undefined;
    const checksums = { "api-key": apiKeyChecksum, ...(scripts && { scripts: checksum(scripts) }) };
    const peers = scripts && [
      new k8s.core.v1.ConfigMap(
        name,
        {
          metadata: { name: objectName, namespace, labels },
          data: { ...scripts, ...checkScript(), ...peerNames(replicas) },
        },
        own,
      ),
    ];

    service(headless, { endpoint: typesense, headless: true }, own);
    service(objectName, { endpoint: typesense }, own);
    statefulSet(
      objectName,
      {
        endpoint: typesense,
        serviceName: headless,
        replicas,
        pod: typesensePod({ settings, image, pool, checksums, ...(backedUp && { rcloneImage: backedUp.rcloneImage }) }),
        volumeClaims,
        volumeSize: settings.storage,
        scaleDownRefusal:
          "the removed nodes may be the only ones with the latest writes. Set typesense.replicas back, or higher",
        scaleUpFromOneRefusal:
          "other nodes cannot join a single node. Set typesense.replicas back, or delete the node and its volume " +
          'first and rebuild the collections (docs/operations.md, "Run several Typesense nodes")',
        dependsOn: [secret, ...(peers ?? [])],
      },
      own,
    );

    if (backedUp) {
      new TypesenseBackups(`${name}-backups`, { ...backedUp, settings, image, pool, dependsOn: [secret] }, own);
    }

    this.apiKey = { namespace, secretName: key.secret, password: apiKey, checksum: apiKeyChecksum };
    this.connections = [
      connectionTo({
        name: "typesense",
        title: "Typesense",
        protocol: "http",
        namespace,
        service: objectName,
        port,
        credential: { namespace, secret: key.secret, keys: { password: key.key }, header: "x-typesense-api-key" },
        ...(peers && { check }),
      }),
    ];
    this.sharedVariables = {
      plain: {
        APP_ENV_TYPESENSE_HOST: host,
        APP_ENV_TYPESENSE_PORT: String(port),
        APP_ENV_TYPESENSE_PROTOCOL: protocol,
      },
      secret: { APP_ENV_TYPESENSE_API_KEY: apiKey },
    };
    this.registerOutputs();
  }
}
