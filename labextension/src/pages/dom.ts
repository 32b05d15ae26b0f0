/** Elements without a framework: `h('button', { type: 'button', onclick }, 'Save')`. Text is always text, never HTML. */

export type Child = Node | string | number | null | undefined | false | Child[];
type Value = string | number | boolean | null | undefined | ((event: never) => unknown);

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes?: Record<string, Value> | null,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') {
      made.addEventListener(name.replace(/^on/, ''), value as unknown as EventListener);
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? '' : String(value));
    }
  }
  append(made, children);
  return made;
}

export function append(host: Element, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) {
      append(host, child);
    } else if (child !== null && child !== undefined && child !== false) {
      host.append(child instanceof Node ? child : String(child));
    }
  }
}

export function replace(host: Element, ...children: Child[]): void {
  host.replaceChildren();
  append(host, children);
}

/** Puts new content on the page. */
export function show(...children: Child[]): void {
  const page = document.getElementById('page');
  if (page) {
    replace(page, ...children);
  }
}

/** What the service wrote into the page for this script. */
export function props<T>(): T {
  return JSON.parse(document.body.dataset.props ?? '{}') as T;
}
