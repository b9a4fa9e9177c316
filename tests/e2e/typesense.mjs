// Sends requests to Typesense in sequence and prints the responses as a JSON array of {status, body}. The requests are
// a JSON array of {method, path, body, key} in the first argument. A body that is a string is sent unchanged.
const answers = [];
for (const { method, path, body, key } of JSON.parse(process.argv[2])) {
  const response = await fetch(`http://nx-typesense.nx-search.svc.cluster.local:8108${path}`, {
    method,
    headers: { "x-typesense-api-key": key },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  answers.push({
    status: response.status,
    body: text.startsWith("{") && !text.includes("\n") ? JSON.parse(text) : text,
  });
}
console.log(JSON.stringify(answers));
