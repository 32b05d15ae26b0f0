/** Which microphone, camera and loudspeaker: a list each, where there is a choice. */

import { h, replace } from '../pages/dom';
import { Call } from './call';
import { Device, DEVICES } from './own';

const NAMES: Record<Device, string> = { audioinput: 'Microphone', videoinput: 'Camera', audiooutput: 'Loudspeaker' };

export class Devices {
  readonly node = h('details', { class: 'gr-call-devices' }, h('summary', null, 'Devices'));
  speaker = '';

  constructor(
    private readonly call: Call,
    private readonly changed: () => void
  ) {
    for (const kind of DEVICES) {
      const select = h('select', { onchange: () => this.choose(kind) });
      this.selects.set(kind, select);
      this.node.append(h('label', null, `${NAMES[kind]} `, select));
    }
    this.node.addEventListener('toggle', () => void this.draw());
    navigator.mediaDevices?.addEventListener?.('devicechange', this.look);
  }

  async draw(): Promise<void> {
    for (const [kind, select] of this.selects) {
      const found = await this.call.own.devices(kind);
      const chosen = select.value || this.current(kind);
      replace(
        select,
        found.map(([id, name], place) => h('option', { value: id }, name || `${NAMES[kind]} ${place + 1}`))
      );
      select.value = found.some(([id]) => id === chosen) ? chosen : (found[0]?.[0] ?? '');
      (select.parentElement as HTMLElement).hidden = found.length === 0 || (kind === 'audiooutput' && !CHOOSES);
    }
  }

  dispose(): void {
    navigator.mediaDevices?.removeEventListener?.('devicechange', this.look);
  }

  private current(kind: Device): string {
    const { camera, microphone } = this.call.own;
    const track = kind === 'videoinput' ? camera : kind === 'audioinput' ? microphone : null;
    return track?.getSettings().deviceId ?? '';
  }

  private choose(kind: Device): void {
    const device = this.selects.get(kind)?.value ?? '';
    if (kind === 'audioinput') {
      void this.call.chooseMicrophone(device);
    } else if (kind === 'videoinput') {
      this.call.own.chooseCamera(device);
    } else {
      this.speaker = device;
      this.changed();
    }
  }

  private readonly look = (): void => void this.draw();
  private readonly selects = new Map<Device, HTMLSelectElement>();
}

/** Firefox and Safari choose the loudspeaker themselves. */
const CHOOSES = 'setSinkId' in HTMLMediaElement.prototype;
