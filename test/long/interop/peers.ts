import { execFileSync } from "node:child_process";

/** What an independent peer needs: a command that ends well exactly when it is there. */
export const PEERS = {
  kannel: ["sh", "-c", "test -x /usr/sbin/bearerbox && test -x /usr/sbin/smsbox"],
  "Perl's Net::SMPP": ["perl", "-MNet::SMPP", "-e", "1"],
  dumpcap: ["sh", "-c", "timeout 10 dumpcap -i lo -q -a packets:1 -a duration:1 -w /dev/null"],
  tshark: ["tshark", "--version"],
} as const;

/** True when all of them are installed and may be used; else says so in one line, and throws in CI, where they have to be. */
export function hasPeers(names: readonly (keyof typeof PEERS)[]): boolean {
  const missing = names.filter((name) => !answers(PEERS[name]));
  if (missing.length === 0) return true;
  const complaint = `this interop did not run, since it lacks ${missing.join(", ")}`;
  if (process.env["CI"] === "true") throw new Error(complaint);
  console.log(complaint);
  return false;
}

function answers([command, ...words]: readonly [string, ...string[]]): boolean {
  try {
    execFileSync(command, words, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
