/** Tests of what only a terminal gets: lanes, colour and progress. */
import { describe, expect } from "bun:test";
import { join } from "node:path";
import { integration } from "../kind.ts";

const ENTRY = join(import.meta.dir, "..", "..", "bin", "channels.ts");

/** What a terminal of this width is sent when it runs direct-fund. */
async function shownOn(columns: number, env: Readonly<Record<string, string>>): Promise<string> {
  const decoder = new TextDecoder();
  let shown = "";
  const child = Bun.spawn([process.execPath, ENTRY, "run", "direct-fund", "--chain", "evm"], {
    env: { ...process.env, NO_COLOR: "", TERM: "xterm-256color", ...env },
    terminal: {
      cols: columns,
      rows: 50,
      data: (_, bytes) => {
        shown += decoder.decode(bytes, { stream: true });
      },
    },
  });
  expect(await child.exited).toBe(0);
  child.terminal?.close();
  return shown;
}

const COLOUR = "\x1b[";

describe("channels run on a terminal", () => {
  integration(
    "draws lanes, shows progress on a line that it clears, and colours the verdict",
    async () => {
      const shown = await shownOn(80, {});

      expect(shown).toMatch(/ 0\.\d{3} s +│─+ prefund ─+▶│ +│/);
      expect(shown).toContain("\rstarting the chain (evm)");
      expect(shown).toContain(`${COLOUR}32mPASSED${COLOUR}0m  direct-fund`);
    },
  );

  integration("uses no colour where NO_COLOR asks for none or the terminal is dumb", async () => {
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
      const shown = await shownOn(120, env);

      expect(shown).not.toContain(COLOUR);
      expect(shown).toContain("PASSED  direct-fund");
    }
  });

  integration("gives text on a narrow terminal", async () => {
    expect(await shownOn(60, {})).toMatch(/ 0\.\d{3} s {2}alice -> bob: prefund/);
  });
});
