import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  certificateAuthority,
  isCurrent,
  leafCertificate,
  selfSignedCertificate,
} from "../../../../local/pki/certificate.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const authority = certificateAuthority("kubernetes");
const server = {
  commonName: "kube-apiserver",
  usages: ["server"],
  altNames: ["kubernetes.default.svc", "10.96.0.1"],
} as const;

test("only the authority is a CA certificate", () => {
  const certificate = new X509Certificate(authority.certificate);
  expect(certificate.ca).toBe(true);
  expect(certificate.checkIssued(certificate)).toBe(true);
  expect(new X509Certificate(leafCertificate(authority, server).certificate).ca).toBe(false);
});

test("a leaf matches its key, is signed by its authority and is valid for its names only", () => {
  const { key, certificate } = leafCertificate(authority, server);
  const leaf = new X509Certificate(certificate);
  expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(leaf.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(leaf.checkIP("10.96.0.1")).toBe("10.96.0.1");
  expect(leaf.checkHost("kubernetes.default.svc")).toBe("kubernetes.default.svc");
  expect(leaf.checkHost("elsewhere")).toBeUndefined();
});

test("the subject contains the Kubernetes user and group, and the extended key usage is as requested", () => {
  const request = { commonName: "system:node:a", organization: "system:nodes", usages: ["client"] } as const;
  const leaf = new X509Certificate(leafCertificate(authority, request).certificate);
  expect(leaf.subject).toBe("O=system:nodes\nCN=system:node:a");
  expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
});

test("a self-signed certificate is its own issuer, but no CA, and is current for itself only", () => {
  const request = { commonName: "barman-cloud", usages: ["server"], altNames: ["barman-cloud"] } as const;
  const { key, certificate } = selfSignedCertificate(request);
  const found = new X509Certificate(certificate);
  expect(found.issuer).toBe(found.subject);
  expect(found.ca).toBe(false);
  expect(found.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(isCurrent(certificate, certificate, request)).toBe(true);
  expect(isCurrent(certificate, selfSignedCertificate(request).certificate, request)).toBe(false);
});

test("a certificate is renewed 30 days before expiry, for another authority and for new names", () => {
  const { certificate } = leafCertificate(authority, server);
  const isCurrentIn = (days: number) =>
    isCurrent(certificate, authority.certificate, server, Date.now() + days * DAY_MS);
  expect(isCurrentIn(0)).toBe(true);
  expect(isCurrentIn(330)).toBe(true);
  expect(isCurrentIn(340)).toBe(false);
  expect(isCurrent(certificate, certificateAuthority("kubernetes").certificate, server)).toBe(false);
  expect(isCurrent(certificate, authority.certificate, { ...server, altNames: ["10.213.0.2"] })).toBe(false);
});
