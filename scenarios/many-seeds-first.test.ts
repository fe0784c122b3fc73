/** Every scenario, for the first half of a thousand seeds. */
import { declareManySeeds } from "../test/many-seeds.ts";

await declareManySeeds("first");
