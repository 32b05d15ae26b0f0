/** The text is in the page's HTML; this only makes it a page like the others. */

import { Common } from './api';
import { props } from './dom';
import { frame } from './frame';

const known = props<Partial<Common>>();
frame({
  prefix: '/services/greenroom/',
  static: '',
  bundle: '',
  organisation: 'Greenroom',
  contact: '',
  secure: window.isSecureContext,
  url: '',
  me: null,
  ...known
});
