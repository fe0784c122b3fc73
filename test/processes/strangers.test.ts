/** A node whose port strangers abuse goes on as if there were none. */
import { describe, expect } from "bun:test";
import { assertDefined } from "../../src/primitives/assert.ts";
import { patientAdversarial } from "../kind.ts";
import type { Daemon } from "./daemon.ts";
import {
  beginHandshakes,
  claimGiant,
  crowd,
  type EndOfIt,
  floodWithFrames,
  sendGarbage,
  trickle,
  type Victim,
} from "./strangers.ts";
import { openLedger, openVirtual, withThreeNodes } from "./three-nodes.ts";

const IS_LONG = process.env["CHANNELS_PROCESSES"] === "all";

/** Connections that are tried. */
const CONNECTIONS = IS_LONG ? 10_000 : 1_500;

/** Noise, in MiB. */
const GARBAGE_MIB = IS_LONG ? 256 : 16;

/** Rounds in which each of 60 connections is given 64 KiB of small frames. */
const FLOOD_ROUNDS = IS_LONG ? 4_000 : 200;

/** Payments while each of them is at work. */
const PAYMENTS = 10;

/**
 * What a node may grow by meanwhile: 64 MiB. A collector that has not run holds some tens; each attack would take
 * hundreds if what it sends were kept.
 */
const GROWTH_BYTES_MAX = 64 * 2 ** 20;

const ATTACKS: readonly (readonly [string, (victim: Victim) => Promise<EndOfIt>])[] = [
  ["a frame of 4 GiB", claimGiant],
  ["bytes that come one by one", trickle],
  ["garbage", (victim) => sendGarbage(victim, GARBAGE_MIB)],
  ["handshakes that are never ended", (victim) => beginHandshakes(victim, 200)],
  ["a handshake, then frames of 4 bytes", (victim) => floodWithFrames(victim, FLOOD_ROUNDS)],
  ["a crowd of connections", (victim) => crowd(victim, CONNECTIONS)],
];

function victimOf({ place }: Daemon): Victim {
  const [, host, port] = assertDefined(/^tcp:\/\/(.*):(\d+)$/.exec(place) ?? undefined, "TCP");
  return { host: host ?? "", port: Number(port) };
}

describe("a hub", () => {
  patientAdversarial(
    "keeps serving its peers, in the same memory, whatever strangers send",
    async () => {
      await withThreeNodes({ wire: "tcp" }, async ({ alice, bob, irene }) => {
        for (const node of [alice, bob]) await openLedger(node, irene);
        const amount = BigInt(PAYMENTS * ATTACKS.length + PAYMENTS);
        const wallet = alice.client();
        const channel = (name: string, most = 1n): Promise<string> =>
          openVirtual(alice, { amount: most, hub: irene, payee: bob, name });
        const virtual = await channel("for payments", amount);
        const before = irene.residentBytes();
        for (const [name, attack] of ATTACKS) {
          const end = await attack(victimOf(irene));
          for (let paid = 0; paid < PAYMENTS; paid++) {
            await wallet.call("payments_pay", { channelId: virtual, amount: "1" });
          }
          // Through the hub, so that it is seen to work: a channel is opened while they are at it.
          await channel(name);
          end();
          expect([name, irene.residentBytes() - before < GROWTH_BYTES_MAX]).toEqual([name, true]);
        }
        // New peers are let in still: one that was away comes back.
        await bob.kill();
        await bob.start();
        await channel("after a restart");
        const { live, ready } = await irene.client().call("node_info", {});
        expect([live, ready]).toEqual([true, true]);
      });
    },
    IS_LONG ? 600_000 : 120_000,
  );
});
