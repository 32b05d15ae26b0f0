/** A detector with its memory: readings in, observations out, each with an id that it keeps until it has ended. */

import { Kind, Meter, Observation } from '../wire/messages';
import { finish, Look, step, Stretch, Watch, watchNothing } from './detector';
import { Rule } from './rule';

export class Observer {
  constructor(
    public rules: Rule[],
    private readonly report: (observation: Observation) => void
  ) {}

  look(look: Look): void {
    const [watch, stretches] = step(this.rules, this.watch, look);
    this.watch = watch;
    stretches.forEach(one => this.tell(one));
  }

  /** Other rules from now on, at another pace: what is no longer judged ends, the rest goes on. */
  follow(rules: Rule[], t: number): void {
    const judged = new Set(rules.map(rule => rule.kind));
    const given = this.rules.filter(rule => !judged.has(rule.kind));
    finish(given, this.watch, t).forEach(one => this.tell(one));
    const phases = Object.entries(this.watch.phases).filter(([kind]) => judged.has(kind as Kind));
    this.watch = { ...this.watch, phases: Object.fromEntries(phases) };
    this.rules = rules;
  }

  /** Ends what lasts, since nobody looks any more. */
  stop(t: number): void {
    finish(this.rules, this.watch, t).forEach(one => this.tell(one));
    this.watch = watchNothing();
  }

  private tell(stretch: Stretch): void {
    const id = this.ids.get(stretch.kind) ?? freshId();
    if (stretch.end === null) {
      this.ids.set(stretch.kind, id);
    } else {
      this.ids.delete(stretch.kind);
    }
    this.report({ id, ...stretch, by: this.meter(stretch) });
  }

  private meter({ kind, signal }: Stretch): Meter {
    const source = this.rules.find(rule => rule.kind === kind)?.source;
    return source === 'page' ? 'browser' : signal === 'camera' ? 'picture' : 'face_reader';
  }

  private watch: Watch = watchNothing();
  private readonly ids = new Map<string, string>();
}

export function freshId(): string {
  return [...crypto.getRandomValues(new Uint8Array(6))].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
