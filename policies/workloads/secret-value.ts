/** Private keys, and tokens of services with a recognizable format. */
const forms: readonly { readonly form: RegExp; readonly what: string }[] = [
  { form: /-----BEGIN (RSA |DSA |EC |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY( BLOCK)?-----/, what: "a private key" },
  { form: /\b(AKIA|ASIA)[0-9A-Z]{16}\b/, what: "an AWS access key" },
  { form: /\bgh[opsur]_[0-9A-Za-z]{36}|\bgithub_pat_[0-9A-Za-z]{22}_/, what: "a GitHub token" },
  { form: /\bglpat-[\w-]{20}/, what: "a GitLab token" },
  { form: /\bxox[abprs]-\d{6}/, what: "a Slack token" },
  { form: /\b[rs]k_live_[0-9A-Za-z]{16}/, what: "a Stripe key" },
];

/** Describes a secret that is recognizable by its format alone. */
export function secretForm(text: string): string | undefined {
  const known = forms.find(({ form }) => form.test(text));
  if (known !== undefined) return known.what;
  return hasPasswordInUrl(text) || hasPasswordInParameter(text) ? "a connection string with a password" : undefined;
}

/** Whether a value is certainly not a secret, even under the name of one. */
export function isHarmless(text: string): boolean {
  return (
    !isLiteral(text) ||
    /^(true|false|yes|no|on|off|none|null|enabled|disabled|\d{1,2})$/i.test(text) ||
    // A file path, a URL, or a reference into a secret store.
    /^(\/|\.\/|~\/)[\w./-]+$/.test(text) ||
    /^([a-z][a-z0-9+.-]{0,30}:\/\/|vault:|arn:)\S+$/i.test(text)
  );
}

const reference = /\$\([\w.-]*\)|\$\{[^{}]*\}|\$\w+|\{\{[^{}]*\}\}|<[^<>]*>|%s/g;

/** Whether a text has content besides references to variables, placeholders and punctuation. */
function isLiteral(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text.replace(reference, ""));
}

/** `scheme://user:password@host`; the user may be empty. */
function hasPasswordInUrl(text: string): boolean {
  // The match stops at the first slash, so the scan stays linear in the length of the text.
  const authorities = /(?<=[a-z0-9+.-]:\/\/)[^\s/?#"'`\\]+/gi;
  return [...text.matchAll(authorities)].some(([authority]) => {
    const login = authority.slice(0, Math.max(authority.lastIndexOf("@"), 0));
    const colon = login.indexOf(":");
    return colon >= 0 && isLiteral(login.slice(colon + 1));
  });
}

/** `jdbc:postgresql://host/db?password=...`, `host=db password=...`. One line only: scripts have such assignments. */
function hasPasswordInParameter(text: string): boolean {
  if (text.includes("\n")) return false;
  const values = [...text.matchAll(/(?<![^?&; ])(?:password|pwd)=([^&; ]*)/gi)].map(([, value = ""]) => value);
  return values.some((value) => !value.startsWith("$") && isLiteral(value));
}
