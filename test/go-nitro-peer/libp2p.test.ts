/** Lines of go-nitro over real streams of libp2p, on the loopback. */
import { describe, expect } from "bun:test";
import { keyOf } from "../../sim/actors.ts";
import { type Libp2pTransport, openLibp2pTransport } from "../../src/adapters/libp2p-transport.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { systemRandom } from "../../src/adapters/system-random.ts";
import { channelIdOf } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { directFundId } from "../../src/channel/objective-id.ts";
import { stateHash } from "../../src/channel/state.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { PrivateKey } from "../../src/crypto/signature.ts";
import { signatureBackend } from "../../src/crypto/signatures.ts";
import { decodeMessage } from "../../src/messages/codec.ts";
import { encodeGoNitro } from "../../src/messages/go-nitro/codec.ts";
import { decodeFrame, encodeFrame, type Frame } from "../../src/network/frame.ts";
import type { GoNitroFault } from "../../src/network/go-nitro/go-nitro-peers.ts";
import {
  GO_NITRO_PROTOCOL,
  openGoNitroPeers,
} from "../../src/network/go-nitro/open-go-nitro-peers.ts";
import { NOTHING_SAID } from "../../src/network/go-nitro/word.ts";
import { libp2pIdentity } from "../../src/node/daemon/open-wires.ts";
import { integration } from "../kind.ts";

const ALICE = signatureBackend.addressOf(keyOf("alice"));
const IRENE = signatureBackend.addressOf(keyOf("irene"));

function open(key: PrivateKey): Promise<Libp2pTransport> {
  return openLibp2pTransport({
    clock: systemClock,
    random: systemRandom,
    listen: { host: "127.0.0.1", port: 0 },
    identity: libp2pIdentity(key),
  });
}

/** A prefund of a ledger of irene and alice, as irene writes it. */
function prefundLine(from = IRENE): string {
  const fixedPart = {
    participants: [IRENE, ALICE],
    channelNonce: 1n,
    appDefinition: ZERO_ADDRESS,
    challengeDurationSec: 0,
  };
  const allocations = fixedPart.participants.map((participant) => ({
    destination: externalDestination(participant),
    amount: 5n,
    allocationType: 0,
    metadata: "0x" as const,
  }));
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  const outcome = [{ asset: ZERO_ADDRESS, assetMetadata, allocations }];
  const variablePart = { outcome, appData: "0x", turnNum: 0, isFinal: false } as const;
  const channelId = channelIdOf(fixedPart);
  const signature = signatureBackend.signHash(stateHash(channelId, variablePart), keyOf("irene"));
  const objectiveId = directFundId(channelId);
  const signatures = [signature, undefined];
  const payload = {
    type: "SignedState",
    objectiveId,
    fixedPart,
    variablePart,
    signatures,
  } as const;
  return encodeGoNitro({ ...NOTHING_SAID, payloads: [payload], from, to: ALICE });
}

describe("openGoNitroPeers", () => {
  integration(
    "hears lines over libp2p from whose key they are, and refuses false names",
    async () => {
      const [mine, theirs] = [await open(keyOf("alice")), await open(keyOf("irene"))];
      const faults: GoNitroFault[] = [];
      const frames: Frame[] = [];
      const heard = Promise.withResolvers<void>();
      const refused = Promise.withResolvers<void>();
      const endpoint = "irene";
      const peers = await openGoNitroPeers({
        streams: mine.lines,
        clock: systemClock,
        me: ALICE,
        recoverSigner: signatureBackend.recoverSigner,
        book: { peers: () => [IRENE], endpointOf: () => endpoint, peerAt: () => IRENE },
        placeOf: (peer) => (peer === IRENE ? `go-nitro:${theirs.places[0]}` : undefined),
        view: () => ({ channels: new Map(), objectives: new Map() }),
        report: (fault) => {
          faults.push(fault);
          refused.resolve();
        },
      });
      const transport = peers.join({ send: () => undefined, listen: () => undefined });
      transport.listen((from, bytes) => {
        expect(from).toBe(endpoint);
        const frame = decodeFrame(bytes);
        if (frame.ok) frames.push(frame.value);
        if (frame.ok && frame.value.type === "Data") heard.resolve();
      });

      const greeting = { type: "Greeting", nonce: 7, lastSent: 3, lastReceived: 2 } as const;
      transport.send(endpoint, encodeFrame(greeting));
      for (const line of [prefundLine(), prefundLine(ALICE)]) {
        const bytes = new TextEncoder().encode(line);
        const sent = await theirs.lines.sendLine(mine.places[0] ?? "", GO_NITRO_PROTOCOL, bytes);
        expect(sent.ok).toBe(true);
      }
      await Promise.all([heard.promise, refused.promise]);

      const [welcome, data] = frames;
      expect(welcome).toMatchObject({ type: "Welcome", nonce: 7, lastSent: 2, lastReceived: 3 });
      expect(data).toMatchObject({ type: "Data", sequence: 3 });
      const message = data?.type === "Data" ? decodeMessage(data.payload) : undefined;
      expect(message).toMatchObject({ ok: true, value: { type: "Prefund" } });
      expect(faults).toEqual([{ peer: IRENE, code: "NotTheSender" }]);
      peers.close();
      await Promise.all([mine.close(), theirs.close()]);
    },
  );
});
