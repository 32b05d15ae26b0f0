import { callPlugin } from './call';
import { clipboardPlugin } from './clipboard';
import { connectionPlugin } from './connection';
import { documentPlugin, drivePlugin } from './document';
import { executorPlugin } from './executor';
import { fullscreenPlugin } from './fullscreen';
import { headerPlugin } from './header';
import { inputPlugin } from './input';
import { languagePlugin } from './language';
import { leadPlugin } from './lead';
import { linePlugin } from './line';
import { lockdownPlugin } from './lockdown';
import { panelPlugin } from './panel';
import { pausePlugin } from './pause';
import { presencePlugin } from './presence';
import { signalsPlugin } from './signals';
import { talkPlugin } from './talk';
import { widgetsPlugin } from './widgets';

export default [
  lockdownPlugin,
  drivePlugin,
  documentPlugin,
  executorPlugin,
  connectionPlugin,
  presencePlugin,
  pausePlugin,
  linePlugin,
  headerPlugin,
  panelPlugin,
  signalsPlugin,
  inputPlugin,
  widgetsPlugin,
  clipboardPlugin,
  fullscreenPlugin,
  talkPlugin,
  languagePlugin,
  callPlugin,
  leadPlugin
];
