/** The device check: what this computer can do, and the camera check where the policy has one. It never keeps anybody out for ever. */

import { Camera, CameraState, keptFor, mountCamera, sentence } from '../../camera';
import { call } from '../api';
import { h, replace } from '../dom';
import { Note } from '../frame';
import { Check, browserChecks, delay } from './checks';
import { CAMERA, has, hasCamera, step, Way } from './way';

export function device(way: Way): void {
  const { page } = way;
  const list = h('ul', { class: 'checks' }, line({ good: null, text: 'Looking at your browser and connection …' }));
  const camera = hasCamera(page.session) ? new CameraCheck(way) : null;
  const plain = h('button', { type: 'button', onclick: () => way.lobby('') }, 'Go to the lobby');
  step(
    'Your device',
    'Your device',
    h('p', null, 'A quick look at whether everything works. Nothing of this page is recorded.'),
    list,
    camera ? camera.node : h('div', { class: 'row' }, plain)
  );
  camera?.start();
  const ask = (): Promise<unknown> => call(page.prefix, 'GET', `sessions/${page.session.id}`);
  void delay(ask).then(connection => replace(list, [...browserChecks(window), connection].map(line)));
}

function line({ good, text }: Check): HTMLElement {
  const [sign, word] = good === null ? ['…', ''] : good ? ['✓', 'Good: '] : ['!', 'Look here: '];
  return h(
    'li',
    { 'data-good': String(good) },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
    h('span', null, h('span', { class: 'unseen' }, word), text)
  );
}

/** The camera, its calibration, and a way on for whoever has none. */
class CameraCheck {
  readonly node: HTMLElement;

  constructor(private readonly way: Way) {
    this.go = h('button', { type: 'button', onclick: () => this.leave('') }, 'Go to the lobby');
    this.dots = h('button', { type: 'button', onclick: () => void this.calibrate() }, 'Look at five dots');
    this.without = h('button', { type: 'button', class: 'quiet', onclick: () => this.leave(this.why()) });
    this.node = h(
      'section',
      { 'aria-labelledby': 'camera' },
      h('h2', { id: 'camera' }, 'Your camera'),
      this.host,
      this.hint,
      this.note.node,
      h('div', { class: 'row' }, this.dots, this.go, this.without)
    );
  }

  start(): void {
    this.camera = mountCamera(this.host, {
      base: `${this.way.page.static}camera/`,
      signals: CAMERA.filter(one => has(this.way.page.session, one)),
      kept: keptFor(this.way.page.session.id),
      changed: state => this.draw(state)
    });
    window.addEventListener('pagehide', () => this.camera?.dispose(), { once: true });
    this.draw(this.camera.state);
  }

  private draw(state: CameraState): void {
    const works = state.standing === 'on' && state.reader === 'ready' && state.features !== null;
    const todo = this.way.page.session.policy.calibration && !this.calibrated;
    const drawn = `${works} ${todo} ${this.tried}`;
    if (drawn === this.drawn) {
      return; // the state changes with every picture; buttons that are made anew lose the focus
    }
    this.drawn = drawn;
    this.dots.hidden = !works || !todo;
    this.go.hidden = !works || todo;
    this.without.hidden = works && !(todo && this.tried);
    this.without.textContent = works ? 'Go on without the dots' : 'Go on without the camera';
    this.hint.textContent = hint(works, todo);
  }

  private async calibrate(): Promise<void> {
    const outcome = (await this.note.during(this.dots, async () => this.camera?.calibrate())) ?? null;
    this.tried = true;
    if (outcome?.good) {
      this.calibrated = true;
      this.note.say('That worked: your face is read well where you sit.');
    } else if (outcome) {
      this.note.problem(new Error(outcome.why));
    } else {
      this.note.say('Stopped. You can begin again, or go on without.');
    }
    if (this.camera) {
      this.draw(this.camera.state);
    }
    (this.calibrated ? this.go : this.dots).focus();
  }

  /** What the interviewer reads about it. */
  private why(): string {
    const state = this.camera?.state;
    if (!state || (state.standing === 'on' && state.reader === 'ready')) {
      return 'without calibration';
    }
    return `without the camera check. ${sentence(state).text}`.slice(0, LONGEST);
  }

  private leave(without: string): void {
    this.camera?.dispose();
    this.camera = null;
    this.way.lobby(without);
  }

  private readonly host = h('div');
  private readonly hint = h('p', { role: 'status' });
  private readonly note = new Note();
  private readonly go: HTMLButtonElement;
  private readonly dots: HTMLButtonElement;
  private readonly without: HTMLButtonElement;
  private camera: Camera | null = null;
  private calibrated = false;
  private tried = false;
  private drawn = '';
}

const LONGEST = 400; // letters; the service takes 500

function hint(works: boolean, todo: boolean): string {
  if (!works) {
    return 'If it does not work, you can go on without it. The interviewer sees that the camera check does not run, and why; it says nothing about you.';
  }
  return todo
    ? 'One more thing: look at five dots, one after the other, for seven seconds. It shows whether your face is read well where you sit. Seven numbers of it go into your record once you are in the lobby; no picture does.'
    : 'The camera works. It stays on in the lobby and in the room, and you see there what it measures.';
}
