import { normalize, prune } from "../../../../plugins/kubernetes/normalize.ts";
import { unknown, type Fields } from "../../../../plugins/kubernetes/values.ts";

const pod = (spec: Fields): Fields => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec });

test("empty optional fields go, pointers to empty values stay", () => {
  const spec = {
    hostNetwork: false,
    automountServiceAccountToken: false,
    nodeSelector: {},
    containers: [
      {
        name: "c",
        env: [{ name: "EMPTY", value: "" }],
        volumeMounts: [{ name: "v", mountPath: "/v", readOnly: false }],
        securityContext: {},
      },
    ],
    volumes: [{ name: "v", emptyDir: {} }],
    terminationGracePeriodSeconds: 0,
  };
  expect(normalize(pod(spec))["spec"]).toEqual({
    automountServiceAccountToken: false,
    containers: [
      { name: "c", env: [{ name: "EMPTY" }], volumeMounts: [{ name: "v", mountPath: "/v" }], securityContext: {} },
    ],
    volumes: [{ name: "v", emptyDir: {} }],
    terminationGracePeriodSeconds: 0,
  });
});

test("quantities become canonical, numbers in them too", () => {
  const resources = { requests: { cpu: 1, memory: "1024Mi" }, limits: { cpu: "1000m" } };
  const normalized = normalize(pod({ containers: [{ name: "c", resources }] }));
  expect(normalized["spec"]).toEqual({
    containers: [{ name: "c", resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1" } } }],
  });
});

test("unknown fields of built-in kinds go, those of custom resources stay", () => {
  expect(normalize(pod({ containers: [], replcas: 1 }))["spec"]).toEqual({ containers: [] });
  const custom = { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "t" }, spec: { any: false } };
  expect(normalize(custom)).toEqual(custom);
});

test("an object with a value of the wrong type stays as it is, for the API server to refuse", () => {
  const wrong = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "s" },
    spec: { ports: [{ port: "80" }], type: "" },
  };
  expect(normalize(wrong)).toEqual(wrong);
});

test("an object with unknown values stays as it is", () => {
  const spec = { hostNetwork: false, nodeName: unknown };
  expect(normalize(pod(spec))["spec"]).toEqual(spec);
});

test("stringData becomes data and wins over it", () => {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s" },
    data: { a: "b2xk", b: "Yg==\n" },
    stringData: { a: "new" },
  };
  expect(normalize(secret)).toEqual({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s" },
    data: { a: "bmV3", b: "Yg==\n" },
  });
});

test("base64 loses its line breaks, and what is not base64 stays", () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { a: "Yg=\n=", b: "not base64!" } };
  expect(normalize(secret)["data"]).toEqual({ a: "Yg==", b: "not base64!" });
});

test("metadata that only the server writes goes", () => {
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "c", uid: "u", resourceVersion: "1", labels: { a: "b" } },
  };
  expect(normalize(object)["metadata"]).toEqual({ name: "c", labels: { a: "b" } });
});

test("pruning keeps the shape of the inputs and the values of the object", () => {
  const live: Fields = { a: 2, b: { c: 3, d: 4 }, list: [{ x: 1, y: 2 }, { x: 3 }], extra: true };
  const inputs = { a: 1, b: { c: 1 }, list: [{ x: 0 }], gone: 1 };
  expect(prune(live, inputs)).toEqual({ a: 2, b: { c: 3 }, list: [{ x: 1 }] });
});
