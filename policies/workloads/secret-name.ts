/** Words that name a secret where a name ends with them. */
// Not tokens: they are counted more often than listed.
const secretWords = new Set([
  ...["password", "passwd", "pwd", "passphrase", "pass", "token", "credential", "creds"],
  ...["passwords", "credentials"],
]);

/** The same, written as one word with what comes before: `PGPASSWORD`, `apikey`. */
const secretEnding =
  /(password|passwd|passphrase|(api|secret|private|access|auth|encryption)key|(access|auth|api)token)$/;

/** What makes a key a secret one: other keys are those of caches, tables and users. */
const keyKinds = new Set([
  ...["access", "account", "api", "auth", "cookie", "encryption", "hmac", "jwt", "master", "private", "secret"],
  ...["session", "shared", "signing", "ssh", "storage"],
]);

/** Words that make a name one of a switch or of a number: `ALLOW_EMPTY_PASSWORD`, `MAX_TOKEN`. */
const otherwise = new Set([
  ...["allow", "disable", "disabled", "empty", "enable", "enabled", "has", "is", "max", "min", "no", "num", "random"],
  ...["require", "required", "requires", "skip", "use", "without"],
]);

/** Words before `secret` that make it the name of a Secret: `IMAGE_PULL_SECRET`. */
const referring = new Set(["existing", "pull"]);

/** Words after a secret's name that do not change what it is: `PASSWORD_OLD`, `TOKEN_BASE64`, `SECRET_KEY_BASE`. */
const variants = new Set([
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

/** Whether a name says that its value is a secret: `DB_PASSWORD` and `clientSecret`, not `PASSWORD_FILE` or `TOKEN_TTL`. */
export function namesSecret(name: string): boolean {
  const words = wordsOf(name);
  while (words.length > 1 && variants.has(words.at(-1) ?? "")) words.pop();
  const [before = "", last = ""] = [words.at(-2), words.at(-1)];
  if (words.some((word) => otherwise.has(word))) return false;
  if (/^keys?$/.test(last)) return words.includes("secret") || keyKinds.has(before);
  if (/^secrets?$/.test(last)) return !referring.has(before);
  return secretWords.has(last) || secretEnding.test(last) || (before === "rediscli" && last === "auth");
}

/** The words of `DB_PASSWORD_2`, `dbPassword`, `DBPassword` or `db.password`, without numbers. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => (/[a-z]/.test(word) && !variants.has(word) ? word.replace(/(?<!\d)\d+$/, "") : word))
    .filter((word) => /[a-z]/.test(word));
}
