/** One other person in the call, or oneself: name, picture, screen, sound. Its elements stay, so that nothing starts anew. */

import { h } from '../pages/dom';
import { Line, Peer } from './peer';
import { standing } from './words';

export class Tile {
  readonly node = h('li', { class: 'gr-call-tile' });

  constructor(page: string) {
    this.node.dataset.page = page;
    for (const video of [this.screen, this.camera]) {
      video.muted = true; // sound comes by its own line
      video.autoplay = video.playsInline = video.hidden = true;
    }
    this.node.append(this.screen, this.camera, this.sound, this.name);
    this.screen.addEventListener('click', () => void this.screen.requestFullscreen?.());
  }

  /** `pictures`: whether this side wants to see any. */
  show(peer: Peer, pictures: boolean, speaker: string, blocked: () => void): void {
    const { info, way } = peer;
    const [camera, screen] = [pictures && info.showing.camera, pictures && info.showing.screen];
    const looking = info.bond === 'looks';
    this.node.dataset.bond = info.bond;
    this.node.dataset.way = way;
    this.node.hidden = looking; // whoever only looks sends nothing; the bar names them
    this.label(
      [info.display_name, info.showing.microphone || info.bond !== 'talk' ? '' : 'muted', standing(way)],
      screen
    );
    this.put('camera', this.camera, camera ? peer.streams.get('camera') : undefined);
    this.put('screen', this.screen, screen ? peer.streams.get('screen') : undefined);
    this.put('sound', this.sound, peer.streams.get('sound'));
    this.play(blocked);
    const sound = this.sound as HTMLAudioElement & { setSinkId?: (id: string) => Promise<void>; sinkId?: string };
    if (speaker && sound.sinkId !== speaker) {
      void sound.setSinkId?.(speaker).catch(() => undefined);
    }
  }

  /** Oneself, as in a mirror. */
  mirror(camera: MediaStreamTrack | null, words: string[]): void {
    this.node.dataset.bond = 'self';
    this.label(words, false);
    const same = this.camera.srcObject instanceof MediaStream && this.camera.srcObject.getTracks()[0] === camera;
    this.put('camera', this.camera, camera ? (same ? this.streams.camera : new MediaStream([camera])) : undefined);
    this.play(() => undefined);
  }

  /** An element that was moved in the page stands still until it is played again. */
  play(blocked: () => void): void {
    for (const one of [this.camera, this.screen, this.sound]) {
      if (one.srcObject !== null && one.paused) {
        one.play().catch((error: DOMException) => error.name === 'NotAllowedError' && blocked());
      }
    }
  }

  private label(words: string[], sharing: boolean): void {
    const text = words.filter(one => one !== '').join(', ');
    if (this.name.textContent !== text) {
      this.name.textContent = text;
      this.camera.setAttribute('aria-label', `Picture of ${words[0]}`);
      this.screen.setAttribute('aria-label', `Screen of ${words[0]}`);
    }
    this.node.dataset.sharing = String(sharing);
  }

  private put(line: Line, where: HTMLMediaElement, stream: MediaStream | undefined): void {
    if (this.streams[line] !== stream) {
      this.streams[line] = stream;
      where.srcObject = stream ?? null;
    }
    where.hidden = stream === undefined;
  }

  private readonly streams: Partial<Record<Line, MediaStream | undefined>> = {};
  private readonly camera = h('video', { class: 'gr-call-camera' });
  private readonly screen = h('video', { class: 'gr-call-screen', title: 'Click for the whole screen' });
  private readonly sound = h('audio', { autoplay: true });
  private readonly name = h('span', { class: 'gr-call-name' });
}
