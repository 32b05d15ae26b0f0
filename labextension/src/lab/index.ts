import { connectionPlugin } from './connection';
import { documentPlugin, drivePlugin } from './document';
import { executorPlugin } from './executor';
import { presencePlugin } from './presence';
import { statusPlugin } from './status';

export default [drivePlugin, documentPlugin, executorPlugin, statusPlugin, connectionPlugin, presencePlugin];
