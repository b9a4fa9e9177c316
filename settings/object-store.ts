import * as z from "zod";
import { count, objectName } from "./fields.ts";

const bucketName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    "is not a bucket name (3 to 63 lower case letters, digits, `.` and `-`; no `s3://`)",
  );

const endpoint = z.string().superRefine((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "";
  if (isOrigin && url.username === "" && !value.endsWith("/")) return;
  context.addIssue({
    code: "custom",
    message: "is not a URL of scheme, host and port only, such as https://s3.example.com:9000",
    params: { suggestion: url?.host ? `${url.protocol === "http:" ? "http" : "https"}://${url.host}` : undefined },
  });
});

const prefix = z
  .string()
  .regex(
    /^([A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*)?$/,
    "is not a path such as production/eu (no `/` at its beginning or end; letters, digits, `.`, `_` and `-`)",
  );

const cidr = z
  .string()
  .regex(/^(\d{1,3}\.){3}\d{1,3}\/(\d|[12]\d|3[0-2])$/, "is not an IPv4 range in CIDR notation, such as 10.1.0.0/16");

/** The value is hidden in error messages: `secret` is read by `explain.ts`. */
const secretText = () => z.string().min(1, "is empty").meta({ secret: true }).optional();

const credentials = z
  .strictObject({
    secret: objectName()
      .optional()
      .describe(
        "name of a Secret, in `nx-persistent`, `nx-broker` and `nx-search`, with the keys `accessKeyId` and `secretAccessKey`, which the program does not create",
      ),
    accessKeyId: secretText().describe("access key; set it with `--secret`"),
    secretAccessKey: secretText().describe("secret key; set it with `--secret`"),
  })
  .superRefine((given, context) => {
    const { secret, accessKeyId, secretAccessKey } = given;
    if (secret !== undefined && (accessKeyId !== undefined || secretAccessKey !== undefined)) {
      context.addIssue({
        code: "custom",
        path: ["secret"],
        message: "is set together with accessKeyId or secretAccessKey: set the Secret's name or the two keys, not both",
        params: { remove: true },
      });
    }
    if (secret === undefined && (accessKeyId === undefined) !== (secretAccessKey === undefined)) {
      context.addIssue({
        code: "custom",
        path: [accessKeyId === undefined ? "accessKeyId" : "secretAccessKey"],
        message: "is missing, the other key is set",
      });
    }
  })
  .meta({ secret: true });

const access = z
  .strictObject({
    cidrs: z.array(cidr).min(1).optional().describe("ranges of its addresses, if they are not on the internet"),
    namespace: objectName().optional().describe("namespace of its pods, if it runs in this Kubernetes cluster"),
    port: count(1, 65535).optional().describe("port that its pods listen on, with `namespace`"),
  })
  .superRefine(({ cidrs, namespace, port }, context) => {
    if (cidrs !== undefined && namespace !== undefined) {
      context.addIssue({
        code: "custom",
        path: ["cidrs"],
        message: "is set together with namespace: the store is outside of the cluster or in it, not both",
        params: { remove: true },
      });
    }
    if (namespace !== undefined && port === undefined) {
      context.addIssue({ code: "custom", path: ["port"], message: "is missing, namespace is set" });
    }
    if (namespace === undefined && port !== undefined) {
      context.addIssue({ code: "custom", path: ["namespace"], message: "is missing, port is set" });
    }
  });

/** Where backups go: one S3 bucket for all stores, each below a directory of its own. */
export const objectStore = z
  .strictObject({
    bucket: bucketName.optional().describe("Name of the bucket, which must exist. No backups without it"),
    endpoint: endpoint.optional().describe("URL of the S3 service, without path. Amazon S3 of `region` if omitted"),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/, "is not a region, such as eu-central-1")
      .describe("Region of the bucket")
      .default("us-east-1"),
    path: prefix
      .describe("Directory in the bucket. Two data layers must not share one: each refuses the other's")
      .default(""),
    takeOver: z
      .string()
      .regex(/^[0-9a-f]{16}$/, "is not the ID of a data layer: 16 hexadecimal digits, which the error message names")
      .optional()
      .describe(
        "ID of a data layer that no longer exists and whose backups are in `path`: this one takes them over, to recover them. See docs/backups.md",
      ),
    caSecret: objectName()
      .optional()
      .describe(
        "Name of a Secret, in `nx-persistent`, `nx-broker` and `nx-search`, whose key `ca.crt` has the certificate authority of `endpoint`, if it is not a public one",
      ),
    credentials: credentials
      .describe("Login, needed with `bucket`: either the name of a Secret or both keys")
      .prefault({}),
    access: access
      .describe(
        "Where network policies let pods reach the store; the internet, on the port of `endpoint`, if all are omitted",
      )
      .prefault({}),
  })
  .superRefine((given, context) => {
    const { secret, accessKeyId, secretAccessKey } = given.credentials;
    const hasLogin = secret !== undefined || accessKeyId !== undefined || secretAccessKey !== undefined;
    if (given.bucket !== undefined && !hasLogin) {
      context.addIssue({
        code: "custom",
        path: ["credentials", "secret"],
        message:
          "is missing: name a Secret with the store's login, or set credentials.accessKeyId and .secretAccessKey",
        params: { suggestion: "nx-object-store" },
      });
    }
    if (given.caSecret !== undefined && !given.endpoint?.startsWith("https:")) {
      context.addIssue({
        code: "custom",
        path: ["caSecret"],
        message: "has no effect: endpoint does not begin with https://",
        params: { remove: true },
      });
    }
    if (given.access.namespace !== undefined && given.endpoint === undefined) {
      context.addIssue({
        code: "custom",
        path: ["endpoint"],
        message:
          "is missing: a store in this cluster (access.namespace) has a URL such as http://SERVICE.NAMESPACE.svc:9000",
      });
    }
  });

export type ObjectStoreSettings = z.output<typeof objectStore>;

/** The port of the store's addresses. */
export const objectStorePort = ({ endpoint: url = "https://s3" }: Pick<ObjectStoreSettings, "endpoint">): number => {
  const { port, protocol } = new URL(url);
  return port === "" ? (protocol === "http:" ? 80 : 443) : Number(port);
};

/** An object store that exists. */
export type ObjectStoreInUse = ObjectStoreSettings & { readonly bucket: string };

/** The store, if its bucket is set. */
export const storeInUse = ({ bucket, ...store }: ObjectStoreSettings): ObjectStoreInUse | undefined =>
  bucket === undefined ? undefined : { ...store, bucket };

/** The store that PostgreSQL's backups are in; undefined if there is none. */
export function backupStore({
  objectStore: store,
  postgresql,
}: {
  readonly objectStore: ObjectStoreSettings;
  readonly postgresql: { readonly implementation: string };
}): ObjectStoreInUse | undefined {
  return postgresql.implementation === "cloudnative-pg" ? storeInUse(store) : undefined;
}
