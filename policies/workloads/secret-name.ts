/** Last words of names of secrets. Without `tokens`, which is usually a count. */
const secretWords = new Set([
  ...["password", "passwd", "pwd", "passphrase", "pass", "token", "credential", "creds"],
  ...["passwords", "credentials"],
]);

/** The same as the end of a word: `PGPASSWORD`, `apikey`. */
const secretEnding =
  /(password|passwd|passphrase|(api|secret|private|access|auth|encryption)key|(access|auth|api)token)$/;

/** Words before `key` that name a secret key. Other keys belong to caches, tables and users. */
const secretKeyWords = new Set([
  ...["access", "account", "api", "auth", "cookie", "encryption", "hmac", "jwt", "master", "private", "secret"],
  ...["session", "shared", "signing", "ssh", "storage"],
]);

/** Words in names of switches and numbers: `ALLOW_EMPTY_PASSWORD`, `MAX_TOKEN`. */
const nonSecretWords = new Set([
  ...["allow", "disable", "disabled", "empty", "enable", "enabled", "has", "is", "max", "min", "no", "num", "random"],
  ...["require", "required", "requires", "skip", "use", "without"],
]);

/** Words before `secret` in references to a Secret object: `IMAGE_PULL_SECRET`. */
const referenceWords = new Set(["existing", "pull"]);

/** Ignored last words: `PASSWORD_OLD`, `TOKEN_BASE64`, `SECRET_KEY_BASE`. */
const ignoredSuffixes = new Set([
  "b64",
  "base",
  "base64",
  "current",
  "new",
  "old",
  "plain",
  "previous",
  "raw",
  "txt",
  "value",
]);

/** Whether a name indicates a secret: `DB_PASSWORD` and `clientSecret`, but not `PASSWORD_FILE` or `TOKEN_TTL`. */
export function namesSecret(name: string): boolean {
  const words = wordsOf(name);
  while (words.length > 1 && ignoredSuffixes.has(words.at(-1) ?? "")) words.pop();
  const [before = "", last = ""] = [words.at(-2), words.at(-1)];
  if (words.some((word) => nonSecretWords.has(word))) return false;
  if (/^keys?$/.test(last)) return words.includes("secret") || secretKeyWords.has(before);
  if (/^secrets?$/.test(last)) return !referenceWords.has(before);
  return secretWords.has(last) || secretEnding.test(last) || (before === "rediscli" && last === "auth");
}

/** The words of `DB_PASSWORD_2`, `dbPassword`, `DBPassword` or `db.password`, without numbers. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => (/[a-z]/.test(word) && !ignoredSuffixes.has(word) ? word.replace(/(?<!\d)\d+$/, "") : word))
    .filter((word) => /[a-z]/.test(word));
}
