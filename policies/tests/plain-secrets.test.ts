import type { Resource } from "../kubernetes/objects.ts";
import { namesSecret } from "../workloads/secret-name.ts";
import { isHarmless, secretForm } from "../workloads/secret-value.ts";
import { RunningPack, unknownObject, unknownText } from "./engine.ts";
import { workload } from "./network-support.ts";
import { containing, resource, restrictedContainer, type Json } from "./support.ts";

describe("secret names", () => {
  test.each([
    ...[
      "PASSWORD",
      "DB_PASSWORD",
      "dbPassword",
      "DBPassword",
      "db.password",
      "db-password",
      "PASSWORD_2",
      "DB_PASSWORD1",
    ],
    ...["PGPASSWORD", "MYSQL_PWD", "REDISCLI_AUTH", "RABBITMQ_DEFAULT_PASS", "SSH_PASSPHRASE", "smtp_passwd"],
    ...["CLIENT_SECRET", "clientSecret", "OAUTH2_CLIENT_SECRET", "SECRET_KEY_BASE", "DJANGO_SECRET_KEY"],
    ...[
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SECRET_ACCESS_KEY_OLD",
      "AZURE_STORAGE_ACCOUNT_KEY",
      "API_KEY",
      "apiKey",
      "APIKEY",
    ],
    ...[
      "MEILI_MASTER_KEY",
      "TLS_PRIVATE_KEY",
      "ENCRYPTION_KEYS",
      "GITHUB_TOKEN",
      "token",
      "TOKEN_BASE64",
      "AWS_CREDENTIALS",
    ],
  ])("%s is the name of a secret", (name) => expect(namesSecret(name)).toBe(true));

  test.each([
    ...["ALLOW_EMPTY_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD", "requirePassword"],
    ...[
      "PASSWORD_FILE",
      "PASSWORD_ENCRYPTION",
      "PASSWORD_MIN_LENGTH",
      "passwordHash",
      "TOKEN_TTL",
      "TOKEN_URL",
      "MAX_TOKENS",
    ],
    ...[
      "SECRET_NAME",
      "secretKeyRef",
      "IMAGE_PULL_SECRET",
      "EXISTING_SECRET",
      "AWS_ACCESS_KEY_ID",
      "PUBLIC_KEY",
      "CACHE_KEY",
    ],
    ...["PARTITION_KEYS", "BYPASS", "COMPASS", "SECRETARY", "TOKENIZER", "KEYBOARD", "CREDENTIALS_PATH", "", "_", "2"],
  ])("%s is not the name of a secret", (name) => expect(namesSecret(name)).toBe(false));
});

describe("secret values", () => {
  const url = "a connection string with a password";
  test.each([
    ["redis://:password@host", url],
    ["redis://:password@host:6379/0", url],
    ["postgres://me:hunter2@db/x?sslmode=require", url],
    ["amqp+tls://a:b@c, amqp+tls://a:$(B)@d", url],
    ["postgres://me:p@ss@db", url],
    ["url = http://a:b@c\nother = 1", url],
    ["jdbc:postgresql://db/x?user=me&password=hunter2", url],
    ["Server=db;User Id=me; Password=hunter2;", url],
    ["host=db user=me password=hunter2", url],
    ["-----BEGIN RSA PRIVATE KEY-----\nMII", "a private key"],
    ["-----BEGIN PRIVATE KEY-----\nMII", "a private key"],
    ["AKIAIOSFODNN7EXAMPLE", "an AWS access key"],
    [`ghp_${"a1".repeat(18)}`, "a GitHub token"],
    [`glpat-${"a1".repeat(10)}`, "a GitLab token"],
  ])("%j is %s", (text, form) => expect(secretForm(text)).toBe(form));

  test.each([
    ...["postgres://me@db/x", "postgres://db:5432/x", "redis://:@host", "http://db:80/a:b@c", "http://db:80?at=a@b"],
    ...[
      "postgres://$(USER):$(PASSWORD)@db",
      "postgres://me:${PASSWORD}@db",
      "redis://:$PASSWORD@host",
      "a://<user>:<password>@b",
    ],
    ...[
      "postgres://me:%s@db",
      "postgres://me:***@db",
      "mail me:x@y",
      "://a:b@c",
      "jdbc:postgresql://db/x?password=$(P)",
    ],
    ...[
      "-----BEGIN PUBLIC KEY-----",
      "-----BEGIN CERTIFICATE-----",
      "AKIA",
      "scram-sha-256",
      "",
      "db\npassword=$(cat /run/p)",
    ],
  ])("%j does not have the form of a secret", (text) => expect(secretForm(text)).toBeUndefined());

  test.each([
    ...["", "$(A)", "$(A)-$(B)", "${A}", "{{ a }}", "<password>", "***", "yes", "No", "true", "off", "0", "42", "none"],
    ...[
      "/run/secrets/token",
      "./token",
      "https://login.example/token",
      "vault:secret/data/x#key",
      "arn:aws:secretsmanager:x",
    ],
  ])("%j is harmless under any name", (text) => expect(isHarmless(text)).toBe(true));

  test.each(["hunter2", "123456", "prefix-$(A)", "a/b+c==", "yes please", "пароль"])("%j may be a secret", (text) =>
    expect(isHarmless(text)).toBe(false),
  );
});

describe("secrets in objects", () => {
  let pack: RunningPack;
  beforeAll(async () => {
    pack = await RunningPack.start();
  });
  afterAll(() => pack.stop());
  beforeEach(() => pack.configure());

  const messages = async (of: Resource) => {
    const found = await pack.analyze(of);
    return found.filter(({ policy }) => policy === "plain-secrets").map(({ message }) => message);
  };
  const withEnv = (env: unknown, spec: Json = {}) =>
    workload("front", "web", { spec: { containers: [{ ...restrictedContainer, env }], ...spec } });
  const configMap = (data: unknown) =>
    resource("kubernetes:core/v1:ConfigMap", { metadata: { namespace: "front", name: "web" }, data });
  const path = "spec.template.spec.containers[0].env[0].value";

  test.each<[string, Resource, readonly string[]]>([
    [
      "a password",
      withEnv([{ name: "DB_PASSWORD", value: "hunter2" }]),
      [`Deployment front/web: container "app" has the secret "DB_PASSWORD" in plain text (${path}).`],
    ],
    ["a reference", withEnv([{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: {} } }]), []],
    ["a boolean option", withEnv([{ name: "ALLOW_EMPTY_PASSWORD", value: "yes" }]), []],
    [
      "a connection string",
      withEnv([{ name: "DB", value: "redis://:hunter2@db" }]),
      [`has a connection string with a password ("DB") in plain text (${path}).`],
    ],
    ["a secret name and value: one violation", withEnv([{ name: "TOKEN", value: "a://:b@c" }]), ['("TOKEN")']],
    [
      "an init container",
      withEnv([], { initContainers: [{ name: "init", env: [{ name: "TOKEN", value: "hunter2" }] }] }),
      ["spec.template.spec.initContainers[0].env[0].value"],
    ],
    [
      "an unknown value",
      withEnv([{ name: "DB_PASSWORD", value: unknownText }]),
      [`Unknown or encrypted values:\n  ${path}`],
    ],
    ["an unknown name", withEnv([{ name: unknownText, value: "hunter2" }]), ["env[0].name"]],
    [
      "unknown variables",
      withEnv(unknownObject),
      ["Unknown or encrypted values:\n  spec.template.spec.containers[0].env"],
    ],
    [
      "a patch",
      resource("kubernetes:apps/v1:DeploymentPatch", {
        metadata: { name: "web" },
        spec: { template: { spec: { containers: [{ name: "app", env: [{ name: "TOKEN", value: "hunter2" }] }] } } },
      }),
      ['DeploymentPatch default/web: container "app" has the secret "TOKEN"'],
    ],
    [
      "a ConfigMap",
      configMap({ "redis.password": "hunter2", "tls.pem": "-----BEGIN PRIVATE KEY-----" }),
      [
        'ConfigMap front/web has the secret "redis.password" in plain text (data["redis.password"]).',
        'ConfigMap front/web has a private key ("tls.pem") in plain text (data["tls.pem"]).',
      ],
    ],
    ["a harmless ConfigMap", configMap({ "pgbouncer.ini": "auth_type = scram-sha-256" }), []],
    ["an unknown ConfigMap", configMap(unknownObject), ["Unknown or encrypted values:\n  data"]],
    ["a malformed ConfigMap", configMap({ port: 5432 }), ["will reject it:\n  data.port: the number 5432"]],
  ])("%s", async (_, of, expected) => {
    expect(await messages(of)).toEqual(expected.map((each) => containing(each)));
  });

  test("additional secret names and harmless names are settings", async () => {
    await pack.configure({ "plain-secrets": { names: ["*_LICENSE"], harmlessNames: ["PUBLIC_*"] } });
    const env = ["ACME_LICENSE", "PUBLIC_TOKEN"].map((name) => ({ name, value: "x1" }));
    expect(await messages(withEnv(env))).toEqual([containing("ACME_LICENSE")]);
  });

  test("a violation never contains the secret", async () => {
    const env = ["hunter2", "amqp://a:hunter2@b", "AKIAIOSFODNN7HUNTER2"].map((value) => ({ name: "A_TOKEN", value }));
    const found = await messages(withEnv(env));
    expect(found).toHaveLength(3);
    expect(JSON.stringify(found)).not.toMatch(/hunter2/i);
  });
});
