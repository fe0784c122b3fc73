/** The one way in which a story ends that breaks a law. */

/** Breaks off a story that breaks a law. */
export function law(holds: boolean, text: string): asserts holds {
  if (!holds) throw new Error(`the law is broken: ${text}`);
}
