/** What a newcomer needs to get in. */
export interface FirstRunFacts {
  readonly url: string;
  readonly username: string;
  /** Null when the operator chose it himself. */
  readonly password: string | null;
  /** Good for 24 hours. */
  readonly token: string;
  /** Without it nothing can be sent before a carrier is added. */
  readonly hasSimulator: boolean;
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
export function renderFirstRun(facts: FirstRunFacts, paint: Paint): string {
  const { url, username, password, hasSimulator } = facts;
  const { strong, faint } = paint;
  return `
${strong("msgbin runs at")} ${strong(url)}

  username  ${strong(username)}
  password  ${password === null ? faint("the one you set in MSGBIN_ADMIN_PASSWORD") : strong(password)}

${hasSimulator ? renderSimulated(facts, paint) : renderReal(facts, paint)}

${strong("Look at it")} ${faint("in a second terminal, in this folder")}

npx msgbin messages

${faint("The API")}       ${url}/docs
${faint("More to try")}   README.md
${password === null ? "" : `${faint("The password is not shown again.")}\n`}
`;
}

function renderSimulated(facts: FirstRunFacts, { strong, faint }: Paint): string {
  return `${strong("Send a first message")} ${faint("to the simulator's handset; the token is good for 24 hours")}

${renderCurl(facts, "+821100000001", "+31600000001")}`;
}

function renderReal(facts: FirstRunFacts, { strong, faint }: Paint): string {
  return `${strong("Add a carrier")} ${faint("in a second terminal, in this folder; docs/carriers.md has every option")}

npx msgbin carriers add NAME 'smpp://SYSTEM_ID:PASSWORD@HOST:2775'

${strong("Then send a first message")} ${faint("with your own numbers; the token is good for 24 hours")}

${renderCurl(facts, "YOUR_SENDER", "YOUR_HANDSET")}`;
}

/** The request of the API's own page, ready to paste. */
function renderCurl({ url, token }: FirstRunFacts, from: string, to: string): string {
  const body = {
    source: { type: "tel", target: from },
    destinations: [{ type: "tel", target: to }],
    text: "hello, this is my first message",
  };
  return [
    `curl --request POST '${url}/v1.0/messages?token=${token}' \\`,
    "  --header 'Content-Type: application/json' \\",
    `  --data '${JSON.stringify(body)}'`,
  ].join("\n");
}
