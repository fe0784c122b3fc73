/** What a peer may write into the lines of go-nitro: nothing of it stops a node of ours, or makes it grow. */
import { describe, expect } from "bun:test";
import { keyOf } from "../../sim/actors.ts";
import { channelIdOf } from "../../src/channel/channel-id.ts";
import { directDefundId, virtualFundId } from "../../src/channel/objective-id.ts";
import { stateHash } from "../../src/channel/state.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import { encodeGoNitro } from "../../src/messages/go-nitro/codec.ts";
import type { GoNitroPayload } from "../../src/messages/go-nitro/message.ts";
import { GATHERED_MAX, ITEMS_WAITING_MAX } from "../../src/network/go-nitro/limits.ts";
import { type Content, NOTHING_SAID } from "../../src/network/go-nitro/word.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { closeLedger, openLedger, until } from "./go-stories.ts";
import { type GoWorld, playGoWorld } from "./go-world.ts";

const chainOf = chainOfFile("model");

const SIGNATURE = `0x${"11".repeat(64)}1b` as Signature;

/** Writes to alice as irene. */
function write(go: GoWorld, line: string): void {
  const { wire } = go.world;
  wire.transportOf("irene").send("alice", new TextEncoder().encode(line));
  // Whoever asks for a transport takes its place as a listener only by listening.
}

function say(go: GoWorld, content: Partial<Content>): void {
  const [from, to] = [go.address("irene"), go.address("alice")];
  write(go, encodeGoNitro({ ...NOTHING_SAID, ...content, from, to }));
}

/** Tells what happens between the opening of a ledger and its end, which nothing of it may hinder. */
async function amid(tell: (go: GoWorld) => Promise<void>): Promise<readonly string[]> {
  const codes: string[] = [];
  const how = { seed: 3, chain: chainOf(), ours: ["alice"], theirs: ["irene", "bob"] } as const;
  await playGoWorld(how, async (go) => {
    const ledger = await openLedger(go, "irene", "alice", [50n, 50n]);
    const before = go.world.node("alice").store.length;
    await tell(go);
    await go.world.pause(300_000);
    expect(go.world.node("alice").store.length).toBeLessThan(before + 60);
    expect(go.peersOf("alice").kept().items).toBe(0);
    await closeLedger(go, ledger, "irene", "alice");
    codes.push(...go.faults.map(({ code }) => code));
  });
  return codes;
}

/** A prefund for a channel of irene, alice and bob, as irene signs it. */
function prefundOf(go: GoWorld, nonce: bigint): GoNitroPayload {
  const fixedPart = go.fixedPart(["bob", "irene", "alice"], nonce, ZERO_ADDRESS);
  const variablePart = {
    outcome: go.outcome([
      ["bob", 1n],
      ["alice", 0n],
    ]),
    appData: "0x",
    turnNum: 0,
    isFinal: false,
  } as const;
  const channelId = channelIdOf(fixedPart);
  const { signatures } = go.world.options;
  const mine = signatures.signHash(stateHash(channelId, variablePart), keyOf("irene"));
  return {
    type: "SignedState",
    objectiveId: virtualFundId(channelId),
    fixedPart,
    variablePart,
    signatures: [undefined, mine, undefined],
  };
}

describe("lines of go-nitro", () => {
  adversarial("that are no message are counted and forgotten", async () => {
    const codes = await amid(async (go) => {
      for (const line of ["", "{", "[]", "null", "x".repeat(2_000_000)]) write(go, line);
      write(go, `{"To":${"[".repeat(9_000)}`);
    });
    expect(codes).toEqual(Array.from({ length: 6 }, () => "Undecodable"));
  });

  adversarial("that claim another sender than the connection has proven are dropped", async () => {
    const codes = await amid(async (go) => {
      const to = go.address("alice");
      write(go, encodeGoNitro({ ...NOTHING_SAID, from: go.address("bob"), to }));
      write(go, encodeGoNitro({ ...NOTHING_SAID, from: go.address("irene"), to: ZERO_ADDRESS }));
    });
    expect(codes).toEqual(["NotTheSender", "NotTheSender"]);
  });

  adversarial(
    "about what alice does not know are refused, or forgotten after a while",
    async () => {
      const codes = await amid(async (go) => {
        const unknown = channelIdOf(go.fixedPart(["irene", "alice"], 99n, ZERO_ADDRESS));
        const objectiveId = "Unknown-0x" as never;
        say(go, { rejectedObjectives: [objectiveId, virtualFundId(unknown)] });
        say(go, { payments: [{ channelId: unknown, amount: 1n, signature: SIGNATURE }] });
        const proposal = { type: "Remove", target: unknown, leftAmount: 1n } as const;
        const signed = { ledgerId: unknown, turnNum: 2, proposal, signature: SIGNATURE };
        say(go, { ledgerProposals: [signed] });
        const request = { type: "RequestFinalState", objectiveId, channelId: unknown } as const;
        say(go, { payloads: [request] });
      });
      expect(new Set(codes)).toEqual(new Set(["UnknownObjective"]));
    },
  );

  adversarial("with false proposals and ends leave the ledger as it is", async () => {
    const codes = await amid(async (go) => {
      const [ledger] = go.world.node("alice").engine.channels();
      if (ledger === undefined) throw new Error("no ledger");
      const target = channelIdOf(go.fixedPart(["irene", "alice"], 99n, ZERO_ADDRESS));
      const [left, right] = ledger.fundingOutcome[0]?.allocations ?? [];
      if (left === undefined || right === undefined) throw new Error("no balances");
      const sides = { left: left.destination, right: right.destination };
      const add = { type: "Add", target, ...sides, amount: 9n, leftDeposit: 10n } as const;
      const told = { ledgerId: ledger.id, turnNum: 2, signature: SIGNATURE };
      say(go, { ledgerProposals: [{ ...told, proposal: add }] });
      say(go, { ledgerProposals: [{ ...told, proposal: { ...add, leftDeposit: 9n } }] });
      const final = ledger.supported?.variablePart;
      if (final === undefined) throw new Error("no state");
      const allocations = [
        { ...left, amount: 100n },
        { ...right, amount: 0n },
      ];
      const outcome = final.outcome.map((exit) => ({ ...exit, allocations }));
      const variablePart = { ...final, outcome, turnNum: 2, isFinal: true };
      const signature = go.world.options.signatures.signHash(
        stateHash(ledger.id, variablePart),
        keyOf("irene"),
      );
      const { fixedPart, id } = ledger;
      const objectiveId = directDefundId(id);
      const signatures = [signature, SIGNATURE];
      const stolen = { type: "SignedState", objectiveId, fixedPart, variablePart } as const;
      say(go, { payloads: [{ ...stolen, signatures }] });
    });
    expect(codes).toContain("DepositAboveGuarantee");
    expect(codes).toContain("FinalOutcomeMismatch");
  });

  adversarial(
    "by which a peer opens thousands of channels keep a bounded number of them",
    async () => {
      const codes = await amid(async (go) => {
        for (let nonce = 1n; nonce <= 300n; nonce++) say(go, { payloads: [prefundOf(go, nonce)] });
        await go.world.pause(2_000);
        expect(go.peersOf("alice").kept().gathered).toBe(GATHERED_MAX);
        await go.world.pause(200_000);
        say(go, { payloads: [prefundOf(go, 1_000n)] });
        await until(go, "room", () => go.peersOf("alice").kept().gathered === 1);
      });
      expect(codes).toEqual(Array.from({ length: 300 - GATHERED_MAX }, () => "TooMuchWaits"));
    },
  );

  adversarial("that come faster than they are looked at are dropped above a limit", async () => {
    const codes = await amid(async (go) => {
      const unknown = channelIdOf(go.fixedPart(["irene", "alice"], 99n, ZERO_ADDRESS));
      const payments = Array.from({ length: 200 }, (_, index) => ({
        channelId: unknown,
        amount: BigInt(index),
        signature: SIGNATURE,
      }));
      for (let line = 0; line < 50; line++) say(go, { payments });
      await go.world.pause(1_000);
      expect(go.peersOf("alice").kept().items).toBeLessThanOrEqual(ITEMS_WAITING_MAX);
      expect(go.peersOf("alice").kept().bytes).toBeLessThan(1_000_000);
    });
    expect(new Set(codes)).toEqual(new Set(["TooMuchIsEarly"]));
  });
});
