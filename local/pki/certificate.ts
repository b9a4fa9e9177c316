import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import * as asn1 from "@peculiar/asn1-x509";

/** A private key and the certificate of its public key, both PEM. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

export interface Subject {
  readonly commonName: string;
  readonly organization?: string;
}

export interface LeafRequest extends Subject {
  readonly usages: readonly ("server" | "client")[];
  /** Subject alternative names: DNS names and IPv4 addresses. @default none */
  readonly altNames?: readonly string[];
}

const CA_YEARS = 10;
const LEAF_YEARS = 1;
const RENEWAL_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;
// Tolerates clocks that are up to an hour slow.
const BACKDATED_MS = 60 * 60 * 1000;

const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const COMMON_NAME = "2.5.4.3";
const ORGANIZATION = "2.5.4.10";

/** A self-signed certificate authority (ECDSA P-256), valid for ten years. */
export function certificateAuthority(commonName: string): KeyPair {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = name({ commonName });
  const identifier = keyIdentifier(keys.publicKey);
  const extensions = [
    extension(asn1.id_ce_basicConstraints, new asn1.BasicConstraints({ cA: true, pathLenConstraint: 0 }), "critical"),
    extension(
      asn1.id_ce_keyUsage,
      new asn1.KeyUsage(
        asn1.KeyUsageFlags.keyCertSign | asn1.KeyUsageFlags.cRLSign | asn1.KeyUsageFlags.digitalSignature,
      ),
      "critical",
    ),
    extension(asn1.id_ce_subjectKeyIdentifier, new asn1.SubjectKeyIdentifier(identifier)),
  ];
  const certificate = issue({
    subject,
    issuer: subject,
    years: CA_YEARS,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions,
  });
  return { key: pem(keys.privateKey), certificate };
}

/** A server or client certificate, or both (ECDSA P-256), signed by `authority` and valid for one year. */
export function leafCertificate(authority: KeyPair, request: LeafRequest): KeyPair {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return leaf(keys, request, {
    name: parse(authority.certificate).tbsCertificate.subject,
    key: createPrivateKey(authority.key),
    publicKey: new X509Certificate(authority.certificate).publicKey,
  });
}

/** The same certificate without an authority, for peers that trust exactly this one. */
export function selfSignedCertificate(request: LeafRequest): KeyPair {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return leaf(keys, request, { name: name(request), key: keys.privateKey, publicKey: keys.publicKey });
}

interface Issuer {
  readonly name: asn1.Name;
  readonly key: KeyObject;
  readonly publicKey: KeyObject;
}

function leaf(keys: { publicKey: KeyObject; privateKey: KeyObject }, request: LeafRequest, issuer: Issuer): KeyPair {
  const purposes = { server: asn1.id_kp_serverAuth, client: asn1.id_kp_clientAuth };
  const extensions = [
    extension(asn1.id_ce_basicConstraints, new asn1.BasicConstraints({ cA: false }), "critical"),
    extension(asn1.id_ce_keyUsage, new asn1.KeyUsage(asn1.KeyUsageFlags.digitalSignature), "critical"),
    extension(asn1.id_ce_extKeyUsage, new asn1.ExtendedKeyUsage(request.usages.map((usage) => purposes[usage]))),
    extension(
      asn1.id_ce_authorityKeyIdentifier,
      new asn1.AuthorityKeyIdentifier({ keyIdentifier: new asn1.KeyIdentifier(keyIdentifier(issuer.publicKey)) }),
    ),
  ];
  if (request.altNames !== undefined && request.altNames.length > 0) {
    const names = request.altNames.map(
      (each) => new asn1.GeneralName(isIpv4(each) ? { iPAddress: each } : { dNSName: each }),
    );
    extensions.push(extension(asn1.id_ce_subjectAltName, new asn1.SubjectAlternativeName(names)));
  }
  const certificate = issue({
    subject: name(request),
    issuer: issuer.name,
    years: LEAF_YEARS,
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    extensions,
  });
  return { key: pem(keys.privateKey), certificate };
}

/** Whether `certificate` is signed by `authority`, covers the requested names and expires in more than 30 days. */
export function isCurrent(certificate: string, authority: string, request: LeafRequest, now = Date.now()): boolean {
  const found = new X509Certificate(certificate);
  const renewalDue = Date.parse(found.validTo) - RENEWAL_DAYS * DAY_MS;
  return (
    now < renewalDue &&
    found.verify(new X509Certificate(authority).publicKey) &&
    (request.altNames ?? []).every((each) => (isIpv4(each) ? found.checkIP(each) : found.checkHost(each)) !== undefined)
  );
}

interface CertificateFields {
  readonly subject: asn1.Name;
  readonly issuer: asn1.Name;
  readonly years: number;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly extensions: asn1.Extension[];
}

function issue({ subject, issuer, years, publicKey, signingKey, extensions }: CertificateFields): string {
  const algorithm = new asn1.AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const now = Date.now();
  const serialNumber = randomBytes(16);
  // DER integers: a clear sign bit keeps the number positive, and the first byte must not be a redundant zero.
  serialNumber[0] = (serialNumber.readUInt8(0) & 0x7f) | 0x40;
  const tbsCertificate = new asn1.TBSCertificate({
    version: asn1.Version.v3,
    serialNumber: toArrayBuffer(serialNumber),
    signature: algorithm,
    issuer,
    validity: new asn1.Validity({
      notBefore: new Date(now - BACKDATED_MS),
      notAfter: new Date(now + years * 365 * DAY_MS),
    }),
    subject,
    subjectPublicKeyInfo: AsnConvert.parse(
      publicKey.export({ type: "spki", format: "der" }),
      asn1.SubjectPublicKeyInfo,
    ),
    extensions: new asn1.Extensions(extensions),
  });
  const signature = sign("sha256", Buffer.from(AsnConvert.serialize(tbsCertificate)), signingKey);
  const certificate = new asn1.Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: toArrayBuffer(signature),
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))).toString();
}

function extension(extnID: string, value: object, critical?: "critical"): asn1.Extension {
  return new asn1.Extension({
    extnID,
    critical: critical !== undefined,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

function name({ commonName, organization }: Subject): asn1.Name {
  const attributes = [
    ...(organization === undefined ? [] : [{ type: ORGANIZATION, text: organization }]),
    { type: COMMON_NAME, text: commonName },
  ];
  return new asn1.Name(
    attributes.map(
      ({ type, text }) =>
        new asn1.RelativeDistinguishedName([
          new asn1.AttributeTypeAndValue({ type, value: new asn1.AttributeValue({ utf8String: text }) }),
        ]),
    ),
  );
}

function keyIdentifier(publicKey: KeyObject): ArrayBuffer {
  return toArrayBuffer(
    createHash("sha1")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest(),
  );
}

function parse(certificate: string): asn1.Certificate {
  return AsnConvert.parse(new X509Certificate(certificate).raw, asn1.Certificate);
}

function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function isIpv4(text: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(text);
}
