/** The lobby: connected, in sight of the interviewer, until the door opens. */

import { Camera, keptFor, mountCamera } from '../../camera';
import { Wire } from '../../wire/wire';
import { call, said, Session } from '../api';
import { calibrated } from '../calibrated';
import { h } from '../dom';
import { Line, Live } from '../live';
import { spoken } from '../time';
import { Person } from '../../wire/messages';
import { CAMERA, has, hasCamera, step, Way } from './way';

const AGAIN = 3000; // milliseconds until arriving is tried again

const LINES: Record<Line, string> = {
  opening: 'Connecting …',
  open: 'You are connected. The door opens from the other side.',
  lost: 'The connection is lost; trying again. Nothing gets lost.',
  ended: 'This page has ended.'
};
const ENDED: Record<string, string> = {
  moved: 'Your session was opened on another device. To go on here, open your invitation link again in this browser.'
};
const SIGNED_OUT = 'You are signed out here. To come back, open your invitation link again.';

export function lobby(way: Way, without: string): void {
  const { page } = way;
  const state = h('p', { role: 'status', class: 'lead waiting' }, LINES.opening);
  const here = h('p', { role: 'status' });
  const check = h('div');
  step(
    'Lobby',
    'Lobby',
    state,
    here,
    h(
      'p',
      null,
      `When the door opens, the room opens here by itself, and the clock of ${spoken(page.session.clock.duration)} starts. You can leave this page open and do something else until then.`
    ),
    without &&
      h(
        'p',
        { class: 'note', 'data-tone': 'wait' },
        'You go on without what the camera check asked for. The interviewer sees that, and why.'
      ),
    check,
    page.session.policy.signals.fullscreen !== 'off' &&
      h('p', null, 'The room asks for fullscreen: it has a button for that.'),
    h('p', { class: 'soft' }, `Does it take longer than you expected? Ask ${page.contact}.`)
  );
  const line = (now: Line, why: string): void => {
    state.dataset.line = now;
    state.textContent = now === 'ended' ? (ENDED[why] ?? SIGNED_OUT) : LINES[now];
  };
  const wait = (session: Session): void => {
    let camera: Camera | null = null;
    const live: Live = new Live(page, session, {
      line,
      wired: wire => (camera = hasCamera(session) ? watch(check, way, wire, on => (live.camera = on)) : null),
      people: all => (here.textContent = inSight(all)),
      session: after => {
        if (after.state !== 'lobby') {
          camera?.dispose();
          live.dispose();
          way.follow(after);
        }
      }
    });
  };
  const arrive = async (): Promise<void> => {
    try {
      const body = without ? { reason: without } : {};
      const session = await call<Session>(page.prefix, 'POST', `sessions/${page.session.id}/arrive`, body);
      if (session.state === 'lobby') {
        wait(session);
      } else {
        way.follow(session);
      }
    } catch (error) {
      line('lost', '');
      state.textContent = `${said(error)} Trying again …`;
      setTimeout(() => void arrive(), AGAIN);
    }
  };
  void arrive();
}

/** The camera check goes on while they wait, folded away: what it notices here is noted, and nobody is warned of it. */
function watch(host: HTMLElement, { page }: Way, wire: Wire, on: (camera: boolean) => void): Camera {
  const camera = mountCamera(host, {
    base: `${page.static}camera/`,
    signals: CAMERA.filter(one => has(page.session, one)),
    clock: wire.clock,
    kept: keptFor(page.session.id),
    calibrated: calibrated(page.prefix, page.session.id),
    dots: true,
    folded: true,
    observed: observation => wire.observe(observation),
    changed: state => on(state.standing === 'on')
  });
  window.addEventListener('pagehide', () => camera.dispose(), { once: true });
  return camera;
}

function inSight(all: Person[]): string {
  const names = all.filter(one => one.seat !== 'candidate').map(one => one.display_name || one.name);
  return names.length > 0 ? `Here already: ${names.join(', ')}.` : 'Nobody else is here yet.';
}
