/** A channel as facts make it: who signed what, what everybody signed, and how far it is. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import {
  type Channel,
  type ChannelEvent,
  createChannel,
  evolveChannel,
  moverOf,
  nextTurn,
  phaseOf,
  stateAt,
  supportedState,
  supportsTurn,
} from "./channel.ts";
import { channelIdOf } from "./channel-id.ts";
import { externalDestination } from "./destination.ts";
import { evolveHoldings } from "./holdings.ts";
import type { ObjectiveId } from "./objective-id.ts";
import type { Outcome } from "./outcome.ts";
import { stateHash, type VariablePart } from "./state.ts";

type ChannelFact = Exclude<ChannelEvent, { type: "ChannelCreated" }>;

const participants = ["a0", "a1", "a2"].map((digits) => repeated(digits, 20) as Address);
const fixedPart = {
  participants,
  channelNonce: 7n,
  appDefinition: ZERO_ADDRESS,
  challengeDurationSec: 86_400,
};
const channelId = channelIdOf(fixedPart);
const outcome: Outcome = [
  {
    asset: ZERO_ADDRESS,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: participants.map((participant) => ({
      destination: externalDestination(participant),
      amount: 5n,
      allocationType: 0,
      metadata: "0x",
    })),
  },
];
const MY_INDEX = 1;
const opened = createChannel({
  type: "ChannelCreated",
  channelId,
  fixedPart,
  myIndex: MY_INDEX,
  outcome,
  appData: "0xda7a",
  use: { type: "Direct" },
});

const partAt = (turnNum: number, isFinal = false): VariablePart => ({
  outcome,
  appData: "0xda7a",
  turnNum,
  isFinal,
});
/** Stands for the signature of one participant on one turn. */
const signatureOf = (by: number, turnNum: number): Signature =>
  `0x${"00".repeat(60)}${(turnNum * 4 + by).toString(16).padStart(8, "0")}1b` as Signature;
const serves = (name: string): ObjectiveId => name as ObjectiveId;

function signedBy(by: number, variablePart: VariablePart, objective = "open"): ChannelFact {
  const state = {
    channelId,
    objectiveId: serves(objective),
    variablePart,
    signature: signatureOf(by, variablePart.turnNum),
  };
  return by === MY_INDEX
    ? { type: "StateSigned", ...state }
    : { type: "StateReceived", ...state, by };
}

const advanced = (turnNum: number): ChannelFact => ({
  type: "SupportedStateAdvanced",
  channelId,
  turnNum,
});

const fold = (channel: Channel, ...facts: readonly ChannelFact[]): Channel =>
  facts.reduce(evolveChannel, channel);

/** Everybody signs the state, and it becomes the supported one. */
const agree = (channel: Channel, variablePart: VariablePart, objective = "open"): Channel =>
  fold(
    channel,
    ...participants.map((_, by) => signedBy(by, variablePart, objective)),
    advanced(variablePart.turnNum),
  );

const funding = agree(opened, partAt(0));
const running = agree(funding, partAt(1));

describe("createChannel", () => {
  unit("knows prefund and postfund, signed by nobody", () => {
    expect([...opened.pending.keys()]).toEqual([0, 1]);
    for (const turnNum of [0, 1]) {
      expect(stateAt(opened, turnNum)).toEqual({
        variablePart: partAt(turnNum),
        signatures: [undefined, undefined, undefined],
      });
    }
    expect(opened.supported).toBeUndefined();
    expect(opened.mySignedTurn).toBeUndefined();
  });
});

describe("StateSigned and StateReceived", () => {
  unit("put each signature where its participant stands", () => {
    const channel = fold(opened, signedBy(2, partAt(0)), signedBy(1, partAt(0)));

    expect(stateAt(channel, 0)?.signatures).toEqual([
      undefined,
      signatureOf(1, 0),
      signatureOf(2, 0),
    ]);
    expect(stateAt(channel, 1)?.signatures).toEqual([undefined, undefined, undefined]);
  });

  unit("only my own signature moves the turn that I signed last", () => {
    expect(fold(running, signedBy(2, partAt(2))).mySignedTurn).toBe(1);
    expect(fold(running, signedBy(2, partAt(2)), signedBy(1, partAt(2))).mySignedTurn).toBe(2);
  });

  unit("only my own signature on a final state binds me to it, for ever", () => {
    const final = partAt(2, true);

    expect(fold(running, signedBy(2, final)).finalSignedByMe).toBe(false);
    expect(fold(running, signedBy(1, final)).finalSignedByMe).toBe(true);
    expect(fold(running, signedBy(1, final), signedBy(1, partAt(3))).finalSignedByMe).toBe(true);
  });

  unit("a state at a new turn is kept, as the proposal of its objective", () => {
    const channel = fold(running, signedBy(2, partAt(2), "update"));

    expect(stateAt(channel, 2)?.variablePart).toEqual(partAt(2));
    expect(channel.proposal).toEqual({ turnNum: 2, objectiveId: serves("update") });
  });

  unit("a later signature on a known state changes neither its objective nor the proposal", () => {
    const channel = fold(
      running,
      signedBy(2, partAt(2), "first"),
      signedBy(0, partAt(3), "second"),
      signedBy(0, partAt(2), "first"),
    );

    expect(channel.proposal).toEqual({ turnNum: 3, objectiveId: serves("second") });
  });

  unit("nobody looks at what a state pays, so that folding a log hashes none", () => {
    const closed: VariablePart = {
      ...partAt(2),
      get outcome(): Outcome {
        throw new Error("somebody looked");
      },
    };

    expect(() => stateHash(channelId, closed)).toThrow("somebody looked");
    expect(supportedState(agree(running, closed)).variablePart).toBe(closed);
  });

  unit("the opening states are no proposal", () => {
    expect(fold(opened, signedBy(0, partAt(0)), signedBy(0, partAt(1))).proposal).toBeUndefined();
  });

  unit("the channel before the fact stays as it was", () => {
    fold(opened, signedBy(0, partAt(0)));

    expect(stateAt(opened, 0)?.signatures[0]).toBeUndefined();
  });
});

describe("SupportedStateAdvanced", () => {
  unit("makes the state supported and forgets it and those below as pending", () => {
    expect(funding.supported?.variablePart).toEqual(partAt(0));
    expect([...funding.pending.keys()]).toEqual([1]);
    expect([...running.pending.keys()]).toEqual([]);
    expect(stateAt(running, 1)).toBe(supportedState(running));
    expect(stateAt(running, 0)).toBeUndefined();
  });

  unit("ends the proposal that it settles, and leaves a later one", () => {
    const proposed = fold(running, signedBy(2, partAt(2), "update"));
    const settled = agree(proposed, partAt(2), "update");
    const followed = agree(fold(proposed, signedBy(0, partAt(3), "next")), partAt(2), "update");

    expect(settled.proposal).toBeUndefined();
    expect(followed.proposal).toEqual({ turnNum: 3, objectiveId: serves("next") });
    expect([...followed.pending.keys()]).toEqual([3]);
  });

  unit("a proposal that a higher turn overtakes is over", () => {
    const proposed = fold(
      running,
      signedBy(0, partAt(3), "next"),
      signedBy(2, partAt(2), "update"),
    );
    const overtaken = fold(
      proposed,
      signedBy(1, partAt(3), "next"),
      signedBy(2, partAt(3), "next"),
      advanced(3),
    );

    expect(proposed.proposal?.turnNum).toBe(2);
    expect(overtaken.proposal).toBeUndefined();
  });

  unit("stops the program when a signature is missing, or the state", () => {
    const twoOfThree = fold(opened, signedBy(0, partAt(0)), signedBy(2, partAt(0)));

    expect(() => fold(twoOfThree, advanced(0))).toThrow("carries all signatures");
    expect(() => fold(running, advanced(2))).toThrow("a state for turn 2");
  });

  property("signatures in any order make the same channel", () => {
    const facts = participants.flatMap((_, by) => [
      signedBy(by, partAt(0)),
      signedBy(by, partAt(1)),
    ]);
    const inTurn = facts.filter((fact) => fact.type !== "StateSigned");
    const mine = facts.filter((fact) => fact.type === "StateSigned");
    const expected = fold(fold(opened, ...mine, ...inTurn), advanced(1));
    fc.assert(
      fc.property(fc.shuffledSubarray(inTurn, { minLength: inTurn.length }), (shuffled) => {
        expect(fold(opened, ...shuffled, ...mine, advanced(1))).toEqual(expected);
      }),
    );
  });
});

describe("supportsTurn, nextTurn and moverOf", () => {
  unit("a turn is supported once everybody signed it or a later one", () => {
    expect(supportsTurn(opened, 0)).toBe(false);
    expect(supportsTurn(funding, 0)).toBe(true);
    expect(supportsTurn(funding, 1)).toBe(false);
    expect(supportsTurn(agree(running, partAt(5)), 3)).toBe(true);
  });

  unit("the next turn is behind every state that is known, supported or pending", () => {
    expect(nextTurn(opened)).toBe(2);
    expect(nextTurn(running)).toBe(2);
    expect(nextTurn(fold(running, signedBy(2, partAt(4))))).toBe(5);
    expect(nextTurn(agree(fold(running, signedBy(2, partAt(2))), partAt(4)))).toBe(5);
  });

  unit("the participants sign first in turn", () => {
    expect([0, 1, 2, 3, 4, 5].map((turnNum) => moverOf(opened, turnNum))).toEqual([
      0, 1, 2, 0, 1, 2,
    ]);
    // The largest turn, beyond 32 bits: 2^48 - 1 is a multiple of 3.
    expect(moverOf(opened, 2 ** 48 - 1)).toBe(0);
  });

  unit("a channel without a supported state has none to give", () => {
    expect(() => supportedState(opened)).toThrow("a supported state must exist");
  });
});

describe("phaseOf", () => {
  const closing = fold(running, signedBy(2, partAt(2, true)));
  const finalized = agree(running, partAt(2, true));

  unit("a channel is funding until everybody signed the postfund", () => {
    expect([opened, funding, running].map(phaseOf)).toEqual(["Funding", "Funding", "Running"]);
  });

  unit("it is closing once anybody signed a final state, and finalized once everybody did", () => {
    expect(phaseOf(closing)).toBe("Closing");
    expect(phaseOf(finalized)).toBe("Finalized");
  });

  unit("a final state that was overtaken by a supported one closes nothing", () => {
    expect(phaseOf(agree(closing, partAt(3)))).toBe("Running");
  });

  unit("what the chain concluded is concluded, whatever was signed", () => {
    for (const channel of [opened, running, closing, finalized]) {
      const position = {
        blockNumber: 1,
        blockHash: repeated("b1", 32) as Hash,
        logIndex: 0,
        transactionHash: repeated("7c", 32) as Hash,
      };
      const concluded = evolveHoldings(channel, {
        type: "ChannelConcluded",
        channelId,
        finalizesAtSec: 0,
        position,
      });

      expect(phaseOf(concluded)).toBe("Concluded");
    }
  });

  unit("ChannelFinalized says what the states say already", () => {
    const fact: ChannelFact = { type: "ChannelFinalized", channelId, turnNum: 2 };

    expect(fold(finalized, fact)).toBe(finalized);
  });
});
