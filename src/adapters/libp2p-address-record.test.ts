/** A record stands under the address that signed it, for a day, and nowhere else. */
import { describe, expect } from "bun:test";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { adversarial, golden, unit } from "../../test/kind.ts";
import { type TestIdentity, testIdentity } from "../../test/libp2p-identities.ts";
import { manualClock } from "../../test/manual-clock.ts";
import {
  addressRecordRules,
  makeAddressRecord,
  readAddressRecord,
  recordKeyOf,
} from "./libp2p-address-record.ts";
import { libp2pKeyOf } from "./libp2p-identity.ts";

const clock = manualClock();
const NOW_SEC = clock.nowMs() / 1_000;
const [alice, eve] = [testIdentity(1), testIdentity(66)];

const peerIdOf = (identity: TestIdentity) => peerIdFromPrivateKey(libp2pKeyOf(identity));
const textOf = (value: Uint8Array): string => new TextDecoder().decode(value);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The record of a node at a time; where another is to be named, that other does not sign. */
function recordOf(
  signer: TestIdentity,
  timestampSec = NOW_SEC,
  named: Partial<Pick<TestIdentity, "address">> = {},
): Promise<Uint8Array> {
  const address = named.address ?? signer.address;
  return makeAddressRecord(signer, { address, peerId: peerIdOf(signer), timestampSec });
}

const read = (value: Uint8Array, of = alice) =>
  readAddressRecord(alice, recordKeyOf(alice, of.address), value, clock.nowMs());

describe("readAddressRecord", () => {
  unit("reads what was written", async () => {
    const record = await read(await recordOf(alice));

    expect(record?.address).toBe(alice.address);
    expect(record?.peerId.toString()).toBe(peerIdOf(alice).toString());
    expect(record?.timestampSec).toBe(NOW_SEC);
  });

  golden("has the form that go-nitro's nodes read", async () => {
    const value: unknown = JSON.parse(textOf(await recordOf(alice, 1_700_000_000)));

    expect(value).toEqual({
      Data: {
        SCAddr: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
        PeerID: "16Uiu2HAm3cuhhRL2msUuLF62KRSfneFDx94RsuouyW25Ho42cFMq",
        Timestamp: 1_700_000_000,
      },
      PeerIdSig: expect.stringMatching(/^[A-Za-z0-9+/]{94,96}={0,2}$/),
      SCAddrSig: expect.stringMatching(/^[A-Za-z0-9+/]{86}[AQ]?[AE]?={0,2}$/),
    });
    expect(textOf(recordKeyOf(alice, alice.address))).toBe(
      "/scaddr/0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
    );
  });

  unit("reads the record of a node whose peer id has a key of its own", async () => {
    // As go-nitro's own decision record advises.
    const forAlice = { ...alice, privateKey: eve.privateKey };
    const value = await makeAddressRecord(forAlice, {
      address: alice.address,
      peerId: peerIdOf(eve),
      timestampSec: NOW_SEC,
    });

    expect((await read(value))?.peerId.toString()).toBe(peerIdOf(eve).toString());
  });

  unit(
    "takes clocks that go wrong by less than ten minutes, and records of less than a day",
    async () => {
      const ages = [-601, -600, 0, 86_400, 86_401];

      const found = await Promise.all(
        ages.map(async (age) => read(await recordOf(alice, NOW_SEC - age))),
      );

      expect(found.map((record) => record !== undefined)).toEqual([false, true, true, true, false]);
    },
  );

  adversarial("refuses what one signs for the address of another", async () => {
    const forged = await recordOf(eve, NOW_SEC, { address: alice.address });

    expect(await read(forged)).toBeUndefined();
    expect(await read(await recordOf(eve))).toBeUndefined();
    expect(await read(await recordOf(alice), eve)).toBeUndefined();
    // What names another may not even stand under the address of the one who signed it.
    expect(await read(forged, eve)).toBeUndefined();
  });

  adversarial("refuses a record of which any part was changed", async () => {
    const text = textOf(await recordOf(alice));
    const changed = [
      text.replace(`"Timestamp":${NOW_SEC}`, `"Timestamp":${NOW_SEC - 1}`),
      text.replace(peerIdOf(alice).toString(), peerIdOf(eve).toString()),
      text.replace(/"PeerIdSig":"./, '"PeerIdSig":"A'),
      text.replace(/"SCAddrSig":"...../, '"SCAddrSig":"AAAAA'),
      text.replace(/"Timestamp":(\d+)/, '"Timestamp":"$1"'),
      text.replace(/"PeerIdSig":"[^"]*"/, '"PeerIdSig":""'),
      text.replace(/"SCAddrSig":"[^"]*"/, '"SCAddrSig":""'),
      "",
      "null",
      "[]",
      "{",
      `${text}${" ".repeat(2_000)}`,
    ];

    const found = await Promise.all(changed.map((bad) => read(bytesOf(bad))));

    expect(found.filter((record) => record !== undefined)).toEqual([]);
    expect(new Set(changed).has(text)).toBe(false);
  });
});

describe("addressRecordRules", () => {
  const rules = addressRecordRules(alice, clock);
  const key = recordKeyOf(alice, alice.address);

  adversarial("admits a good record, and throws for a forged one", async () => {
    const forged = await recordOf(eve, NOW_SEC, { address: alice.address });

    await rules.validate(key, await recordOf(alice));
    await expect((async () => rules.validate(key, forged))()).rejects.toThrow("may not stand");
  });

  unit("selects the newest record, of those that are not from the future", async () => {
    const values = await Promise.all(
      [-10_000, 600, 60, 3_600].map((age) => recordOf(alice, NOW_SEC - age)),
    );

    expect(rules.select(key, values)).toBe(2);
  });
});
