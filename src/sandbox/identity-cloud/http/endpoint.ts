import type { Answer, Call } from '../../http/exchange.ts';
import type { Account } from '../oauth/accounts.ts';
import type { Route } from '../route-names.ts';
import type { World } from '../world.ts';

/** A call of which it is known who is calling. */
export interface AuthorizedCall extends Call {
  readonly account: Account;
}

/** A route with what it does. */
export type Endpoint =
  | {
      readonly route: Route;
      readonly access: 'public';
      readonly handle: (call: Call, world: World) => Answer | Promise<Answer>;
    }
  | {
      readonly route: Route;
      readonly access: 'token';
      readonly handle: (call: AuthorizedCall, world: World) => Answer | Promise<Answer>;
    };
