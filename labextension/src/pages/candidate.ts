/** The candidate's way: what is recorded, the device, the lobby, the room, handed in. The session's state says where they are. */

import { NEVER, OVER, Session } from './api';
import { device } from './candidate/device';
import { lobby } from './candidate/lobby';
import { over } from './candidate/over';
import { Page, step, Way } from './candidate/way';
import { welcome } from './candidate/welcome';
import { h, props } from './dom';
import { frame } from './frame';

const page = props<Page>();
const way: Way = {
  page,
  welcome: () => welcome(way),
  device: () => device(way),
  lobby: without => lobby(way, without),
  follow
};

/** The room is on its way: being told of the open door again must not begin anew. */
let entering = false;
window.addEventListener('pageshow', () => (entering = false));

function follow(session: Session): void {
  if (session.state === 'live' || session.state === 'paused') {
    if (!entering) {
      entering = true;
      location.assign(`${page.prefix}room/${session.id}/lab`);
    }
  } else if (OVER.has(session.state)) {
    over(page, session);
  } else if (NEVER.has(session.state)) {
    off(session);
  } else if (session.state === 'lobby') {
    way.lobby('');
  } else if (page.consent?.accepted && page.consent.wording === page.wording) {
    way.device();
  } else {
    way.welcome();
  }
}

function off(session: Session): void {
  step(
    null,
    'This session does not take place',
    h(
      'p',
      { class: 'lead' },
      session.state === 'cancelled' ? 'It was cancelled.' : 'It was noted that you did not come.'
    ),
    h('p', null, 'If that surprises you, or you want another date, ask ', h('strong', null, page.contact), '.')
  );
}

frame(page);
follow(page.session);
