// Evaluates every flag for every person through OpenFeature's JavaScript SDKs and the published OFREP providers: the one for
// servers, and the one for pages twice, at the stream and polling. Looks again when all have heard of a change; until then
// the polling one must have been told that nothing changed. Reads a plan from standard input; prints what was seen before
// and after the change, a line each.

import './browser.mjs';
import { readFileSync } from 'node:fs';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature as Server } from '@openfeature/server-sdk';
import { OpenFeature as Web } from '@openfeature/web-sdk';
import { until } from './wait.mjs';

const plan = JSON.parse(readFileSync(0, 'utf8'));
const options = { baseUrl: plan.origin, headers: [['X-Environment-Key', plan.client_key]] };
const contextOf = ({ identifier, traits }) => ({ targetingKey: identifier, ...traits });
const domain = (kind, { identifier }) => `${kind} ${identifier}`;

const polls = { changed: 0, unchanged: 0 };
async function counting(request, init) {
    const response = await fetch(request, init);
    if (response.status === 304) polls.unchanged += 1;
    if (response.status === 200) {
        if (!response.headers.get('etag')) throw new Error('an answer without ETag');
        polls.changed += 1;
    }
    return response;
}

await Server.setProviderAndWait(new OFREPProvider(options));
const server = Server.getClient();
for (const person of plan.people) {
    const stream = new OFREPWebProvider({ ...options, cacheMode: 'disabled' });
    await Web.setProviderAndWait(domain('stream', person), stream, contextOf(person));
    const polling = new OFREPWebProvider({
        ...options, cacheMode: 'disabled', changeDetection: 'polling', pollInterval: 200, fetchImplementation: counting,
    });
    await Web.setProviderAndWait(domain('polling', person), polling, contextOf(person));
}

async function evaluate(kind, person, flag, type) {
    const client = kind === 'server' ? server : Web.getClient(domain(kind, person));
    const context = kind === 'server' ? [contextOf(person)] : [];
    const details = await {
        boolean: () => client.getBooleanDetails(flag, false, ...context),
        integer: () => client.getNumberDetails(flag, 0, ...context),
        string: () => client.getStringDetails(flag, 'code default', ...context),
    }[type]();
    const { value, variant, reason, errorCode, flagMetadata } = details;
    return {
        value, variant: variant ?? null, reason, error: errorCode ?? null, enabled: flagMetadata?.enabled ?? null,
    };
}

async function look() {
    const answers = { server: {}, stream: {}, polling: {} };
    for (const kind of Object.keys(answers)) {
        for (const person of plan.people) {
            const flags = {};
            for (const [flag, type] of Object.entries(plan.flags)) flags[flag] = await evaluate(kind, person, flag, type);
            flags.missing = await evaluate(kind, person, 'missing', 'string');
            flags['limit as a text'] = await evaluate(kind, person, 'limit', 'string');
            answers[kind][person.identifier] = flags;
        }
    }
    return answers;
}

const print = (value) => new Promise((resolve) => process.stdout.write(`${JSON.stringify(value)}\n`, resolve));

await until(() => polls.unchanged >= plan.people.length, 'polling says that nothing changed');
if (polls.changed !== plan.people.length) throw new Error(`answers without a change: ${JSON.stringify(polls)}`);
await print(await look());
const { flag, person, value } = plan.news;
const reader = plan.people.find(({ identifier }) => identifier === person);
for (const kind of ['stream', 'polling']) {
    await until(async () => (await evaluate(kind, reader, flag, 'string')).value === value, `${kind} hears of the change`);
}
await print(await look());
process.exit(0);
