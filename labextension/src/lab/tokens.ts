import { Token } from '@lumino/coreutils';

import { RoomDrive } from './drive';
import { Line } from './line';
import { Signals } from './signals';

/** The room: the drive with its notebook, and the connection behind it. */
export const IRoom = new Token<RoomDrive>('@greenroom/lab:IRoom');

/** The session: its state and clock, its people and incidents, and the way for observations. */
export const ILine = new Token<Line>('@greenroom/lab:ILine');

/** What the page notices about itself, and the way for other parts to tell what they noticed. */
export const ISignals = new Token<Signals>('@greenroom/lab:ISignals');
