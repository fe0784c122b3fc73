/** Appointments as nodes give them: of a direct channel, of a ledger channel, and of paid vouchers. */
import { type ActorName, keyOf } from "../../sim/actors.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import { appsOf } from "../../src/chain/deployed-apps.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { stateHash } from "../../src/channel/state.ts";
import { challengeHash } from "../../src/channel/state-challenge.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { Hash, Signature } from "../../src/crypto/signature.ts";
import { signatureBackend } from "../../src/crypto/signatures.ts";
import { appointmentsOfAll } from "../../src/engine/appointments.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { type Appointment, channelOf } from "../../src/watchtower/appointment.ts";
import type { TowerRules } from "../../src/watchtower/appointment-check.ts";
import { paidChannel, paidVirtually, tellWatched } from "./watched-story.ts";

/** What Bob's node gives, and what a tower judges it by. */
export type Genuine = {
  readonly bob: Address;
  readonly rules: TowerRules;
  readonly direct: Appointment;
  readonly ledger: Appointment;
  /** Redeems two vouchers of Alice. */
  readonly redemption: Appointment;
};

/** Lets nodes open and pay in channels of each use, and asks Bob's what it would give. Signatures are real. */
export async function genuineAppointments(chain: SimulatedChain): Promise<Genuine> {
  const given = new Map<ChannelId, Appointment>();
  const ids: ChannelId[] = [];
  const options = {
    cast: ["alice", "irene", "bob"],
    watched: ["bob"],
    signatures: "real",
  } as const;
  await tellWatched(chain, options, async (told) => {
    ids.push(await paidChannel(told.alice, told.bob));
    const { channelId, right } = await paidVirtually(told, [20n, 30n]);
    ids.push(right, channelId);
    const node = told.world.node("bob");
    for (const notice of appointmentsOfAll(node.engine.view(), node.rules().context)) {
      if (notice.type === "Give") given.set(notice.channelId, notice.appointment);
    }
  });
  const [direct, ledger, redemption] = ids.map((id) =>
    assertDefined(given.get(id), "what is given"),
  );
  const apps = appsOf(chain.deployment);
  return {
    bob: addressOf("bob"),
    rules: {
      appOf: (app) => apps.get(app),
      recoverSigner: signatureBackend.recoverSigner,
      channelsPerClientMax: 3,
    },
    direct: assertDefined(direct, "the direct channel"),
    ledger: assertDefined(ledger, "the ledger channel"),
    redemption: assertDefined(redemption, "the virtual channel"),
  };
}

/** The address of an actor, by her real key. */
export function addressOf(name: ActorName): Address {
  return signatureBackend.addressOf(keyOf(name));
}

/** A signature of an actor. */
export function signedBy(name: ActorName, hash: Hash): Signature {
  return signatureBackend.signHash(hash, keyOf(name));
}

/** The appointment with another candidate, which its forger has signed for Bob as far as Bob's key goes. */
export function resigned(
  genuine: Appointment,
  change: Partial<Appointment["candidate"]["variablePart"]>,
): Appointment {
  const variablePart = { ...genuine.candidate.variablePart, ...change };
  const hash = stateHash(channelOf(genuine), variablePart);
  return {
    ...genuine,
    candidate: { variablePart, signatures: [signedBy("bob", hash)] },
    challengerSignature: signedBy("bob", challengeHash(hash)),
  };
}
