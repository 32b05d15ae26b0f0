/** What the camera check says, for each state one honest sentence, and what to do. */

import { Features } from './features';
import { Standing } from './source';

export type ReaderStanding = 'waiting' | 'loading' | 'ready' | 'no_download' | 'wrong_hash' | 'no_webgl' | 'stopped';

/** Whether pictures are being read, and if not, why not. */
export type Looking =
  | 'now'
  | 'waiting' // the camera is on and gives no picture: its lid is closed, say
  | 'hidden' // the tab is in the background, and this browser reads nothing there
  | 'too_slow';

export interface CameraState {
  standing: Standing;
  reader: ReaderStanding;
  /** The camera's name, or the browser's words for what went wrong. */
  detail: string;
  features: Features | null;
  looking: Looking;
  /** Pictures a second are few, and the rules for few pictures hold. */
  slow: boolean;
  calibrated: boolean;
}

export type Tone = 'good' | 'wait' | 'bad';

export interface Sentence {
  tone: Tone;
  text: string;
  /** Whether a button "Try again" makes sense. */
  again: boolean;
}

type Said = [tone: Tone, text: string, again: boolean];

const CAMERA: Record<Exclude<Standing, 'on'>, Said> = {
  asking: ['wait', 'Your browser asks whether this page may use the camera. Please choose “Allow”.', false],
  denied: [
    'bad',
    'The browser does not let this page use the camera. Click the camera or lock symbol beside the address, allow the camera, then try again.',
    true
  ],
  missing: ['bad', 'No camera was found. Plug one in; this page notices it by itself.', true],
  busy: ['bad', 'Another program is using the camera. Close it – a video call, perhaps – and try again.', true],
  unplugged: [
    'bad',
    'The camera is gone: it was unplugged, or another program took it. Plug it in again, or try again.',
    true
  ],
  muted: [
    'bad',
    'The camera gives no picture: it is switched off on the camera, on the keyboard or in the system settings.',
    false
  ],
  insecure: [
    'bad',
    'This page was opened without https, so the browser withholds the camera. Ask for a link that begins with https.',
    false
  ],
  unsupported: ['bad', 'This browser gives pages no camera. Use a current Chrome, Edge, Firefox or Safari.', false],
  failed: ['bad', 'The camera could not be opened.', true]
};

const READER: Record<Exclude<ReaderStanding, 'ready'>, Said> = {
  waiting: ['wait', 'The camera is on. Getting the face reader ready …', false],
  loading: ['wait', 'The camera is on. Getting the face reader ready; the first time takes a few seconds …', false],
  no_download: [
    'bad',
    'The camera is on, but the face reader could not be loaded. Check your connection and try again.',
    true
  ],
  wrong_hash: [
    'bad',
    'The face reader’s file is not the one it should be, so it is not used and nothing about your face is measured. Please tell the interviewer.',
    true
  ],
  no_webgl: [
    'bad',
    'The camera is on, but this browser has no WebGL 2, which the face reader needs, so nothing about your face is measured. Turning hardware acceleration on in its settings helps.',
    true
  ],
  stopped: ['bad', 'The face reader stopped, so nothing about your face is measured. Try again.', true]
};

const LOOKING: Record<Exclude<Looking, 'now'>, Said> = {
  waiting: [
    'bad',
    'The camera is on but gives no pictures: its lid may be closed, or another program holds it. Nothing about your face is measured meanwhile.',
    true
  ],
  hidden: ['wait', 'This tab is in the background, so nothing about your face is measured.', false],
  too_slow: [
    'bad',
    'This computer is too busy to read the pictures, so nothing is concluded from them. Closing other programs helps.',
    false
  ]
};

/** The light in which a face can be read; the same limits as poor_picture and camera_covered in the table of rules. */
export type Light = 'good' | 'dark' | 'bright' | 'flat' | 'noisy';

/** Read on a picture of 160×120, which evens out four by four: the recorded clips read 1.3, the strongest noise above this. */
const NOISY = 10;

export function lightOf({ luma, std, noise, faces }: Pick<Features, 'luma' | 'std' | 'noise' | 'faces'>): Light {
  const dark = luma < 25 || (luma < 45 && faces === 0);
  return dark ? 'dark' : luma >= 240 ? 'bright' : std < 2.5 ? 'flat' : noise >= NOISY ? 'noisy' : 'good';
}

const LIGHT: Record<Exclude<Light, 'good'>, string> = {
  dark: 'The picture is too dark to see you. Light from the front helps; nothing is concluded meanwhile.',
  bright: 'The picture is too bright to see you. Turn away from the lamp or window; nothing is concluded meanwhile.',
  flat: 'The picture shows nothing: the lens may be covered. No face is looked for meanwhile.',
  noisy: 'The picture is too grainy to judge. More light helps; nothing is concluded meanwhile.'
};

export function sentence(state: CameraState): Sentence {
  const { standing, reader, detail, features, looking } = state;
  if (standing !== 'on') {
    const [tone, text, again] = CAMERA[standing];
    return { tone, text: standing === 'failed' && detail ? `${text} The browser says: ${detail}.` : text, again };
  }
  if (reader !== 'ready') {
    return said(READER[reader]);
  }
  if (looking !== 'now') {
    return said(LOOKING[looking]);
  }
  return features
    ? inPicture(features, state)
    : said(['wait', 'The camera is on. Waiting for its first picture …', false]);
}

const said = ([tone, text, again]: Said): Sentence => ({ tone, text, again });

function inPicture(features: Features, { slow, calibrated }: CameraState): Sentence {
  const light = lightOf(features);
  if (light !== 'good') {
    return said(['bad', LIGHT[light], false]);
  }
  if (features.faces === 0) {
    return said(['bad', 'The camera does not see your face.', false]);
  }
  if (features.faces > 1) {
    return said(['bad', 'The camera sees a second face.', false]);
  }
  const seldom = slow
    ? ' This computer is busy, so it is looked at twice a second and only what lasts is noticed.'
    : '';
  const unjudged = calibrated ? '' : ' Where you look is not judged: that needs the five dots.';
  return said(['good', `You are in the picture.${seldom}${unjudged}`, false]);
}

const LIGHT_WORD: Record<Light, string> = {
  good: 'good',
  dark: 'too dark',
  bright: 'too bright',
  flat: 'no picture',
  noisy: 'too grainy'
};

/** What is measured now, each with its value in words. */
export function measured(features: Features | null, perSecond: number): [string, string][] {
  if (!features) {
    return [];
  }
  return [
    ['Faces in the picture', String(features.faces)],
    ['Light', `${LIGHT_WORD[lightOf(features)]} (${Math.round(features.luma)} of 255)`],
    ['Head turned', degrees(features.yaw)],
    ['Eyes turned', degrees(features.gaze)],
    ['Looked at', `${perSecond.toFixed(perSecond < 4 ? 1 : 0)} times a second`]
  ];
}

const degrees = (value: number | null): string => (value === null ? '–' : `${Math.abs(Math.round(value))}°`);

export const PROMISE =
  'Pictures are read on this computer and then forgotten. No picture leaves it, and no map of your face. What is sent is what was noticed, for example that no face was seen: a word, two times, and how sure it is.';
