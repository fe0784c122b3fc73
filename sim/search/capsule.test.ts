/** Tests of capsules: what is written is read again, and what is no capsule is refused with a sentence. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { giantPlan } from "../../test/giant-plan.ts";
import { adversarial, golden, invariant, property, unit } from "../../test/kind.ts";
import { STRATEGIES } from "../adversaries/strategies.ts";
import { CALM_PLAN } from "./calm-plan.ts";
import { type Capsule, presentVersions, readCapsule, writeCapsule } from "./capsule.ts";
import { drawPlan } from "./draw-plan.ts";
import type { Plan } from "./plan.ts";

const KNOWN = Object.keys(STRATEGIES);

/** Most bytes of a capsule. */
const CAPSULE_BYTES_MAX = 200_000;

function capsuleOf(plan: Plan): Capsule {
  return {
    plan,
    chain: "model",
    signatures: "fast",
    failure: { oracle: "conservation", message: "block 7: a wei too much", bucket: "0a1b2c3d" },
    traceHash: "0xabcd",
    versions: presentVersions(),
  };
}

const SMALL: Plan = {
  ...CALM_PLAN,
  cast: ["alice", "bob", "eve"],
  wishes: [
    {
      id: 1,
      atMs: 0,
      by: "alice",
      type: "OpenDirect",
      others: ["bob"],
      amounts: [{ asset: "eth", amounts: [6n, 4n] }],
    },
    { id: 2, atMs: 5, by: "alice", type: "Pay", channel: 1, to: "bob", asset: "eth", amount: 1n },
  ],
  faults: [
    { id: 1, atMs: 7, type: "Crash", node: "bob", moment: { type: "Now" }, awayMs: undefined },
  ],
  moves: [{ id: 1, by: "eve", strategy: "silent", fromMs: 3, settings: { step: 2 } }],
};

const TEXT = writeCapsule(capsuleOf(SMALL));

/** Reads a changed text of the small capsule, and gives the code and the sentence of the refusal. */
function refusalOf(text: string): string {
  const read = readCapsule(text, KNOWN);
  return read.ok ? "read" : `${read.reason.code}: ${read.reason.sentence}`;
}

describe("writeCapsule and readCapsule", () => {
  property("what is written is read again, for any plan that is drawn", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const capsule = capsuleOf(drawPlan(seed));

        const read = readCapsule(writeCapsule(capsule), KNOWN);

        expect(read).toEqual({ ok: true, value: { capsule, edited: false } });
      }),
      { numRuns: 200 },
    );
  });

  invariant("a failure of 2,000 wishes fits into 200 KB and is read again", () => {
    const capsule = capsuleOf(giantPlan(1, 2_000));

    const text = writeCapsule(capsule);

    expect(new TextEncoder().encode(text).length).toBeLessThan(CAPSULE_BYTES_MAX);
    expect(readCapsule(text, KNOWN)).toEqual({ ok: true, value: { capsule, edited: false } });
  });

  unit("equal plans give equal texts, whatever order their fields were written in", () => {
    const { cast, seed, ...rest } = SMALL;
    const other: Plan = { ...rest, seed, cast };

    expect(Object.keys(other)).not.toEqual(Object.keys(SMALL));
    expect(writeCapsule(capsuleOf(other))).toBe(TEXT);
  });

  unit("a message without end is cut", () => {
    const failure = { oracle: "error", message: "x".repeat(1_000_000), bucket: "0a1b2c3d" };

    expect(writeCapsule({ ...capsuleOf(SMALL), failure }).length).toBeLessThan(20_000);
  });

  unit("a field that knows no end, such as the age of a local chain's head, is read again", () => {
    const plan = { ...SMALL, chain: { safeSec: Number.POSITIVE_INFINITY } };

    const read = readCapsule(writeCapsule(capsuleOf(plan)), KNOWN);

    expect(read.ok && read.value.capsule.plan.chain.safeSec).toBe(Number.POSITIVE_INFINITY);
  });

  unit("a plan that somebody changed on purpose is read, and said to be edited", () => {
    const read = readCapsule(TEXT.replace('"6","4"', '"7","4"'), KNOWN);

    expect(read.ok && read.value.edited).toBe(true);
    expect(read.ok && read.value.capsule.plan.wishes[0]).toMatchObject({
      amounts: [{ asset: "eth", amounts: [7n, 4n] }],
    });
  });

  golden("the plan of a small capsule stays as it is, line by line", () => {
    expect(
      TEXT.slice(TEXT.indexOf('"wishes"')),
    ).toBe(`"wishes":{"columns":{"OpenDirect":["id","atMs","by","amounts","others"],"Pay":["id","atMs","by","to","channel","amount","asset"]},"rows":[
["OpenDirect",1,0,"alice",[{"amounts":["6","4"],"asset":"eth"}],["bob"]],
["Pay",2,5,"alice","bob",1,"1","eth"]
]},
"faults":[
{"id":1,"type":"Crash","atMs":7,"node":"bob","moment":{"type":"Now"}}
],
"moves":[
{"id":1,"fromMs":3,"by":"eve","settings":{"step":2},"strategy":"silent"}
]}
}
`);
  });
});

/** A change of the small capsule, and what the refusal must say. */
const BAD: readonly (readonly [change: (text: string) => string, says: string])[] = [
  [() => "", "NotACapsule: is no capsule"],
  [() => "[1]", "NotACapsule: is no capsule"],
  [() => '{"format":"channels trace 1"}', "NotACapsule: is no capsule"],
  [(text) => text.slice(0, -20), "Damaged: is damaged: its JSON does not end"],
  [(text) => text.replace("capsule 1", "capsule 2"), 'Newer: has the format "channels capsule 2"'],
  [(text) => text.replace('"silent"', '"cunning"'), 'is "cunning", a strategy that this program'],
  [(text) => text.replace('"Crash"', '"Quake"'), 'faults[0].type is "Quake"; this program knows'],
  [(text) => text.replaceAll('"Pay"', '"Lend"'), 'wishes.rows[1].type is "Lend"; this program'],
  [(text) => text.replace('["Pay"', '["Lend"'), 'is of type "Lend", which has no columns'],
  [(text) => text.replace('"1","eth"', '"-1","eth"'), 'amount is "-1", which is no amount'],
  [(text) => text.replace('"1","eth"', '"1","gold"'), 'asset is "gold"; this program knows eth'],
  [(text) => text.replace(',"1","eth"', ',"1"'), "rows[1] is no row of its type"],
  [(text) => text.replace('"alice","bob"', '"mallory","bob"'), 'cast[0] is "mallory"'],
  [(text) => text.replace('["alice","bob"', '["bob","bob"'), "has alice act, who is not in"],
  [(text) => text.replace('"Pay",2,', '"Pay",1,'), "has two wishes of one id"],
  [(text) => text.replace('"seed":1', '"seed":1.5'), "seed is 1.5, which is no whole number"],
  [(text) => text.replace('"seed":1', '"seed":1,"luck":7'), 'has a "luck", which this program'],
  [(text) => text.replace('"network":{}', '"network":{"dropFraction":2}'), "not between 0 and 1"],
  [(text) => text.replace('"model"', '"moon"'), 'chain is "moon"; this program knows anvil'],
  [(text) => text.replace(/"traceHash".*\n/, ""), "traceHash is missing, which is no text"],
  [(text) => text.replace(/"plan": [\s\S]*/, '"plan": 7}'), "plan is 7, which is no object"],
];

describe("readCapsule of something else", () => {
  for (const [change, says] of BAD) {
    adversarial(`refuses it with a sentence: ${says}`, () => {
      const text = change(TEXT);

      expect(text).not.toBe(TEXT);
      expect(refusalOf(text)).toContain(says);
    });
  }

  adversarial("never throws, wherever the text is cut or a character is another", () => {
    for (let place = 0; place < TEXT.length; place += 7) {
      expect(typeof refusalOf(TEXT.slice(0, place))).toBe("string");
      expect(typeof refusalOf(`${TEXT.slice(0, place)}"${TEXT.slice(place + 1)}`)).toBe("string");
    }
  });
});
