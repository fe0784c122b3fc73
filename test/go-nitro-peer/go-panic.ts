/** The end of a go-nitro node: its engine stops the process at any error that it does not expect. */

/** Thrown where a go-nitro node would panic. A test in which one does has failed. */
export class GoPanic extends Error {
  override readonly name = "GoPanic";
}

/** Stops the node. Source: go-nitro, engine.go, checkError. */
export function panic(why: string): never {
  throw new GoPanic(why);
}
