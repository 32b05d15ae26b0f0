/** What the camera check says, for each state one honest sentence, and what to do. */

import { Features } from './features';
import { Standing } from './source';

export type ReaderStanding = 'waiting' | 'loading' | 'ready' | 'no_download' | 'wrong_hash' | 'stopped';

export interface CameraState {
  standing: Standing;
  reader: ReaderStanding;
  detail: string;
  features: Features | null;
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
  stopped: ['bad', 'The face reader stopped, so nothing about your face is measured. Try again.', true]
};

/** The light in which a face can be read; the same limits as poor_picture and camera_covered in the table of rules. */
export type Light = 'good' | 'dark' | 'bright' | 'flat';

export function lightOf({ luma, std }: Pick<Features, 'luma' | 'std'>): Light {
  return luma < 25 ? 'dark' : luma >= 240 ? 'bright' : std < 2.5 ? 'flat' : 'good';
}

const LIGHT: Record<Exclude<Light, 'good'>, string> = {
  dark: 'The picture is too dark to see you. Light from the front helps; nothing is concluded meanwhile.',
  bright: 'The picture is too bright to see you. Turn away from the lamp or window; nothing is concluded meanwhile.',
  flat: 'The picture shows nothing: the lens may be covered. Nothing is concluded meanwhile.'
};

export function sentence({ standing, reader, detail, features }: CameraState): Sentence {
  if (standing !== 'on') {
    const [tone, text, again] = CAMERA[standing];
    return { tone, text: standing === 'failed' && detail ? `${text} The browser says: ${detail}.` : text, again };
  }
  if (reader !== 'ready') {
    const [tone, text, again] = READER[reader];
    return { tone, text, again };
  }
  if (!features) {
    return { tone: 'wait', text: 'The camera is on. Waiting for its first picture …', again: false };
  }
  const light = lightOf(features);
  if (light !== 'good') {
    return { tone: 'bad', text: LIGHT[light], again: false };
  }
  return features.faces > 0
    ? { tone: 'good', text: 'You are in the picture.', again: false }
    : { tone: 'bad', text: 'The camera does not see your face.', again: false };
}

const LIGHT_WORD: Record<Light, string> = { good: 'good', dark: 'too dark', bright: 'too bright', flat: 'no picture' };

/** What is measured now, each with its value in words. */
export function measured(features: Features | null, perSecond: number): [string, string][] {
  if (!features) {
    return [];
  }
  return [
    ['Faces in the picture', String(features.faces)],
    ['Light', `${LIGHT_WORD[lightOf(features)]} (${Math.round(features.luma)} of 255)`],
    ['Head turned', features.yaw === null ? '–' : `${Math.abs(Math.round(features.yaw))}°`],
    ['Looked at', `${perSecond.toFixed(perSecond < 4 ? 1 : 0)} times a second`]
  ];
}

export const PROMISE =
  'Pictures are read on this computer and then forgotten. No picture leaves it. What is sent is when your face was not seen, or the camera gave no usable picture: a word and two times.';
