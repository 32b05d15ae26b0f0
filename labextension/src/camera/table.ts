/** The detector's half of proctor/greenroom_proctor/rules.json. Written by scripts/table.mjs; edit the JSON. */

import { Constant, Moment, Rule } from './rule';

export type MeasureName =
  | 'calibrate'
  | 'fewest'
  | 'smooth'
  | 'blink'
  | 'closed'
  | 'hold'
  | 'aside'
  | 'widest'
  | 'room'
  | 'changed'
  | 'changed_rate'
  | 'fresh'
  | 'still_gaze'
  | 'still_lid'
  | 'still_blink'
  | 'window';
export type MeasureTable = Record<MeasureName, Constant>;

export interface Table {
  version: number;
  frames_per_second: number;
  slow_below: Constant;
  measures: MeasureTable;
  rules: Rule[];
  moments: Moment[];
}

export const table: Table = {
  version: 2,
  frames_per_second: 8,
  slow_below: {
    value: 3.5,
    unit: 'pictures a second',
    reason:
      'Below it a blink falls between two pictures and half a second holds one or two of them: the times under `slow` hold, and what cannot be told then (a frozen camera, a still picture) is not judged.'
  },
  measures: {
    calibrate: {
      value: 3,
      unit: 'seconds',
      reason: 'Without a calibration of its own a recording is measured by its first seconds with a face.'
    },
    fewest: {
      value: 5,
      unit: 'pictures',
      reason: 'Medians of fewer readings are not steady; then nothing about gaze is judged.'
    },
    smooth: {
      value: 0.3,
      unit: 'seconds',
      reason: 'A median over this time takes out single misreadings; at 8 pictures a second these are three.'
    },
    blink: {
      value: 0.35,
      unit: 'blendshape eyeBlink 0-1',
      reason: 'From here on an eye is taken to be closed, and where it looks is not known.'
    },
    closed: {
      value: 0.25,
      unit: "share of the calibration's eyelid opening",
      reason: "Below it the eye is closed rather than lowered: the clips' blinks read 0.17, eyes in a lap 0.31 to 0.47."
    },
    hold: { value: 0.6, unit: 'seconds', reason: 'A blink takes 0.1 to 0.4 s; for so long the last reading holds.' },
    aside: {
      value: 24,
      unit: 'degrees',
      reason: 'The limit sideways of gaze_away that a calibration with far glances widens.'
    },
    widest: {
      value: 8,
      unit: 'degrees',
      reason:
        'At most this much do glances during calibration widen the limits sideways: a wide screen, not a second one.'
    },
    room: {
      value: 8,
      unit: 'degrees',
      reason: "A person's gaze may leave the outermost glance of the calibration by this much."
    },
    changed: {
      value: 0.06,
      unit: 'mean difference of two pictures 0-255',
      reason:
        'A larger one is a new picture. Clips without noise differ by 0.07 and more, repeated pictures after compression by 0.03 and less.'
    },
    changed_rate: {
      value: 0.04,
      unit: 'mean difference a second',
      reason:
        'Repeated pictures that were compressed drift by less than this, living ones by 0.5 and more, at any rate of pictures.'
    },
    fresh: {
      value: 0.01,
      unit: 'mean difference of two pictures 0-255',
      reason: 'A smaller one is a picture that came twice.'
    },
    still_gaze: {
      value: 6,
      unit: 'degrees',
      reason:
        'Where the eyes of a photo are read to look changes by 3 degrees, those of a reader by 10 and more within two seconds.'
    },
    still_lid: {
      value: 0.18,
      unit: "share of the calibration's eyelid opening",
      reason: 'The lids of a photo are read within 0.1; a blink takes away 0.8.'
    },
    still_blink: {
      value: 0.2,
      unit: 'blendshape eyeBlink 0-1',
      reason: "The clips' photos read below 0.06, the slightest blink between two pictures 0.2."
    },
    window: { value: 8, unit: 'seconds', reason: 'No measure looks further back.' }
  },
  rules: [
    {
      kind: 'camera_covered',
      signal: 'camera',
      source: 'frames',
      on: [
        [{ feature: 'std', below: 2.5, unit: 'spread of brightness 0-255' }],
        [
          { feature: 'luma', below: 12, unit: 'mean brightness 0-255' },
          { feature: 'std', below: 6, unit: 'spread of brightness 0-255' },
          { feature: 'luma_ratio', below: 0.65, unit: "share of the calibration's brightness" }
        ],
        [
          { feature: 'faces', below: 1, unit: 'faces in the picture' },
          { feature: 'luma', at_least: 20, unit: 'mean brightness 0-255' },
          { feature: 'std', below: 16, unit: 'spread of brightness 0-255' },
          { feature: 'luma_ratio', below: 0.65, unit: "share of the calibration's brightness" },
          { feature: 'std_ratio', below: 0.65, unit: "share of the calibration's spread" }
        ],
        [
          { feature: 'faces', below: 1, unit: 'faces in the picture' },
          { feature: 'luma', at_least: 12, unit: 'mean brightness 0-255' },
          { feature: 'std', below: 7, unit: 'spread of brightness 0-255' },
          { feature: 'std_ratio', below: 0.5, unit: "share of the calibration's spread" }
        ]
      ],
      off: [
        [{ feature: 'faces', at_least: 1, unit: 'faces in the picture' }],
        [
          { feature: 'std', at_least: 8, unit: 'spread of brightness 0-255' },
          { feature: 'std_ratio', at_least: 0.7, unit: "share of the calibration's spread" }
        ],
        [{ feature: 'std', at_least: 18, unit: 'spread of brightness 0-255' }]
      ],
      unless: [],
      dwell: 1,
      forget: 0.25,
      release: 0.5,
      gap: 1.5,
      back: null,
      slow: { dwell: 2, forget: 0.75, release: 1, gap: 3 },
      reason:
        'One even surface, black or not, is no room, and a picture that went black was covered; a room that was dark from the start was not. A hand over the lens lets some light through: it is darker and far more even than the calibration was, and no face is found. One second is longer than a hand that passes.'
    },
    {
      kind: 'poor_picture',
      signal: 'camera',
      source: 'frames',
      on: [
        [{ feature: 'luma', below: 25, unit: 'mean brightness 0-255' }],
        [{ feature: 'luma', at_least: 240, unit: 'mean brightness 0-255' }],
        [
          { feature: 'luma', below: 45, unit: 'mean brightness 0-255' },
          { feature: 'faces', below: 1, unit: 'faces in the picture' }
        ]
      ],
      off: [
        [
          { feature: 'luma', at_least: 50, unit: 'mean brightness 0-255' },
          { feature: 'luma', below: 232, unit: 'mean brightness 0-255' }
        ],
        [
          { feature: 'luma', at_least: 30, unit: 'mean brightness 0-255' },
          { feature: 'luma', below: 232, unit: 'mean brightness 0-255' },
          { feature: 'faces', at_least: 1, unit: 'faces in the picture' }
        ]
      ],
      unless: ['camera_covered'],
      dwell: 3,
      forget: 0.25,
      release: 1,
      gap: 1.5,
      back: null,
      slow: { dwell: 6, forget: 0.75, release: 1, gap: 3 },
      reason:
        'In the dark and in glare the reader loses faces, so nothing about a face may be concluded. Three seconds let a camera set its exposure.'
    },
    {
      kind: 'camera_frozen',
      signal: 'camera',
      source: 'frames',
      on: [
        [
          { feature: 'unchanged', at_least: 2, unit: 'seconds' },
          { feature: 'faces', at_least: 1, unit: 'faces in the picture' }
        ]
      ],
      off: [
        [{ feature: 'unchanged', below: 1, unit: 'seconds' }],
        [{ feature: 'faces', below: 1, unit: 'faces in the picture' }]
      ],
      unless: ['camera_covered'],
      dwell: 0,
      forget: 0,
      release: 0.5,
      gap: 1.5,
      back: 'unchanged',
      slow: null,
      reason:
        "Two seconds in which not even the camera's noise changes. A slow camera that repeats pictures changes more often than that. Looked for only with a face: an empty room without noise is as still."
    },
    {
      kind: 'face_absent',
      signal: 'face',
      source: 'frames',
      on: [[{ feature: 'faces', below: 1, unit: 'faces in the picture' }]],
      off: [[{ feature: 'faces', at_least: 1, unit: 'faces in the picture' }]],
      unless: ['camera_covered', 'poor_picture'],
      dwell: 1.5,
      forget: 0.25,
      release: 0.5,
      gap: 1.5,
      back: null,
      slow: { dwell: 3, forget: 0.75, release: 1, gap: 3 },
      reason:
        'A reader drops a face for single frames and a sneeze takes a second; 1.5 s is neither. Back for half a second is back.'
    },
    {
      kind: 'multiple_faces',
      signal: 'face',
      source: 'frames',
      on: [[{ feature: 'area_ratio', at_least: 0.12, unit: "second face's area over the first one's" }]],
      off: [
        [{ feature: 'faces', below: 2, unit: 'faces in the picture' }],
        [{ feature: 'area_ratio', below: 0.09, unit: "second face's area over the first one's" }]
      ],
      unless: ['poor_picture'],
      dwell: 0.8,
      forget: 0.25,
      release: 0.5,
      gap: 1.5,
      back: null,
      slow: { dwell: 2, forget: 0.75, release: 1, gap: 3 },
      reason:
        "A face on a poster or far behind is smaller than an eighth of the candidate's. Readers see faces in patterns for single pictures; 0.8 s is longer."
    },
    {
      kind: 'gaze_away',
      signal: 'gaze',
      source: 'frames',
      on: [
        [{ feature: 'turn', at_least: 28, unit: 'degrees from the calibration' }],
        [{ feature: 'aside', at_least: 24, unit: 'degrees from the calibration' }],
        [{ feature: 'pitch_down', at_least: 13, unit: 'degrees from the calibration' }],
        [{ feature: 'pitch_up', at_least: 20, unit: 'degrees from the calibration' }],
        [{ feature: 'lid', below: 0.62, unit: "share of the calibration's eyelid opening" }]
      ],
      off: [
        [
          { feature: 'turn', below: 24, unit: 'degrees from the calibration' },
          { feature: 'aside', below: 20, unit: 'degrees from the calibration' },
          { feature: 'pitch_down', below: 9, unit: 'degrees from the calibration' },
          { feature: 'pitch_up', below: 15, unit: 'degrees from the calibration' },
          { feature: 'lid', at_least: 0.72, unit: "share of the calibration's eyelid opening" }
        ]
      ],
      unless: ['camera_covered', 'camera_frozen', 'poor_picture', 'face_absent', 'multiple_faces'],
      dwell: 2,
      forget: 0.25,
      release: 0.5,
      gap: 1.5,
      back: null,
      slow: { dwell: 5, forget: 0.25, release: 1, gap: 3 },
      reason:
        "Reading a whole screen takes the gaze 15 degrees from its middle; 24 are beyond a screen's edge, and 20 are back on it: with a wider gap two glances became one. Eyes that look down show as lids that close. Two seconds: people look aside to think and down to type for about one."
    },
    {
      kind: 'still_picture',
      signal: 'camera',
      source: 'frames',
      on: [
        [
          { feature: 'eyes_still', at_least: 6, unit: 'seconds' },
          { feature: 'fresh', at_least: 3.5, unit: 'new pictures a second' }
        ]
      ],
      off: [[{ feature: 'eyes_still', below: 1, unit: 'seconds' }]],
      unless: ['camera_frozen', 'poor_picture', 'multiple_faces', 'gaze_away'],
      dwell: 0,
      forget: 0,
      release: 1,
      gap: 1.5,
      back: 'eyes_still',
      slow: null,
      reason:
        'Nobody keeps eyes and lids still for long: people blink 4 to 20 times a minute and their eyes move several times a second while they read. Six seconds find a photo soon; a person who stares may last as long, so this kind warns late.'
    },
    {
      kind: 'camera_off',
      signal: 'camera',
      source: 'page',
      on: [[{ feature: 'camera', below: 1, unit: '1: the camera delivers pictures, 0: it does not' }]],
      off: [[{ feature: 'camera', at_least: 1, unit: '1: the camera delivers pictures, 0: it does not' }]],
      unless: [],
      dwell: 2,
      forget: 0,
      release: 1,
      gap: null,
      back: null,
      slow: null,
      reason: 'A camera that is plugged in again or handed back by another program needs up to two seconds.'
    },
    {
      kind: 'tab_hidden',
      signal: 'visibility',
      source: 'page',
      on: [[{ feature: 'visible', below: 1, unit: '1: the page is visible, 0: it is hidden' }]],
      off: [[{ feature: 'visible', at_least: 1, unit: '1: the page is visible, 0: it is hidden' }]],
      unless: [],
      dwell: 0.5,
      forget: 0,
      release: 0.5,
      gap: null,
      back: null,
      slow: null,
      reason: 'Switching desktops by a slip of the hand is undone within half a second.'
    },
    {
      kind: 'fullscreen_left',
      signal: 'fullscreen',
      source: 'page',
      on: [[{ feature: 'fullscreen', below: 1, unit: '1: the page fills the screen, 0: it does not' }]],
      off: [[{ feature: 'fullscreen', at_least: 1, unit: '1: the page fills the screen, 0: it does not' }]],
      unless: [],
      dwell: 1,
      forget: 0,
      release: 0.5,
      gap: null,
      back: null,
      slow: null,
      reason: 'A reload leaves fullscreen, and the browser lets only a click of the candidate bring it back.'
    },
    {
      kind: 'focus_lost',
      signal: 'focus',
      source: 'page',
      on: [[{ feature: 'focused', below: 1, unit: '1: the page has the keyboard, 0: something else has' }]],
      off: [[{ feature: 'focused', at_least: 1, unit: '1: the page has the keyboard, 0: something else has' }]],
      unless: ['tab_hidden'],
      dwell: 2,
      forget: 0,
      release: 0.5,
      gap: null,
      back: null,
      slow: null,
      reason:
        "A notification, the address bar or the browser's own question takes the keyboard for a moment. A hidden page is reported as hidden, not twice."
    },
    {
      kind: 'second_screen',
      signal: 'screen',
      source: 'page',
      on: [[{ feature: 'screens', at_least: 2, unit: 'screens the browser knows of: 1, or 2 for more than one' }]],
      off: [[{ feature: 'screens', below: 2, unit: 'screens the browser knows of: 1, or 2 for more than one' }]],
      unless: [],
      dwell: 5,
      forget: 0,
      release: 2,
      gap: null,
      back: null,
      slow: null,
      reason: 'A cable that is moved, a dock or a screen that wakes up is settled within five seconds.'
    },
    {
      kind: 'second_tab',
      signal: 'visibility',
      source: 'page',
      on: [
        [
          {
            feature: 'first_tab',
            below: 1,
            unit: '1: the only or oldest page of this seat in this browser, 0: a further one'
          }
        ]
      ],
      off: [
        [
          {
            feature: 'first_tab',
            at_least: 1,
            unit: '1: the only or oldest page of this seat in this browser, 0: a further one'
          }
        ]
      ],
      unless: [],
      dwell: 5,
      forget: 0,
      release: 0.5,
      gap: null,
      back: null,
      slow: null,
      reason: 'A reload, or a tab that is opened by mistake and closed again, holds two pages open for a moment.'
    },
    {
      kind: 'network_lost',
      signal: 'network',
      source: 'page',
      on: [[{ feature: 'connected', below: 1, unit: '1: the service answers, 0: it does not' }]],
      off: [[{ feature: 'connected', at_least: 1, unit: '1: the service answers, 0: it does not' }]],
      unless: [],
      dwell: 5,
      forget: 0,
      release: 0,
      gap: null,
      back: null,
      slow: null,
      reason:
        'A change between two wireless networks takes a few seconds. It is noted for whoever reads the record and counts against nobody.'
    }
  ],
  moments: [
    {
      kind: 'external_paste',
      signal: 'clipboard',
      least: 1,
      reason:
        'What was copied in this room is not external, whatever its size; what was not, is, and its size is noted. The text is not: it stands in the document where the policy lets it in.'
    },
    {
      kind: 'bulk_insert',
      signal: 'clipboard',
      least: 40,
      reason:
        'Characters that came in at once without a paste: an input method, a completion or a program that types. Completions offered by the kernel are shorter than forty characters nearly always.'
    },
    {
      kind: 'external_drop',
      signal: 'clipboard',
      least: 1,
      reason: 'Text that was dragged in from outside this page, and its size.'
    }
  ]
};
