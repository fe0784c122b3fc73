/** Which faults of a session a peer is punished for: those that no honest one commits. */
import type { Address } from "../../crypto/address.ts";
import type { SessionFault } from "../session.ts";

/** The peer that broke a rule, and the code to punish it for. Undefined where the fault may be nobody's. */
export function misbehaviourOf(
  fault: SessionFault,
): { readonly peer: Address; readonly code: string } | undefined {
  switch (fault.code) {
    case "FrameTooLarge":
    case "Undecodable":
    case "SequenceOutOfRange":
    case "WindowExceeded":
      return { peer: fault.peer, code: fault.code };
    default:
      // Lost logs, restarts and old address books bring the others about.
      return undefined;
  }
}
