/** The call in a page: before it the way in, in it the people and what can be switched. It floats, is docked, or only sounds. */

import { h } from '../pages/dom';
import { Bar } from './bar';
import { Call } from './call';
import { Devices } from './devices';
import { Shape } from './kept';
import { Tile } from './tile';
import { cameraTrouble, JOINING, noWay, who } from './words';

const CORNERS = 4;

type Press = () => unknown;

export class CallView {
  readonly node: HTMLElement;

  constructor(
    private readonly host: HTMLElement,
    private readonly call: Call
  ) {
    this.devices = new Devices(call, () => this.draw());
    this.node = h(
      'section',
      { class: 'gr-call', 'aria-label': 'Call' },
      this.who,
      this.start,
      this.tiles,
      this.controls,
      this.devices.node,
      this.why,
      this.blocked
    );
    this.start.append(
      h('p', { class: 'gr-call-soft' }, JOINING),
      h('div', { class: 'gr-call-row' }, this.joinCamera, this.joinSound, this.lookButton)
    );
    this.controls.append(
      ...[this.mute, this.camera, this.screen, this.sound, this.shape, this.corner, this.retry, this.leave]
    );
    host.append(this.elsewhere, this.node);
    this.bar = new Bar(call);
    this.stop = call.listen(() => this.draw());
    this.draw();
  }

  dispose(): void {
    this.stop();
    this.bar.dispose();
    this.devices.dispose();
    this.elsewhere.remove();
    this.node.remove();
  }

  private draw(): void {
    const { call } = this;
    const { showing, welcome } = call;
    this.say(this.who, who(call.members, call.options.me));
    this.node.dataset.standing = showing === null ? 'out' : 'in';
    this.start.hidden = showing !== null;
    this.joinCamera.disabled = this.joinSound.disabled = (welcome?.why_not ?? null) !== null;
    this.lookButton.hidden = call.candidate;
    this.lookButton.textContent = this.lookWords();
    this.controls.hidden = showing === null;
    this.devices.node.hidden = showing === null;
    this.drawControls();
    this.drawTiles();
    this.place();
    this.say(this.why, this.troubles());
    this.bar.draw();
  }

  private lookWords(): string {
    const mine = this.call.looks.find(one => one.id === this.call.look);
    return mine?.begun
      ? 'Stop looking'
      : this.call.look
        ? 'Asked … take it back'
        : 'Ask to look through the candidate’s camera';
  }

  private drawControls(): void {
    const now = this.call.showing;
    if (now === null) {
      return;
    }
    press(this.mute, now.microphone, 'Mute', 'Unmute');
    press(this.camera, now.camera, 'Camera off', 'Camera on');
    press(this.screen, now.screen, 'Stop sharing', 'Share screen');
    press(this.sound, !now.pictures, 'With pictures', 'Sound only');
    this.screen.hidden = !('getDisplayMedia' in (navigator.mediaDevices ?? {}));
    this.shape.textContent = this.kept.shape === 'floating' ? 'Dock' : 'Float';
    this.corner.hidden = this.kept.shape !== 'floating';
    this.retry.hidden = this.lost().length === 0;
  }

  private drawTiles(): void {
    const { call } = this;
    for (const [page, tile] of [...this.known]) {
      if (page !== SELF && !call.peers.has(page)) {
        this.known.delete(page);
        tile.node.remove();
      }
    }
    for (const [page, peer] of call.peers) {
      this.tile(page).show(
        peer,
        call.showing?.pictures ?? true,
        this.devices.speaker,
        () => (this.blocked.hidden = false)
      );
    }
    const self = this.tile(SELF);
    self.node.hidden = call.showing === null;
    self.mirror(call.showing?.camera ? call.own.camera : null, ['You', call.showing?.microphone ? '' : 'muted']);
    this.tiles.hidden = [...this.known.values()].every(one => one.node.hidden);
  }

  private tile(page: string): Tile {
    const found = this.known.get(page) ?? new Tile(page);
    if (!this.known.has(page)) {
      this.known.set(page, found);
      this.tiles.append(found.node);
    }
    return found;
  }

  /** Floating, it lies over the page, wherever its place in the page is folded away to. */
  private place(): void {
    const floats = this.call.showing !== null && this.kept.shape === 'floating';
    const home = floats ? document.body : this.host;
    this.elsewhere.hidden = !floats;
    this.node.dataset.shape = floats ? 'floating' : 'docked';
    this.node.dataset.corner = String(this.kept.corner);
    if (this.node.parentElement !== home) {
      const focused = document.activeElement;
      home.append(this.node);
      if (focused instanceof HTMLElement && this.node.contains(focused)) {
        focused.focus();
      }
      this.known.forEach(one => one.play(() => (this.blocked.hidden = false)));
    }
  }

  private troubles(): string {
    const { call } = this;
    const reason = call.welcome?.why_not;
    const camera = call.showing?.camera ? cameraTrouble(call.own.seen) : '';
    const lost = this.lost();
    const way = lost.length > 0 ? noWay(lost, (call.welcome?.relays.length ?? 0) > 0) : '';
    const out = call.showing === null && reason ? `You cannot join: ${reason}.` : '';
    return [call.trouble, out, camera, way].filter(one => one !== '').join(' ');
  }

  private lost(): string[] {
    return [...this.call.peers.values()].filter(one => one.way === 'lost').map(one => one.info.display_name);
  }

  private say(where: HTMLElement, words: string): void {
    if (where.textContent !== words) {
      where.textContent = words;
    }
  }

  private change(kept: { shape?: Shape; corner?: number }): void {
    this.call.kept.put(kept);
    this.draw();
  }

  private get kept(): { shape: Shape; corner: number } {
    return this.call.kept.get();
  }

  private join(camera: boolean): void {
    this.blocked.hidden = true;
    void this.call.join({ camera, microphone: true, screen: false, pictures: true });
  }

  private lookOrNot(): void {
    if (this.call.look === null) {
      this.call.ask();
    } else {
      this.call.end(this.call.look);
    }
  }

  private onlySound(): void {
    const pictures = this.call.showing?.pictures ?? true;
    void this.call.set(pictures ? { pictures: false, camera: false, screen: false } : { pictures: true });
  }

  private hearAll(): void {
    this.blocked.hidden = true;
    this.known.forEach(one => one.play(() => (this.blocked.hidden = false)));
  }

  private readonly known = new Map<string, Tile>();
  private readonly bar: Bar;
  private readonly stop: () => void;
  private readonly devices: Devices;
  private readonly elsewhere = h('p', null, 'The call lies over the page. “Dock” brings it here.');
  private readonly who = h('p', { role: 'status', class: 'gr-call-who' });
  private readonly start = h('div', { class: 'gr-call-start' });
  private readonly tiles = h('ul', { class: 'gr-call-tiles', 'aria-label': 'People in the call' });
  private readonly controls = h('div', { class: 'gr-call-row', role: 'group', 'aria-label': 'What you send' });
  private readonly why = h('p', { role: 'alert', class: 'gr-call-why' });
  private readonly joinCamera = button('Join with camera', () => this.join(true), 'gr-call-main');
  private readonly joinSound = button('Join with sound only', () => this.join(false));
  private readonly lookButton = button('', () => this.lookOrNot());
  private readonly mute = button('', () => this.call.set({ microphone: !this.call.showing?.microphone }));
  private readonly camera = button('', () => this.call.set({ camera: !this.call.showing?.camera, pictures: true }));
  private readonly screen = button('', () =>
    this.call.showing?.screen ? this.call.set({ screen: false }) : this.call.share()
  );
  private readonly sound = button('', () => this.onlySound());
  private readonly shape = button('', () =>
    this.change({ shape: this.kept.shape === 'floating' ? 'docked' : 'floating' })
  );
  private readonly corner = button('Move', () => this.change({ corner: (this.kept.corner + 1) % CORNERS }));
  private readonly retry = button('Try again', () => this.call.again());
  private readonly leave = button('Leave', () => this.call.leave(), 'gr-call-leave');
  private readonly blocked = button('Hear the others', () => this.hearAll(), 'gr-call-main', true);
}

const SELF = 'self';

function button(words: string, onclick: Press, look = '', hidden = false): HTMLButtonElement {
  return h('button', { type: 'button', class: `gr-call-button ${look}`.trim(), onclick, hidden }, words);
}

/** The words say what a press does; `aria-pressed` would say it twice. */
function press(one: HTMLElement, on: boolean, off: string, onWords: string): void {
  const words = on ? off : onWords;
  if (one.textContent !== words) {
    one.textContent = words;
  }
  one.dataset.on = String(on);
}
