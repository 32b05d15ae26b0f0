/** A widget that brings its own module, as anywidget describes it: `export default { initialize, render }`. */

import { Content, FromFrame } from './messages';

type State = Record<string, unknown>;
type Listener = (...told: unknown[]) => void;
type Hook = (given: object) => unknown;

interface Widget {
  initialize?: Hook;
  render?: Hook;
}

/** The model as a widget's module sees it. */
export class AnyModel {
  constructor(
    private state: State,
    private readonly tell: (message: FromFrame) => void
  ) {}

  get(name: string): unknown {
    return this.state[name];
  }

  set(name: string | State, value?: unknown): void {
    const changes = typeof name === 'string' ? { [name]: value } : name;
    this.waiting = { ...this.waiting, ...changes };
    this.take(changes);
  }

  save_changes(): void {
    const state = this.waiting;
    this.waiting = {};
    this.tell({ type: 'save', state });
  }

  on(events: string, listener: Listener): void {
    for (const event of events.split(/\s+/)) {
      this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    }
  }

  off(events?: string | null, listener?: Listener): void {
    for (const event of events ? events.split(/\s+/) : [...this.listeners.keys()]) {
      const kept = (this.listeners.get(event) ?? []).filter(one => listener !== undefined && one !== listener);
      this.listeners.set(event, kept);
    }
  }

  send(content: unknown, _callbacks?: unknown, buffers: unknown[] = []): void {
    this.tell({ type: 'send', content, buffers });
  }

  /** The kernel, or the widget itself, changed something. */
  take(changes: State): void {
    const changed = Object.keys(changes).filter(name => this.state[name] !== changes[name]);
    this.state = { ...this.state, ...changes };
    for (const name of changed) {
      this.emit(`change:${name}`, this, changes[name]);
    }
    if (changed.length > 0) {
      this.emit('change', this);
    }
  }

  /** The kernel sent a message of its own. */
  say(content: unknown, buffers: unknown[]): void {
    this.emit('msg:custom', content, buffers);
  }

  private emit(event: string, ...told: unknown[]): void {
    this.listeners.get(event)?.forEach(listener => listener(...told));
  }

  private waiting: State = {};
  private readonly listeners = new Map<string, Listener[]>();
}

export async function runWidget(
  { esm, css }: Content & { kind: 'anywidget' },
  model: AnyModel,
  el: HTMLElement
): Promise<void> {
  const style = document.createElement('style');
  style.textContent = css;
  document.head.append(style);
  if (/^https?:/.test(esm)) {
    throw new Error(`its program is at ${esm}, and outputs here have no network`);
  }
  const address = URL.createObjectURL(new Blob([esm], { type: 'text/javascript' }));
  const module = (await import(address)) as { default?: Widget | (() => Promise<Widget>) } & Widget;
  const made = module.default ?? module;
  const widget = typeof made === 'function' ? await made() : made;
  const { signal } = new AbortController();
  await widget.initialize?.({ model, signal });
  await widget.render?.({ model, el, signal });
}
