import type { Answer, Call } from '../../http/exchange.ts';
import type { Caller } from '../oauth/grants.ts';
import type { Route } from '../route-names.ts';
import type { World } from '../world.ts';

/** What a route asks of a token: one of these scopes, and of its owner an administrator's rights. */
export interface Access {
  /** Any one of them suffices; none: every token will do. */
  readonly scopes: readonly string[];
  readonly rights?: 'read' | 'write';
}

/** A call of which it is known who is calling. */
export interface AuthorizedCall extends Call {
  readonly caller: Caller;
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
      readonly access: Access;
      readonly handle: (call: AuthorizedCall, world: World) => Answer | Promise<Answer>;
    };
