import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ObjectStoreInUse } from "../../settings.ts";
import { commonLabels } from "../names.ts";
import type { Namespace } from "../names.ts";
import type { Destination } from "./transfer.ts";

/** Keys of the Secret with the object store's login. */
export const loginKeys = { accessKeyId: "accessKeyId", secretAccessKey: "secretAccessKey" } as const;

/** Name of the Secret, if the login is a setting. */
export const loginSecret = "nx-object-store";

/** The data of that Secret. */
export const loginValues = ({ accessKeyId = "", secretAccessKey = "" }: ObjectStoreInUse["credentials"]) =>
  pulumi.secret({ [loginKeys.accessKeyId]: accessKeyId, [loginKeys.secretAccessKey]: secretAccessKey });

/** The Secret with the object store's login in a namespace. */
export interface Login {
  readonly secret: string;
  /** What has to exist before pods use it. */
  readonly made: readonly pulumi.Resource[];
}

/** The Secret that the settings name, or one with the login of the settings. */
export function storeLogin(
  namespace: Namespace,
  { objectStore: { credentials }, checked }: Pick<Destination, "objectStore" | "checked">,
  opts: pulumi.CustomResourceOptions,
): Login {
  const { secret } = credentials;
  if (secret !== undefined) return { secret, made: checked };
  const login = new k8s.core.v1.Secret(
    `${namespace}-${loginSecret}`,
    {
      metadata: { name: loginSecret, namespace, labels: commonLabels },
      type: "Opaque",
      stringData: loginValues(credentials),
    },
    { ...opts, dependsOn: [...checked] },
  );
  return { secret: loginSecret, made: [login] };
}
