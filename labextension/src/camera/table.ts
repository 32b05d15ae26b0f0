/** The detector's half of proctor/greenroom_proctor/rules.json. Written by scripts/table.mjs; edit the JSON. */

import { Table } from './rule';

export const table: Table = {
  version: 1,
  frames_per_second: 8,
  rules: [
    {
      kind: 'poor_picture',
      signal: 'camera',
      source: 'frames',
      on: [
        [{ feature: 'luma', below: 25, unit: 'mean brightness 0-255' }],
        [{ feature: 'luma', at_least: 240, unit: 'mean brightness 0-255' }],
        [{ feature: 'std', below: 2.5, unit: 'spread of brightness 0-255' }]
      ],
      off: [
        [
          { feature: 'luma', at_least: 32, unit: 'mean brightness 0-255' },
          { feature: 'luma', below: 232, unit: 'mean brightness 0-255' },
          { feature: 'std', at_least: 4, unit: 'spread of brightness 0-255' }
        ]
      ],
      unless: [],
      dwell: 3,
      forget: 0.25,
      release: 1,
      gap: 1.5,
      reason:
        'In the dark, in glare or behind a covered lens the reader loses faces, so nothing about a face may be concluded. Three seconds let a camera set its exposure.'
    },
    {
      kind: 'face_absent',
      signal: 'face',
      source: 'frames',
      on: [[{ feature: 'faces', below: 1, unit: 'faces in the picture' }]],
      off: [[{ feature: 'faces', at_least: 1, unit: 'faces in the picture' }]],
      unless: ['poor_picture'],
      dwell: 1.5,
      forget: 0.25,
      release: 0.5,
      gap: 1.5,
      reason:
        'A reader drops a face for single frames and a sneeze takes a second; 1.5 s is neither. Back for half a second is back.'
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
