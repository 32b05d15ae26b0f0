import { connectionPlugin } from './connection';
import { documentPlugin, drivePlugin } from './document';
import { executorPlugin } from './executor';
import { headerPlugin } from './header';
import { inputPlugin } from './input';
import { linePlugin } from './line';
import { panelPlugin } from './panel';
import { presencePlugin } from './presence';
import { signalsPlugin } from './signals';
import { widgetsPlugin } from './widgets';

export default [
  drivePlugin,
  documentPlugin,
  executorPlugin,
  connectionPlugin,
  presencePlugin,
  linePlugin,
  headerPlugin,
  panelPlugin,
  signalsPlugin,
  inputPlugin,
  widgetsPlugin
];
