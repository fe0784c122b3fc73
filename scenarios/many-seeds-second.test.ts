/** Every scenario, for the second half of a thousand seeds. */
import { declareManySeeds } from "../test/many-seeds.ts";

await declareManySeeds("second");
