/** The names of objectives, and which texts are the name of an update. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, golden, property } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import type { ChannelId } from "./channel-id.ts";
import { directDefundId, directFundId, parseUpdateId, updateId } from "./objective-id.ts";

const channelId = repeated("c1", 32) as ChannelId;
const otherId = repeated("c2", 32) as ChannelId;

describe("the names", () => {
  golden("those of direct funding and defunding are go-nitro's", () => {
    expect<string>(directFundId(channelId)).toBe(`DirectFunding-0x${"c1".repeat(32)}`);
    expect<string>(directDefundId(channelId)).toBe(`DirectDefunding-0x${"c1".repeat(32)}`);
  });

  golden("that of an update says who asked, and which of their updates it is", () => {
    expect<string>(updateId(channelId, 1, 20)).toBe(`Update-0x${"c1".repeat(32)}-1-20`);
  });
});

describe("parseUpdateId", () => {
  property("reads what updateId wrote", () => {
    const counts = fc.oneof(fc.nat(), fc.constant(10 ** 15 - 1));
    fc.assert(
      fc.property(fc.nat(254), counts, (by, count) => {
        expect(parseUpdateId(channelId, updateId(channelId, by, count))).toEqual({ by, count });
      }),
    );
  });

  property("a name that it reads is the only one for what it read", () => {
    const digits = fc.stringMatching(/^[0-9-]{1,18}$/);
    fc.assert(
      fc.property(digits, (text) => {
        const name = `Update-${channelId}-${text}`;
        const read = parseUpdateId(channelId, name);
        if (read === undefined) return;
        expect<string>(updateId(channelId, read.by, read.count)).toBe(name);
      }),
      { numRuns: 1000 },
    );
  });

  adversarial("refuses another channel, another kind, and numbers that have a second form", () => {
    const refused = [
      updateId(otherId, 1, 2),
      directFundId(channelId),
      `Update-${channelId}-1`,
      `Update-${channelId}-1-`,
      `Update-${channelId}--2`,
      `Update-${channelId}-01-2`,
      `Update-${channelId}-1-02`,
      `Update-${channelId}-1-2-3`,
      `Update-${channelId}-1-2 `,
      `Update-${channelId}-1-2\n`,
      ` Update-${channelId}-1-2`,
      `Update-${channelId}-1-1e3`,
      `Update-${channelId}-1-+2`,
      `Update-${channelId}-1000-2`,
      `Update-${channelId}-1-${10 ** 15}`,
      "",
    ];

    expect(refused.filter((name) => parseUpdateId(channelId, name) !== undefined)).toEqual([]);
  });
});
