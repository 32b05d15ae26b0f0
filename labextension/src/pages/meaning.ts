/** What each kind of observation means, and what it does not: for the person it is about. */

const MEANING: Record<string, string> = {
  face_absent: 'The camera check found no face for a while. It cannot tell why.',
  multiple_faces: 'It found a second face. A picture on the wall or on a screen has one, too.',
  gaze_away:
    'Head and eyes were turned further from the screen than when you looked at the five dots. Thinking does that.',
  camera_covered: 'The picture was dark or one even surface, as behind a hand or a cover.',
  camera_frozen: 'The same picture came again and again. Cameras and drivers do that by themselves, too.',
  still_picture: 'No blink and no movement of the eyes was seen for long.',
  camera_off: 'The browser gave no picture: switched off, unplugged, or used by another program.',
  poor_picture: 'It was too dark or too bright to see a face. That says something about the lamp.',
  fullscreen_left: 'The room did not fill the screen. A reload leaves fullscreen, too.',
  tab_hidden: 'This page was not visible. What was looked at instead is not known.',
  focus_lost: 'Another window had the keyboard. Notifications take it by themselves.',
  second_screen: 'The browser knows of a second screen. What it shows is not seen.',
  second_tab: 'The room was open twice in this browser.',
  network_lost: 'The server was not reached. That counts against nobody.',
  external_paste: 'Text that was not copied in this room was pasted. Its size is noted.',
  bulk_insert: 'Much text came in at once. Completions and input methods do that, too.',
  external_drop: 'Text from outside was dropped into the room. Its size is noted.'
};

export const meaning = (kind: string): string => MEANING[kind] ?? '';

const BECAUSE: Record<string, string> = {
  reconnect: 'It began while the network was gone, or as it came back.',
  request: 'An interviewer had asked to look elsewhere.'
};

/** Why something counts for nothing: the service's reason, or what a person wrote. */
export const excusedInWords = (excused: { because: string; reason: string | null }): string =>
  BECAUSE[excused.because] ?? excused.reason ?? '';

/** How far it went, said to the person it is about. */
export const LEVEL: Record<string, string> = {
  noted: 'Noted only',
  warning: 'You were told',
  flag: 'The interviewers were told, for a person to look at'
};

/** The ready answers, in the order in which they are offered; the words are the service's. */
export const ANSWERS: Record<string, string> = {
  someone_came_in: 'Someone came in',
  thinking: 'I was thinking',
  own_notes: 'I looked at my own notes',
  technical: 'Something technical',
  asked_to: 'I was asked to',
  other: 'Something else'
};
