// What a page has and Node lacks: clients for browsers look for both when they are loaded, so this is imported first.

import { EventSource } from 'eventsource';

globalThis.window = globalThis;
globalThis.EventSource = EventSource;
