import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { parseDuration } from "./duration.ts";
import { addSettingFlags, readConfig } from "./setting-flags.ts";
import type { Surroundings } from "./surroundings.ts";

interface TokenOptions {
  readonly customer: string;
  readonly ttl: string;
}

const EXAMPLES = `
The token is made with the key of the data directory, so this works on the machine of the service only.
Elsewhere: POST /auth/login, or make an access key.

Examples:
  msgbin token
  curl -H "Authorization: Bearer $(npx msgbin token --ttl 1h)" http://127.0.0.1:8080/v1.0/me
  msgbin token --customer acme --ttl 30d`;

/** `msgbin token`: a JWT on standard output, and nothing else. */
export function tokenCommand(surroundings: Surroundings): Command {
  const command = new Command("token")
    .description("Print a token (JWT) for a customer.")
    .option("--customer <USERNAME>", "for whom: the username or id", "admin")
    .option("--ttl <DURATION>", "how long it is good: 90s, 15m, 24h, 7d", "7d")
    .addHelpText("after", EXAMPLES);
  return addSettingFlags(command, ["dataDir", "databaseUrl", "jwtKey", "secretKey"]).action(
    async (options: TokenOptions) => {
      const lifeMs = parseDuration(options.ttl);
      if (lifeMs === null)
        throw new CommandFailure("usage", "--ttl must be a time such as 90s, 15m, 24h or 7d, at most 366d");
      const config = readConfig({ ...options }, surroundings);
      const { issueToken } = await import("../app/issue-token.ts"); // it brings the store along
      const token = await issueToken(config, options.customer, lifeMs);
      if (token === null)
        throw new CommandFailure("refused", `there is no customer ${options.customer} in ${config.dataDir}`);
      surroundings.stdout.write(`${token}\n`);
    },
  );
}
