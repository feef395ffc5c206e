import type { Operation } from "./api-description.ts";

/** A command to paste for one operation; the address and the credential come from two variables of the shell. */
export function renderCurl(method: string, path: string, operation: Operation): string {
  const lines = [`curl${methodFlag(method)} "$MSGBIN_URL${path.replaceAll(/\{(\w+)\}/g, "$${$1}")}"`];
  if (operation.security?.length !== 0) lines.push('  --header "Authorization: Bearer $MSGBIN_TOKEN"');
  const example = operation.requestBody?.content["application/json"]?.example;
  if (example !== undefined) {
    lines.push("  --header 'Content-Type: application/json'", `  --data '${JSON.stringify(example)}'`);
  }
  return lines.join(" \\\n");
}

function methodFlag(method: string): string {
  return method === "get" || method === "post" ? "" : ` --request ${method.toUpperCase()}`;
}
