/** Trainings against JAX's (test/oracle/training.py), by the interpreter. */
import { test } from "vitest";
import { casesOf, holds } from "./cases.ts";

test.each(casesOf("training-oracle.json").map(c => [c.name, c] as const))("%s", (_, c) => holds(c));
