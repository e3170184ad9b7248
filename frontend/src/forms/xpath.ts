// Reads XPath 1.0 expressions into the tree that the XForms engine evaluates.
//
// The engine comes with a parser in WebAssembly, which a page may only run when its content security policy allows code
// to be compiled. Ours does not, so the build puts this parser in its place (forms-build.ts); a test compares both.

/** A piece of an expression: its kind, its own text, and the pieces it is made of. */
export interface SyntaxNode {
  readonly type: string;
  readonly text: string;
  readonly childCount: number;
  readonly children: readonly SyntaxNode[];
  child(index: number): SyntaxNode | null;
}

const NAME = /[\p{L}_][\p{L}\p{M}\p{N}\-._·]*/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)/y;
const STRING = /"[^"]*"|'[^']*'/y;
const SPACE = /\s*/y;
const WORD_ENDS = /[^\p{L}\p{M}_]|$/uy;
const NODE_TYPES = new Set(["comment", "text", "node", "processing-instruction"]);

/** Operators from the loosest to the tightest; all bind to the left. */
const LEVELS: readonly (readonly (readonly [written: string, type: string])[])[] = [
  [["or", "or_expr"]],
  [["and", "and_expr"]],
  [["!=", "ne_expr"], ["=", "eq_expr"]],
  [["<=", "lte_expr"], [">=", "gte_expr"], ["<", "lt_expr"], [">", "gt_expr"]],
  [["+", "addition_expr"], ["-", "subtraction_expr"]],
  [["*", "multiplication_expr"], ["div", "division_expr"], ["mod", "modulo_expr"]],
];

class Reader {
  private at = 0;
  /** Where the last piece ended, before the white space that follows it. */
  private end = 0;

  constructor(private readonly source: string) {}

  whole(): SyntaxNode {
    this.space();
    const start = this.at;
    const expression = this.expression();
    if (this.at < this.source.length) this.fail();
    this.end = this.source.length;
    return this.node("xpath", start, [expression]);
  }

  private fail(): never {
    throw new Error(`Expression has syntax error: ${this.source}`);
  }

  private node(type: string, start: number, children: readonly SyntaxNode[] = []): SyntaxNode {
    const text = this.source.slice(start, this.end);
    return { type, text, childCount: children.length, children, child: (index) => children[index] ?? null };
  }

  private space(): void {
    SPACE.lastIndex = this.at;
    this.at += SPACE.exec(this.source)?.[0].length ?? 0;
  }

  private ahead(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    return pattern.exec(this.source)?.[0] ?? "";
  }

  private take(text: string): void {
    this.at += text.length;
    this.end = this.at;
    this.space();
  }

  private sees(text: string): boolean {
    return this.source.startsWith(text, this.at);
  }

  private accepts(text: string): boolean {
    const seen = this.sees(text);
    if (seen) this.take(text);
    return seen;
  }

  private expects(text: string): void {
    if (!this.accepts(text)) this.fail();
  }

  /** An operator at this place; a word counts only where no letter follows it. */
  private operator(level: readonly (readonly [string, string])[]): readonly [string, string] | undefined {
    return level.find(([written]) => {
      if (!this.sees(written)) return false;
      if (!/\w/.test(written)) return true;
      WORD_ENDS.lastIndex = this.at + written.length;
      return WORD_ENDS.test(this.source);
    });
  }

  private expression(): SyntaxNode {
    const start = this.at;
    const inside = this.binary(0);
    return this.node("expr", start, [inside]);
  }

  private binary(depth: number): SyntaxNode {
    const level = LEVELS[depth];
    if (!level) return this.unary();
    const start = this.at;
    let left = this.binary(depth + 1);
    for (let found = this.operator(level); found; found = this.operator(level)) {
      this.take(found[0]);
      left = this.node(found[1], start, [left, this.binary(depth + 1)]);
    }
    return left;
  }

  private unary(): SyntaxNode {
    const start = this.at;
    if (!this.accepts("-")) return this.union();
    return this.node("unary_expr", start, [this.unary()]);
  }

  private union(): SyntaxNode {
    const start = this.at;
    let left = this.path();
    while (this.accepts("|")) left = this.node("union_expr", start, [left, this.path()]);
    return left;
  }

  private path(): SyntaxNode {
    const start = this.at;
    if (this.sees("/")) return this.absolutePath(start);
    if (this.startsPrimary()) return this.filterPath(start);
    const steps = [this.step(), ...this.furtherSteps()];
    return this.node("relative_location_path", start, steps);
  }

  private absolutePath(start: number): SyntaxNode {
    if (this.sees("//")) {
      const inside = [this.token("//", "//"), this.step(), ...this.furtherSteps()];
      return this.node("absolute_location_path", start, [this.node("abbreviated_absolute_location_path", start, inside)]);
    }
    const parts = [this.token("/", "absolute_root_location_path")];
    if (this.startsStep()) parts.push(this.step(), ...this.furtherSteps());
    return this.node("absolute_location_path", start, parts);
  }

  private filterPath(start: number): SyntaxNode {
    const filter = [this.primary(), ...this.predicates()];
    const parts = [this.node("filter_expr", start, filter), ...this.furtherSteps()];
    return this.node("filter_path_expr", start, parts);
  }

  private furtherSteps(): SyntaxNode[] {
    const steps: SyntaxNode[] = [];
    while (this.sees("/")) {
      if (this.sees("//")) steps.push(this.token("//", "//"));
      else this.take("/");
      steps.push(this.step());
    }
    return steps;
  }

  private token(text: string, type: string): SyntaxNode {
    const start = this.at;
    this.take(text);
    return this.node(type, start);
  }

  private startsStep(): boolean {
    return /[.@*]/.test(this.source[this.at] ?? "") || this.ahead(NAME) !== "";
  }

  /** A number, a text in quotes, an expression in brackets, or the call of a function. */
  private startsPrimary(): boolean {
    if (this.sees("(") || this.ahead(STRING) || this.ahead(NUMBER)) return true;
    const first = this.ahead(NAME);
    if (!first || NODE_TYPES.has(first)) return false;
    return /^[\p{L}_][\p{L}\p{M}\p{N}\-._·]*(?::[\p{L}_][\p{L}\p{M}\p{N}\-._·]*)?\s*\(/u.test(this.source.slice(this.at));
  }

  private primary(): SyntaxNode {
    if (this.accepts("(")) {
      const inside = this.expression();
      this.expects(")");
      return inside;
    }
    const quoted = this.ahead(STRING);
    if (quoted) return this.token(quoted, "string_literal");
    const number = this.ahead(NUMBER);
    if (number) return this.token(number, "number");
    return this.call();
  }

  private call(): SyntaxNode {
    const start = this.at;
    const name = this.name();
    const parts = [this.node("function_name", start, [name])];
    this.expects("(");
    while (!this.accepts(")")) {
      if (parts.length > 1) this.expects(",");
      const argument = this.at;
      parts.push(this.node("argument", argument, [this.expression()]));
    }
    return this.node("function_call", start, parts);
  }

  private predicates(): SyntaxNode[] {
    const found: SyntaxNode[] = [];
    while (this.sees("[")) {
      const start = this.at;
      this.take("[");
      const inside = this.expression();
      this.expects("]");
      found.push(this.node("predicate", start, [inside]));
    }
    return found;
  }

  private step(): SyntaxNode {
    const start = this.at;
    const test = this.stepTest();
    return this.node("step", start, [test, ...this.predicates()]);
  }

  private stepTest(): SyntaxNode {
    const start = this.at;
    for (const [written, type] of [["..", "parent"], [".", "self"]] as const) {
      if (this.sees(written)) return this.node("abbreviated_step", start, [this.token(written, type)]);
    }
    if (this.accepts("@")) return this.node("abbreviated_axis_test", start, [this.nodeTest()]);
    const axis = this.ahead(/[a-z-]+(?=\s*::)/y);
    if (axis) {
      const name = this.token(axis, "axis_name");
      this.expects("::");
      return this.node("axis_test", start, [name, this.nodeTest()]);
    }
    return this.node("node_test", start, [this.nodeTest()]);
  }

  private nodeTest(): SyntaxNode {
    if (this.sees("*")) return this.token("*", "unprefixed_wildcard_name_test");
    const start = this.at;
    const type = this.ahead(/[a-z-]+(?=\s*\()/y);
    if (type) {
      if (!NODE_TYPES.has(type)) this.fail();
      return this.nodeTypeTest(start, type);
    }
    return this.name();
  }

  private nodeTypeTest(start: number, type: string): SyntaxNode {
    this.take(type);
    this.expects("(");
    const target = type === "processing-instruction" ? this.ahead(STRING) : "";
    const inside = target ? [this.token(target, "string_literal")] : [];
    this.expects(")");
    return this.node(target ? "processing_instruction_name_test" : "node_type_test", start, inside);
  }

  /** ``a``, ``p:a`` or ``p:*``. */
  private name(): SyntaxNode {
    const start = this.at;
    const first = this.ahead(NAME);
    if (!first) this.fail();
    const colon = start + first.length;
    const second = this.source[colon] === ":" && this.source[colon + 1] !== ":" ? this.nameAt(colon + 1) : "";
    if (!second) return this.token(first, "unprefixed_name");
    this.at = this.end = colon;
    const prefix = this.node("prefix", start);
    this.at = colon + 1;
    if (second === "*") {
      this.take("*");
      return this.node("prefixed_wildcard_name_test", start, [prefix]);
    }
    return this.node("prefixed_name", start, [prefix, this.token(second, "local_part")]);
  }

  private nameAt(place: number): string {
    if (this.source[place] === "*") return "*";
    NAME.lastIndex = place;
    return NAME.exec(this.source)?.[0] ?? "";
  }
}

/** Raises ``Error`` for what is no expression of XPath 1.0. */
export function readExpression(expression: string): SyntaxNode {
  return new Reader(expression).whole();
}

const kept = new Map<string, { readonly rootNode: SyntaxNode }>();

/** What the engine asks: one ``parse``, which remembers. */
export const expressionParser = {
  parse(expression: string): { readonly rootNode: SyntaxNode } {
    const known = kept.get(expression);
    if (known) return known;
    const tree = { rootNode: readExpression(expression) };
    kept.set(expression, tree);
    return tree;
  },
};
