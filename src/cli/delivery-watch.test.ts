import { describe, expect, it } from "vitest";
import { CommandFailure } from "./command-failure.ts";
import { watchDelivery } from "./delivery-watch.ts";
import type { MessageAnswer } from "./message-answer.ts";
import { screenOf } from "./screen.ts";
import { ServiceRefusal } from "./service-client.ts";

function messageWith(...statuses: string[]): MessageAnswer {
  return {
    id: "01a20a79-1e9d-7425-8b58-d7e317664308",
    direction: "outbound",
    source: { target: "Acme" },
    text: "hello",
    tm_create: "2026-01-01 00:00:00.000000",
    targets: statuses.map((status) => ({
      destination: { target: "+31600000001" },
      status,
      parts: 1,
      tm_update: "",
    })),
  };
}

function recorder(isTTY: boolean) {
  const written: string[] = [];
  return { written, output: screenOf({ isTTY, write: (text: string) => written.push(text) }) };
}

describe("watching a delivery", () => {
  const { signal } = new AbortController();

  it("asks until every target is final, with a line for each change", async () => {
    const answers = [
      messageWith("queued", "sent"),
      messageWith("queued", "sent"),
      messageWith("delivered", "failed"),
    ];
    const { written, output } = recorder(false);
    const ask = async () => answers.shift() ?? messageWith();
    const last = await watchDelivery(messageWith("queued", "queued"), {
      ask,
      timeoutMs: 60_000,
      signal,
      output,
    });
    expect(last.targets.map(({ status }) => status)).toEqual(["delivered", "failed"]);
    expect(written).toEqual(["2 queued\n", "1 queued, 1 sent\n", "1 delivered, 1 failed\n"]);
  });

  it("draws one line on a terminal and takes it away at the end", async () => {
    const { written, output } = recorder(true);
    const ask = async () => messageWith("delivered", "delivered");
    await watchDelivery(messageWith("delivered", "queued"), { ask, timeoutMs: 60_000, signal, output });
    const clearing = written[0] ?? "";
    expect(clearing).toMatch(/^\r\S+$/);
    expect(written).toEqual([
      clearing,
      `${"█".repeat(12)}${"░".repeat(12)} 1/2  1 delivered, 1 queued`,
      clearing,
      `${"█".repeat(24)} 2/2  2 delivered`,
      clearing,
    ]);
  });

  it("gives up when the time is over, with the message as it was last", async () => {
    const { output } = recorder(false);
    const ask = async () => messageWith("sent");
    const last = await watchDelivery(messageWith("queued"), { ask, timeoutMs: 1, signal, output });
    expect(["queued", "sent"]).toContain(last.targets[0]?.status);
  });

  it.each([
    ["that nobody answers", new CommandFailure("unreachable", "no answer.")],
    ["that it has too much to do", new ServiceRefusal(429, "too many.")],
    ["that it is not ready", new ServiceRefusal(503, "not ready.")],
  ])("goes on when it finds %s, and says so once", async (_, trouble) => {
    const { written, output } = recorder(false);
    const answers = [trouble, trouble, messageWith("delivered")];
    const ask = async () => {
      const answer = answers.shift() ?? messageWith();
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const last = await watchDelivery(messageWith("sent"), { ask, timeoutMs: 60_000, signal, output });
    expect(last.targets[0]?.status).toBe("delivered");
    expect(written).toEqual(["1 sent\n", `${trouble.message} Asking again …\n`, "1 delivered\n"]);
  });

  it("asks until the time is up and no longer, and answers the message as it was last", async () => {
    const { output } = recorder(false);
    const times: number[] = [];
    const ask = async (answerMs: number) => {
      times.push(answerMs);
      throw new CommandFailure("unreachable", "no answer.");
    };
    const last = await watchDelivery(messageWith("sent"), { ask, timeoutMs: 1, signal, output });
    expect(last.targets[0]?.status).toBe("sent");
    expect(times.filter((ms) => ms !== 1_000)).toEqual([]); // however little is left
  });

  it("ends with what will not pass", async () => {
    const { output } = recorder(false);
    const gone = new ServiceRefusal(404, "there is no such message");
    const ask = () => Promise.reject(gone);
    const watch = watchDelivery(messageWith("sent"), { ask, timeoutMs: 60_000, signal, output });
    await expect(watch).rejects.toThrow("there is no such message");
  });

  it("does not ask about a message that is final from the start", async () => {
    const { output } = recorder(false);
    let asked = 0;
    const ask = async () => messageWith(`asked ${++asked} times`);
    const last = await watchDelivery(messageWith("failed"), { ask, timeoutMs: 60_000, signal, output });
    expect(last.targets[0]?.status).toBe("failed");
    expect(asked).toBe(0);
  });

  it("ends at once when it is told to stop", async () => {
    const abort = new AbortController();
    const { output } = recorder(false);
    const ask = async () => {
      abort.abort();
      return messageWith("queued");
    };
    const watch = watchDelivery(messageWith("queued"), {
      ask,
      timeoutMs: 60_000,
      signal: abort.signal,
      output,
    });
    await expect(watch).rejects.toThrow("aborted");
  });
});
