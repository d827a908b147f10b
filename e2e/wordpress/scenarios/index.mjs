// All scenarios, in their order. Each puts what it needs in place itself, and
// all but the first find 1.1.0 of hello-yard and garden-path published. The last
// leaves the registry with another key.
import { admin } from './admin.mjs';
import { api } from './api.mjs';
import { guard } from './guard.mjs';
import { hostile } from './hostile.mjs';
import { nasty } from './nasty.mjs';
import { network } from './network.mjs';
import { outages } from './outages.mjs';
import { releases } from './releases.mjs';
import { requests } from './requests.mjs';
import { rest } from './rest.mjs';
import { keys, tampering } from './tampering.mjs';
import { ways } from './ways.mjs';

export const scenarios = [...admin, ...ways, ...network, ...outages, ...hostile, ...tampering, ...guard, ...rest, ...releases, ...requests, ...api, ...nasty, ...keys];
