import { Token } from '@lumino/coreutils';

import { RoomDrive } from './drive';

/** The room: the drive with its notebook, and the connection behind it. */
export const IRoom = new Token<RoomDrive>('@greenroom/lab:IRoom');
