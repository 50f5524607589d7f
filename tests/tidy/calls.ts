/**
 * What code may call and say where: the rules `clock`, `outside`, `console`
 * and `language`.
 *
 * They look at code with comments and literals blanked, so a word in a text
 * or an example is no violation.
 *
 * @module
 */
import { isIn, isTest, type Violation } from "./tree.ts";
import { lineOf, type SourceFile } from "./source.ts";

interface Ban {
  readonly rule: string;
  readonly pattern: RegExp;
  /** Folders and files that may. */
  readonly except: readonly string[];
  readonly testsMay: boolean;
  readonly what: string;
}

/** Programs, as against the library. */
const PROGRAMS = ["bench", "examples", "tasks"];

/** A call of the global `fetch`, not a method that is named so. */
const FETCH =
  /(?:\b(?:await|return|yield|void|globalThis\s*\.)|[=(,:?&|![>])\s*fetch\s*\(/g;

/** A file's own variable, parameter or function of that name. */
const OWN_FETCH = /\bfetch\s*\??:|\b(?:function|const|let)\s+fetch\b/;

const BANS: readonly Ban[] = [
  {
    rule: "clock",
    pattern:
      /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())(?![\w(])|\bperformance\s*\.|\bMath\s*\.\s*random\b|\bcrypto\s*\.\s*(?:getRandomValues|randomUUID)\b|\bset(?:Timeout|Interval|Immediate)\s*\(|\bTemporal\s*\.\s*Now\b|\bprocess\s*\.\s*hrtime\b/g,
    except: ["base/environment.ts", ...PROGRAMS],
    testsMay: true,
    what: "clocks, timers and randomness come from base/environment.ts",
  },
  {
    rule: "outside",
    pattern: /\bDeno\s*\.|\bnew\s+WebSocket\b/g,
    except: [
      "storage/object_store",
      "base/environment.ts",
      "cli",
      "server",
      ...PROGRAMS,
    ],
    testsMay: true,
    what: "only storage/object_store touches the system",
  },
  {
    rule: "outside",
    pattern: FETCH,
    except: ["storage/object_store", "cli", "server", ...PROGRAMS],
    testsMay: true,
    what: "only storage/object_store touches the network",
  },
  {
    rule: "console",
    pattern: /\bconsole\s*\./g,
    except: ["cli", ...PROGRAMS],
    testsMay: false,
    what: "the library and its tests are silent",
  },
  {
    rule: "language",
    pattern: /\bexport\s+default\b/g,
    except: [],
    testsMay: false,
    what: "no default exports",
  },
  {
    rule: "language",
    pattern: /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w/gm,
    except: [],
    testsMay: false,
    what: "a union of literals instead of an enum",
  },
  {
    rule: "language",
    pattern: /\bDeno\.test\.(?:only|ignore)\b|\b(?:ignore|only)\s*:\s*true\b/g,
    except: [],
    testsMay: false,
    what: "a skipped test proves nothing",
  },
];

/** Modules that reach the outside, or the clock, whatever is called. */
const OUTSIDE_MODULE =
  /^(?:node:)?(?:fs|fs\/promises|net|tls|http|https|http2|dgram|dns|child_process|worker_threads|cluster)$|^@aws-sdk\//;
const CLOCK_MODULE = /^(?:node:)?(?:timers|timers\/promises|perf_hooks)$/;

/** Checks one file against the bans. */
export function checkCalls(file: SourceFile): Violation[] {
  const violations: Violation[] = [];
  for (const ban of BANS) {
    if (ban.testsMay && isTest(file.path)) continue;
    if (ban.except.some((place) => isIn(file.path, place))) continue;
    if (ban.pattern === FETCH && OWN_FETCH.test(file.code)) continue;
    for (const match of file.code.matchAll(ban.pattern)) {
      const offset = match.index + match[0].length -
        match[0].trimStart().length;
      violations.push({
        rule: ban.rule,
        where: `${file.path}:${lineOf(file.text, offset)}`,
        what: `${match[0].trim()}: ${ban.what}`,
      });
    }
  }
  return [...violations, ...checkModules(file)];
}

function checkModules(file: SourceFile): Violation[] {
  if (isTest(file.path)) return [];
  if (PROGRAMS.some((place) => isIn(file.path, place))) return [];
  return file.references.flatMap(({ specifier, line }) => {
    const where = `${file.path}:${line}`;
    if (CLOCK_MODULE.test(specifier) && file.path !== "base/environment.ts") {
      return [{ rule: "clock", where, what: `imports "${specifier}"` }];
    }
    const mayGoOut = [
      "storage/object_store",
      "testing/s3_server",
      "cli",
      "server",
    ]
      .some((place) => isIn(file.path, place));
    if (OUTSIDE_MODULE.test(specifier) && !mayGoOut) {
      return [{ rule: "outside", where, what: `imports "${specifier}"` }];
    }
    return [];
  });
}
