/** What a newcomer needs to get in. */
export interface FirstRunFacts {
  readonly url: string;
  readonly username: string;
  /** Null when the operator chose it himself. */
  readonly password: string | null;
  /** Good for 24 hours. */
  readonly token: string;
}

/** Marks words for a terminal, or leaves them as they are. */
interface Paint {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

export const TERMINAL_PAINT: Paint = {
  strong: (text) => `\u001B[1m${text}\u001B[22m`,
  faint: (text) => `\u001B[2m${text}\u001B[22m`,
};

export const NO_PAINT: Paint = { strong: (text) => text, faint: (text) => text };

/** What the first start shows, once: how to get in, and a first message to paste. */
export function renderFirstRun(
  { url, username, password, token }: FirstRunFacts,
  { strong, faint }: Paint,
): string {
  return `
${strong("msgbin runs at")} ${strong(url)}

  username  ${strong(username)}
  password  ${password === null ? faint("the one you set in MSGBIN_ADMIN_PASSWORD") : strong(password)}

${strong("Send a first message")} ${faint("to the simulator's handset; the token is good for 24 hours")}

${renderCurl(url, token)}

${strong("Look at it")} ${faint("in a second terminal, in this folder")}

npx msgbin messages

${faint("The API")}       ${url}/docs
${faint("More to try")}   README.md
${password === null ? "" : `${faint("The password is not shown again.")}\n`}
`;
}

/** The request of the API's own page, ready to paste. */
function renderCurl(url: string, token: string): string {
  const body = {
    source: { type: "tel", target: "+821100000001" },
    destinations: [{ type: "tel", target: "+31600000001" }],
    text: "hello, this is my first message",
  };
  return [
    `curl --request POST '${url}/v1.0/messages?token=${token}' \\`,
    "  --header 'Content-Type: application/json' \\",
    `  --data '${JSON.stringify(body)}'`,
  ].join("\n");
}
