/** The panel beside the notebook: for the candidate the camera check and what they were told; for staff who is here and what rules picked up. */

import { ILabShell, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { LabIcon } from '@jupyterlab/ui-components';
import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { keptFor, mountCamera } from '../camera';
import { calibrated } from '../pages/calibrated';
import { Child, h, replace } from '../pages/dom';
import { Elsewhere } from '../pages/elsewhere';
import { Noted } from '../pages/noted';
import { standingInWords } from '../pages/standing';
import { second, spoken } from '../pages/time';
import { SEATS } from '../pages/words';
import { Incident, Seat } from '../wire/messages';
import { reports, room } from './config';
import { Line, pulse } from './line';
import { ILine } from './tokens';

const WIDE = 900; // pixels; below it the panel would cover the notebook

const PREFIX = room.paths.api.replace(/api\/v1\/.*$/, '');

const icon = new LabIcon({
  name: 'greenroom:session',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161" d="M6 3h9a1 1 0 0 1 1 1v1h2a1 1 0 0 1 1 1v15H5V4a1 1 0 0 1 1-1zm1 2v14h7V5zm9 2v12h1V7zm-4 5h1.5v2H12z"/></svg>'
});

const LEVELS: Record<Incident['level'], string> = {
  noted: 'Noted',
  warning: 'Candidate was told',
  flag: 'For a person to look at'
};

class SessionPanel extends Widget {
  constructor(private readonly line: Line) {
    super({ node: h('section', { 'aria-label': 'Session' }) });
    this.id = 'greenroom-session';
    this.addClass('gr-panel');
    this.title.icon = icon;
    this.title.caption = 'Session';
    const candidate = room.seat === 'candidate';
    this.node.append(
      h('h2', null, 'Who is here'),
      this.people,
      this.standing,
      this.elsewhere.node,
      this.camera,
      h('h2', null, candidate ? 'What was noted about you' : 'Timeline'),
      candidate ? this.noted.node : this.incidents
    );
    if (candidate) {
      this.node.append(recorded());
    }
    line.changed.connect(() => this.update());
    this.mount();
    this.update();
  }

  protected onUpdateRequest(message: Message): void {
    super.onUpdateRequest(message);
    replace(
      this.people,
      this.line.people.map(one => h('li', null, one.display_name || one.name, h('small', null, SHORT[one.seat]))),
      this.line.people.length === 0 && h('li', null, this.line.connected ? 'Nobody' : 'Not connected')
    );
    this.standing.textContent = this.line.candidate ? standingInWords(this.line.candidate, this.line.offset) : '';
    this.elsewhere.live(this.line.state === 'live' || this.line.state === 'paused');
    this.elsewhere.show(this.line.elsewhere, this.line.offset);
    if (room.seat === 'candidate') {
      this.noted.show(this.line.incidents.values());
      return;
    }
    const told = [...this.line.incidents.values()].sort((one, other) => other.at - one.at);
    replace(this.incidents, told.map(entry), told.length === 0 && h('li', { class: 'gr-soft' }, 'Nothing so far.'));
  }

  private mount(): void {
    const signals = ['face', 'gaze', 'camera'].filter(reports);
    if (signals.length === 0) {
      return;
    }
    replace(this.camera, h('h2', null, 'Camera'));
    mountCamera(this.camera, {
      base: room.paths.camera,
      signals,
      clock: this.line.time,
      kept: keptFor(room.session),
      calibrated: calibrated(PREFIX, room.session),
      dots: true,
      observed: observation => this.line.observe(observation),
      changed: state => (pulse.camera = state.standing === 'on')
    });
  }

  private readonly noted = new Noted(PREFIX, room.session);
  private readonly elsewhere = new Elsewhere(
    PREFIX,
    room.session,
    room.seat === 'candidate' ? 'candidate' : 'staff',
    room.seat === 'interviewer',
    'gr-button'
  );
  private readonly standing = h('p', { class: 'gr-soft', role: 'status' });
  private readonly people = h('ul', { class: 'gr-people' });
  private readonly camera = h('div');
  private readonly incidents = h('ol', { class: 'gr-incidents', 'aria-live': 'polite' });
}

const SHORT: Record<Seat, string> = {
  candidate: SEATS.candidate,
  interviewer: SEATS.interviewer,
  observer: 'Observer'
};

function entry(one: Incident): Child {
  return h(
    'li',
    { 'data-level': one.level, 'data-kind': one.kind },
    h('time', { datetime: new Date(one.at).toISOString() }, second(one.at)),
    h('span', null, one.text),
    h('small', null, `${LEVELS[one.level]} · ${lasted(one)}`)
  );
}

const lasted = ({ seconds }: Incident): string => (seconds === null ? 'goes on' : spoken(seconds));

function recorded(): HTMLElement {
  return h(
    'details',
    { class: 'gr-recorded' },
    h('summary', null, 'What is recorded about you'),
    h(
      'p',
      null,
      'What is typed and run in this notebook, with time and author; when you connect and leave; and what this list shows. No picture and no sound. At the end you get a signed receipt.'
    ),
    h('p', null, 'The code that this page runs has the fingerprint ', h('code', { class: 'gr-hash' }, room.bundle), '.')
  );
}

/** A warning is read once where the eyes are; it takes no key and stays in the panel. */
function warn(incident: Incident, told: Set<string>): void {
  const mark = `${incident.id} ${incident.level}`;
  if (room.seat === 'candidate' && incident.level !== 'noted' && !told.has(incident.id)) {
    told.add(incident.id);
    Notification.warning(incident.text, { autoClose: 15_000 });
  } else if (room.seat !== 'candidate' && incident.level === 'flag' && !told.has(mark)) {
    told.add(mark);
    Notification.info(`${second(incident.at)}: ${incident.text}`, { autoClose: 15_000 });
  }
}

export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:panel',
  autoStart: true,
  requires: [ILine],
  optional: [ILabShell],
  activate: (app: JupyterFrontEnd, line: Line, shell: ILabShell | null) => {
    const panel = new SessionPanel(line);
    app.shell.add(panel, 'right', { rank: 1 });
    const told = new Set<string>();
    line.raised.connect((_, incident) => warn(incident, told));
    void app.restored.then(() => {
      if (window.innerWidth >= WIDE) {
        app.shell.activateById(panel.id);
      } else {
        shell?.collapseRight();
      }
    });
  }
};
