/**
 * Check: a program's tree to Core, and every message about what it means. A partial evaluator: calls are inlined, known
 * branches taken, lists unrolled; what remains is typed. Knows the outside world through Host only.
 */
import type { Host } from "../../ir/host.ts";
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { CoreProgram, Effect } from "../core.ts";
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import { parseSignature } from "../parser.ts";
import { parsePrelude, type Trees } from "../prelude.ts";
import { actionSpecials } from "./action.ts";
import * as build from "./build.ts";
import { builtins as tensorBuiltins } from "./builtins/index.ts";
import { call } from "./call.ts";
import { choiceSpecials } from "./choice.ts";
import { Exhausted, Reported } from "./context.ts";
import { symbolsOf } from "./dims.ts";
import { drawnSpecials } from "./drawn.ts";
import { evaluate, typedLet } from "./eval.ts";
import { groupSpecials } from "./group-by.ts";
import { joinSpecials } from "./join.ts";
import { lbfgsSpecials } from "./lbfgs.ts";
import { stack } from "./literal.ts";
import { loopSpecials } from "./loop.ts";
import { netSpecials } from "./net.ts";
import { optimizerSpecials } from "./optimizer.ts";
import { NOWHERE } from "./param.ts";
import { definition, frameOf, program } from "./program.ts";
import { rddSpecials } from "./rdd.ts";
import { finish } from "./reach.ts";
import { reduceSpecials } from "./reduce.ts";
import { relationalSpecials } from "./relational.ts";
import { childScope, lazily } from "./scope.ts";
import { sequenceSpecials } from "./sequence.ts";
import { withLists } from "./sequence-calls.ts";
import { sourceSpecials } from "./source.ts";
import { otherSpecials } from "./special.ts";
import { batchSpecials } from "./state.ts";
import { textSpecials } from "./text.ts";
import { timeSpecials } from "./time.ts";
import { trainSpecials } from "./train.ts";
import type { Cx, Special } from "./value.ts";
import { vocabSpecials } from "./vocab.ts";

export interface CheckOptions {
  /** `--set name=value`, module params as blocks.width=2 */
  readonly set?: Readonly<Record<string, string>>;
  /** texts of the prelude's .hs files, by the name that notes show: prelude/layers.hs */
  readonly prelude: Readonly<Record<string, string>>;
  /** of these texts, by this parser: whoever kept them sees to that. Absent: they are parsed */
  readonly trees?: Trees | undefined;
}
export interface Checked {
  /** undefined where something is wrong */
  readonly core: CoreProgram | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** every file that was read: frames show their lines */
  readonly texts: ReadonlyMap<string, string>;
}
export const specials: ReadonlyMap<string, Special> = withLists([
  ...sourceSpecials,
  ...rddSpecials,
  ...drawnSpecials,
  ...actionSpecials,
  ...otherSpecials,
  ...textSpecials,
  ...timeSpecials,
  ...sequenceSpecials,
  ...groupSpecials,
  ...joinSpecials,
  ...relationalSpecials,
  ...vocabSpecials,
  ...reduceSpecials,
  ...netSpecials,
  ...trainSpecials,
  ...optimizerSpecials,
  ...batchSpecials,
  ...choiceSpecials,
  ...loopSpecials,
  ...lbfgsSpecials,
]);

export function check(file: string, host: Host, options: CheckOptions): Checked {
  build.resetIds();
  const cx = context(host);
  let effects: readonly Effect[] | undefined;
  try {
    loadPrelude(cx, options.prelude, options.trees);
    effects = program(cx, file, options.set ?? {});
  } catch (e) {
    if (e instanceof RangeError || e instanceof Exhausted) {
      const span = e instanceof Exhausted ? e.span : { ...NOWHERE.span, file };
      const message = e instanceof Exhausted ? e.message : "this program nests too deep for hsc";
      cx.diagnostics.push(
        diagnostic("limit", message, span, { severity: "limit", help: "give parts of it names with `let`" }),
      );
    } else if (!(e instanceof Reported)) throw e;
  }
  const wrong = cx.diagnostics.some(d => d.severity !== "warning");
  const diagnostics = [...cx.diagnostics].sort(
    (a, b) => order(file, a.span) - order(file, b.span) || a.span.start - b.span.start,
  );
  return { core: wrong || !effects ? undefined : finish(cx, file, effects), diagnostics, texts: cx.texts };
}
const order = (file: string, s: Span): number => (s.file === file ? 0 : 1);

function context(host: Host): Cx {
  const texts = new Map<string, string>();
  const signatures = new Map<string, Ast.Signature>();
  const symbols: Cx["symbols"] = new Map();
  return {
    host,
    texts,
    specials,
    symbols,
    diagnostics: [],
    builtins: new Map(Object.entries(tensorBuiltins)),
    prelude: childScope(undefined),
    preludeFiles: new Set<string>(),
    params: new Map(),
    fixed: new Set(),
    inlined: 0,
    checks: [],
    nets: [],
    text: s => texts.get(s.file)?.slice(s.start, s.end) ?? "",
    signature: t => {
      let s = signatures.get(t);
      if (!s) {
        const file = `<builtin ${t.slice(0, t.indexOf("("))}>`;
        texts.set(file, t);
        const parsed = parseSignature(t, file);
        if (!parsed.value)
          throw new Error(`internal: the signature ${t} does not parse: ${parsed.diagnostics[0]?.message}`);
        signatures.set(t, (s = parsed.value));
      }
      return s;
    },
    evaluate,
    call,
    stack,
    bind: (d, from) => {
      for (const s of symbolsOf(d)) {
        const old = symbols.get(s.id);
        if (old) symbols.set(s.id, { ...old, from });
      }
    },
  };
}
/** all files of the prelude are one scope, in which every name is seen from everywhere */
function loadPrelude(cx: Cx, files: Readonly<Record<string, string>>, kept: Trees | undefined): void {
  const trees = kept ?? preludeTrees(files);
  for (const [file, source] of Object.entries(files)) {
    cx.texts.set(file, source);
    (cx.preludeFiles as Set<string>).add(file);
    for (const item of trees[file]!) {
      if (item.k !== "def" && item.k !== "let") throw new Error(`internal: ${file} holds more than definitions`);
      const f = frameOf(cx, cx.prelude);
      const value =
        item.k === "def"
          ? lazily(() => definition(f, item))
          : lazily(() => typedLet({ ...f, root: item.value, place: item.name.text }, item));
      cx.prelude.names.set(item.name.text, {
        name: item.name.text,
        span: item.name.span,
        after: undefined,
        whole: item.span,
        value,
      });
    }
  }
}
/** the prelude is the same in every check of a process */
let parsed: { readonly files: Readonly<Record<string, string>>; readonly trees: Trees } | undefined;
function preludeTrees(files: Readonly<Record<string, string>>): Trees {
  if (parsed && Object.keys(files).every(f => parsed?.files[f] === files[f])) return parsed.trees;
  const trees = parsePrelude(files);
  parsed = { files, trees };
  return trees;
}
