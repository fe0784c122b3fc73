/**
 * The guide "allow a token" tells the truth: its command prints what it shows. When the output has changed for a
 * reason, `CHANNELS_WRITE_GUIDES=1 bun test test/guides/tokens.test.ts` writes it into the guide.
 */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { Command } from "commander";
import { TEST_TOKEN } from "../../contracts/test-token.ts";
import { startAnvil } from "../../sim/chain/anvil.ts";
import { planDeployment } from "../../src/chain/deployment-plan.ts";
import { addContractsCommands } from "../../src/node/commands/deploy-command.ts";
import { integration, unit } from "../kind.ts";
import { lessonsIn, readGuide, writeOutputs } from "./guide.ts";

const GUIDE = "tokens.md";
const lessons = lessonsIn(readGuide(GUIDE));

let chain: Awaited<ReturnType<typeof startAnvil>>;

beforeAll(async () => {
  chain = await startAnvil({ accounts: [], tellUrl: true });
  const { address } = planDeployment(31_337n).token;
  await chain.rpc.request("anvil_setCode", [address, TEST_TOKEN.deployedBytecode]);
});
afterAll(() => chain.stop());

/** Runs a command of the guide against this test's own chain. */
async function run(command: string): Promise<string> {
  const printed: string[] = [];
  const plain = (text: string): string => text;
  const program = new Command();
  addContractsCommands(program.exitOverride(), {
    out: (text) => printed.push(text),
    progress: () => {},
    finish: () => {},
    paint: { bold: plain, dim: plain, green: plain, red: plain, yellow: plain },
  });
  const words = command.replace("http://127.0.0.1:8545", chain.url ?? "").split(" ");
  await program.parseAsync(words.slice(2), { from: "user" });
  return `${printed.join("\n")}\n`;
}

describe("the guide to tokens", () => {
  integration("shows what its command prints", async () => {
    const outputs: string[] = [];
    for (const { commands } of lessons) outputs.push(await run(commands.join(" ")));

    if (process.env["CHANNELS_WRITE_GUIDES"] === "1") writeOutputs(GUIDE, outputs);
    expect(lessonsIn(readGuide(GUIDE)).map(({ output }) => output)).toEqual(outputs);
  });

  unit("explains every check that the command prints, in the same order", () => {
    const explained = [...readGuide(GUIDE).matchAll(/^\| ([A-Z]\w+) \|/gm)].map(([, code]) => code);
    const printed = [...(lessons[0]?.output ?? "").matchAll(/^ {2}passed {2}(\w+)/gm)];

    expect(explained).toEqual(printed.map(([, code]) => code));
    expect(explained).toHaveLength(13);
  });
});
