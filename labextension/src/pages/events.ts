/** The record in words: one sentence for each fact. What is not known by name is shown by its name, never hidden. */

import { Event } from './api';
import { h } from './dom';
import { many, second, spoken, zone } from './time';

type Body = Record<string, unknown>;
type Said = (body: Body, who: string) => string;

const KINDS: Record<string, string> = {
  face_absent: 'no face was seen',
  multiple_faces: 'a second face was in the picture',
  gaze_away: 'the gaze was away from the screen',
  camera_covered: 'something covered the camera',
  camera_frozen: 'the camera’s picture stood still',
  still_picture: 'no movement of the eyes was seen',
  camera_off: 'the camera gave no picture',
  poor_picture: 'the picture was too poor to see anything',
  tab_hidden: 'the page was hidden',
  fullscreen_left: 'the room was not in fullscreen',
  focus_lost: 'another window had the keyboard',
  second_screen: 'a second screen was connected',
  second_tab: 'the room was open in a second tab',
  network_lost: 'the connection was lost',
  external_paste: 'text from outside the room was pasted',
  bulk_insert: 'much text came in at once',
  external_drop: 'text from outside the room was dropped'
};

/** What a kind of observation saw, as the middle of a sentence. */
export const kindInWords = (kind: string): string => KINDS[kind] ?? kind.replace(/_/g, ' ');

const kind = (body: Body): string => kindInWords(String(body.kind));
const plus = (reason: unknown): string => (reason ? ` Reason: ${String(reason)}` : '');

const EXCUSES: Record<string, string> = {
  reconnect: ': it began while the network was gone, or as it came back',
  request: ': the candidate had been asked to look elsewhere'
};

const SENTENCES: Record<string, Said> = {
  'session.created': (_, who) => `${who} made the session.`,
  'session.schedule': (_, who) => `${who} scheduled it.`,
  'session.arrive': body =>
    `The candidate came into the lobby.${body.reason ? ` Their browser says: ${String(body.reason)}` : ''}`,
  'session.open': (body, who) => `${who} opened the door: the clock started.${plus(body.reason)}`,
  'session.pause': (body, who) => `${who} paused: the clock stands still.${plus(body.reason)}`,
  'session.resume': (body, who) => `${who} went on: the clock runs.${plus(body.reason)}`,
  'session.extend': (body, who) => extended(Number(body.seconds), who) + plus(body.reason),
  'session.submit': () => 'The candidate handed in.',
  'session.expire': () => 'The time ran out.',
  'session.terminate': (body, who) => `${who} ended the session.${plus(body.reason)}`,
  'session.cancel': (body, who) => `${who} cancelled the session.${plus(body.reason)}`,
  'session.miss': (body, who) => `${who} noted that the candidate did not come.${plus(body.reason)}`,
  'invitation.made': (_, who) => `${who} made an invitation link.`,
  'invitation.revoked': (_, who) => `${who} took an invitation link back.`,
  'invitation.redeemed': body =>
    body.moved
      ? 'The candidate opened the link on another device; the seat moved there.'
      : 'The candidate opened the link.',
  'consent.given': body =>
    `The candidate ${body.accepted ? 'agreed to' : 'declined'} what is recorded (wording ${String(body.wording)}).`,
  'seat.given': (body, who) => `${who} gave ${String(body.person)} the seat of ${String(body.seat)}.`,
  'seat.taken': (body, who) => `${who} took the seat of ${String(body.person)}.`,
  'connection.opened': () => 'The candidate’s page was connected.',
  'connection.closed': body =>
    `The candidate’s page was gone: closed, or without network. It was last heard at ${second(Number(body.heard))}.`,
  observation: body => observed(body),
  'observation.left': body =>
    `What the candidate’s page had reported is taken to have ended at ${second(Number(body.heard))}, when it was last heard.`,
  'incident.warning': body => `The candidate was told: ${kind(body)}.`,
  'incident.flag': body => `The interviewers were told: ${kind(body)}, ${many(Number(body.count), 'time')}.`,
  'incident.excused': (body, who) =>
    `${who} excused what was noted: ${kind(body)}. It counts for nothing${EXCUSES[String(body.because)] ?? ''}.`,
  calibration: () => 'The camera check was calibrated: seven numbers of how the candidate’s face reads were kept.',
  'elsewhere.asked': (body, who) =>
    `${who} asked the candidate to look elsewhere for ${spoken(Number(body.seconds))}: where they look counts for nothing until then.`,
  'incident.note': body => `The candidate wrote a note: ${String(body.answer).replace(/_/g, ' ')}.`,
  'notes.waived': () => 'The candidate said that there is nothing to add.',
  'notes.read': (body, who) => `${who} read the candidate’s notes (${String(body.notes)}).`,
  run: (body, who) => ran(body, who),
  'run.elsewhere': (body, who) => ran(body, who),
  'check.begun': body => `The candidate had the work checked: ${String(body.check)}, try ${String(body.number)}.`,
  'check.ended': body =>
    body.passed === null
      ? `The check ${String(body.check)} was broken off; it was no try.`
      : `The check ${String(body.check)} passed ${String(body.passed)} of ${String(body.total)} hidden cases.`,
  'submission.graded': body =>
    `The work was graded: ${String(body.passed)} of ${String(body.total)} hidden cases passed, and the grade signed.`,
  'call.joined': (_, who) => `${who} came into the call.`,
  'call.left': (_, who) => `${who} left the call.`,
  'call.asked': (_, who) => `${who} asked to look through the candidate’s camera.`,
  'call.answered': body => answered(body),
  'call.viewed': (body, who) => viewed(body, who),
  'task.pushed': (body, who) => `${who} put a further task into the notebook: ${String(body.task)}.`,
  'cell.locked': (body, who) => `${who} ${body.locked ? 'locked' : 'unlocked'} a cell.`,
  'scorecard.handed_in': (_, who) => `${who} handed in a scorecard.`,
  change_refused: (body, who) => `A change by ${who} was not taken: ${String(body.why)}.`,
  submission: body =>
    `The work was frozen and the receipt signed: ${many(Number(body.parts), 'file')}.${body.complete === false ? ' The files that cells wrote could not be collected.' : ''}`,
  'files.placed': () => 'The data files were put into the candidate’s folder.'
};

function answered({ allowed, standing }: Body): string {
  if (!allowed) {
    return 'The candidate did not allow the look.';
  }
  return `The candidate allowed the look${standing ? ', as every one of this session' : ''}.`;
}

function viewed({ person, what, look, on }: Body, who: string): string {
  const whose = person === 'candidate' ? 'the candidate’s' : `${String(person)}’s`;
  return `${who} ${on ? 'sees' : 'no longer sees'} ${whose} ${String(what)}${look ? ', as a look without a call' : ''}.`;
}

function extended(seconds: number, who: string): string {
  return seconds < 0 ? `${who} took ${spoken(-seconds)} back.` : `${who} gave ${spoken(seconds)} more.`;
}

function observed(body: Body): string {
  const [start, end] = [Number(body.start), body.end === null ? null : Number(body.end)];
  if (body.size !== undefined) {
    return `Noted: ${kind(body)}, ${many(Number(body.size), 'character')}, at ${second(start)}.`;
  }
  return end === null
    ? `Noted: ${kind(body)}, from ${second(start)} on.`
    : `Noted: ${kind(body)} for ${spoken((end - start) / 1000)}, from ${second(start)}.`;
}

function ran(body: Body, who: string): string {
  const where = body.language ? `${String(body.language)} elsewhere` : 'a cell';
  const status = body.status === undefined ? '' : `: ${String(body.status)}`;
  const time = typeof body.milliseconds === 'number' ? ` after ${(body.milliseconds / 1000).toFixed(1)} s` : '';
  return `${who} ran ${where}${status}${time}.`;
}

/** Which facts are about what: for the filter, and for the look of a line. */
export function topic(type: string): 'observed' | 'runs' | 'course' {
  return type.startsWith('observation') || type.startsWith('incident.')
    ? 'observed'
    : type.startsWith('run')
      ? 'runs'
      : 'course';
}

const WHO: Record<string, string> = {
  clock: 'The clock',
  candidate: 'The candidate',
  service: 'Greenroom',
  system: 'Greenroom',
  kernel: 'The kernel'
};

export function inWords(event: Event, names: Record<string, string> = {}): string {
  const who = names[event.actor] ?? WHO[event.actor] ?? event.actor;
  const sentence = SENTENCES[event.type];
  return sentence ? sentence(event.body, who) : `${who}: ${event.type.replace(/[._]/g, ' ')}.`;
}

/** The newest first, each with its time. `names`: the names of accounts, to read instead of them. */
export function timeline(events: Event[], names: Record<string, string> = {}): HTMLElement {
  if (events.length === 0) {
    return h('p', { class: 'soft' }, 'Nothing yet.');
  }
  return h(
    'div',
    null,
    h('p', { class: 'soft' }, `Times in ${zone(events[0].at)}, the newest first.`),
    h(
      'ol',
      { class: 'timeline', reversed: true },
      [...events]
        .reverse()
        .map(one =>
          h(
            'li',
            { 'data-topic': topic(one.type), 'data-type': one.type },
            h('time', { datetime: new Date(one.at).toISOString() }, second(one.at)),
            h('span', null, inWords(one, names))
          )
        )
    )
  );
}
