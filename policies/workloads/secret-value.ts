/** Tokens that services give out in a form of their own, and private keys. */
const forms: readonly { readonly form: RegExp; readonly what: string }[] = [
  { form: /-----BEGIN (RSA |DSA |EC |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY( BLOCK)?-----/, what: "a private key" },
  { form: /\b(AKIA|ASIA)[0-9A-Z]{16}\b/, what: "an access key of AWS" },
  { form: /\bgh[opsur]_[0-9A-Za-z]{36}|\bgithub_pat_[0-9A-Za-z]{22}_/, what: "a token of GitHub" },
  { form: /\bglpat-[\w-]{20}/, what: "a token of GitLab" },
  { form: /\bxox[abprs]-\d{6}/, what: "a token of Slack" },
  { form: /\b[rs]k_live_[0-9A-Za-z]{16}/, what: "a key of Stripe" },
];

/** What is a secret by its form, whatever its name is. */
export function secretForm(text: string): string | undefined {
  const known = forms.find(({ form }) => form.test(text));
  if (known !== undefined) return known.what;
  return hasPasswordInUrl(text) || hasPasswordInParameter(text) ? "a connection string with a password" : undefined;
}

/** Whether a value gives nothing away even if its name is that of a secret. */
export function isHarmless(text: string): boolean {
  return (
    !isLiteral(text) ||
    /^(true|false|yes|no|on|off|none|null|enabled|disabled|\d{1,2})$/i.test(text) ||
    // A file, an address, or a place in a store of secrets.
    /^(\/|\.\/|~\/)[\w./-]+$/.test(text) ||
    /^([a-z][a-z0-9+.-]{0,30}:\/\/|vault:|arn:)\S+$/i.test(text)
  );
}

const reference = /\$\([\w.-]*\)|\$\{[^{}]*\}|\$\w+|\{\{[^{}]*\}\}|<[^<>]*>|%s/g;

/** Whether a text says something by itself: not references to variables, placeholders and punctuation alone. */
function isLiteral(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text.replace(reference, ""));
}

/** `scheme://user:password@host`; the user may be empty. */
function hasPasswordInUrl(text: string): boolean {
  // What stands before the host ends with the first slash at the latest: no part of the text is looked at twice.
  const authorities = /(?<=[a-z0-9+.-]:\/\/)[^\s/?#"'`\\]+/gi;
  return [...text.matchAll(authorities)].some(([authority]) => {
    const login = authority.slice(0, Math.max(authority.lastIndexOf("@"), 0));
    const colon = login.indexOf(":");
    return colon >= 0 && isLiteral(login.slice(colon + 1));
  });
}

/** `jdbc:postgresql://host/db?password=...`, `host=db password=...`. Only in one line: scripts have them for variables. */
function hasPasswordInParameter(text: string): boolean {
  if (text.includes("\n")) return false;
  const values = [...text.matchAll(/(?<![^?&; ])(?:password|pwd)=([^&; ]*)/gi)].map(([, value = ""]) => value);
  return values.some((value) => !value.startsWith("$") && isLiteral(value));
}
