/** What may not be overlooked, at the edge of the window: who sees this person now, who asks to, who waits in the call. */

import { h, replace } from '../pages/dom';
import { Call } from './call';
import { asks, list, seenBy } from './words';

const button = (words: string, onclick: () => void, main = false): HTMLElement =>
  h('button', { type: 'button', class: main ? 'gr-call-button gr-call-main' : 'gr-call-button', onclick }, words);

export class Bar {
  readonly node = h('section', { class: 'gr-call-bar', 'aria-label': 'Who sees you', hidden: true });

  constructor(private readonly call: Call) {
    this.node.append(this.seen, this.asked, this.invited);
    document.body.append(this.node);
  }

  draw(): void {
    const lines = { seen: this.seenNow(), asked: this.askedNow(), invited: this.invitedNow() };
    for (const [name, { key, make }] of Object.entries(lines)) {
      if (this.drawn.get(name) !== key) {
        this.drawn.set(name, key); // a screen reader would read it all again, and a button would lose the keyboard
        replace(this[name as keyof typeof lines], key === '' ? null : make());
      }
    }
    this.node.hidden = Object.values(lines).every(one => one.key === '');
  }

  dispose(): void {
    this.node.remove();
  }

  private seenNow(): Line {
    const { call } = this;
    const infos = [...call.peers.values()].map(one => one.info);
    const sent = {
      camera: call.own.camera !== null && (call.showing?.camera ?? false),
      microphone: call.showing?.microphone ?? false,
      screen: call.showing?.screen ?? false
    };
    const words = seenBy(infos, sent);
    const looks = infos.some(one => one.bond === 'looks');
    const stop = (): void => {
      call.looks.filter(one => one.begun).forEach(one => call.end(one.id));
      call.allow(false);
    };
    return {
      key: JSON.stringify(words.length > 0 ? [words, looks] : '').replace('""', ''),
      make: () => [
        h(
          'p',
          { class: 'gr-call-seen' },
          h('span', { class: 'gr-call-light', 'aria-hidden': 'true' }),
          words.join(' ')
        ),
        looks && button('Stop the look', stop)
      ]
    };
  }

  private askedNow(): Line {
    const waiting = this.call.candidate ? this.call.looks.filter(one => !one.begun) : [];
    const answer =
      (allowed: boolean, always = false) =>
      (): void => {
        this.call.allow(always);
        waiting.forEach(one => this.call.answer(one.id, allowed));
      };
    return {
      key: waiting.map(one => one.id).join(),
      make: () => [
        ...waiting.map(one => h('p', null, asks(one))),
        h(
          'div',
          { class: 'gr-call-row' },
          button('Allow this once', answer(true), true),
          button('Allow for this session', answer(true, true)),
          button('Not now', answer(false))
        )
      ]
    };
  }

  private invitedNow(): Line {
    const { members, showing, welcome } = this.call;
    const others = members.filter(one => one.name !== this.call.options.me).map(one => one.display_name);
    const key = others.join();
    if (showing !== null) {
      this.later = key; // whoever leaves knows that the others are there
    }
    const open = showing === null && others.length > 0 && this.later !== key && (welcome?.why_not ?? null) === null;
    const join = (camera: boolean) => (): void =>
      void this.call.join({ camera, microphone: true, screen: false, pictures: true });
    const later = (): void => {
      this.later = key;
      this.draw();
    };
    return {
      key: open ? key : '',
      make: () => [
        h('p', null, `${list(others)} ${others.length === 1 ? 'is' : 'are'} in the call.`),
        h(
          'div',
          { class: 'gr-call-row' },
          button('Join with camera', join(true), true),
          button('Join with sound only', join(false)),
          button('Not now', later)
        )
      ]
    };
  }

  private later = '';
  private readonly drawn = new Map<string, string>();
  private readonly seen = h('div', { role: 'status', class: 'gr-call-line' });
  private readonly asked = h('div', { role: 'alert', class: 'gr-call-line' });
  private readonly invited = h('div', { role: 'status', class: 'gr-call-line' });
}

interface Line {
  /** What is shown, in short; empty for nothing. */
  key: string;
  make: () => (HTMLElement | false)[];
}
