import type { Operation } from "./api-description.ts";

/** A command to paste for one operation; the address, the credential and what must be given come from variables of the shell. */
export function renderCurl(method: string, path: string, operation: Operation): string {
  const example = operation.requestBody?.content["application/json"]?.example;
  // curl takes GET by itself, and POST when there is something to send
  const isImplied = method === (example === undefined ? "get" : "post");
  const flag = isImplied ? "" : ` --request ${method.toUpperCase()}`;
  const place = path.replaceAll(/\{(\w+)\}/g, "$${$1}") + requiredQuery(operation);
  const lines = [`curl${flag} "$MSGBIN_URL${place}"`];
  if (operation.security?.length !== 0) lines.push('  --header "Authorization: Bearer $MSGBIN_TOKEN"');
  if (example !== undefined) {
    lines.push("  --header 'Content-Type: application/json'", `  --data '${JSON.stringify(example)}'`);
  }
  return lines.join(" \\\n");
}

function requiredQuery({ parameters = [] }: Operation): string {
  const required = parameters.filter((parameter) => parameter.in === "query" && parameter.required);
  const pairs = required.map(({ name }) => `${name}=$${name}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}
