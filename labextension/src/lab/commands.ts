/**
 * Every command that JupyterLab registers in a room, and what becomes of it. One that is in no list is taken away: a
 * newer JupyterLab brings nothing in by itself. The browser test holds the lists against what is registered.
 */

/** People find them in the palette, menus and under their keys. */
const SHOWN: Lists = {
  application: 'reset-widget-zoom toggle-left-area toggle-right-area zoom-in-widget zoom-out-widget',
  apputils:
    'activate-command-palette adaptive-theme change-theme decr-font-size display-notifications display-shortcuts incr-font-size theme-scrollbars',
  'cell-toolbar': 'delete',
  codemirror:
    'delete-line fold-all fold-current fold-subregions markdown-toggle-bold select-next-occurrence toggle-block-comment toggle-comment toggle-tab-focus-mode unfold-all unfold-current unfold-subregions',
  completer: 'invoke-notebook select-notebook',
  documentsearch: 'end highlightNext highlightPrevious start startWithReplace toggleSearchInSelection',
  editmenu: 'clear-all clear-current go-to-line open redo undo',
  inspector: 'close open toggle',
  kernelmenu: 'interrupt open restart restart-and-clear',
  mathjax: 'clipboard scale',
  mermaid: 'copy-source',
  notebook:
    'change-cell-to-code change-cell-to-heading-1 change-cell-to-heading-2 change-cell-to-heading-3 change-cell-to-heading-4 change-cell-to-heading-5 change-cell-to-heading-6 change-cell-to-markdown clear-all-cell-outputs clear-cell-output collapse-all-headings copy-cell copy-selected-text copy-to-clipboard cut-cell cut-selected-text delete-cell deselect-all disable-output-scrolling duplicate-below enable-output-scrolling enter-command-mode enter-edit-mode expand-all-headings extend-marked-cells-above extend-marked-cells-below extend-marked-cells-bottom extend-marked-cells-top hide-all-cell-code hide-all-cell-outputs hide-cell-code hide-cell-outputs insert-cell-above insert-cell-below insert-heading-above insert-heading-below interrupt-kernel merge-cell-above merge-cell-below merge-cells move-cell-down move-cell-up move-cursor-down move-cursor-heading-above-or-collapse move-cursor-heading-below-or-expand move-cursor-up paste-and-replace-cell paste-cell-above paste-cell-below paste-text redo redo-cell-action render-all-markdown replace-selection restart-and-run-to-selected restart-clear-output restart-kernel restart-run-all run-all-above run-all-below run-all-cells run-cell run-cell-and-insert-below run-cell-and-select-next select-all select-last-modified-cell select-last-run-cell select-next-modified-cell set-side-by-side-ratio show-all-cell-code show-all-cell-outputs show-cell-code show-cell-outputs split-cell-at-cursor toggle-all-cell-line-numbers toggle-autoclosing-brackets toggle-cell-outputs toggle-heading-collapse toggle-output-scrolling toggle-render-side-by-side-current toggle-virtual-scrollbar undo undo-cell-action',
  runmenu: 'open restart-and-run-all run run-all',
  statusbar: 'toggle',
  toc: 'display-h1-numbering display-numbering display-outputs-numbering run-cells show-panel toggle-collapse',
  tooltip: 'dismiss launch-notebook',
  viewmenu: 'line-numbering match-brackets open show-minimap word-wrap'
};

/** Parts of the page call them; nobody sees them. */
const INSIDE: Lists = {
  __internal: 'context-menu-info',
  application: 'reset-layout toggle-sidebar-widget',
  apputils:
    'change-dark-theme change-light-theme dismiss-notification load-statedb notify run-first-enabled update-notification',
  docmanager: 'open',
  mainmenu: 'open-first',
  rendermime: 'handle-local-link',
  sidebar: 'switch'
};

/** They lead out of the notebook, to another kernel, to files, or to settings; or they have nothing to do here. */
const REMOVED: Lists = {
  '@jupyter-widgets/jupyterlab-manager': 'saveWidgetState',
  application:
    'activate-next-tab activate-next-tab-bar activate-previous-tab activate-previous-tab-bar close close-all close-other-tabs close-right-tabs move-widget set-activity-bar-position set-mode split-tab toggle-context-menu toggle-down-area toggle-fullscreen-mode toggle-header toggle-mode toggle-presentation-mode toggle-side-tabbar',
  apputils: 'change-font move-section-back move-section-to print reset reset-on-load run-all-enabled toggle-header',
  docmanager:
    'clone delete delete-file duplicate new-untitled reload rename restore-checkpoint save save-all save-as show-in-file-browser toggle-autosave',
  filemenu: 'close-and-cleanup create-console logout open shutdown',
  helpmenu: 'get-kernel open',
  'inline-completer': 'accept invoke next previous',
  'jupyterlab-translation': 'en install-languages',
  kernelmenu: 'change reconnect-to-kernel shutdown shutdownAll',
  notebook:
    'access-next-history-entry access-previous-history-entry change-cell-to-raw change-kernel close-and-shutdown create-new get-kernel reconnect-to-kernel shutdown-kernel trust',
  settingsmenu: 'open',
  shortcuts: 'add-keybinding delete-keybinding edit-keybinding reset-all toggle-selectors',
  tabsmenu: 'activate-by-id activate-previously-used-tab open'
};

/** Names by what stands before the colon, apart by spaces. */
type Lists = Record<string, string>;

export type Fate = 'shown' | 'inside' | 'removed';

const spread = (lists: Lists, fate: Fate): [string, Fate][] =>
  Object.entries(lists).flatMap(([group, names]) =>
    names.split(' ').map((name): [string, Fate] => [`${group}:${name}`, fate])
  );

export const FATES: ReadonlyMap<string, Fate> = new Map([
  ...spread(SHOWN, 'shown'),
  ...spread(INSIDE, 'inside'),
  ...spread(REMOVED, 'removed')
]);

/** Made by the page as it goes, with a number in the name. */
const MADE = /^(__internal|router|greenroom):/;

export const fateOf = (command: string): Fate => FATES.get(command) ?? (MADE.test(command) ? 'inside' : 'removed');
