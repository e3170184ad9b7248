// Dividing a form into pages that a small phone can show: a group is a page, so is a repeat, so are the questions between them.
import { looks, type AnyNode, type RootNode } from "./engine";

export interface Page {
  /** The first node, which names the page while others come and go. */
  readonly id: string;
  readonly nodes: readonly AnyNode[];
  /** The groups around the page, from the outside in: their labels are its headings. */
  readonly groups: readonly AnyNode[];
}

const CONTROLS = new Set(["note", "select", "input", "trigger", "range", "rank", "upload"]);

export function childrenOf(node: AnyNode): readonly AnyNode[] {
  return (node.currentState.children ?? []) as readonly AnyNode[];
}

export function isRepeat(node: AnyNode): boolean {
  return node.nodeType === "repeat-range:controlled" || node.nodeType === "repeat-range:uncontrolled";
}

/** Whether a person can see and fill it now. A repeat without an instance is seen: that is where the first one is added. */
export function isShown(node: AnyNode): boolean {
  if (!node.currentState.relevant) return false;
  if (CONTROLS.has(node.nodeType)) return true;
  if (node.nodeType === "repeat-range:uncontrolled") return true;
  return childrenOf(node).some(isShown);
}

/** A group whose parts are groups themselves is no page: its parts are. */
function isDivided(node: AnyNode): boolean {
  return node.nodeType === "group" && !looks(node, "field-list") && childrenOf(node).some((child) => child.nodeType === "group" || isRepeat(child));
}

function pagesIn(parent: AnyNode | RootNode, groups: readonly AnyNode[]): Page[] {
  const pages: Page[] = [];
  let loose: AnyNode[] = [];
  const close = (): void => {
    if (loose[0]) pages.push({ id: loose[0].nodeId, nodes: loose, groups });
    loose = [];
  };
  for (const node of childrenOf(parent)) {
    if (!isShown(node)) continue;
    if (isDivided(node)) {
      close();
      pages.push(...pagesIn(node, [...groups, node]));
    } else if (node.nodeType === "group") {
      close();
      pages.push({ id: node.nodeId, nodes: childrenOf(node), groups: [...groups, node] });
    } else if (isRepeat(node)) {
      close();
      pages.push({ id: node.nodeId, nodes: [node], groups });
    } else {
      loose.push(node);
    }
  }
  close();
  return pages;
}

/** The pages that can be seen now, in the order of the form. */
export function pagesOf(root: RootNode): Page[] {
  return pagesIn(root, []);
}

/** The page on which a node stands. */
export function pageOf(pages: readonly Page[], nodeId: string): number {
  const holds = (node: AnyNode): boolean => node.nodeId === nodeId || childrenOf(node).some(holds);
  return pages.findIndex((page) => page.nodes.some(holds));
}
