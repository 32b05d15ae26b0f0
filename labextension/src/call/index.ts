/** The call: `mountCall(host, options)` puts it into an element; the page passes on what its wire says, by `hear`. */

import { Call, CallOptions } from './call';
import { CallView } from './view';

export { Call } from './call';

export interface MountedCall {
  readonly call: Call;
  dispose(): void;
}

export function mountCall(host: HTMLElement, options: CallOptions): MountedCall {
  const call = new Call(options);
  const view = new CallView(host, call);
  return {
    call,
    dispose: () => {
      view.dispose();
      call.dispose();
    }
  };
}
